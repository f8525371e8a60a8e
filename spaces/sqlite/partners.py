"""Partners' sides, for filters, orders and groups of a page: they lie in other companies' files.

1. Which known participants have which of the records that may matter: one statement on the viewer's file; 2. their
sides: one statement for each of those companies and each status of the viewer's company, projected through the masks
row by row; 3. what the fetch asks of them: for each filter the records that meet it, for each aggregate its values.

What is run in 1 and 2 hangs on what the viewer may know: records that exist for it, the filter's projected parts,
participants that it knows of. It never hangs on what a side holds or whether there is one: a company without a file
costs a statement as well, and sharing classes come with the sides.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias

import orjson

from schema.errors import Fault
from schema.kind import Kind
from schema.mask import EXISTS, MaskProgram, SideMasks
from schema.matching import matches
from schema.names import CompanyId, RecordId
from schema.sharing import NO_OVERRIDES, Sharing
from schema.words import searchable
from spaces.asked import (
    Asking,
    check,
    masks_of_related,
    partner_columns_asked,
    partners_searched,
    without_partners,
)
from spaces.columns import ACCEPTED, PARTNERS, currency_of, families
from spaces.deadline import go_on, in_time
from spaces.fetch import PageFetch
from spaces.sql_where import both
from spaces.sqlite.booleans import with_booleans
from spaces.sqlite.connections import CompanyFile
from spaces.sqlite.custom import is_custom, side_json
from spaces.sqlite.layout import column_of, words_column
from spaces.sqlite.partners_search import PartnersSearch
from spaces.sqlite.selection import Programs, Selection, partner_filters
from spaces.sqlite.sharing_store import parsed_sharing

_WORDS = "words."
"""What the names of the words of a side's texts begin with, beside the names of its columns."""

Source: TypeAlias = Callable[[CompanyId], CompanyFile | None]
"""Gives the file of a company, valid until the next call; None where it has none."""


class PartnerRow(NamedTuple):
    """A partner's side of a record as the viewer may know it: the asked columns, null where hidden."""

    record: RecordId
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What a fetch asks of partners' sides: values to bind for its filters, and by place the values of its
    aggregates by record, then for each word that is searched what it counts in them."""

    bound: Mapping[str, str]
    aggregates: tuple[Mapping[str, Any], ...]


NOTHING = Found(MappingProxyType({}), ())
"""What a fetch that asks nothing of them finds."""


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
    network: sqlite3.Connection,
    candidates: Sequence[tuple[CompanyId, str, str]],
    fetch: Asking,
    files: Source,
) -> Iterator[PartnerRow]:
    """The rows of `partners` of the candidates' records, with the columns `_columns_read`."""
    masks, columns = masks_of_related(fetch).partners, _columns_read(fetch)
    for company, viewer, records in candidates:
        go_on()
        sides = Sides(fetch.kind, company, masks.of(company), columns, viewer)
        file = files(company)
        if file is None:
            found = network.execute("SELECT value, 0, NULL FROM json_each(?)", (records,)).fetchall()
            yield from sides.project([(*row, *(None,) * len(sides.read)) for row in found], {0: NO_OVERRIDES})
        else:
            found = file.connection.execute(sides.statement(), (records, company)).fetchall()
            yield from sides.project(found, file.sharings)


def _columns_read(fetch: Asking) -> tuple[str, ...]:
    """The columns that are filtered, sorted or grouped by, then the words of those that are searched."""
    return (*partner_columns_asked(fetch), *(_WORDS + column for column, _ in partners_searched(fetch)))


class Sides:
    """How one company's sides are read and projected for a viewer's company of one status. `read` are the columns
    that are read: the asked ones, and those that the masks test."""

    def __init__(self, kind: Kind, company: CompanyId, masks: SideMasks, columns: tuple[str, ...], viewer: str) -> None:
        self._kind = kind
        self._company = company
        self._masks = masks
        self._columns = columns
        self._facts = {"viewer_status": viewer, "owner_status": ACCEPTED}
        self._by_name = families(kind.side)
        self._texts = {_WORDS + field.column: words_column(field) for field in searchable(kind.side)}
        self._by_name |= {_WORDS + field.column: (field, str) for field in searchable(kind.side)}
        asked = [name for name in columns if name in self._by_name]
        tested = [name for name in masks.columns if name in self._by_name or is_custom(name)]
        self.read = list(dict.fromkeys([*asked, *sorted(tested)]))
        # The owner's masks may test custom fields that the fetch's kind has not: so each brings its type with it.
        self._json = frozenset(name for name in self.read if name not in self._by_name or self._by_name[name][0].custom)
        plain = [(3 + i, name) for i, name in enumerate(self.read) if name not in self._json]
        self._flags = tuple([place for place, name in plain if self._by_name[name][1] is bool])
        self._parsed = tuple([3 + i for i, name in enumerate(self.read) if name in self._json])
        self._bits_of: dict[int, Callable[[tuple[Any, ...]], int]] = {}

    def stored(self) -> list[str]:
        """What is `read`, as SQL."""
        return [
            f"o.{self._texts[name]}"
            if name in self._texts
            else side_json("s", name)
            if name in self._json
            else f"s.{column_of(name)}"
            for name in self.read
        ]

    def statement(self) -> str:
        """Of each of some records (bound first) the company's (bound second) side: its class, the content of that,
        and its columns; class 0 and nulls where it has none."""
        columns = "".join(f", {each}" for each in self.stored())
        words = f" LEFT JOIN words_{self._kind.name} AS o ON o.company_id = s.company_id AND o.record_id = s.record_id"
        return (
            f"SELECT j.value, coalesce(s.sharing, 0), c.content{columns} FROM json_each(?) AS j"
            f" LEFT JOIN side_{self._kind.name} AS s ON s.company_id = ? AND s.record_id = j.value"
            f" LEFT JOIN sharing_class AS c ON c.id = s.sharing{words if ', o.' in columns else ''}"
        )

    def project(self, rows: Sequence[tuple[Any, ...]], sharings: dict[int, Sharing]) -> Iterator[PartnerRow]:
        """The rows of the statement that exist for the viewer, through the masks. Raises OutOfTime."""
        places_of: dict[int, list[int] | None] = {}
        for raw in in_time(rows):
            row = self._typed(raw)
            mask = self._mask(row, sharings)
            if mask not in places_of:
                places_of[mask] = self._places(mask)
            places = places_of[mask]
            if places is not None:
                cells = (*row, None, self._company)
                yield PartnerRow(row[0], tuple([cells[place] for place in places]))

    def mask(self, row: tuple[Any, ...], sharings: dict[int, Sharing]) -> int:
        """What the viewer may see of a row, whose class stands second, its content third, and then what is `read`.
        Raises OutOfTime."""
        return self._mask(self._typed(row), sharings)

    def bit(self, column: str) -> int:
        """The bit of a column in the masks of these sides, 0 where they have none; the company shows where the side
        exists."""
        return EXISTS if column == "company" else self._masks.bit(column.removeprefix(_WORDS))

    def _typed(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        """A row of the statement with the values that its columns stand for."""
        if self._flags:
            row = with_booleans(row, self._flags)
        if self._parsed:
            cells = list(row)
            for place in self._parsed:
                if cells[place] is not None:
                    cells[place] = orjson.loads(cells[place])
            row = tuple(cells)
        return row

    def _mask(self, row: tuple[Any, ...], sharings: dict[int, Sharing]) -> int:
        bits = self._bits_of.get(row[1])
        if bits is None:
            go_on()  # a class is decided in a millisecond or two, and there may be hundreds
            if row[1] not in sharings:
                sharings[row[1]] = parsed_sharing(row[2])
            bits = self._bits_of[row[1]] = self._bits(self._masks.program(sharings[row[1]]))
        return bits(row)

    def _bits(self, program: MaskProgram) -> Callable[[tuple[Any, ...]], int]:
        """The bits of a row: constant where the program tests no column of the side."""
        evaluate, facts = program.evaluate, self._facts
        if facts.keys() >= set(program.columns):
            bits = evaluate(*[facts[column] for column in program.columns])
            return lambda row: bits
        cells = [(facts.get(column), self._cell(column)) for column in program.columns]
        return lambda row: evaluate(*[row[place] if place else fact for fact, place in cells])

    def _cell(self, column: str) -> int:
        """The place of a column in a row; 0 for a fact that does not stand there."""
        if column in self._facts:
            return 0
        if column not in self.read:
            raise Fault(f"a mask of sides tests the unknown column {column}")
        return 3 + self.read.index(column)

    def _places(self, mask: int) -> list[int] | None:
        """Where in a row, with null and the company's id behind it, each asked column stands under this mask."""
        if not mask & EXISTS:
            return None
        hidden = 3 + len(self.read)
        return [
            hidden + 1 if name == "company" else self._cell(name) if mask & self.bit(name) else hidden
            for name in self._columns
        ]


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
    if not (filters or search.weights or aggregates(fetch)):
        return NOTHING
    sorted_by = [_Best(fetch.kind, columns, *each) for each in aggregates(fetch)]
    meeting: dict[tuple[bool, int], dict[RecordId, None]] = {
        (holds, i): {} for holds in (True, False) for i in range(len(filters))
    }
    verdicts: dict[tuple[Any, ...], list[dict[RecordId, None]]] = {}
    for record, values in rows:
        if search.weights:
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
