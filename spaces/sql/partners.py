"""Partners' sides, for filters, orders and groups of a page.

1. Which known participants have which of the records that may matter: one statement; 2. their sides, projected through
the masks row by row (`partner_sides.py`): engines read them as they lie, one statement for each company's file, or one
for all; 3. what the fetch asks of them: for each filter the records that meet it, for each aggregate its values.

What is run in 1 and 2 hangs on what the viewer may know: records that exist for it, the filter's projected parts,
participants that it knows of. It never hangs on what a side holds or whether there is one, and sharing classes come
with the sides.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from schema.kind import Kind
from schema.matching import matches
from schema.names import CompanyId, RecordId
from spaces.asked import (
    Asking,
    check,
    partner_columns_asked,
    partners_searched,
    without_partners,
)
from spaces.columns import ACCEPTED, PARTNERS, currency_of
from spaces.fetch import PageFetch
from spaces.sql.dialect import Dialect
from spaces.sql.partner_sides import WORDS, PartnerRow
from spaces.sql.partners_search import PartnersSearch
from spaces.sql.record_facts import RecordFacts
from spaces.sql.selection import Programs, Selection, partner_filters
from spaces.sql.where import both


@dataclass(frozen=True, slots=True)
class Found:
    """What a fetch asks of partners' sides: values to bind for its filters, and by place the values of its
    aggregates by record, then for each word that is searched what it counts in them."""

    bound: Mapping[str, object]
    aggregates: tuple[Mapping[str, Any], ...]


NOTHING = Found(MappingProxyType({}), ())
"""What a fetch that asks nothing of them finds."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """What may matter to a fetch: as (partner, status of the viewer's company, list of records as `Dialect.gathered`
    gives it), and what masks may test of those records."""

    found: Sequence[tuple[CompanyId, str, Any]]
    facts: RecordFacts


def compile_candidates(fetch: Asking, programs: Programs, dialect: Dialect) -> tuple[str, dict[str, object]]:
    """The statement that gives, for each partner that the viewer knows of and each status of its own company, the
    records that may matter, as a list."""
    check(fetch)
    selection = Selection(fetch, programs, without_partners(fetch.where), dialect)
    tests = both([*selection.tests, "q.company_id <> :company", "q.status = :accepted", selection.known_participant()])
    sql = (
        f"SELECT q.company_id, p.status, {dialect.gathered('q.record_id')} {selection.source(tests)}"
        f" {dialect.pinned} {dialect.network}participant AS q ON q.record_id = p.record_id WHERE {tests}"
        " GROUP BY q.company_id, p.status ORDER BY q.company_id, p.status"
    )
    return sql, {**selection.bindings.values, "accepted": ACCEPTED}


def columns_read(fetch: Asking) -> tuple[str, ...]:
    """The columns that are filtered, sorted or grouped by, then the words of those that are searched."""
    return (*partner_columns_asked(fetch), *(WORDS + column for column, _ in partners_searched(fetch)))


def aggregates(fetch: Asking) -> list[tuple[str, str]]:
    """The aggregates that the fetch sorts by, as (column by bare name, max or min), each once."""
    orders = fetch.order if isinstance(fetch, PageFetch) else ()
    return list(dict.fromkeys((o.column.removeprefix(PARTNERS), o.aggregate) for o in orders if o.aggregate))


class _Best:
    """The largest or smallest value of a column among the sides of each record, `found` by record. Of amounts of money
    that of the largest or smallest currency."""

    def __init__(self, kind: Kind, columns: tuple[str, ...], column: str, aggregate: str) -> None:
        self.found: dict[str, Any] = {}
        self._largest = aggregate == "max"
        self._place = columns.index(column)
        currency = currency_of(kind, column)
        self._currency = None if currency is None else columns.index(currency)
        self._ranks: dict[RecordId, Any] = {}

    def look_at(self, record: RecordId, values: tuple[Any, ...]) -> None:
        """Takes in one side."""
        value = values[self._place]
        if value is None:
            return
        rank = value if self._currency is None else (values[self._currency], value)
        held = self._ranks.get(record)
        if held is None or (rank > held) is self._largest:
            self._ranks[record], self.found[record] = rank, value


def resolve(rows: Iterable[PartnerRow], fetch: Asking, dialect: Dialect) -> Found:
    """What the fetch asks of its partners' sides. Raises OutOfTime."""
    columns, filters = partner_columns_asked(fetch), partner_filters(fetch)
    search = PartnersSearch(fetch)
    if not (filters or search.asks or aggregates(fetch)):
        return NOTHING
    sorted_by = [_Best(fetch.kind, columns, *each) for each in aggregates(fetch)]
    meeting: dict[tuple[bool, int], dict[RecordId, None]] = {
        (holds, i): {} for holds in (True, False) for i in range(len(filters))
    }
    verdicts: dict[tuple[Any, ...], list[dict[RecordId, None]]] = {}
    for record, values in rows:
        if search.asks:
            search.look_at(record, values[len(columns) :])
            values = values[: len(columns)]
        if filters:
            if values not in verdicts:
                row = dict(zip(columns, values, strict=True))
                verdicts[values] = [meeting[matches(where, row), i] for i, where in enumerate(filters)]
            for records in verdicts[values]:
                records[record] = None
        for best in sorted_by:
            best.look_at(record, values)
    bound = {
        f"{'some' if holds else 'gap'}{i}": dialect.listed(list(records)) for (holds, i), records in meeting.items()
    }
    return Found(bound, (*[best.found for best in sorted_by], *search.found))
