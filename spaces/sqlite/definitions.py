"""Definitions, as the network's file keeps them: every version a row, never changed."""

import sqlite3
from typing import Any

from schema.names import CompanyId, PersonId
from spaces.change import Stale
from spaces.definition import Definition

_COLUMNS = "company, sort, id, version, person, at, content"
# One statement, so that what it looks at and what it writes are of one moment. `made` is where the first one stands.
_DEFINE = f"""
INSERT INTO definition ({_COLUMNS}, made)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7,
    coalesce((SELECT made FROM definition WHERE id = ?3 AND version = 1),
             (SELECT 1 + coalesce(max(made), 0) FROM definition))
WHERE ?4 = 1 + (SELECT coalesce(max(version), 0) FROM definition WHERE id = ?3)
    AND NOT EXISTS (SELECT 1 FROM definition WHERE id = ?3 AND (company, sort) <> (?1, ?2))
"""
_NEWEST = f"""
SELECT {_COLUMNS} FROM definition AS d
WHERE version = (SELECT max(version) FROM definition WHERE id = d.id) ORDER BY made
"""
_VERSIONS = f"SELECT {_COLUMNS} FROM definition WHERE id = ? AND company = ? ORDER BY version"


def define(network: sqlite3.Connection, new: Definition) -> None:
    """Adds a version of a definition, in a transaction of its own. Raises Stale."""
    row = (new.company, new.sort, new.id, new.version, new.person, new.at, new.content)
    if network.execute(_DEFINE, row).rowcount == 0:
        raise Stale("the definition has changed")


def definitions(network: sqlite3.Connection) -> list[Definition]:
    """The newest version of each, in the order in which they were first made."""
    return [_definition(row) for row in network.execute(_NEWEST).fetchall()]


def definition_versions(network: sqlite3.Connection, company: CompanyId, id_: str) -> list[Definition]:
    """All versions of one of the company's, oldest first."""
    return [_definition(row) for row in network.execute(_VERSIONS, (id_, company)).fetchall()]


def _definition(row: tuple[Any, ...]) -> Definition:
    company, sort, id_, version, person, at, content = row
    return Definition(CompanyId(company), sort, id_, version, PersonId(person), at, content)
