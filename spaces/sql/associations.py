"""Which companies stand on a record by another's association rules: a table beside that of participants, for almost
none does, and no page reads it."""

from collections.abc import Sequence
from typing import Any

from schema.names import CompanyId, RecordId
from spaces.change import Associations
from spaces.sql.dialect import Dialect
from spaces.sql.question import Question, Writing

_RECORDS = """
SELECT DISTINCT a.record_id FROM association AS a
JOIN participant AS p ON p.company_id = a.company_id AND p.record_id = a.record_id
WHERE a.by_company = :company AND a.record_id > :after AND p.status IN ('INVITED', 'ACCEPTED')
ORDER BY a.record_id LIMIT :limit
"""


def keep_association(network: Writing, record: str, company: str, by: str | None) -> None:
    """Keeps by whose rules a company stands on a record; None for nobody's."""
    if by is None:
        network.execute("DELETE FROM association WHERE record_id = ? AND company_id = ?", (record, company))
    else:
        network.execute(
            "INSERT INTO association (record_id, company_id, by_company) VALUES (?, ?, ?)"
            " ON CONFLICT (record_id, company_id) DO UPDATE SET by_company = excluded.by_company",
            (record, company, by),
        )


def associations(dialect: Dialect, records: Sequence[RecordId]) -> Question[list[Associations]]:
    """Those of each record, in the order asked."""
    sql = (
        f"SELECT record_id, company_id, by_company FROM association WHERE {dialect.among('record_id', ':records')}"
        " ORDER BY record_id, company_id"
    )

    def answer(rows: list[tuple[Any, ...]]) -> list[Associations]:
        found: dict[str, list[tuple[CompanyId, CompanyId]]] = {}
        for record, company, by in rows:
            found.setdefault(record, []).append((company, by))
        return [tuple(found.get(record, ())) for record in records]

    return Question(sql, {"records": dialect.listed(records)}, answer)


def associated_records(company: CompanyId, after: RecordId | None, limit: int) -> Question[list[RecordId]]:
    """The records on which somebody stands by this company's rules."""
    values = {"company": company, "after": after or "", "limit": limit}
    return Question(_RECORDS, values, lambda rows: [row[0] for row in rows])
