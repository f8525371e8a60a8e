"""The words of a side's custom texts, kept in one column of its words, each behind the field that has it.

`cf_7k…:harbour` is the word "harbour" of one field: ids are of small letters, numbers and `_`, words of letters and
numbers, so the colon parts them for certain, and the beginning of a word of a field is a beginning of that. Whoever
looks for a word names the fields that it may look at: those that are text now, and that the mask shows.

A file does not know the types of custom fields. So every value that is kept as text has its words here but those that
the writer's kind knows to be none, and so have fields that are dropped; nobody ever names what is not a text now.
"""

from collections.abc import Set as AbstractSet
from typing import NamedTuple

import orjson

from schema.words import words


class CustomWords(NamedTuple):
    """The words of a side's custom texts, and the columns of those that a viewer may look at."""

    words: str
    columns: tuple[str, ...]


def custom_words(values: str | None, besides: AbstractSet[str] = frozenset()) -> str | None:
    """The words of the custom fields' values, which are the JSON text that a side keeps, with a blank before, between
    and behind them; None where there are none. The columns `besides` hold no text."""
    if values is None:
        return None
    texts = [(c, cell) for c, cell in orjson.loads(values).items() if isinstance(cell, str) and c not in besides]
    found = [word_in(column, word) for column, cell in texts for word in words(cell)]
    return f" {' '.join(found)} " if found else None


def word_in(column: str, word: str) -> str:
    """A word of the custom field of this column, or its beginning, as the words have it."""
    return f"{column}:{word}"
