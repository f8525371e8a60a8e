"""The floor of what a company asks that has 20,000 records: a filtered and sorted page, and two groupings, each written
by hand for its one query, as `floor.py` is for the page.

The filter knows that a company sees the whole of its own sides where it takes part, and nothing of them elsewhere, so
it may read them first, and count in passing. The pipeline by partner is summed up by SQL in the partners' files,
apart for each sharing class, as these say who may see what.
"""

from pathlib import Path
from typing import Any

import orjson

from bench.floor import COLUMNS, COMPANIES, WHERE, Floor, listed
from bench.floor_page import money
from bench.tokens import Tokens

_FILTERED = (
    f"SELECT {COLUMNS}, count(*) OVER () FROM main.side_opportunity AS s"
    " CROSS JOIN net.participant AS p ON p.company_id = s.company_id AND p.record_id = s.record_id"
    " CROSS JOIN net.record_opportunity AS r ON r.record_id = p.record_id"
    " WHERE s.company_id = ? AND s.f_stage IN ('QUALIFIED', 'TECHNICAL_VALIDATION', 'COMMITTED')"
    " AND s.f_probability >= 30 AND p.kind = 'opportunity' AND p.status = 'ACCEPTED'"
    " AND r.f_industry IN ('RETAIL', 'HEALTHCARE')"
    " ORDER BY s.f_target_close_date, s.f_amount_currency DESC, s.f_amount_minor DESC, p.record_id LIMIT ?"
)
_FILTER = [
    {
        "customer": {"industry": {"in": ["RETAIL", "HEALTHCARE"]}},
        "mine": {"stage": {"in": ["QUALIFIED", "TECHNICAL_VALIDATION", "COMMITTED"]}, "probability": {"gte": 30}},
    },
    [{"mine": "TARGET_CLOSE_DATE", "direction": "ASC"}, {"mine": "AMOUNT", "direction": "DESC"}],
]
_STAGES = (
    "SELECT s.f_stage, s.f_amount_currency, count(*), count(s.f_amount_minor), sum(s.f_amount_minor)"
    " FROM net.participant AS p LEFT JOIN main.side_opportunity AS s ON p.status = 'ACCEPTED'"
    f" AND s.company_id = p.company_id AND s.record_id = p.record_id WHERE {WHERE} GROUP BY 1, 2"
)
_PARTNERS = (
    "SELECT q.company_id, json_group_array(q.record_id) FROM net.participant AS p"
    " CROSS JOIN net.participant AS q ON q.record_id = p.record_id WHERE p.company_id = ? AND p.kind = 'opportunity'"
    " AND p.status = 'ACCEPTED' AND q.status = 'ACCEPTED' AND q.company_id <> p.company_id GROUP BY 1"
)
_THEIR_STAGES = (
    "SELECT coalesce(s.sharing, 0), c.content, s.f_stage, s.f_amount_currency, count(*), count(s.f_amount_minor),"
    " sum(s.f_amount_minor) FROM json_each(?) AS j"
    " LEFT JOIN side_opportunity AS s ON s.company_id = ? AND s.record_id = j.value"
    " LEFT JOIN sharing_class AS c ON c.id = s.sharing GROUP BY s.sharing, 3, 4"
)
_FIRST = 50
_GROUPS = 100


class _Group:
    """How many there are, and by currency how many amounts and their sum."""

    __slots__ = ("amounts", "size")

    def __init__(self) -> None:
        self.size = 0
        self.amounts: dict[str, tuple[int, int]] = {}

    def add(self, size: int, currency: str | None, number: int, minor: int | None) -> None:
        """Adds such a row of sums."""
        self.size += size
        if number and currency is not None and minor is not None:
            many, total = self.amounts.get(currency, (0, 0))
            self.amounts[currency] = (many + number, total + minor)

    def totals(self, name: str) -> list[dict[str, Any]]:
        """The sums, by currency."""
        return [
            {"name": name, "currency": currency, "number": number, "sum": money(minor, currency)["amount"]}
            for currency, (number, minor) in sorted(self.amounts.items())
        ]


class LargeFloor(Floor):
    """The page, and the three answers."""

    def __init__(self, folder: Path, tokens: Tokens, seal_key: bytes) -> None:
        super().__init__(folder, tokens, seal_key)
        self.answers |= {"FilteredPage": self.filtered, "Stages": self.stages, "PartnerStages": self.partner_stages}

    def filtered(self, person: str, company: str, variables: dict[str, Any]) -> bytes:
        """The first page of filtered.graphql."""
        scope = ["cursor", person, company, False, [], "opportunity", _FILTER]
        rows = self.own_file(company).execute(_FILTERED, (company, _FIRST + 1)).fetchall()
        total = rows[0][-1] if rows else 0
        return self.connection(person, company, rows, total, _FIRST, scope, (14, 11, 10, 0))

    def stages(self, person: str, company: str, variables: dict[str, Any]) -> bytes:
        """The groups of stages.graphql."""
        groups: dict[str | None, _Group] = {}
        for stage, currency, size, number, minor in self.own_file(company).execute(_STAGES, (company,)):
            groups.setdefault(stage, _Group()).add(size, currency, number, minor)
        order = sorted(groups, key=lambda stage: (-groups[stage].size, stage is not None, stage or ""))
        nodes = [
            {
                "keys": [{"name": "mine.stage", "value": stage}],
                "count": groups[stage].size,
                "totals": groups[stage].totals("mine.amount"),
            }
            for stage in order[:_GROUPS]
        ]
        return orjson.dumps({"data": {"opportunityGroups": {"totalCount": len(groups), "nodes": nodes}}})

    def partner_stages(self, person: str, company: str, variables: dict[str, Any]) -> bytes:
        """The groups of partner_stages.graphql."""
        groups: dict[tuple[str, str | None], _Group] = {}
        for other, records in self.own_file(company).execute(_PARTNERS, (company,)).fetchall():
            file = self.files.get(other) or self.open_file(other)
            for sharing, content, stage, currency, size, number, minor in file.execute(_THEIR_STAGES, (records, other)):
                self.learn(other, sharing, content)
                see = self.shown(other, sharing, company, person)
                group = groups.setdefault((other, stage if see[0] else None), _Group())
                group.add(size, currency, number if see[1] else 0, minor)
        order = sorted(groups, key=lambda key: (-groups[key].size, key[0], key[1] is not None, key[1] or ""))
        shown = order[:_GROUPS]
        companies = listed(list({other for other, _ in shown}))
        names = dict(self.network.execute(COMPANIES, (companies,)).fetchall())
        nodes = [
            {
                "keys": [
                    {"name": "partners.company", "value": other, "company": {"name": names[other]}},
                    {"name": "partners.stage", "value": stage, "company": None},
                ],
                "count": groups[other, stage].size,
                "totals": groups[other, stage].totals("partners.amount"),
            }
            for other, stage in shown
        ]
        return orjson.dumps({"data": {"opportunityGroups": {"totalCount": len(groups), "nodes": nodes}}})
