"""An intent: the network's part of a change, as data. Applying it states results, never differences: so one that waited
(see `spaces/sqlite/outbox.py`) may simply be applied again.
"""

from dataclasses import dataclass
from typing import Any

import orjson

from schema.kind import Kind
from schema.values import flatten
from spaces.change import Change
from spaces.columns import ACCEPTED, booleans
from spaces.history import JOINT, OPENED, Entry, field_entries, participant_entries
from spaces.sql.associations import keep_association
from spaces.sql.booleans import with_booleans
from spaces.sql.names import stored_columns
from spaces.sql.question import Writing
from spaces.sql.sharings import content_of, keep_last_sharing
from spaces.sql.store import Store


@dataclass(frozen=True, slots=True)
class Intent:
    """What one change does to the network's tables. `joint` are (column, value); `participants` are (company, role,
    status, message, whose rules associated it); `own_at` is the own side's new time, where that moved; `person` made
    the change; `sharing` is the own side's new one, which the network remembers: whatever becomes of the company's
    space, what was taken back stays so."""

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
    sharing: str | None = None

    def empty(self) -> bool:
        """Whether it does nothing."""
        return not (self.creates or self.joint or self.participants or self.touched or self.own_at)

    def text(self) -> str:
        """Its JSON."""
        return orjson.dumps(self).decode()


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
        None if change.sharing is None else content_of(change.sharing),
    )


_LATER = "CASE WHEN {a} > {b} THEN {a} ELSE {b} END"
_TOUCHED_OR_OWN = _LATER.format(a="participant.own_at", b="participant.touched_at")
_INSERT = f"""
INSERT INTO participant (
    company_id, record_id, kind, role, status, message, added, accepted, touched_at, own_at, newest)
VALUES (:company, :record, :kind, :role, :status, :message, CAST(:next AS bigint),
    CASE WHEN :accepted THEN CAST(:next AS bigint) END, :at, '', :at)
ON CONFLICT (company_id, record_id) DO UPDATE SET
    role = excluded.role, status = excluded.status, message = excluded.message,
    accepted = CASE WHEN :accepted THEN coalesce(participant.accepted, excluded.accepted) END,
    newest = CASE WHEN :accepted THEN {_TOUCHED_OR_OWN} ELSE participant.touched_at END
"""
_LAST = _LATER.format(a="coalesce(accepted, 0)", b="added")
_NEXT = f"SELECT 1 + coalesce(max({_LAST}), 0) FROM participant WHERE record_id = ?"
_TOUCH = """
UPDATE participant SET touched_at = :at,
    newest = CASE WHEN accepted IS NULL OR own_at < :at THEN CAST(:at AS text) ELSE own_at END
WHERE company_id = :company AND record_id = :record
"""
_OWN = """
UPDATE participant SET own_at = :at,
    newest = CASE WHEN accepted IS NULL OR touched_at > :at THEN touched_at ELSE CAST(:at AS text) END
WHERE company_id = :company AND record_id = :record
"""


def apply_intent(store: Store, network: Writing, intent: Intent, kind: Kind | None) -> None:
    """Applies an intent inside the transaction that the caller has begun. A kind that has left the catalog meanwhile is
    None: nobody reads its words, and its joint fields have no history from then on."""
    about = {"record": intent.record, "kind": intent.kind, "at": intent.at}
    table = f"record_{intent.kind}"
    if intent.creates or intent.joint or intent.participants:
        entries = [Entry(OPENED)] if intent.creates else _changed(network, intent, kind)
        store.history.keep_shared(network, intent.company, intent.record, intent.person, intent.at, entries)
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
        store.joint_words(kind).keep(network, (intent.record,), dict(intent.joint))
    for participation in intent.participants:
        keep_participation(network, intent.record, intent.kind, intent.at, *participation)
    for company in intent.touched:
        network.execute(_TOUCH, {**about, "company": company})
    if intent.own_at is not None:
        network.execute(_OWN, {**about, "company": intent.company, "at": intent.own_at})
    if intent.sharing is not None:
        keep_last_sharing(network, intent.company, intent.record, intent.sharing)


def keep_participation(
    network: Writing,
    record: str,
    kind: str,
    at: str,
    company: str,
    role: str,
    status: str,
    message: str | None,
    associated: str | None,
) -> None:
    """Keeps the state of a company on a record, and whose rules brought it about; who is new there is touched `at`."""
    (following,) = network.execute(_NEXT, (record,)).fetchone()
    about = {"record": record, "kind": kind, "at": at, "next": following, "accepted": status == ACCEPTED}
    network.execute(_INSERT, {**about, "company": company, "role": role, "status": status, "message": message})
    keep_association(network, record, company, associated)


def _changed(network: Writing, intent: Intent, kind: Kind | None) -> list[Entry]:
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
