"""The tables, generated from the catalog: the network's and all companies' in one schema.

Tables of companies have `company_id` first in every key, so that they can be spread over machines by it. Texts are
compared by their code points (`COLLATE "C"`), as everywhere in this house. The database keeps the hash of the layout
that it was last brought to; when the catalog grew, missing tables and columns are added. Nothing is ever dropped but
words, which are made anew: a field that left the catalog keeps its column.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

import psycopg

from schema.field import Base, Field
from schema.kind import Catalog, Kind
from schema.words import RULE, searchable
from spaces.postgres.row_security import protect
from spaces.sql.names import CUSTOM, column_of, words_column

SCHEMA = "multiway"
"""The schema of all tables."""
_PLANNER = {
    "jit": "off",  # compiling costs more than these statements take
    "enable_material": "off",  # else a page reads all sides of a company before its first row, for the limit is guessed
    "random_page_cost": "1.1",  # of disks without arms
    "max_parallel_workers_per_gather": "0",  # many readers at a time have the processors busy already
}
OPTIONS = " ".join(
    f"-c {name}={value}" for name, value in {"search_path": SCHEMA, "timezone": "UTC", **_PLANNER}.items()
)
"""How every connection finds them, and how it plans."""

_TYPES = {Base.INTEGER: "bigint", Base.BOOLEAN: "boolean", Base.NUMBER: "double precision"}
_TEXT = re.compile(r"\btext\b(\[\])?")
_LOCK = 4_807_526_976  # of the change of a layout; any number that nobody else has

_ENTRY = """what text NOT NULL, key text NOT NULL, part text NOT NULL, at text NOT NULL, turn bigint NOT NULL,
    person text NOT NULL, before text, after text"""
_FIXED = f"""
CREATE TABLE IF NOT EXISTS company (id text PRIMARY KEY, name text NOT NULL, added bigint NOT NULL);
CREATE INDEX IF NOT EXISTS company_name ON company (name, added);
CREATE TABLE IF NOT EXISTS person (
    id text PRIMARY KEY, company text NOT NULL, email text NOT NULL UNIQUE, name text NOT NULL, roles text NOT NULL,
    hide_private boolean NOT NULL, active boolean NOT NULL, attributes text NOT NULL, presenting text NOT NULL);
CREATE TABLE IF NOT EXISTS participant (
    company_id text NOT NULL, record_id text NOT NULL, kind text NOT NULL, role text NOT NULL, status text NOT NULL,
    message text, added bigint NOT NULL, accepted bigint,
    touched_at text NOT NULL, own_at text NOT NULL, newest text NOT NULL,
    PRIMARY KEY (company_id, record_id));
CREATE INDEX IF NOT EXISTS participant_record ON participant (record_id, company_id);
CREATE INDEX IF NOT EXISTS participant_newest ON participant (company_id, kind, newest DESC, record_id, status, role);
CREATE TABLE IF NOT EXISTS association (
    record_id text NOT NULL, company_id text NOT NULL, by_company text NOT NULL, PRIMARY KEY (record_id, company_id));
CREATE INDEX IF NOT EXISTS association_by ON association (by_company, record_id, company_id);
CREATE TABLE IF NOT EXISTS definition (
    id text NOT NULL, version bigint NOT NULL, company text NOT NULL, sort text NOT NULL, person text NOT NULL,
    at text NOT NULL, content text NOT NULL, made bigint NOT NULL, revision bigint, PRIMARY KEY (id, version));
CREATE INDEX IF NOT EXISTS definition_revision ON definition (revision, sort);
CREATE INDEX IF NOT EXISTS definition_made ON definition (made, version);
CREATE INDEX IF NOT EXISTS definition_history ON definition (company, at, id, version);
CREATE TABLE IF NOT EXISTS history_record (
    company_id text NOT NULL, record_id text NOT NULL, {_ENTRY},
    PRIMARY KEY (record_id, what, key, part, at, turn));
CREATE TABLE IF NOT EXISTS history_side (
    company_id text NOT NULL, record_id text NOT NULL, {_ENTRY},
    PRIMARY KEY (company_id, record_id, what, key, part, at, turn));
CREATE TABLE IF NOT EXISTS sharing_class (
    company_id text NOT NULL, kind text NOT NULL, id bigint NOT NULL, content text NOT NULL,
    PRIMARY KEY (company_id, kind, id));
CREATE UNIQUE INDEX IF NOT EXISTS sharing_class_content ON sharing_class (company_id, kind, md5(content));
CREATE TABLE IF NOT EXISTS receipt (
    company_id text NOT NULL, person_id text NOT NULL, key text NOT NULL,
    request text NOT NULL, record_id text NOT NULL, PRIMARY KEY (company_id, person_id, key));
CREATE TABLE IF NOT EXISTS last_sharing (
    company_id text NOT NULL, record_id text NOT NULL, content text NOT NULL, PRIMARY KEY (company_id, record_id));
CREATE TABLE IF NOT EXISTS tombstone (company_id text PRIMARY KEY, fingerprint text NOT NULL);
CREATE TABLE IF NOT EXISTS stood (
    company_id text NOT NULL, record_id text NOT NULL, status text NOT NULL, accepted bigint, version bigint,
    PRIMARY KEY (company_id, record_id));
CREATE TABLE IF NOT EXISTS arrived (company_id text PRIMARY KEY, digest text NOT NULL);
CREATE TABLE IF NOT EXISTS layout (version text NOT NULL, revision bigint NOT NULL);
"""
_SIDE = """company_id text NOT NULL, record_id text NOT NULL, version bigint NOT NULL, updated_at text NOT NULL,
    sharing bigint NOT NULL, stamps text NOT NULL, natural_key text, custom text,
    participants text[] NOT NULL DEFAULT '{}', PRIMARY KEY (company_id, record_id)"""
_RECORD = "record_id text PRIMARY KEY, owner text NOT NULL, created_at text NOT NULL"
_SIDE_WORDS = f"""company_id text NOT NULL, record_id text NOT NULL, participants text[] NOT NULL DEFAULT '{{}}',
    {CUSTOM} text, PRIMARY KEY (company_id, record_id)"""
_JOINT_WORDS = "record_id text PRIMARY KEY"


@dataclass(frozen=True, slots=True)
class Table:
    """A table that grows: its house columns as declared, and the fields' columns with their types."""

    name: str
    house: str
    columns: tuple[tuple[str, str], ...]
    indexes: tuple[str, ...] = ()

    def create(self) -> list[str]:
        """The statements that make it, or grow it."""
        grown = [f"ALTER TABLE {self.name} ADD COLUMN IF NOT EXISTS {name} {type_}" for name, type_ in self.columns]
        return [f"CREATE TABLE IF NOT EXISTS {self.name} ({self.house})", *grown, *self.indexes]


@dataclass(frozen=True, slots=True)
class Layout:
    """All tables. `companies` are those that hold what is one company's, `words` those of words. `version` is the hash
    that the database keeps."""

    tables: tuple[Table, ...]
    companies: tuple[str, ...]
    version: str

    def statements(self) -> list[str]:
        """What makes or grows all tables."""
        made = [each.strip() for each in _FIXED.split(";") if each.strip()]
        return [*made, *(each for table in self.tables for each in table.create())]

    def is_there(self, connection: "psycopg.Connection[tuple[object, ...]]") -> bool:
        """Whether the database has just this layout."""
        (found,) = connection.execute(f"SELECT to_regclass('{SCHEMA}.layout')").fetchone() or (None,)
        return found is not None and (self.version,) in connection.execute("SELECT version FROM layout").fetchall()

    def bring(self, connection: "psycopg.Connection[tuple[object, ...]]") -> bool:
        """Makes or grows the tables, in one transaction, which no other process does at the same time. Whether
        anything was done: nothing where the database is up to date."""
        if self.is_there(connection):
            return False
        with connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
            if self.is_there(connection):
                return False
            for statement in (*self.statements(), *protect(self.companies)):
                connection.execute(_by_code_points(statement).encode())
            if connection.execute("UPDATE layout SET version = %s", (self.version,)).rowcount == 0:
                connection.execute("INSERT INTO layout (version, revision) VALUES (%s, 0)", (self.version,))
        return True


def layout(catalog: Catalog) -> Layout:
    """The layout of a catalog."""
    tables = [table for kind in catalog.kinds for table in _tables(kind)]
    mine = tuple(t.name for t in tables if t.name.startswith("side_"))
    made = Layout(tuple(tables), (*mine, "history_side", "receipt"), "")
    text = "\n".join([RULE, *made.statements(), *protect(made.companies)])
    return Layout(made.tables, made.companies, hashlib.sha256(text.encode()).hexdigest()[:32])


def _tables(kind: Kind) -> list[Table]:
    name = kind.name
    return [
        Table(f"record_{name}", _RECORD, _typed(kind.joint)),
        Table(
            f"side_{name}",
            _SIDE,
            _typed(kind.side),
            (
                f"CREATE INDEX IF NOT EXISTS side_{name}_record ON side_{name} (record_id, company_id)",
                f"CREATE UNIQUE INDEX IF NOT EXISTS side_{name}_natural ON side_{name} (company_id, natural_key)",
            ),
        ),
        Table(f"joint_words_{name}", _JOINT_WORDS, _words(kind.joint)),
        Table(f"side_words_{name}", _SIDE_WORDS, _words(kind.side)),
    ]


def _words(fields: tuple[Field, ...]) -> tuple[tuple[str, str], ...]:
    return tuple((words_column(field), "text") for field in searchable(fields) if field.custom is None)


def _typed(fields: Sequence[Field]) -> tuple[tuple[str, str], ...]:
    columns = []
    for field in fields:
        plain = "text" if field.type.many else _TYPES.get(field.type.base, "text")
        types = (plain,) if len(field.columns) == 1 else ("bigint", "text")  # money: minor units, currency
        columns += [(column_of(name), type_) for name, type_ in zip(field.columns, types, strict=True)]
    return tuple(columns)


def _by_code_points(statement: str) -> str:
    """The statement with each text column compared by code points, wherever the database's own order is another."""
    if not statement.startswith(("CREATE TABLE", "ALTER TABLE")):
        return statement
    return _TEXT.sub(r'text\1 COLLATE "C"', statement)
