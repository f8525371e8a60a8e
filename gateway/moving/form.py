"""The lines of an archive: each piece of a space as JSON. docs/space-format.md says what they mean."""

from typing import Any

from schema.sharing import Sharing
from spaces.definition import Definition
from spaces.fetch import CompanyRow, PersonRow
from spaces.history import HistoryRow
from spaces.parcel import HeldReceipt, HeldRecord, HeldSide, Neighbour, Piece, Standing

FORMAT, VERSION = "multiway-space", 1
MANIFEST = "manifest.json"
POLICY = "policy.polar"
"""The text of the company's own policy, where it has one."""
PEOPLE, DEFINITIONS = "people.jsonl", "definitions.jsonl"
COMPANIES, RECORDS, RECEIPTS = "companies.jsonl", "records.jsonl", "receipts.jsonl"
READ = (COMPANIES, PEOPLE, DEFINITIONS, RECORDS, RECEIPTS)
"""The parts in the order in which they are read."""
WRITTEN = (PEOPLE, DEFINITIONS, RECORDS, RECEIPTS, COMPANIES)
"""In the order in which they are written: which companies a space knows is known at its end."""


def part_of(piece: Piece) -> str:
    """The part in which a piece has its line; the company stands in the manifest."""
    match piece:
        case CompanyRow():
            return MANIFEST
        case Neighbour():
            return COMPANIES
        case PersonRow():
            return PEOPLE
        case Definition():
            return DEFINITIONS
        case HeldRecord():
            return RECORDS
        case HeldReceipt():
            return RECEIPTS


def written(piece: Piece) -> dict[str, Any]:
    """The line of a piece."""
    match piece:
        case CompanyRow() | Neighbour():
            return {"id": piece.id, "name": piece.name}
        case PersonRow():
            return _person(piece)
        case Definition():
            return {
                "id": piece.id,
                "sort": piece.sort,
                "version": piece.version,
                "person": piece.person,
                "at": piece.at,
                "content": piece.content,
            }
        case HeldRecord():
            return _record(piece)
        case HeldReceipt():
            return {"person": piece.person, "key": piece.key, "record": piece.record, "request": piece.request}


def _person(person: PersonRow) -> dict[str, Any]:
    return {
        "id": person.id,
        "email": person.email,
        "name": person.name,
        "roles": person.roles,
        "active": person.active,
        "attributes": dict(person.attributes),
        "hidePrivate": person.hide_private,
        "presentingTo": person.presenting,
    }


def _record(record: HeldRecord) -> dict[str, Any]:
    return {
        "id": record.id,
        "kind": record.kind,
        "owner": record.owner,
        "createdAt": record.created_at,
        "touchedAt": record.touched_at,
        "joint": record.cells,
        "participants": [_standing(each) for each in record.participants],
        "history": [_entry(each) for each in record.history],
        "side": None if record.side is None else _side(record.side),
    }


def _standing(each: Standing) -> dict[str, Any]:
    said = {"message": each.message, "associatedBy": each.associated}
    told = {key: value for key, value in said.items() if value is not None}
    return {"company": each.company, "role": each.role, "status": each.status, **told}


def _side(side: HeldSide) -> dict[str, Any]:
    return {
        "version": side.version,
        "updatedAt": side.updated_at,
        "naturalKey": side.natural_key,
        "values": side.cells,
        "changedAt": side.stamps,
        "sharing": sharing_written(side.sharing),
        "history": [_entry(each) for each in side.history],
    }


def sharing_written(sharing: Sharing) -> dict[str, Any]:
    """A sharing, by field."""
    return {
        ident: {"kind": a.kind, "companies": a.companies, "people": a.people}
        if a.kind == "selected"
        else {"kind": a.kind}
        for ident, a in sharing.overrides
    }


def _entry(row: HistoryRow) -> dict[str, Any]:
    return {
        "at": row.at,
        "what": row.what,
        "key": row.key,
        "part": row.part,
        "turn": row.turn,
        "company": row.company or "",
        "person": row.person or "",
        "before": row.before,
        "after": row.after,
    }
