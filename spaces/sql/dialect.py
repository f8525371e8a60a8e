"""`Dialect`: what the engines spell differently, as a value. All else of a statement is the same text in each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from schema.field import Field


@dataclass(frozen=True, slots=True)
class Dialect:
    """One engine's spelling. An expression is SQL text; a placeholder is one with its colon, as `:company`.

    network, company: stand before the names of the shared plane's tables, and of a company's own.
    joint_words, side_words: stand before a kind's name in the names of the tables of words.
    pinned: a join that the planner leaves in its place, where it would move others.
    find: the function that gives the place of a text in a text, from 1, or 0. largest: that of the largest of several
    values, none of which is null.
    nulls_smallest: whether null sorts as the smallest value unasked.
    looks_up: whether the words of own texts lie in an index, see `finding.py`.
    revision: the column that numbers the versions of definitions as they were committed.
    """

    network: str
    company: str
    joint_words: str
    side_words: str
    pinned: str
    find: str
    largest: str
    nulls_smallest: bool
    looks_up: bool
    revision: str
    bound: Callable[[str, object], str]
    """The placeholder of a value, by its name and the value."""
    listed: Callable[[Sequence[Any]], object]
    """What is bound for a list of texts or of whole numbers."""
    among: Callable[[str, str], str]
    """The condition that an expression is in a list, by the list's placeholder."""
    holds: Callable[[str, str], str]
    """The condition that a list which is kept as JSON, not null, holds a text, by that one's placeholder."""
    null: Callable[[type, bool], str]
    """A null of a sort of values and whether they are whole numbers, as in Column."""
    rows: Callable[[str], str]
    """A JSON list, by its placeholder, as a table with the column `value`."""
    parsed: Callable[[str], str]
    """A column that holds JSON text, as what `->>` takes a part of."""
    entries: Callable[[str], str]
    """A JSON object of texts as a table of `key` and `value`."""
    custom: Callable[[str, Field, str], str]
    """A custom field's value, of the JSON object that this expression gives, in the column of this name."""
    custom_json: Callable[[str, str], str]
    """The JSON of such a value, whatever its type."""
    found: Callable[[int, type], str]
    """What was found for the record `p` at a place, values of a sort (see `selection.py`); null where it is not among
    that."""
    found_table: Callable[[int, type, bool], str]
    """The join that `found` reads of values of a sort; empty where it needs none."""
    gathered: Callable[[str], str]
    """The aggregate of all values of a group as a list: as `listed` would bind it."""
    packed: Callable[[str], str]
    """The aggregate of all numbers of a group that are not null: the bytes of their doubles, or a list of these."""
