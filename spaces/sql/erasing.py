"""Takes a company out of the shared tables, in the transaction that the caller has begun."""

from collections.abc import Callable, Iterable, Mapping

from schema.kind import Kind
from schema.names import CompanyId
from spaces.parcel import fingerprint
from spaces.sql import definitions, directory
from spaces.sql.question import Writing
from spaces.sql.store import Store

HasSide = Callable[[CompanyId, str, str], bool]
"""Whether a company has a side: of a kind, for a record."""

_ALONE = """
SELECT record_id, kind FROM participant AS p WHERE company_id = :company AND NOT EXISTS (
    SELECT 1 FROM participant AS o
    WHERE o.record_id = p.record_id AND o.company_id <> :company AND o.status IN ('INVITED', 'ACCEPTED'))"""
_STOOD = """
INSERT INTO stood (company_id, record_id, status, accepted)
SELECT company_id, record_id, status, accepted FROM participant WHERE company_id = ?"""
_VERSION = "UPDATE stood SET version = ? WHERE company_id = ? AND record_id = ?"
_UNSAY = """
UPDATE participant SET message = NULL WHERE message IS NOT NULL AND record_id IN (
    SELECT record_id FROM participant
    WHERE company_id = ? AND status = 'ACCEPTED' AND role IN ('OWNER', 'COLLABORATOR'))"""
_LEAVE = """
UPDATE participant SET status = CASE WHEN status IN ('INVITED', 'ACCEPTED') THEN 'WITHDRAWN' ELSE status END,
    accepted = NULL, message = NULL, own_at = '', newest = touched_at
WHERE company_id = ?"""


def erase(
    store: Store,
    network: Writing,
    kinds: Mapping[str, Kind],
    company: CompanyId,
    versions: Iterable[tuple[str, int]],
    has_side: HasSide,
) -> bool:
    """Takes it out, whose sides have these versions by record; whether it was there."""
    row = directory.company_of(network, company)
    if row is None or not row.name:
        return False
    kept = fingerprint(directory.people_of(network, company), definitions.definitions_of(network, company))
    network.execute(_STOOD, (company,))
    for record, version in versions:
        network.execute(_VERSION, (version, company, record))
    for record, kind in network.execute(_ALONE, {"company": company}).fetchall():
        sql = "SELECT company_id FROM participant WHERE record_id = ? AND company_id <> ?"
        others = network.execute(sql, (record, company)).fetchall()
        if not any(has_side(other, kind, record) for (other,) in others):
            _take_away(store, network, record, kinds.get(kind))
    for statement in (_UNSAY, _LEAVE, "UPDATE history_record SET person = '' WHERE company_id = ?"):
        network.execute(statement, (company,))
    for table in ("person", "definition"):
        network.execute(f"DELETE FROM {table} WHERE company = ?", (company,))
    network.execute("DELETE FROM arrived WHERE company_id = ?", (company,))
    network.execute("UPDATE company SET name = '' WHERE id = ?", (company,))
    network.execute("INSERT INTO tombstone (company_id, fingerprint) VALUES (?, ?)", (company, kept))
    return True


def _take_away(store: Store, network: Writing, record: str, kind: Kind | None) -> None:
    tables = ["participant", "association", "history_record", "last_sharing", "stood"]
    if kind is not None:
        words = store.joint_words(kind)
        tables += [f"record_{kind.name}", *([words.name] if words.texts else ())]
    for table in tables:
        network.execute(f"DELETE FROM {table} WHERE record_id = ?", (record,))


def fingerprint_left(network: Writing, company: CompanyId) -> str | None:
    """The fingerprint that a company left; None where it was never erased."""
    row = network.execute("SELECT fingerprint FROM tombstone WHERE company_id = ?", (company,)).fetchone()
    return row[0] if row else None


def stands_again(network: Writing, company: CompanyId, record: str) -> int | None:
    """Lets a company stand on a record as it stood when it was erased, where it did. The version of its side then."""
    sql = "SELECT status, accepted, version FROM stood WHERE company_id = ? AND record_id = ?"
    row = network.execute(sql, (company, record)).fetchone()
    if row is None:
        return None
    status, accepted, version = row
    sql = "UPDATE participant SET status = ?, accepted = ? WHERE company_id = ? AND record_id = ?"
    network.execute(sql, (status, accepted, company, record))
    return int(version) if version is not None else None
