"""The words of texts in SQLite: a table of them, and in companies' files an FTS5 index over it, of the company's own
texts alone."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

from schema.words import RULE
from spaces.sql.question import Writing, Written
from spaces.sql.word_table import WordTable

_TOKENS = "tokenize=\"ascii tokenchars '_:'\""
"""What is parted by blanks is one token, also a word behind its field."""


@dataclass(frozen=True, slots=True)
class Words(WordTable):
    """A table of words, and how it is made. `index` is the FTS5 table over it, where there is one."""

    index: str | None

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
        self.fill(connection)
        if self.index is not None:
            connection.execute(f"INSERT INTO {self.index} ({self.index}) VALUES ('rebuild')")

    def _place(self) -> str:
        return "NULL" if self.index is None else "id"

    def _placed(self, made: Written) -> int | None:
        place: int | None = getattr(made, "lastrowid", None)
        return place

    def _index(
        self, connection: Writing, id_: int | None, words: Mapping[str, str | None], command: str | None = None
    ) -> None:
        if self.index is None or not any(words.values()):
            return
        named = "".join(f", {column}" for column in words)
        marks = ", ?" * len(words)
        if command is None:
            sql = f"INSERT INTO {self.index} (rowid{named}) VALUES (?{marks})"
            connection.execute(sql, (id_, *words.values()))
        else:
            sql = f"INSERT INTO {self.index} ({self.index}, rowid{named}) VALUES (?, ?{marks})"
            connection.execute(sql, (command, id_, *words.values()))
