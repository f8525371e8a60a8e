"""A page and groups, the plain way: what the viewer may see of each record, filtered, sorted and cut, or grouped."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from schema.kind import Kind
from schema.matching import matches
from spaces.asked import check
from spaces.columns import PARTNERS, SCORE
from spaces.fetch import GroupFetch, Groups, Order, Page, PageFetch, PageRow, Search
from spaces.grouping import group_rows, grouping
from spaces.memory_search import score_of
from spaces.memory_view import Seen


def memory_page(fetch: PageFetch, seen: Sequence[Seen]) -> Page:
    """The page among the records that exist for the viewer."""
    check(fetch)
    if fetch.ids is not None:
        seen = [each for each in seen if each.record.id in fetch.ids]
    seen = [each for each in seen if matches(fetch.where, each.columns, each.related)]
    rows = [_row(fetch, each) for each in (seen if fetch.search is None else _found(fetch.search, fetch.kind, seen))]
    rows.sort(key=lambda row: row.record)
    for place, order in reversed(list(enumerate(fetch.order))):
        rows.sort(key=partial(_rank_at, place), reverse=order.descending)
    earlier = [r for r in rows if fetch.after is not None and not _lies_behind(fetch.order, r, fetch.after)]
    later = [r for r in rows if fetch.before is not None and not _lies_before(fetch.order, r, fetch.before)]
    within = [r for r in rows if r not in earlier and r not in later]
    shown = within[max(len(within) - fetch.limit, 0) :] if fetch.backwards else within[: fetch.limit]
    more = len(within) > fetch.limit
    return Page(
        shown,
        has_next=bool(later) or (more and not fetch.backwards),
        has_previous=bool(earlier) or (more and fetch.backwards),
        total=len(rows) if fetch.count else None,
    )


def memory_groups(fetch: GroupFetch, seen: Sequence[Seen]) -> Groups:
    """The groups of the records that exist for the viewer, or of the pairs of them and their partners' sides."""
    check(fetch)
    asked = grouping(fetch)
    rows: list[dict[str, Any]] = []
    for each in seen:
        if matches(fetch.where, each.columns, each.related):
            partners = each.related["partners"] if asked.pairs else [{}]
            rows += [{**each.columns, **{PARTNERS + name: value for name, value in row.items()}} for row in partners]
    values = [[row[column] for column in asked.columns] for row in rows]
    return group_rows(asked.columns, values, asked, fetch.limit)


def _found(search: Search, kind: Kind, seen: Sequence[Seen]) -> list[Seen]:
    """The records that the search finds, with their scores."""
    scores = [(each, score_of(search, kind, each)) for each in seen]
    return [replace(e, columns={**e.columns, SCORE: score}) for e, score in scores if score is not None]


def _row(fetch: PageFetch, seen: Seen) -> PageRow:
    record, own = seen.record, seen.own
    return PageRow(
        record=record.id,
        owner=record.owner,
        role=seen.mine.role,
        status=seen.mine.status,
        created_at=record.created_at,
        updated_at=seen.columns["updated_at"] if fetch.updated else None,
        joint=tuple(record.cells.get(column) for field in fetch.joint for column in field.columns),
        own=tuple(own.cells.get(column) for field in fetch.own for column in field.columns) if own else None,
        sharing=own.sharing if own else None,
        own_version=own.version if own else None,
        own_updated_at=seen.own_updated_at,
        keys=tuple(seen.key(fetch.kind, order) for order in fetch.order),
    )


def _rank_at(place: int, row: PageRow) -> tuple[bool, Any]:
    return _rank(row.keys[place])


def _rank(value: Any) -> tuple[bool, Any]:
    """Sorts null below everything."""
    return (value is not None, 0 if value is None else value)


def _lies_behind(orders: tuple[Order, ...], row: PageRow, cursor: tuple[Any, ...]) -> bool:
    """Whether the row comes after the cursor in the order asked."""
    for order, key, other in zip(orders, row.keys, cursor, strict=False):
        if key != other:
            above: bool = _rank(key) > _rank(other)
            return above is not order.descending
    return bool(row.record > cursor[-1])


def _lies_before(orders: tuple[Order, ...], row: PageRow, cursor: tuple[Any, ...]) -> bool:
    return (*row.keys, row.record) != cursor and not _lies_behind(orders, row, cursor)
