"""`Store`: what writing a change asks of an engine beyond plain statements."""

from collections.abc import Callable
from dataclasses import dataclass

from schema.kind import Kind
from schema.sharing import Sharing
from spaces.sql.dialect import Dialect
from spaces.sql.history import HistoryStatements
from spaces.sql.question import Writing
from spaces.sql.word_table import WordTable


@dataclass(frozen=True, slots=True)
class Store:
    """How an engine keeps words and sharing classes, and its spelling."""

    dialect: Dialect
    history: HistoryStatements
    joint_words: Callable[[Kind], WordTable]
    side_words: Callable[[Kind], WordTable]
    class_id: Callable[[Writing, str, str, Sharing], int]
    """The id of a sharing among the sides of a company and kind, given out now if it is new."""
    sharing_of: Callable[[Writing, str, str, int], Sharing]
    """The sharing of an id that was given out to a company and kind."""
