"""History as SQL: entries of sides in the company's own table, all others in the network's, each by its own key, so
that what a reader may not see is not even passed by. Written by one statement a change and table, however many entries
there are; read by one statement over both.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from schema.kind import Kind
from schema.mask import EXISTS, MaskProgram
from spaces.columns import families
from spaces.fetch import HistoryFetch
from spaces.history import Entry, HistoryPage, HistoryRow
from spaces.history_seen import keys_of, known_standings
from spaces.placed import cut
from spaces.sql.dialect import Dialect
from spaces.sql.projection import record_column
from spaces.sql.question import Question, Writing
from spaces.sql.statements import cursor_values
from spaces.sql.where import Bindings, Column, condition, either

_ENTRY = "what, key, part, at, turn, person, before, after"
_STANDING = {"viewer_role": "l.role", "viewer_status": "l.status"}


class HistoryStatements:
    """What is asked and written of history, in one engine's spelling."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._to_side = _insert(dialect, "history_side", "h.company_id = :company AND h.record_id = :record")
        self._to_record = _insert(dialect, "history_record", "h.record_id = :record")
        self._read = _read(dialect)

    def keep_side(
        self, own: Writing, company: str, record: str, person: str, at: str, entries: Iterable[Entry]
    ) -> None:
        """Keeps entries of a company's side, in the transaction that is open."""
        _keep(own, self._to_side, company, record, person, at, entries)

    def keep_shared(
        self, network: Writing, company: str, record: str, person: str, at: str, entries: Iterable[Entry]
    ) -> None:
        """Keeps entries of the shared part of a record, in the transaction that is open."""
        _keep(network, self._to_record, company, record, person, at, entries)

    def history(self, fetch: HistoryFetch) -> Question[list[HistoryPage]]:
        """The history of each record."""
        classes: dict[tuple[int, int], int] = {}
        asked = []
        for each in fetch.records:
            class_ = classes.setdefault((each.joint, each.side), len(classes))
            asked.append((each.record, class_, each.role, each.status))
        seen = [(class_, *key) for (joint, side), class_ in classes.items() for key in keys_of(fetch, joint, side)]
        values = {
            "company": fetch.company,
            "asked": _json(list(dict.fromkeys(asked))),
            "seen": _json(seen),
            "known": _json(_known(fetch)),
            "participants": fetch.fields is None,
            "limit": fetch.limit,
            "backwards": fetch.backwards,
            **cursor_values("after", fetch.after, 5),
            **cursor_values("before", fetch.before, 5),
        }
        bindings = Bindings(self._dialect)
        exists = either([_exists(self._dialect, kind, mask, bindings) for kind, mask in fetch.links])

        def answer(found: list[tuple[Any, ...]]) -> list[HistoryPage]:
            rows: dict[str, list[tuple[HistoryRow, int, int, int, int]]] = {}
            for row in found:
                rows.setdefault(row[0], []).append((HistoryRow(*row[:10]), *row[10:]))
            return [_page(fetch, rows.get(each.record, ())) for each in fetch.records]

        return Question(self._read.replace("/* exists */", exists), {**values, **bindings.values}, answer)


def _insert(dialect: Dialect, table: str, owner: str) -> str:
    """The statement that adds entries to a table; `owner` is the condition that a row is of the same history."""
    same = f"{owner} AND h.what = e.what AND h.key = e.key AND h.part = e.part"
    return f"""
INSERT INTO {table} (company_id, record_id, {_ENTRY})
SELECT :company, :record, e.what, e.key, e.part,
    {dialect.largest}(CAST(:at AS text), coalesce((SELECT max(h.at) FROM {table} AS h WHERE {same}), '')),
    coalesce((SELECT 1 + max(h.turn) FROM {table} AS h WHERE {same} AND h.at >= :at), 0),
    :person, e.before, e.after
FROM (
    SELECT value ->> 0 AS what, value ->> 1 AS key, value ->> 2 AS part, value ->> 3 AS before, value ->> 4 AS after
    FROM {dialect.rows(":entries")}) AS e
"""


def _keep(kept: Writing, sql: str, company: str, record: str, person: str, at: str, entries: Iterable[Entry]) -> None:
    # Also where there are none: how many statements a change takes would tell whether a hidden value was the same.
    listed = _json([tuple(entry) for entry in entries])
    kept.execute(sql, {"company": company, "record": record, "person": person, "at": at, "entries": listed})


def _exists(dialect: Dialect, kind: Kind, mask: MaskProgram, bindings: Bindings) -> str:
    """The condition that a record of the kind, linked to, exists for the reader."""
    joint = families(kind.joint)
    net = dialect.network

    def fact(name: str) -> Column:
        return Column(_STANDING[name], str) if name in _STANDING else record_column(joint, name, "l.record_id")

    return f"""EXISTS (
    SELECT 1 FROM {net}participant AS l JOIN {net}record_{kind.name} AS r ON r.record_id = l.record_id
    WHERE l.company_id = :company AND l.record_id = h.part AND {condition(mask.condition(EXISTS), fact, bindings)})"""


# `asked`: each record, its class (which keys its reader sees), its company's role and status, and since when it takes
# part. `seen`: the keys of each class. `known`: whose participation a reader of some standing may know.
# The conditions that records linked to exist for the reader are put in the place of the comment.
def _read(dialect: Dialect) -> str:
    """The statement that reads history."""
    net = dialect.network
    linked = "(h.part = '' OR /* exists */)"

    def known(company: str) -> str:
        """The condition that the reader may know of a company's participation as it is now."""
        return f"""EXISTS (
    SELECT 1 FROM {net}participant AS p WHERE p.company_id = {company} AND p.record_id = a.record
        AND (a.role, a.status, {_whose(company)}, p.role, p.status) IN (SELECT * FROM known))"""

    def was_known(state: str) -> str:
        """The condition that the reader may know of a participation that was or became so."""
        parts = f"{dialect.parsed(state)} ->> 0, {dialect.parsed(state)} ->> 1"
        return f"(a.role, a.status, {_whose('h.key')}, {parts}) IN (SELECT * FROM known)"

    author = f"""
    CASE WHEN {known("h.company_id")} THEN h.company_id END, CASE WHEN h.company_id = :company THEN h.person END"""
    return f"""
WITH asked AS MATERIALIZED (
    SELECT value ->> 0 AS record, value ->> 1 AS class, value ->> 2 AS role, value ->> 3 AS status,
        coalesce((
            SELECT max(at) FROM {net}history_record WHERE record_id = value ->> 0 AND what = 'PARTICIPANT'
                AND key = :company AND part = '' AND {dialect.parsed("after")} ->> 1 = 'ACCEPTED'
                AND coalesce({dialect.parsed("before")} ->> 1, '') <> 'ACCEPTED'), '') AS since
    FROM {dialect.rows(":asked")}),
seen AS MATERIALIZED (
    SELECT value ->> 0 AS class, value ->> 1 AS what, value ->> 2 AS key FROM {dialect.rows(":seen")}),
known AS MATERIALIZED (
    SELECT value ->> 0 AS a, value ->> 1 AS b, value ->> 2 AS c, value ->> 3 AS d, value ->> 4 AS e
    FROM {dialect.rows(":known")}),
shown (record, at, what, key, part, turn, company, person, before, after) AS (
    SELECT a.record, h.at, h.what, h.key, h.part, h.turn, CAST(:company AS text), h.person, h.before, h.after
    FROM asked AS a CROSS JOIN seen AS s CROSS JOIN {dialect.company}history_side AS h
    WHERE s.class = a.class AND h.company_id = :company AND h.record_id = a.record AND h.what = s.what
        AND h.key = s.key AND {linked}
    UNION ALL
    SELECT a.record, h.at, h.what, h.key, h.part, h.turn, {author}, h.before, h.after
    FROM asked AS a CROSS JOIN seen AS s CROSS JOIN {net}history_record AS h
    WHERE s.class = a.class AND h.record_id = a.record AND h.what = s.what AND h.key = s.key AND h.at > a.since
        AND {linked}
    UNION ALL
    SELECT a.record, h.at, h.what, h.key, h.part, h.turn, {author}, h.before, h.after
    FROM asked AS a CROSS JOIN {net}history_record AS h
    WHERE :participants AND h.record_id = a.record AND h.what = 'PARTICIPANT' AND h.at >= a.since
        AND {known("h.key")} AND {was_known("h.after")} AND (h.before IS NULL OR {was_known("h.before")})),
placed AS (
    SELECT *, count(*) OVER every AS total,
        row_number() OVER (every ORDER BY at DESC, what DESC, key DESC, part DESC, turn DESC) AS place,
        count(*) FILTER (WHERE :has_after AND (at, what, key, part, turn)
            >= (:after_0, :after_1, :after_2, :after_3, :after_4)) OVER every AS newer,
        count(*) FILTER (WHERE :has_before AND (at, what, key, part, turn)
            <= (:before_0, :before_1, :before_2, :before_3, :before_4)) OVER every AS older
    FROM shown WINDOW every AS (PARTITION BY record))
SELECT record, at, what, key, part, turn, company, person, before, after, place, total, newer, older FROM placed
WHERE place = 1 OR (place > newer AND place <= total - older
    AND CASE WHEN :backwards THEN place > total - older - :limit ELSE place <= newer + :limit END)
ORDER BY record, place
"""


def _whose(company: str) -> str:
    return f"CASE WHEN {company} = :company THEN 'own' ELSE 'other' END"


def _page(fetch: HistoryFetch, rows: Sequence[tuple[HistoryRow, int, int, int, int]]) -> HistoryPage:
    """The page of what was read: its rows, and the newest entry of all, which brings the numbers."""
    if not rows:
        return HistoryPage([], has_next=False, has_previous=False, total=0)
    _, _, total, newer, older = rows[0]
    first, last = cut(total, newer, older, fetch.limit, backwards=fetch.backwards)
    shown = [row for row, place, *_ in rows if first < place <= last]
    return HistoryPage(shown, has_next=last < total, has_previous=first > 0, total=total)


def _known(fetch: HistoryFetch) -> list[tuple[str, ...]]:
    """The standings that the reader may know of, with words for whether they are its own."""
    return [(role, status, "own" if own else "other", *rest) for role, status, own, *rest in known_standings(fetch)]


def _json(values: object) -> str:
    return orjson.dumps(values).decode()
