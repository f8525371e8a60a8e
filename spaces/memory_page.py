"""A page, the plain way: project each row through the masks, filter, sort, cut."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from schema.errors import Fault
from schema.kind import Kind
from schema.mask import EXISTS
from schema.matching import matches
from schema.where import Comparison
from spaces.fetch import Order, Page, PageFetch, PageRow
from spaces.memory_rows import Participant, Record, Side


@dataclass(frozen=True, slots=True)
class _Projected:
    """A row and its page columns as far as the viewer may know them."""

    row: PageRow
    columns: dict[str, Any]


def memory_page(fetch: PageFetch, found: Sequence[tuple[Record, Participant, Side | None]]) -> Page:
    """The page among the records of the fetch's company and kind."""
    asked = [test.column for tests in fetch.where.any_of for test in tests if isinstance(test, Comparison)] + [
        order.column for order in fetch.order
    ]
    if unknown := set(asked) - _names(fetch.kind):
        raise Fault(f"a page has no column {min(unknown)}")
    projected = [row for each in found if (row := _project(fetch, *each))]
    if fetch.ids is not None:
        projected = [each for each in projected if each.row.record in fetch.ids]
    rows = [each for each in projected if matches(fetch.where, each.columns)]
    rows.sort(key=lambda each: each.row.record)
    for order in reversed(fetch.order):
        rows.sort(key=lambda each: _rank(each.columns[order.column]), reverse=order.descending)
    earlier = [r for r in rows if fetch.after is not None and not _lies_behind(fetch.order, r.row, fetch.after)]
    later = [r for r in rows if fetch.before is not None and not _lies_before(fetch.order, r.row, fetch.before)]
    within = [r for r in rows if r not in earlier and r not in later]
    shown = within[max(len(within) - fetch.limit, 0) :] if fetch.backwards else within[: fetch.limit]
    more = len(within) > fetch.limit
    return Page(
        [each.row for each in shown],
        has_next=bool(later) or (more and not fetch.backwards),
        has_previous=bool(earlier) or (more and fetch.backwards),
        total=len(rows) if fetch.count else None,
    )


def _names(kind: Kind) -> set[str]:
    joint = {f"joint.{column}" for field in kind.joint for column in field.columns}
    mine = {f"mine.{column}" for field in kind.side for column in field.columns}
    return {"created_at", "updated_at", "role", "status"} | joint | mine


def _project(fetch: PageFetch, record: Record, mine: Participant, side: Side | None) -> _Projected | None:
    facts = {"viewer_status": mine.status, "viewer_role": mine.role}
    joint_bits = fetch.joint_mask.evaluate(*[facts[column] for column in fetch.joint_mask.columns])
    if not joint_bits & EXISTS:
        return None
    own_bits = _own_bits(fetch, mine, side) if side else 0
    shown = side if own_bits & EXISTS else None
    own_updated_at = _newest(fetch.kind, shown, own_bits) if shown else None
    columns: dict[str, Any] = {"created_at": record.created_at, "role": mine.role, "status": mine.status}
    columns["updated_at"] = max(mine.touched_at, own_updated_at or "")
    for field in fetch.kind.joint:
        for column in field.columns:
            columns[f"joint.{column}"] = record.cells.get(column) if joint_bits & field.bit else None
    for field in fetch.kind.side:
        for column in field.columns:
            columns[f"mine.{column}"] = shown.cells.get(column) if shown and own_bits & field.bit else None
    row = PageRow(
        record=record.id,
        owner=record.owner,
        role=mine.role,
        status=mine.status,
        created_at=record.created_at,
        updated_at=columns["updated_at"] if fetch.updated else None,
        joint=tuple(record.cells.get(column) for field in fetch.joint for column in field.columns),
        own=tuple(shown.cells.get(column) for field in fetch.own for column in field.columns) if shown else None,
        sharing=shown.sharing if shown else None,
        own_version=shown.version if shown else None,
        own_updated_at=own_updated_at,
        keys=tuple(columns[order.column] for order in fetch.order),
    )
    return _Projected(row, columns)


def _own_bits(fetch: PageFetch, mine: Participant, side: Side) -> int:
    program = fetch.own_masks.program(side.sharing)
    facts = {"viewer_status": mine.status, "owner_status": mine.status}
    return program.evaluate(*[facts[c] if c in facts else side.cells.get(c) for c in program.columns])


def _newest(kind: Kind, side: Side, bits: int) -> str | None:
    """The newest visible stamp; where all is visible the side's own time, which changes of sharing move too."""
    if bits & kind.all_side == kind.all_side:
        return side.updated_at
    stamps = [side.stamps[f.name] for f in kind.side if bits & f.bit and f.name in side.stamps]
    return max(stamps, default=None)


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
