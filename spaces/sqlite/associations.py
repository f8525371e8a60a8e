"""Which companies stand on a record by another's association rules: a table beside that of participants, for almost
none does, and no page reads it."""

import sqlite3
from collections.abc import Sequence

import orjson

from schema.names import CompanyId, RecordId
from spaces.change import Associations

_OF_RECORDS = """
SELECT record_id, company_id, by_company FROM association WHERE record_id IN (SELECT value FROM json_each(?))
ORDER BY record_id, company_id
"""
_RECORDS = """
SELECT DISTINCT a.record_id FROM association AS a
JOIN participant AS p ON p.company_id = a.company_id AND p.record_id = a.record_id
WHERE a.by_company = ? AND a.record_id > ? AND p.status IN ('INVITED', 'ACCEPTED') ORDER BY a.record_id LIMIT ?
"""


def keep_association(network: sqlite3.Connection, record: str, company: str, by: str | None) -> None:
    """Keeps by whose rules a company stands on a record; None for nobody's."""
    if by is None:
        network.execute("DELETE FROM association WHERE record_id = ? AND company_id = ?", (record, company))
    else:
        network.execute(
            "INSERT OR REPLACE INTO association (record_id, company_id, by_company) VALUES (?, ?, ?)",
            (record, company, by),
        )


def associations(network: sqlite3.Connection, records: Sequence[RecordId]) -> list[Associations]:
    """Those of each record, in the order asked."""
    found: dict[str, list[tuple[CompanyId, CompanyId]]] = {}
    for record, company, by in network.execute(_OF_RECORDS, (orjson.dumps(records).decode(),)).fetchall():
        found.setdefault(record, []).append((company, by))
    return [tuple(found.get(record, ())) for record in records]


def associated_records(
    network: sqlite3.Connection, company: CompanyId, after: RecordId | None, limit: int
) -> list[RecordId]:
    """The records on which somebody stands by this company's rules."""
    return [row[0] for row in network.execute(_RECORDS, (company, after or "", limit)).fetchall()]
