"""The sides of some records: one statement a fetch, all fetches in one round trip."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from schema.names import CompanyId
from schema.sharing import NO_OVERRIDES, Sharing
from spaces.fetch import SideFetch, SideRow
from spaces.postgres.connection import Asked, Row
from spaces.sql.sharings import parsed_sharing
from spaces.sql.sides import SideColumns


@dataclass(frozen=True, slots=True)
class SideStatement:
    """The statement for any companies and records. Pairs of them, and nothing beside: what is read and left out would
    take time, too."""

    sql: str
    columns: SideColumns

    def asked(self, fetch: SideFetch) -> Asked:
        """What a fetch asks."""
        pairs = [(company, record) for company, records in fetch.records.items() for record in records]
        return self.sql, {"companies": [c for c, _ in pairs], "records": [r for _, r in pairs]}

    def sides(self, fetch: SideFetch, found: Sequence[Row]) -> list[SideRow]:
        """The sides that exist, in the order of the fetch's companies and their records."""
        by_company: dict[CompanyId, dict[str, tuple[Any, ...]]] = {}
        for row in found:
            by_company.setdefault(row[-1], {})[row[0]] = row[:-1]
        sides: list[SideRow] = []
        for company, records in fetch.records.items():
            held = by_company.get(company)
            if held is not None:
                rows = [held[record] for record in records if record in held]
                sides += self.columns.rows(company, rows, _sharing_of)
        return sides


def compile_sides(kind: str, columns: SideColumns) -> SideStatement:
    """The statement of some columns."""
    return SideStatement(
        f"SELECT {columns.selected}, s.company_id"
        " FROM unnest(CAST(:companies AS text[]), CAST(:records AS text[])) AS a (company, record)"
        f" JOIN side_{kind} AS s ON s.company_id = a.company AND s.record_id = a.record"
        f" LEFT JOIN sharing_class AS c ON c.company_id = s.company_id AND c.kind = '{kind}' AND c.id = s.sharing",
        columns,
    )


def _sharing_of(_: int, content: str | None) -> Sharing:
    return NO_OVERRIDES if content is None else parsed_sharing(content)
