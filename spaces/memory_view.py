"""What the viewer of a fetch may know of one record, the plain way: its columns and the rows that hang on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schema.field import Field
from schema.kind import Kind
from schema.mask import EXISTS, JOINT_PREFIX, RECORD_ID, MaskProgram, SideMasks
from schema.names import CompanyId
from schema.sharing import NO_OVERRIDES
from spaces.asked import Asking
from spaces.columns import ACCEPTED, PARTNERS, PARTNERS_CUSTOM, currency_of
from spaces.fetch import Order, Related
from spaces.memory_rows import Participant, Record, Side

CUSTOM_TEXTS = PARTNERS_CUSTOM.removeprefix(PARTNERS)
"""In a row of `partners`: what PARTNERS_CUSTOM stands for, as pairs of a field and its value."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A record as far as the viewer may know of it: its page columns, and the rows of each relation. `own` is the
    own side where it exists for the viewer, `own_updated_at` its newest visible stamp."""

    record: Record
    mine: Participant
    columns: dict[str, Any]
    related: dict[str, list[dict[str, Any]]]
    own: Side | None
    own_updated_at: str | None

    def key(self, kind: Kind, order: Order) -> Any:
        """The value by which an order sorts the record, which is of this kind."""
        if order.aggregate is None:
            return self.columns[order.column]
        column = order.column.removeprefix(PARTNERS)
        shown = [row for row in self.related["partners"] if row[column] is not None]
        best, currency = max if order.aggregate == "max" else min, currency_of(kind, column)
        if currency is None:
            return best((row[column] for row in shown), default=None)
        return best(((row[currency], row[column]) for row in shown), default=(None, None))[1]


def see(fetch: Asking, record: Record, sides: Mapping[CompanyId, Side]) -> Seen | None:
    """The record through the masks of the fetch, in which its company takes part; None where it does not exist for
    the viewer. `sides` are all sides of the record."""
    mine = record.participants[fetch.company]
    of_record = facts_of_record(fetch.kind, record)
    joint_bits = _bits(fetch.joint_mask, {"viewer_status": mine.status, "viewer_role": mine.role, **of_record})
    if not joint_bits & EXISTS:
        return None
    side = sides.get(fetch.company)
    both = {"viewer_status": mine.status, "owner_status": mine.status, **of_record}
    own_bits = _side_bits(fetch.own_masks.program(side.sharing), side, both) if side else 0
    own = side if own_bits & EXISTS else None
    own_updated_at = _newest(fetch.kind, own, own_bits) if own else None
    columns: dict[str, Any] = {"created_at": record.created_at, "role": mine.role, "status": mine.status}
    columns["updated_at"] = max(mine.touched_at, own_updated_at or "")
    for field in fetch.kind.joint:
        for column in field.columns:
            columns[f"joint.{column}"] = record.cells.get(column) if joint_bits & field.bit else None
    for column, value in _cells(fetch.kind, own, own_bits, fetch.own_masks).items():
        columns[f"mine.{column}"] = value
    related = _related(fetch, fetch.related, record, sides) if fetch.related else {}
    return Seen(record, mine, columns, related, own, own_updated_at)


def _related(
    fetch: Asking, masks: Related, record: Record, sides: Mapping[CompanyId, Side]
) -> dict[str, list[dict[str, Any]]]:
    mine, of_record = record.participants[fetch.company], facts_of_record(fetch.kind, record)
    partners, participants = [], []
    for company, participant in record.participants.items():
        facts = {"company": company, "status": participant.status, "role": participant.role}
        standing = {"own": company == fetch.company, "viewer_status": mine.status, "viewer_role": mine.role}
        known = _bits(masks.participants, {**facts, **standing})
        if not known & EXISTS:
            continue
        participants.append({"company": company, "role": participant.role, "status": participant.status})
        if company == fetch.company or participant.status != ACCEPTED:
            continue
        side = sides.get(company)
        owned = masks.partners.of(company)
        program = owned.program(side.sharing if side else NO_OVERRIDES)
        statuses = {"viewer_status": mine.status, "owner_status": participant.status}
        bits = _side_bits(program, side, {**statuses, **of_record})
        if bits & EXISTS:
            texts = _custom_texts(masks.partners.texts(company), side, bits, owned)
            partners.append({"company": company, CUSTOM_TEXTS: texts, **_cells(fetch.kind, side, bits, owned)})
    return {"partners": partners, "participants": participants}


def _bits(program: MaskProgram, facts: Mapping[str, Any]) -> int:
    return program.evaluate(*[facts[column] for column in program.columns])


def facts_of_record(kind: Kind, record: Record) -> dict[str, Any]:
    """The record's columns as masks test them: the raw values."""
    columns = [column for field in kind.joint for column in field.columns]
    return {RECORD_ID: record.id} | {JOINT_PREFIX + column: record.cells.get(column) for column in columns}


def _side_bits(program: MaskProgram, side: Side | None, facts: Mapping[str, Any]) -> int:
    cells = side.cells if side else {}
    return _bits(program, {column: facts.get(column, cells.get(column)) for column in program.columns})


def _cells(kind: Kind, side: Side | None, bits: int, masks: SideMasks) -> dict[str, Any]:
    """Every side column by bare name, null where the mask, whose bits `masks` knows, hides it."""
    cells = side.cells if side else {}
    return {c: cells.get(c) if bits & masks.bit(c) else None for field in kind.side for c in field.columns}


def _custom_texts(fields: Sequence[Field], side: Side | None, bits: int, masks: SideMasks) -> list[tuple[Field, Any]]:
    """The values of these custom fields that the mask shows."""
    cells = side.cells if side else {}
    return [(f, cells.get(f.column)) for f in fields if bits & masks.bit(f.column)]


def _newest(kind: Kind, side: Side, bits: int) -> str | None:
    """The newest visible stamp; where all is visible the side's own time, which changes of sharing move too."""
    if bits & kind.all_side == kind.all_side:
        return side.updated_at
    stamps = [side.stamps[f.ident] for f in kind.side if bits & f.bit and f.ident in side.stamps]
    return max(stamps, default=None)
