"""An intent: the network's part of a change, as data that can wait in a company's outbox and be applied once.

Applying it states results, never differences, and the network remembers for each company up to which intent it
has applied them; so after a crash the outbox is simply applied again.
"""

import sqlite3
from dataclasses import dataclass
from typing import Any

import orjson

from schema.kind import Kind
from schema.values import flatten
from spaces.change import Change
from spaces.columns import ACCEPTED, booleans
from spaces.history import JOINT, OPENED, Entry, field_entries, participant_entries
from spaces.sql.booleans import with_booleans
from spaces.sql.names import stored_columns
from spaces.sqlite.associations import keep_association
from spaces.sqlite.history import keep_shared
from spaces.sqlite.layout import joint_words


@dataclass(frozen=True, slots=True)
class Intent:
    """What one change does to the network's file. `joint` are (column, value); `participants` are (company, role,
    status, message, whose rules associated it); `own_at` is the own side's new time, where that moved; `person` made
    the change."""

    company: str
    kind: str
    record: str
    at: str
    creates: bool
    joint: list[tuple[str, Any]]
    participants: list[tuple[str, str, str, str | None, str | None]]
    touched: list[str]
    own_at: str | None
    person: str = ""  # intents that an earlier version left have none

    def empty(self) -> bool:
        """Whether it does nothing."""
        return not (self.creates or self.joint or self.participants or self.touched or self.own_at)

    def text(self) -> str:
        """Its JSON."""
        return orjson.dumps(self).decode()


def parsed_intent(text: str) -> Intent:
    """The intent of a JSON text."""
    found = orjson.loads(text)
    # those that an earlier version left say nothing of associations: it knew none
    found["participants"] = [(*each, None)[:5] for each in found["participants"]]
    return Intent(**found)


def intent_of(change: Change, own_at: str | None) -> Intent:
    """The network's part of a change."""
    fields = change.kind.joint_by_name
    joint = [
        pair
        for name, value in change.joint.items()
        for pair in zip(stored_columns((fields[name],)), flatten(fields[name], value), strict=True)
    ]
    participants: list[tuple[str, str, str, str | None, str | None]] = [
        (p.company, p.role, p.status, p.message, p.associated) for p in change.participants
    ]
    return Intent(
        change.company,
        change.kind.name,
        change.record,
        change.at,
        change.creates,
        joint,
        participants,
        list(change.touched),
        own_at,
        change.person,
    )


_INSERT = """
INSERT INTO participant (
    company_id, record_id, kind, role, status, message, added, accepted, touched_at, own_at, newest)
VALUES (:company, :record, :kind, :role, :status, :message, :next, iif(:accepted, :next, NULL), :at, '', :at)
ON CONFLICT DO UPDATE SET role = excluded.role, status = excluded.status, message = excluded.message,
    accepted = iif(:accepted, coalesce(accepted, excluded.accepted), NULL),
    newest = iif(:accepted, max(touched_at, own_at), touched_at)
"""
_NEXT = "SELECT 1 + coalesce(max(max(added, coalesce(accepted, 0))), 0) FROM participant WHERE record_id = ?"
_TOUCH = """
UPDATE participant SET touched_at = :at, newest = iif(accepted IS NULL, :at, max(:at, own_at))
WHERE company_id = :company AND record_id = :record
"""
_OWN = """
UPDATE participant SET own_at = :at, newest = iif(accepted IS NULL, touched_at, max(touched_at, :at))
WHERE company_id = :company AND record_id = :record
"""


def apply_intent(network: sqlite3.Connection, intent: Intent, kind: Kind | None) -> None:
    """Applies an intent inside the transaction that the caller has begun. A kind that has left the catalog meanwhile is
    None: nobody reads its words, and its joint fields have no history from then on."""
    about = {"record": intent.record, "kind": intent.kind, "at": intent.at}
    table = f"record_{intent.kind}"
    if intent.creates or intent.joint or intent.participants:
        entries = [Entry(OPENED)] if intent.creates else _changed(network, intent, kind)
        keep_shared(network, intent.company, intent.record, intent.person, intent.at, entries)
    if intent.creates:
        network.execute(
            f"INSERT INTO {table} (record_id, owner, created_at) VALUES (?, ?, ?)",
            (intent.record, intent.company, intent.at),
        )
    if intent.joint:
        assigned = ", ".join(f"{column} = ?" for column, _ in intent.joint)
        values = [value for _, value in intent.joint]
        network.execute(f"UPDATE {table} SET {assigned} WHERE record_id = ?", (*values, intent.record))
    if kind is not None and (intent.creates or intent.joint):
        joint_words(kind).keep(network, (intent.record,), dict(intent.joint))
    for company, role, status, message, associated in intent.participants:
        (following,) = network.execute(_NEXT, (intent.record,)).fetchone()
        facts = {"company": company, "role": role, "status": status, "message": message, "accepted": status == ACCEPTED}
        network.execute(_INSERT, {**about, **facts, "next": following})
        keep_association(network, intent.record, company, associated)
    for company in intent.touched:
        network.execute(_TOUCH, {**about, "company": company})
    if intent.own_at is not None:
        network.execute(_OWN, {**about, "company": intent.company, "at": intent.own_at})


def _changed(network: sqlite3.Connection, intent: Intent, kind: Kind | None) -> list[Entry]:
    """What an intent is going to change of a record that is there."""
    entries: list[Entry] = []
    new = dict(intent.joint)
    fields = [field for field in (kind.joint if kind else ()) if stored_columns((field,))[0] in new]
    if fields:
        columns = stored_columns(fields)
        sql = f"SELECT {', '.join(columns)} FROM record_{intent.kind} WHERE record_id = ?"
        row = network.execute(sql, (intent.record,)).fetchone() or (None,) * len(columns)
        held = dict(zip(columns, with_booleans(row, booleans(fields)), strict=True))
        for field in fields:
            named = stored_columns((field,))
            entries += field_entries(JOINT, field, [held[c] for c in named], [new[c] for c in named])
    if intent.participants:
        sql = "SELECT company_id, role, status FROM participant WHERE record_id = ?"
        standing = {company: (role, status) for company, role, status in network.execute(sql, (intent.record,))}
        for company, role, status, _, _ in intent.participants:
            entries += participant_entries(company, standing.get(company), (role, status))
    return entries


def mark_applied(network: sqlite3.Connection, company: str, upto: int) -> None:
    """Remembers, in the same transaction, that a company's intents are applied up to this id."""
    network.execute(
        "INSERT INTO applied (company_id, upto) VALUES (?, ?)"
        " ON CONFLICT DO UPDATE SET upto = max(upto, excluded.upto)",
        (company, upto),
    )


def applied_upto(network: sqlite3.Connection, company: str) -> int:
    """The id of the last intent of a company that is applied; 0 for none."""
    row = network.execute("SELECT upto FROM applied WHERE company_id = ?", (company,)).fetchone()
    return int(row[0]) if row else 0
