"""The words of searched texts, as they are stored: cut by `schema.words` when a text is written, in the same
transaction, so that how an engine would fold a letter never matters.

A table of a part has, beside the record, a column for each searchable field: its words with a blank before, between
and behind them, so that " har" in it is the beginning of a word and " harbour " a whole one; null where there is none.
A side's has one more for its custom fields (`custom_words.py`). Words are derived from what is stored: when a layout or
the rule changes, they are cut anew for all rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schema.field import Field, FieldType
from schema.kind import Kind
from schema.words import searchable, words_of
from spaces.sql.custom_words import custom_words
from spaces.sql.names import CUSTOM, column_of, words_column
from spaces.sql.question import Writing, Written


@dataclass(frozen=True, slots=True)
class Text:
    """A searched text: the column that holds it, the one that holds its words, and its type; None where it is the JSON
    text of all custom fields, of which the columns `besides` hold no text."""

    column: str
    words: str
    type: FieldType | None
    besides: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class WordTable:
    """The words of the rows of `source`, which `key` names."""

    name: str
    source: str
    key: tuple[str, ...]
    texts: tuple[Text, ...]

    def fill(self, connection: Writing) -> None:
        """Makes the words of all that is stored, inside the transaction that the caller has begun; there are none."""
        columns = (*self.key, *(text.column for text in self.texts))
        begin = len(self.key)
        for row in connection.execute(f"SELECT {', '.join(columns)} FROM {self.source}"):
            words = zip(self.texts, row[begin:], strict=True)
            self._insert(connection, row[:begin], {text.words: held(text, cell) for text, cell in words})

    def keep(self, connection: Writing, key: Sequence[str], written: Mapping[str, Any]) -> None:
        """Keeps the words of one row of which these columns were written, inside the caller's transaction."""
        if not self.texts:
            return
        new = {text.words: held(text, written[text.column]) for text in self.texts if text.column in written}
        listed = ", ".join(text.words for text in self.texts)
        row = connection.execute(
            f"SELECT {self._place()}, {listed} FROM {self.name} WHERE {self._same()}", key
        ).fetchone()
        if row is None:
            self._index(connection, self._insert(connection, key, new), new)
            return
        before = {text.words: words for text, words in zip(self.texts, row[1:], strict=True)}
        if before == {**before, **new}:
            return
        self._index(connection, row[0], before, "delete")
        assigned = ", ".join(f"{column} = ?" for column in new)
        connection.execute(f"UPDATE {self.name} SET {assigned} WHERE {self._same()}", (*new.values(), *key))
        self._index(connection, row[0], {**before, **new})

    def _insert(self, connection: Writing, key: Sequence[str], words: Mapping[str, str | None]) -> int | None:
        """Adds a row. Its place in an index, where there is one."""
        named = ", ".join((*self.key, *words))
        marks = ", ".join("?" * (len(key) + len(words)))
        made = connection.execute(f"INSERT INTO {self.name} ({named}) VALUES ({marks})", (*key, *words.values()))
        return self._placed(made)

    def _same(self) -> str:
        return " AND ".join(f"{column} = ?" for column in self.key)

    def _place(self) -> str:
        """A row's place in an index, as SQL."""
        return "NULL"

    def _placed(self, made: Written) -> int | None:
        """The place in an index of the row that was made."""
        return None

    def _index(
        self, connection: Writing, id_: int | None, words: Mapping[str, str | None], command: str | None = None
    ) -> None:
        """Adds a row to an index, or takes it out by the command "delete", which must be told what stands there."""


def joint_texts(kind: Kind) -> tuple[Text, ...]:
    """The searched texts of a kind's joint fields."""
    return _texts(kind.joint)


def side_texts(kind: Kind) -> tuple[Text, ...]:
    """The searched texts of a kind's sides."""
    searched = {column for field in searchable(kind.custom) for column in field.columns}
    besides = frozenset(column for field in kind.custom for column in field.columns) - searched
    return (*_texts(kind.side), Text(CUSTOM, CUSTOM, None, besides))


def _texts(fields: tuple[Field, ...]) -> tuple[Text, ...]:
    return tuple(Text(column_of(f.column), words_column(f), f.type) for f in searchable(fields) if f.custom is None)


def held(text: Text, cell: Any) -> str | None:
    """The words of a text, None where it has none."""
    if text.type is None:
        return custom_words(cell, text.besides)
    found = words_of(text.type, cell)
    return f" {' '.join(found)} " if found else None
