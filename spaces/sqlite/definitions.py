"""Definitions, as the network's file keeps them: every version a row, never changed."""

import sqlite3
from collections.abc import Sequence
from typing import Any

import orjson

from schema.names import CompanyId, PersonId
from spaces.change import Stale
from spaces.definition import Definition, VersionsAsked, VersionsPage
from spaces.placed import cut
from spaces.sql.statements import cursor_values

_COLUMNS = "company, sort, id, version, person, at, content"
# One statement, so that what it looks at and what it writes are of one moment. `made` is where the first one stands.
_DEFINE = f"""
INSERT INTO definition ({_COLUMNS}, made)
SELECT ?1, ?2, ?3, ?4, ?5, max(?6, coalesce((SELECT at FROM definition WHERE id = ?3 AND version = ?4 - 1), '')), ?7,
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
# Places first, from the index alone: contents are read of the page's versions.
_PAST = """
WITH asked AS MATERIALIZED (SELECT value AS id FROM json_each(:ids)),
placed AS (
    SELECT id, version, iif(:ids IS NULL, '', id) AS family, count(*) OVER every AS total,
        row_number() OVER (every ORDER BY at DESC, id DESC, version DESC) AS place,
        count(*) FILTER (WHERE :has_after
            AND (at, id, version) >= (:after_0, :after_1, :after_2)) OVER every AS newer,
        count(*) FILTER (WHERE :has_before
            AND (at, id, version) <= (:before_0, :before_1, :before_2)) OVER every AS older
    FROM definition WHERE company = :company AND (:ids IS NULL OR id IN (SELECT id FROM asked))
    WINDOW every AS (PARTITION BY iif(:ids IS NULL, '', id)))
SELECT family, place, total, newer, older, d.company, d.sort, d.id, d.version, d.person, d.at, d.content,
    b.company, b.sort, b.id, b.version, b.person, b.at, b.content
FROM placed JOIN definition AS d ON d.id = placed.id AND d.version = placed.version
    LEFT JOIN definition AS b ON b.id = d.id AND b.version = d.version - 1
WHERE place = 1 OR (place > newer AND place <= total - older
    AND CASE WHEN :backwards THEN place > total - older - :limit ELSE place <= newer + :limit END)
ORDER BY family, place
"""


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


def past_versions(network: sqlite3.Connection, asked: VersionsAsked) -> list[VersionsPage]:
    """The versions asked for, by one statement."""
    values = {
        "company": asked.company,
        "ids": None if asked.ids is None else orjson.dumps(asked.ids).decode(),
        "limit": asked.limit,
        "backwards": asked.backwards,
        **cursor_values("after", asked.after, 3),
        **cursor_values("before", asked.before, 3),
    }
    found: dict[str, list[tuple[Any, ...]]] = {}
    for row in network.execute(_PAST, values).fetchall():
        found.setdefault(row[0], []).append(row)
    return [_page(asked, found.get(id_, ())) for id_ in (("",) if asked.ids is None else asked.ids)]


def _page(asked: VersionsAsked, rows: Sequence[tuple[Any, ...]]) -> VersionsPage:
    """The page of what was read: its rows, and the newest version of all, which brings the numbers."""
    if not rows:
        return VersionsPage([], has_next=False, has_previous=False, total=0)
    total, newer, older = rows[0][2:5]
    first, last = cut(total, newer, older, asked.limit, backwards=asked.backwards)
    pairs = [
        (_definition(row[5:12]), None if row[12] is None else _definition(row[12:]))
        for row in rows
        if first < row[1] <= last
    ]
    return VersionsPage(pairs, has_next=last < total, has_previous=first > 0, total=total)


def _definition(row: tuple[Any, ...]) -> Definition:
    company, sort, id_, version, person, at, content = row
    return Definition(CompanyId(company), sort, id_, version, PersonId(person), at, content)
