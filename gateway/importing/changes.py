"""From what a row asks for and what is stored to changes: whole for a new record, else just what differs.

Lifecycles bind people's edits, not an import: it may set any stage. What people decided stands, though: a company
that declined, withdrew or has not answered an invitation yet is left alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.importing.stored import Stored
from schema.field import Field
from schema.history import with_history
from schema.kind import Kind
from schema.names import CompanyId, PersonId, RecordId
from schema.values import flatten
from spaces.change import Change, Participation

OWNER, PARTICIPANT, ACCEPTED, INVITED = "OWNER", "PARTICIPANT", "ACCEPTED", "INVITED"
IMPORTER = PersonId("pe_" + "0" * 26)
"""Who makes the changes of an import: nobody, for no person may have this id."""


@dataclass(frozen=True, slots=True)
class WantedSide:
    """A side as a row wants it: stored values by field name, its natural key and its company."""

    company: CompanyId
    values: Mapping[str, Any]
    key: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """A record as a row wants it. The first side is the owner's."""

    joint: Mapping[str, Any]
    sides: tuple[WantedSide, ...]


@dataclass(frozen=True, slots=True)
class ReadFields:
    """The fields that were read of what is stored, in the order of their values."""

    joint: tuple[Field, ...]
    side: tuple[Field, ...]


def fields_to_read(kind: Kind, joint: Sequence[str], side: Sequence[str]) -> ReadFields:
    """The fields that an import compares, and the logs it may have to add to."""
    return ReadFields(
        tuple(field for field in kind.joint if field.name in joint),
        tuple(field for field in kind.side if field.name in side or field.history_of in side),
    )


def creating(kind: Kind, record: RecordId, wanted: Wanted, at: str) -> list[Change]:
    """The changes that make the record: the first makes it with all its participants and the owner's side, one
    more for each other side. A stop between them leaves sides out, which the next import adds."""
    owner, *others = wanted.sides
    joining = [Participation(side.company, PARTICIPANT, ACCEPTED) for side in others]
    first = Change(
        kind,
        record,
        owner.company,
        IMPORTER,
        at,
        creates=True,
        joint=_started(kind, "joint", wanted.joint),
        side=_new_side(kind, owner, at),
        participants=(Participation(owner.company, OWNER, ACCEPTED), *joining),
        touched=tuple(side.company for side in wanted.sides),
        natural_key=owner.key,
    )
    return [first, *(_side_change(kind, record, side, _new_side(kind, side, at), at) for side in others)]


def updating(kind: Kind, record: RecordId, wanted: Wanted, stored: Stored, read: ReadFields, at: str) -> list[Change]:
    """The changes that are needed, none where all is as wanted. A participant, and a side, is added where it is
    missing; none is ever taken away."""
    statuses = stored.statuses
    joining = [side.company for side in wanted.sides if side.company not in statuses]
    acting = [side for side in wanted.sides if statuses.get(side.company, ACCEPTED) == ACCEPTED]
    joint = _differing(read.joint, _settled(kind, "joint", wanted.joint), stored.joint)
    changes = []
    for side in acting:
        values = _side_patch(kind, side, stored, read, at)
        first = side is acting[0]
        joins = tuple(Participation(company, PARTICIPANT, ACCEPTED) for company in joining) if first else ()
        if values is not None or (first and (joint or joins)):
            touched = _seeing(kind, statuses, joining, joint) if first else ()
            named = joint if first else {}
            changes.append(_side_change(kind, record, side, values, at, named, joins, touched))
    return changes


def _side_change(
    kind: Kind,
    record: RecordId,
    side: WantedSide,
    values: Mapping[str, Any] | None,
    at: str,
    joint: Mapping[str, Any] | None = None,
    participants: tuple[Participation, ...] = (),
    touched: tuple[CompanyId, ...] = (),
) -> Change:
    key = side.key if values is not None else None
    joint = joint or {}
    return Change(
        kind,
        record,
        side.company,
        IMPORTER,
        at,
        joint=joint,
        side=values,
        participants=participants,
        touched=touched,
        natural_key=key,
    )


def _new_side(kind: Kind, side: WantedSide, at: str) -> dict[str, Any]:
    return with_history(kind, _started(kind, "side", side.values), {}, at)


def _side_patch(kind: Kind, side: WantedSide, stored: Stored, read: ReadFields, at: str) -> dict[str, Any] | None:
    """What to write of a side, None where that is nothing."""
    row = stored.sides.get(side.company)
    if row is None:
        return _new_side(kind, side, at)
    values = _differing(read.side, _settled(kind, "side", side.values), row.values)
    return with_history(kind, values, _by_name(read.side, row.values), at) if values else None


def _seeing(
    kind: Kind, statuses: Mapping[CompanyId, str], joining: Sequence[CompanyId], joint: Mapping[str, Any]
) -> tuple[CompanyId, ...]:
    """The participants who may see that joint fields changed or that companies joined."""
    if not joint and not joining:
        return ()
    to_invited = any(kind.joint_by_name[name].audience == "invited" for name in joint)
    seeing = {ACCEPTED, INVITED} if to_invited else {ACCEPTED}
    return (*(company for company, status in statuses.items() if status in seeing), *joining)


def _differing(fields: Sequence[Field], wanted: Mapping[str, Any], columns: tuple[Any, ...]) -> dict[str, Any]:
    """The wanted values whose columns are not stored so already."""
    held = _by_name(fields, columns)
    known = {field.name: field for field in fields}
    return {name: value for name, value in wanted.items() if flatten(known[name], value) != held[name]}


def _by_name(fields: Sequence[Field], columns: tuple[Any, ...]) -> dict[str, tuple[Any, ...]]:
    found: dict[str, tuple[Any, ...]] = {}
    at = 0
    for field in fields:
        upto = at + len(field.columns)
        found[field.name] = columns[at:upto]
        at = upto
    return found


def _started(kind: Kind, part: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with the start of each lifecycle that the row leaves open."""
    starts = kind.starts(part)
    return {**values, **{name: start for name, start in starts.items() if values.get(name) is None}}


def _settled(kind: Kind, part: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values without the lifecycles that the row leaves open: such a record stays where it is."""
    starts = kind.starts(part)
    return {name: value for name, value in values.items() if value is not None or name not in starts}
