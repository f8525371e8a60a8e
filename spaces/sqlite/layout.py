"""The tables of both sorts of file, generated from the catalog.

A file keeps the
hash of the layout it was last brought to (`user_version`); when the catalog grew, missing tables and columns are
added. Nothing is ever dropped but words, which are made anew: a field that left the catalog keeps its column.
"""

import hashlib
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from schema.field import Base, Field
from schema.kind import Catalog, Kind
from spaces.sql.names import CUSTOM, column_of
from spaces.sql.word_table import joint_texts, side_texts
from spaces.sqlite.word_index import Words

_TYPES = {Base.INTEGER: "INTEGER", Base.BOOLEAN: "INTEGER", Base.NUMBER: "REAL"}

_NETWORK = """
CREATE TABLE IF NOT EXISTS company (id TEXT PRIMARY KEY, name TEXT NOT NULL, added INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS company_name ON company (name, added);
CREATE TABLE IF NOT EXISTS participant (
    company_id TEXT NOT NULL, record_id TEXT NOT NULL, kind TEXT NOT NULL, role TEXT NOT NULL, status TEXT NOT NULL,
    message TEXT, added INTEGER NOT NULL, accepted INTEGER,
    touched_at TEXT NOT NULL, own_at TEXT NOT NULL, newest TEXT NOT NULL,
    PRIMARY KEY (company_id, record_id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS participant_record ON participant (
    record_id, company_id, role, status, accepted, added, message);
CREATE INDEX IF NOT EXISTS participant_newest ON participant (company_id, kind, newest DESC, record_id, status, role);
CREATE TABLE IF NOT EXISTS association (
    record_id TEXT NOT NULL, company_id TEXT NOT NULL, by_company TEXT NOT NULL,
    PRIMARY KEY (record_id, company_id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS association_by ON association (by_company, record_id, company_id);
CREATE TABLE IF NOT EXISTS applied (company_id TEXT PRIMARY KEY, upto INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS state (clean INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS definition (
    id TEXT NOT NULL, version INTEGER NOT NULL, company TEXT NOT NULL, sort TEXT NOT NULL, person TEXT NOT NULL,
    at TEXT NOT NULL, content TEXT NOT NULL, made INTEGER NOT NULL, PRIMARY KEY (id, version));
CREATE INDEX IF NOT EXISTS definition_made ON definition (made, version);
CREATE INDEX IF NOT EXISTS definition_history ON definition (company, at, id, version);
CREATE TABLE IF NOT EXISTS history_record (
    company_id TEXT NOT NULL, record_id TEXT NOT NULL, what TEXT NOT NULL, key TEXT NOT NULL, part TEXT NOT NULL,
    at TEXT NOT NULL, turn INTEGER NOT NULL, person TEXT NOT NULL, before TEXT, after TEXT,
    PRIMARY KEY (record_id, what, key, part, at, turn)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS last_sharing (
    company_id TEXT NOT NULL, record_id TEXT NOT NULL, content TEXT NOT NULL,
    PRIMARY KEY (company_id, record_id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tombstone (company_id TEXT PRIMARY KEY, fingerprint TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS stood (
    company_id TEXT NOT NULL, record_id TEXT NOT NULL, status TEXT NOT NULL, accepted INTEGER,
    version INTEGER, PRIMARY KEY (company_id, record_id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS arrived (company_id TEXT PRIMARY KEY, digest TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS moving (company_id TEXT PRIMARY KEY, way TEXT NOT NULL) WITHOUT ROWID;
"""

_COMPANY = """
CREATE TABLE IF NOT EXISTS sharing_class (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, content TEXT NOT NULL, UNIQUE (kind, content));
CREATE TABLE IF NOT EXISTS receipt (
    company_id TEXT NOT NULL, person_id TEXT NOT NULL, key TEXT NOT NULL,
    request TEXT NOT NULL, record_id TEXT NOT NULL,
    PRIMARY KEY (company_id, person_id, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS outbox (id INTEGER PRIMARY KEY AUTOINCREMENT, intent TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS history_side (
    company_id TEXT NOT NULL, record_id TEXT NOT NULL, what TEXT NOT NULL, key TEXT NOT NULL, part TEXT NOT NULL,
    at TEXT NOT NULL, turn INTEGER NOT NULL, person TEXT NOT NULL, before TEXT, after TEXT,
    PRIMARY KEY (company_id, record_id, what, key, part, at, turn)) WITHOUT ROWID;
"""

_PERSON = (
    "id TEXT PRIMARY KEY",
    "company TEXT NOT NULL",
    "email TEXT NOT NULL UNIQUE",
    "name TEXT NOT NULL",
    "roles TEXT NOT NULL",
    "hide_private INTEGER NOT NULL",
    "active INTEGER NOT NULL",
)
_RECORD = ("record_id TEXT PRIMARY KEY", "owner TEXT NOT NULL", "created_at TEXT NOT NULL")
_SIDE = (
    "company_id TEXT NOT NULL",
    "record_id TEXT NOT NULL",
    "version INTEGER NOT NULL",
    "updated_at TEXT NOT NULL",
    "sharing INTEGER NOT NULL",
    "stamps TEXT NOT NULL",
    "natural_key TEXT",
)

_KINDS = 512  # whose word tables are kept: companies with templates have kinds of their own


@dataclass(frozen=True, slots=True)
class Table:
    """A table that grows: its house columns as declared, its key, and the columns that a file which is older may lack,
    with their types: those of fields, mostly."""

    name: str
    house: tuple[str, ...]
    key: tuple[str, ...]
    columns: tuple[tuple[str, str], ...]

    def create(self) -> str:
        """The statement that makes it."""
        parts = (*self.house, *(f"{name} {type_}" for name, type_ in self.columns), *self.key)
        return f"CREATE TABLE IF NOT EXISTS {self.name} ({', '.join(parts)})"


@dataclass(frozen=True, slots=True)
class Layout:
    """All tables of one sort of file. `version` is the hash that `user_version` keeps (31 bits)."""

    fixed: str
    tables: tuple[Table, ...]
    words: tuple[Words, ...]
    version: int

    def bring(self, connection: sqlite3.Connection) -> None:
        """Makes or grows the tables of a file, in one transaction. Does nothing where the file is up to date."""
        (found,) = connection.execute("PRAGMA user_version").fetchone()
        if found == self.version:
            return
        connection.execute("BEGIN IMMEDIATE")
        try:
            for statement in self.fixed.split(";"):
                if statement.strip():
                    connection.execute(statement)
            for table in self.tables:
                connection.execute(table.create())
                there = {row[1] for row in connection.execute(f"PRAGMA table_info({table.name})")}
                for name, type_ in table.columns:
                    if name not in there:
                        connection.execute(f"ALTER TABLE {table.name} ADD COLUMN {name} {type_}")
            for each in self.words:
                each.cut_anew(connection)
            connection.execute(f"PRAGMA user_version = {self.version}")
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise


def network_layout(catalog: Catalog) -> Layout:
    """The layout of the network's file."""
    lists = tuple((name, "TEXT NOT NULL DEFAULT '[]'") for name in ("attributes", "presenting"))
    people = Table("person", _PERSON, (), lists)
    records = (Table(f"record_{kind.name}", _RECORD, (), _typed(kind.joint)) for kind in catalog.kinds)
    return _layout(_NETWORK, (people, *records), [joint_words(kind) for kind in catalog.kinds])


def company_layout(catalog: Catalog) -> Layout:
    """The layout of a company's file."""
    key = ("PRIMARY KEY (company_id, record_id)", "UNIQUE (company_id, natural_key)")
    custom = ((CUSTOM, "TEXT"),)
    tables = (Table(f"side_{kind.name}", _SIDE, key, (*custom, *_typed(kind.side))) for kind in catalog.kinds)
    return _layout(_COMPANY, tuple(tables), [side_words(kind) for kind in catalog.kinds])


@lru_cache(_KINDS)
def joint_words(kind: Kind) -> Words:
    """The words of a kind's joint texts."""
    return Words(f"words_{kind.name}", f"record_{kind.name}", ("record_id",), joint_texts(kind), None)


@lru_cache(_KINDS)
def side_words(kind: Kind) -> Words:
    """The words of the texts of a kind's sides."""
    key = ("company_id", "record_id")
    return Words(f"words_{kind.name}", f"side_{kind.name}", key, side_texts(kind), f"find_{kind.name}")


def _layout(fixed: str, tables: tuple[Table, ...], words: Sequence[Words]) -> Layout:
    held = tuple(each for each in words if each.texts)
    text = fixed + "\n".join([*(table.create() for table in tables), *(s for each in held for s in each.create())])
    version = int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") >> 1
    return Layout(fixed, tables, held, version or 1)


def _typed(fields: Sequence[Field]) -> tuple[tuple[str, str], ...]:
    columns = []
    for field in fields:
        plain = "TEXT" if field.type.many else _TYPES.get(field.type.base, "TEXT")
        types = (plain,) if len(field.columns) == 1 else ("INTEGER", "TEXT")  # money: minor units, currency
        columns += [(column_of(name), type_) for name, type_ in zip(field.columns, types, strict=True)]
    return tuple(columns)
