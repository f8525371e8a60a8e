"""`project(state, viewer)`: all that a viewer may know of a world, as plain values. Written from the vocabulary.

What it holds besides what queries show (declassified outputs; adding one needs a reviewed diff of this file):
- `keys`: the natural keys of the company's own space, also of records that it left;
- `moves`: where the own lifecycle fields stand, which decides which moves are legal, also where it hides them.
They matter only to people who hide private fields from themselves, which they can undo by themselves, and
to companies that left a record, whose space still holds their own side.
"""

from typing import Any

from schema.field import Base
from schema.names import CompanyId, RecordId
from spaces.fetch import PersonRow
from tests.leaks.rules import knows_participant, reads_message, record_exists, sees_joint, sees_own, sees_partners
from tests.leaks.worlds import Rec, Side, State

Projected = dict[str, Any]


def project(state: State, viewer: PersonRow, *, accepted: bool = False, shown: bool = False) -> Projected:
    """What `viewer` may know: `records` by id, each as it exists for it. `accepted` gives what it may know once its
    company accepts its invitations, `shown` once it hides nothing from itself."""
    own, hides = viewer.company, viewer.hide_private and not shown
    inside = {
        r.id: "ACCEPTED" if accepted else r.parts[own].status
        for r in state.records.values()
        if own in r.parts and record_exists(r.parts[own].status)
    }
    records = {id_: _record(state.records[id_], viewer, status, hides, inside) for id_, status in inside.items()}
    keys = {
        (r.kind.name, r.sides[own].key): r.id if r.id in inside else None
        for r in state.records.values()
        if own in r.sides and r.sides[own].key
    }
    return {"records": records, "keys": keys}


def _record(record: Rec, viewer: PersonRow, status: str, hides: bool, inside: dict[RecordId, str]) -> Projected:
    own = viewer.company
    part, kind = record.parts[own], record.kind
    found: Projected = {"id": record.id, "kind": kind.name, "owner": record.owner, "created": record.created}
    found |= {"role": part.role, "status": status, "mine": None, "partners": [], "moves": None}
    found["joint"] = {
        f.name: _linked(f, record.joint.get(f.name), inside) if sees_joint(status, f) else None for f in kind.joint
    }
    in_order = sorted(record.parts.items(), key=lambda item: item[1].place())
    found["participants"] = [
        (c, p.role, p.status, p.message if reads_message(own, part.role, status, c, p.status) else None)
        for c, p in in_order
        if knows_participant(own, part.role, status, c, p.role, p.status)
    ]
    stamps: list[Any] = [part.touched]
    if status == "ACCEPTED":
        mine = record.sides.get(own)
        found["moves"] = mine and {life.field: mine.values.get(life.field) for life in kind.lifecycles}
        found["mine"] = mine and _own(record, mine, hides, inside)
        stamps += [mine and found["mine"]["updated"]]
        others = [c for c, p in in_order if p.status == "ACCEPTED" and c != own]
        found["partners"] = [_partner(record, c, viewer, inside) for c in others]
    found["updated"] = max(s for s in stamps if s)
    return found


def _own(record: Rec, side: Side, hides: bool, inside: dict[RecordId, str]) -> Projected:
    kind = record.kind
    seen = {f.name for f in kind.side if sees_own(kind, side.sharing, f.ident, hides=hides)}
    values = {f.name: _linked(f, side.values.get(f.name), inside) if f.name in seen else None for f in kind.side}
    all_seen = len(seen) == len(kind.side)
    newest = max((side.stamps[name] for name in seen & side.stamps.keys()), default=None)
    sharing = {f.name: side.sharing.audience(kind, f.ident) for f in kind.side if f.name in seen}
    return {
        "values": values,
        "updated": side.updated if all_seen else newest,
        "version": side.version if all_seen else newest,
        "sharing": sharing,
    }


def _partner(record: Rec, company: CompanyId, viewer: PersonRow, inside: dict[RecordId, str]) -> Projected:
    kind, side = record.kind, record.sides.get(company, Side())
    seen = {f.name for f in kind.side if sees_partners(kind, side.sharing, f.ident, viewer.company, viewer.id)}
    values = {f.name: _linked(f, side.values.get(f.name), inside) if f.name in seen else None for f in kind.side}
    newest = max((side.stamps[name] for name in seen & side.stamps.keys()), default=None)
    return {"company": company, "values": values, "updated": newest}


def _linked(field: Any, value: Any, inside: dict[RecordId, str]) -> Any:
    """A link names the records that exist for the viewer, and no others; a list of none is as one never set."""
    if field.type.base is not Base.RECORD or value is None:
        return value
    if field.type.many:
        return tuple(v for v in value if v in inside) or None
    return value if value in inside else None
