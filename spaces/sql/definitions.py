"""Definitions, as they are stored: every version a row, never changed."""

from collections.abc import Sequence
from typing import Any

from schema.names import CompanyId, PersonId
from spaces.change import Stale
from spaces.definition import Definition, VersionsAsked, VersionsPage
from spaces.placed import cut
from spaces.sql.dialect import Dialect
from spaces.sql.question import Question, Writing
from spaces.sql.statements import cursor_values

_COLUMNS = "company, sort, id, version, person, at, content"
_VERSIONS = f"SELECT {_COLUMNS} FROM definition WHERE id = :id AND company = :company ORDER BY version"


_OF_COMPANY = f"SELECT {_COLUMNS} FROM definition WHERE company = ? ORDER BY made, version"


class DefinitionStatements:
    """What is asked and written of definitions, in one engine's spelling."""

    def __init__(self, dialect: Dialect) -> None:
        self._listed = dialect.listed
        self._newest = f"""
SELECT {_COLUMNS} FROM definition AS d
WHERE {dialect.revision} > :after AND version = (SELECT max(version) FROM definition WHERE id = d.id) ORDER BY made
"""
        # One statement: what it looks at and what it writes are of one moment. `made` is where the first one stands.
        self._define = f"""
INSERT INTO definition ({_COLUMNS}, made)
SELECT :company, :sort, :id, :version, :person,
    {dialect.largest}(CAST(:at AS text),
        coalesce((SELECT at FROM definition WHERE id = :id AND version = :version - 1), '')), :content,
    coalesce((SELECT made FROM definition WHERE id = :id AND version = 1),
             (SELECT 1 + coalesce(max(made), 0) FROM definition))
WHERE :version = 1 + (SELECT coalesce(max(version), 0) FROM definition WHERE id = :id)
    AND NOT EXISTS (SELECT 1 FROM definition WHERE id = :id AND (company, sort) <> (:company, :sort))
"""
        # Places first, from the index alone: contents are read of the page's versions.
        self._past = f"""
WITH placed AS (
    SELECT id, version, CASE WHEN :all THEN '' ELSE id END AS family, count(*) OVER every AS total,
        row_number() OVER (every ORDER BY at DESC, id DESC, version DESC) AS place,
        count(*) FILTER (WHERE :has_after
            AND (at, id, version) >= (:after_0, :after_1, :after_2)) OVER every AS newer,
        count(*) FILTER (WHERE :has_before
            AND (at, id, version) <= (:before_0, :before_1, :before_2)) OVER every AS older
    FROM definition WHERE company = :company AND (:all OR {dialect.among("id", ":ids")})
    WINDOW every AS (PARTITION BY CASE WHEN :all THEN '' ELSE id END))
SELECT family, place, total, newer, older, d.company, d.sort, d.id, d.version, d.person, d.at, d.content,
    b.company, b.sort, b.id, b.version, b.person, b.at, b.content
FROM placed JOIN definition AS d ON d.id = placed.id AND d.version = placed.version
    LEFT JOIN definition AS b ON b.id = d.id AND b.version = d.version - 1
WHERE place = 1 OR (place > newer AND place <= total - older
    AND CASE WHEN :backwards THEN place > total - older - :limit ELSE place <= newer + :limit END)
ORDER BY family, place
"""

    def define(self, network: Writing, new: Definition) -> None:
        """Adds a version of a definition, in a transaction of its own. Raises Stale."""
        values = {
            "company": new.company,
            "sort": new.sort,
            "id": new.id,
            "version": new.version,
            "person": new.person,
            "at": new.at,
            "content": new.content,
        }
        if network.execute(self._define, values).rowcount == 0:
            raise Stale("the definition has changed")

    def definitions(self, after: int) -> Question[list[Definition]]:
        """The newest version of each, in the order in which they were first made; of those that are behind a
        revision."""
        return Question(self._newest, {"after": after}, lambda rows: [_definition(row) for row in rows])

    def definition_versions(self, company: CompanyId, id_: str) -> Question[list[Definition]]:
        """All versions of one of the company's, oldest first."""
        return Question(_VERSIONS, {"id": id_, "company": company}, lambda rows: [_definition(row) for row in rows])

    def past_versions(self, asked: VersionsAsked) -> Question[list[VersionsPage]]:
        """The versions asked for, by one statement."""
        values = {
            "company": asked.company,
            "all": asked.ids is None,
            "ids": self._listed(asked.ids or ()),
            "limit": asked.limit,
            "backwards": asked.backwards,
            **cursor_values("after", asked.after, 3),
            **cursor_values("before", asked.before, 3),
        }

        def answer(rows: list[tuple[Any, ...]]) -> list[VersionsPage]:
            found: dict[str, list[tuple[Any, ...]]] = {}
            for row in rows:
                found.setdefault(row[0], []).append(row)
            return [_page(asked, found.get(id_, ())) for id_ in (("",) if asked.ids is None else asked.ids)]

        return Question(self._past, values, answer)


def definitions_of(network: Writing, company: CompanyId) -> list[Definition]:
    """All versions of all of a company's, in the order in which they were first made, oldest version first."""
    return [_definition(row) for row in network.execute(_OF_COMPANY, (company,)).fetchall()]


def insert_definition(network: Writing, new: Definition) -> bool:
    """Adds a version that was made elsewhere, in the caller's transaction; the first one among the others by its time.
    Whether it could: versions of one id are of one company, and come one after another."""
    there = network.execute("SELECT company, made FROM definition WHERE id = ?", (new.id,)).fetchall()
    if new.version != len(there) + 1 or any(company != new.company for company, _ in there):
        return False
    if there:
        made = there[0][1]
    else:
        sql = "SELECT coalesce(max(made), 0) FROM definition WHERE version = 1 AND at <= ?"
        (before,) = network.execute(sql, (new.at,)).fetchone()
        network.execute("UPDATE definition SET made = made + 1 WHERE made > ?", (before,))
        made = before + 1
    row = (new.company, new.sort, new.id, new.version, new.person, new.at, new.content, made)
    network.execute(f"INSERT INTO definition ({_COLUMNS}, made) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
    return True


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
