"""One page: statements compiled once per (kind, fields, masks, filter, order).

1. the company's sharing classes, each with its mask program; 2. the statements, from the cache or compiled;
3. rows, edges and count in one read transaction, so that they agree with each other and with the classes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schema.mask import EXISTS
from schema.sharing import Sharing
from spaces.asked import check
from spaces.columns import PARTNERS, SCORE, booleans, is_whole, partner_columns
from spaces.fetch import Order, Page, PageFetch, PageRow
from spaces.sql.booleans import with_booleans
from spaces.sql.custom import Cells, cells_of
from spaces.sql.dialect import Dialect
from spaces.sql.finding import Finding, LookUp
from spaces.sql.keyset import SortKey, beyond, ordering
from spaces.sql.names import stored_columns
from spaces.sql.partners import aggregates
from spaces.sql.projection import NEVER_NULL, NEWEST
from spaces.sql.selection import Programs, Selection, selection_alive, selection_key, selection_values
from spaces.sql.statements import Statements
from spaces.sql.where import FALSE, TRUE, both

_new = tuple.__new__  # makes a named row in half the time
_FIXED = 9  # columns of a result row before the joint ones


@dataclass(frozen=True, slots=True)
class PageStatement:
    """The compiled statements of one shape of page. `edges` tell whether a row lies at or before `after`, and at or
    behind `before`. Where `counts`, each row ends with the number of all."""

    dialect: Dialect
    rows: str
    count: str
    edges: tuple[str | None, str | None]
    values: dict[str, object]
    joint_end: int
    own_end: int
    keys_end: int
    counts: bool
    joint_booleans: tuple[int, ...]
    own: Cells
    look_ups: tuple[LookUp, ...]


class PageCompiler:
    """Compiles pages and keeps the latest `limit` statements."""

    def __init__(self, dialect: Dialect, limit: int = 512) -> None:
        self._dialect = dialect
        self._kept = Statements(limit)

    def statement(self, fetch: PageFetch, programs: Programs) -> PageStatement:
        """The statement of a fetch, given the programs of its own masks."""
        key = (
            *selection_key(fetch, programs),
            tuple([f.name for f in fetch.joint]),
            tuple([f.columns for f in fetch.own]),
            fetch.order,
            fetch.after and tuple([v is None for v in fetch.after]),
            fetch.before and tuple([v is None for v in fetch.before]),
            fetch.backwards,
            fetch.updated,
            fetch.search,
            fetch.count,
        )
        return self._kept.get(key, selection_alive(fetch, programs), lambda: self._compile(fetch, programs))

    def _compile(self, fetch: PageFetch, programs: Programs) -> PageStatement:
        return compile_page(fetch, programs, self._dialect)


def compile_page(fetch: PageFetch, programs: Programs, dialect: Dialect) -> PageStatement:
    """Compiles the statements of one shape of page."""
    check(fetch)
    selection = Selection(fetch, programs, fetch.where, dialect)
    projection = selection.projection
    search = fetch.search
    finding = Finding(fetch, search, selection) if search else None
    keys = [
        SortKey(_sorted_by(fetch, each, selection, finding), each.descending, each.column not in NEVER_NULL)
        for each in fetch.order
    ]
    tests = selection.tests + (finding.tests if finding else [])
    within = list(tests)
    edges: list[str | None] = [None, None]
    joint, own = stored_columns(fetch.joint), cells_of(fetch.own)
    for i, cursor, prefix in ((0, fetch.after, "after"), (1, fetch.before, "before")):
        if cursor is not None:
            within.append(beyond(keys, cursor, prefix, forward=i == 0))
            outside = both([*tests, beyond(keys, cursor, prefix, forward=i == 1, inclusive=True)])
            edges[i] = f"SELECT EXISTS (SELECT 1 {selection.source(outside)} WHERE {outside})"
    shown = projection.own_condition(EXISTS)
    sharing = {TRUE: "s.sharing", FALSE: dialect.null(float, True)}.get(shown, f"CASE WHEN {shown} THEN s.sharing END")
    selected = [
        *("p.record_id", "r.owner", "p.role", "p.status", "r.created_at"),
        projection.updated_at() if fetch.updated else dialect.null(str, False),
        *(sharing, "s.version", projection.own_updated_at()),
        *(f"r.{c}" for c in joint),
        *(f"s.{c}" for c in own.stored),
        *(key.expression for key in keys),
    ]
    counted = both(tests)
    counts = fetch.count and _counts_in_passing(fetch, keys, selection.source(counted))
    if counts:
        selected.append("count(*) OVER ()")
    read = selection.source("r. s.", *tests, *(key.expression for key in keys))
    rows = (
        f"SELECT {', '.join(selected)} {read} WHERE {both(within)}"
        f" ORDER BY {ordering(keys, dialect, reverse=fetch.backwards)} LIMIT :limit"
    )
    joint_end = _FIXED + len(joint)
    own_end = joint_end + len(own.stored)
    return PageStatement(
        dialect,
        rows,
        f"SELECT count(*) {selection.source(counted)} WHERE {counted}",
        (edges[0], edges[1]),
        selection.bindings.values,
        joint_end,
        own_end,
        own_end + len(keys),
        counts,
        booleans(fetch.joint),
        own,
        tuple(finding.look_ups) if finding else (),
    )


def _sorted_by(fetch: PageFetch, order: Order, selection: Selection, finding: Finding | None) -> str:
    if finding is not None and order.column == SCORE:
        return finding.score
    if order.aggregate is None:
        return selection.projection.column(order.column).expression
    bare = order.column.removeprefix(PARTNERS)
    field, family = partner_columns(fetch.kind)[bare]
    place = aggregates(fetch).index((bare, order.aggregate))
    return selection.found(place, family, whole=field is not None and is_whole(field))


def _counts_in_passing(fetch: PageFetch, keys: Sequence[SortKey], source: str) -> bool:
    """Whether the page's rows had better bring the count: where they are all read anyway, to be sorted, and another
    look at them would take as long. No index but that of the newest gives an order."""
    whole = fetch.after is None and fetch.before is None
    return whole and "JOIN" in source and bool(keys) and keys[0].expression != NEWEST


def page_values(statement: PageStatement, fetch: PageFetch, bound: Mapping[str, object]) -> dict[str, object]:
    """What the statements take; `bound` is what was found of partners' sides."""
    own = selection_values(fetch, statement.dialect)
    values = {**statement.values, **own, **bound, "limit": fetch.limit + 1}
    for prefix, cursor in (("after", fetch.after), ("before", fetch.before)):
        if cursor is not None:
            values.update({f"{prefix}{i}": value for i, value in enumerate(cursor)})
    return values


def page_of(
    found: list[Any],
    total: int | None,
    edges: tuple[bool, bool],
    statement: PageStatement,
    fetch: PageFetch,
    sharings: Mapping[int, Sharing],
) -> Page:
    """The page of the rows that were found, what was counted, and whether rows lie beyond its cursors."""
    more = len(found) > fetch.limit
    del found[fetch.limit :]
    if fetch.backwards:
        found.reverse()
    earlier, later = edges
    rows = [_row(each, statement, sharings) for each in found]
    return Page(rows, later or (more and not fetch.backwards), earlier or (more and fetch.backwards), total)


def _row(row: tuple[Any, ...], statement: PageStatement, sharings: Mapping[int, Sharing]) -> PageRow:
    record, owner, role, status, created_at, updated_at, sharing, version, own_updated_at = row[:_FIXED]
    joint = row[_FIXED : statement.joint_end]
    if statement.joint_booleans:
        joint = with_booleans(joint, statement.joint_booleans)
    keys = row[statement.own_end : statement.keys_end]
    shown = (record, owner, role, status, created_at, updated_at, joint)
    if sharing is None:
        return _new(PageRow, (*shown, None, None, None, None, keys))
    own = statement.own.values(row[statement.joint_end : statement.own_end])
    return _new(PageRow, (*shown, own, sharings[sharing], version, own_updated_at, keys))
