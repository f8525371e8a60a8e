"""Partners' sides, for filters, orders and groups of a page: they lie in other companies' files.

1. Which known participants have which of the records that may matter: one statement on the viewer's file; 2. their
sides: one statement for each of those companies and each status of the viewer's company, projected through the masks
row by row (`partner_sides.py`); 3. what the fetch asks of them: for each filter the records that meet it, for each
aggregate its values.

What is run in 1 and 2 hangs on what the viewer may know: records that exist for it, the filter's projected parts,
participants that it knows of. It never hangs on what a side holds or whether there is one: a company without a file
costs a statement as well, and sharing classes come with the sides.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeAlias

import orjson

from schema.kind import Kind
from schema.matching import matches
from schema.names import CompanyId, RecordId
from schema.sharing import NO_OVERRIDES
from spaces.asked import (
    Asking,
    check,
    masks_of_related,
    partner_columns_asked,
    partners_searched,
    searched,
    without_partners,
)
from spaces.columns import ACCEPTED, PARTNERS, currency_of
from spaces.deadline import go_on
from spaces.fetch import PageFetch
from spaces.sql_where import both
from spaces.sqlite.connections import CompanyFile
from spaces.sqlite.partner_sides import WORDS, PartnerRow, Sides
from spaces.sqlite.partners_search import PartnersSearch
from spaces.sqlite.record_facts import RecordFacts
from spaces.sqlite.selection import Programs, Selection, partner_filters

Source: TypeAlias = Callable[[CompanyId], CompanyFile | None]
"""Gives the file of a company, valid until the next call; None where it has none."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a fetch asks of partners' sides: values to bind for its filters, and by place the values of its
    aggregates by record, then for each word that is searched what it counts in them."""

    bound: Mapping[str, str]
    aggregates: tuple[Mapping[str, Any], ...]


NOTHING = Found(MappingProxyType({}), ())
"""What a fetch that asks nothing of them finds."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """What may matter to a fetch: as (partner, status of the viewer's company, JSON list of records), and what masks
    may test of those records."""

    found: Sequence[tuple[CompanyId, str, str]]
    facts: RecordFacts


def compile_candidates(fetch: Asking, programs: Programs) -> tuple[str, dict[str, object]]:
    """The statement that gives, for each partner that the viewer knows of and each status of its own company, the
    records that may matter, as a JSON list."""
    check(fetch)
    selection = Selection(fetch, programs, without_partners(fetch.where))
    tests = both([*selection.tests, "q.company_id <> :company", "q.status = :accepted", selection.known_participant()])
    sql = (
        f"SELECT q.company_id, p.status, json_group_array(q.record_id) {selection.source(tests)}"
        f" CROSS JOIN net.participant AS q ON q.record_id = p.record_id WHERE {tests}"
        " GROUP BY q.company_id, p.status ORDER BY q.company_id, p.status"
    )
    return sql, {**selection.bindings.values, "accepted": ACCEPTED}


def partner_rows(
    network: sqlite3.Connection, candidates: Candidates, fetch: Asking, files: Source
) -> Iterator[PartnerRow]:
    """The rows of `partners` of the candidates' records, with the columns `_columns_read`."""
    masks, columns = masks_of_related(fetch).partners, _columns_read(fetch)
    for company, viewer, records in candidates.found:
        go_on()
        texts = tuple([field.column for field in masks.texts(company)]) if searched(fetch) else ()
        sides = Sides(fetch.kind, company, masks.of(company), columns, viewer, texts)
        listed = sides.numbered(records, candidates.facts)
        file = files(company)
        if file is None:
            rows = network.execute(sides.absent(), (listed,)).fetchall()
            yield from sides.project(rows, {0: NO_OVERRIDES})
        else:
            rows = file.connection.execute(sides.statement(), (listed, company)).fetchall()
            yield from sides.project(rows, file.sharings)


def _columns_read(fetch: Asking) -> tuple[str, ...]:
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


def resolve(rows: Iterable[PartnerRow], fetch: Asking) -> Found:
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
        f"{'some' if holds else 'gap'}{i}": orjson.dumps(list(records)).decode()
        for (holds, i), records in meeting.items()
    }
    return Found(bound, (*[best.found for best in sorted_by], *search.found))
