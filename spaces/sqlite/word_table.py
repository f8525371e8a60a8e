"""The words of searched texts, as a file keeps them: cut by `schema.words` when a text is written, in the same
transaction, so that how SQLite would fold a letter never matters.

A table of a part has, beside the record, a column for each searchable field: its words with a blank before, between
and behind them, so that " har" in it is the beginning of a word and " harbour " a whole one; null where there is none.
A side's has one more for its custom fields (`custom_words.py`).
In companies' files an FTS5 index lies over it, of the company's own texts alone. Words are derived from what is
stored: when a layout or the rule changes, they are cut anew for all rows.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schema.field import FieldType
from schema.words import RULE, words_of
from spaces.sql.custom_words import custom_words

_TOKENS = "tokenize=\"ascii tokenchars '_:'\""
"""What is parted by blanks is one token, also a word behind its field."""


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
    """The words of the rows of `source`, which `key` names. `index` is the FTS5 table over them, where there is one."""

    name: str
    index: str | None
    source: str
    key: tuple[str, ...]
    texts: tuple[Text, ...]

    def create(self) -> list[str]:
        """The statements that make it, and with it the rule of its words."""
        named = ", ".join(f"{text.words} TEXT" for text in self.texts)
        keys = ", ".join(f"{column} TEXT NOT NULL" for column in self.key)
        rule = f"/* {RULE} */"
        if self.index is None:
            only = f"PRIMARY KEY ({', '.join(self.key)})"
            return [f"CREATE TABLE {self.name} ({keys}, {named}, {only}) WITHOUT ROWID {rule}"]
        unique = f"UNIQUE ({', '.join(self.key)})"
        # No statistics are kept (columnsize) and no positions (detail): nothing is ranked, and no phrase is searched.
        options = f"content='{self.name}', content_rowid='id', {_TOKENS}, detail='column', columnsize=0"
        listed = ", ".join(text.words for text in self.texts)
        return [
            f"CREATE TABLE {self.name} (id INTEGER PRIMARY KEY, {keys}, {named}, {unique}) {rule}",
            f"CREATE VIRTUAL TABLE {self.index} USING fts5({listed}, {options})",
        ]

    def cut_anew(self, connection: sqlite3.Connection) -> None:
        """Makes it from what is stored, inside the transaction that the caller has begun."""
        for name in filter(None, (self.index, self.name)):
            connection.execute(f"DROP TABLE IF EXISTS {name}")
        for statement in self.create():
            connection.execute(statement)
        columns = (*self.key, *(text.column for text in self.texts))
        rows = connection.execute(f"SELECT {', '.join(columns)} FROM {self.source}")
        marks = ", ".join("?" * len(columns))
        named = ", ".join((*self.key, *(text.words for text in self.texts)))
        begin = len(self.key)
        connection.executemany(
            f"INSERT INTO {self.name} ({named}) VALUES ({marks})",
            ((*row[:begin], *map(_held, self.texts, row[begin:])) for row in rows),
        )
        if self.index is not None:
            connection.execute(f"INSERT INTO {self.index} ({self.index}) VALUES ('rebuild')")

    def keep(self, connection: sqlite3.Connection, key: Sequence[str], written: Mapping[str, Any]) -> None:
        """Keeps the words of one row of which these columns were written, inside the caller's transaction."""
        new = {text.words: _held(text, written[text.column]) for text in self.texts if text.column in written}
        listed = ", ".join(text.words for text in self.texts)
        same = " AND ".join(f"{column} = ?" for column in self.key)
        id_ = "NULL" if self.index is None else "id"
        row = connection.execute(f"SELECT {id_}, {listed} FROM {self.name} WHERE {same}", key).fetchone()
        if row is None:
            named = ", ".join((*self.key, *new))
            marks = ", ".join("?" * (len(key) + len(new)))
            made = connection.execute(f"INSERT INTO {self.name} ({named}) VALUES ({marks})", (*key, *new.values()))
            self._index(connection, made.lastrowid, new)
            return
        before = {text.words: held for text, held in zip(self.texts, row[1:], strict=True)}
        if before == {**before, **new}:
            return
        self._index(connection, row[0], before, "delete")
        assigned = ", ".join(f"{column} = ?" for column in new)
        connection.execute(f"UPDATE {self.name} SET {assigned} WHERE {same}", (*new.values(), *key))
        self._index(connection, row[0], {**before, **new})

    def _index(
        self,
        connection: sqlite3.Connection,
        id_: int | None,
        held: Mapping[str, str | None],
        command: str | None = None,
    ) -> None:
        """Adds a row to the index, or takes it out by the command "delete", which must be told what stands there."""
        if self.index is None or not any(held.values()):
            return
        named = "".join(f", {column}" for column in held)
        marks = ", ?" * len(held)
        if command is None:
            sql = f"INSERT INTO {self.index} (rowid{named}) VALUES (?{marks})"
            connection.execute(sql, (id_, *held.values()))
        else:
            sql = f"INSERT INTO {self.index} ({self.index}, rowid{named}) VALUES (?, ?{marks})"
            connection.execute(sql, (command, id_, *held.values()))


def _held(text: Text, cell: Any) -> str | None:
    if text.type is None:
        return custom_words(cell, text.besides)
    found = words_of(text.type, cell)
    return f" {' '.join(found)} " if found else None
