"""One page: a statement compiled once per (kind, fields, masks, filter, order), run on the viewer's company's file
with the network's file attached.

1. the company's sharing classes, each with its mask program; 2. the statement, from the cache or compiled;
3. rows, edges and count in one read transaction, so that they agree with each other and with the classes.
"""

import json
import re
import sqlite3
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from schema.mask import EXISTS, MaskProgram
from schema.sharing import Sharing
from spaces.columns import booleans
from spaces.fetch import Page, PageFetch, PageRow
from spaces.sql_where import FALSE, TRUE, Bindings, both, condition
from spaces.sqlite.keyset import SortKey, beyond, ordering
from spaces.sqlite.layout import stored_columns
from spaces.sqlite.projection import NEVER_NULL, Projection

_FIXED = 9  # columns of a result row before the joint ones
_ALIAS = re.compile(r"\b[rs]\.")


@dataclass(frozen=True, slots=True)
class PageStatement:
    """The compiled statements of one shape of page. `edges` tell whether a row lies at or before `after`, and at or
    behind `before`. `programs` keeps the mask programs alive whose identity the cache's key holds."""

    rows: str
    count: str
    edges: tuple[str | None, str | None]
    values: dict[str, object]
    joint_end: int
    own_end: int
    joint_booleans: tuple[int, ...]
    own_booleans: tuple[int, ...]
    programs: tuple[object, ...]


class PageCompiler:
    """Compiles pages and keeps the latest `limit` statements."""

    def __init__(self, limit: int = 512) -> None:
        self._limit = limit
        self._kept: OrderedDict[tuple[object, ...], PageStatement] = OrderedDict()

    def statement(self, fetch: PageFetch, classes: Sequence[tuple[int, Sharing]]) -> PageStatement:
        """The statement of a fetch, given the sharing classes of the company's sides of its kind."""
        programs = _grouped([(id_, fetch.own_masks.program(sharing)) for id_, sharing in classes])
        key = (
            fetch.kind.name,
            id(fetch.joint_mask),
            tuple((ids, id(program)) for ids, program in programs) if len(programs) > 1 else id(programs[0][1]),
            tuple([f.name for f in fetch.joint]),
            tuple([f.name for f in fetch.own]),
            fetch.where,
            fetch.order,
            fetch.after and tuple([v is None for v in fetch.after]),
            fetch.before and tuple([v is None for v in fetch.before]),
            fetch.backwards,
            fetch.updated,
            fetch.ids is None,
        )
        statement = self._kept.get(key)
        if statement is None:
            statement = self._kept[key] = compile_page(fetch, programs)
            if len(self._kept) > self._limit:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(key)
        return statement


def _grouped(programs: Sequence[tuple[int, MaskProgram]]) -> list[tuple[tuple[int, ...], MaskProgram]]:
    """The classes that share one program, together."""
    ids: dict[int, list[int]] = {}
    by_identity = {}
    for id_, program in programs:
        ids.setdefault(id(program), []).append(id_)
        by_identity[id(program)] = program
    if len(ids) == 1:
        return [(tuple(next(iter(ids.values()))), programs[0][1])]
    equal: dict[MaskProgram, list[int]] = {}
    for identity, members in ids.items():
        equal.setdefault(by_identity[identity], []).extend(members)
    return [(tuple(members), program) for program, members in equal.items()]


def compile_page(fetch: PageFetch, programs: Sequence[tuple[tuple[int, ...], MaskProgram]]) -> PageStatement:
    """Compiles the statements of one shape of page."""
    bindings = Bindings()
    projection = Projection(fetch, programs, bindings)
    keys = [
        SortKey(projection.column(each.column).expression, each.descending, each.column not in NEVER_NULL)
        for each in fetch.order
    ]
    tests = ["p.company_id = :company", "p.kind = :kind", projection.exists()]
    if fetch.ids is not None:
        tests.append("p.record_id IN (SELECT value FROM json_each(:ids))")
    tests.append(condition(fetch.where, projection.column, bindings))
    within = list(tests)
    edges: list[str | None] = [None, None]
    source = _source(fetch, ("r.", "s."))
    for i, cursor, prefix in ((0, fetch.after, "after"), (1, fetch.before, "before")):
        if cursor is not None:
            within.append(beyond(keys, cursor, prefix, forward=i == 0))
            outside = beyond(keys, cursor, prefix, forward=i == 1, inclusive=True)
            edges[i] = f"SELECT EXISTS (SELECT 1 {source} WHERE {both([*tests, outside])})"
    joint, own = stored_columns(fetch.joint), stored_columns(fetch.own)
    shown = projection.own_condition(EXISTS)
    sharing = {TRUE: "s.sharing", FALSE: "NULL"}.get(shown, f"CASE WHEN {shown} THEN s.sharing END")
    selected = [
        *("p.record_id", "r.owner", "p.role", "p.status", "r.created_at"),
        projection.updated_at() if fetch.updated else "NULL",
        *(sharing, "s.version", projection.own_updated_at()),
        *(f"r.{c}" for c in joint),
        *(f"s.{c}" for c in own),
        *(key.expression for key in keys),
    ]
    rows = (
        f"SELECT {', '.join(selected)} {source} WHERE {both(within)}"
        f" ORDER BY {ordering(keys, reverse=fetch.backwards)} LIMIT :limit"
    )
    counted = both(tests)
    count = f"SELECT count(*) {_source(fetch, _ALIAS.findall(counted))} WHERE {counted}"
    joint_end = _FIXED + len(joint)
    return PageStatement(
        rows,
        count,
        (edges[0], edges[1]),
        bindings.values,
        joint_end,
        joint_end + len(own),
        booleans(fetch.joint),
        booleans(fetch.own),
        (fetch.joint_mask, programs),
    )


def _source(fetch: PageFetch, read: Sequence[str]) -> str:
    """The tables, without those of which nothing is read."""
    joins = "FROM net.participant AS p"
    if "r." in read:
        # CROSS JOIN keeps the planner from leaving the participant's index, which is the page's order.
        joins += f" CROSS JOIN net.record_{fetch.kind.name} AS r ON r.record_id = p.record_id"
    if "s." in read:
        joins += f" LEFT JOIN main.side_{fetch.kind.name} AS s ON s.company_id = p.company_id"
        joins += " AND s.record_id = p.record_id"
    return joins


def run_page(
    connection: sqlite3.Connection, statement: PageStatement, fetch: PageFetch, sharings: dict[int, Sharing]
) -> Page:
    """Runs a compiled page inside the read transaction that the caller has begun."""
    values = {**statement.values, "company": fetch.company, "kind": fetch.kind.name, "limit": fetch.limit + 1}
    if fetch.ids is not None:
        values["ids"] = json.dumps(fetch.ids)
    for prefix, cursor in (("after", fetch.after), ("before", fetch.before)):
        if cursor is not None:
            values.update({f"{prefix}{i}": value for i, value in enumerate(cursor)})
    found = connection.execute(statement.rows, values).fetchall()
    more = len(found) > fetch.limit
    del found[fetch.limit :]
    if fetch.backwards:
        found.reverse()
    earlier, later = (bool(sql and connection.execute(sql, values).fetchone()[0]) for sql in statement.edges)
    total = connection.execute(statement.count, values).fetchone()[0] if fetch.count else None
    rows = [_row(each, statement, sharings) for each in found]
    return Page(rows, later or (more and not fetch.backwards), earlier or (more and fetch.backwards), total)


def _row(row: tuple[Any, ...], statement: PageStatement, sharings: dict[int, Sharing]) -> PageRow:
    record, owner, role, status, created_at, updated_at, sharing, version, own_updated_at = row[:_FIXED]
    joint = with_booleans(row[_FIXED : statement.joint_end], statement.joint_booleans)
    keys = row[statement.own_end :]
    if sharing is None:
        return PageRow(record, owner, role, status, created_at, updated_at, joint, None, None, None, None, keys)
    own = with_booleans(row[statement.joint_end : statement.own_end], statement.own_booleans)
    return PageRow(
        *(record, owner, role, status, created_at, updated_at, joint, own),
        *(sharings[sharing], version, own_updated_at, keys),
    )


def with_booleans(values: tuple[Any, ...], places: tuple[int, ...]) -> tuple[Any, ...]:
    """The values with SQLite's 0 and 1 at these places as booleans."""
    if not places:
        return values
    return tuple(bool(value) if i in places and value is not None else value for i, value in enumerate(values))
