"""Groups of partners' sides by their own columns alone, summed up in the files where they lie.

One statement for each company and each status of the viewer's company, as for rows. It keeps apart what lies under
another mask: sharing classes, and the columns that masks test. So each of its rows is of one mask, and is projected
as a whole: a key that is hidden is null, a measure that is hidden is in no total. What then has equal keys is put
together.
"""

import sqlite3
from collections.abc import Sequence
from typing import Any

from schema.mask import EXISTS
from schema.names import CompanyId
from schema.sharing import NO_OVERRIDES, Sharing
from spaces.asked import masks_of_related, quantified
from spaces.columns import PARTNERS, partner_columns
from spaces.deadline import go_on, in_time
from spaces.fetch import GroupFetch, Groups
from spaces.grouping import Grouping, first_groups
from spaces.sql.booleans import with_booleans
from spaces.sql.custom import side_cell
from spaces.sql.partner_sides import Sides
from spaces.sql.partners import Candidates
from spaces.sql.sums import WHOLE_WIDTH, Sum, cut, measured
from spaces.sqlite.dialect import SQLITE
from spaces.sqlite.partners import NUMBER, Source, listed, nothing, tables


def sums_in_place(fetch: GroupFetch, asked: Grouping) -> bool:
    """Whether the groups can be made where the sides lie: of pairs, by nothing but the partners' columns, of all
    records that may matter. Sums of numbers that are not whole are not made there."""
    own = [column for column in asked.columns if not column.startswith(PARTNERS)]
    whole = all(measure.whole for measure in asked.measures)
    return asked.pairs and not own and whole and not quantified(fetch.where, "partners")


def run_sums(
    network: sqlite3.Connection,
    candidates: Candidates,
    fetch: GroupFetch,
    asked: Grouping,
    files: Source,
) -> Groups:
    """The groups of the candidates' sides. Raises OutOfTime."""
    masks = masks_of_related(fetch).partners
    groups: dict[tuple[Any, ...], Sum] = {}
    for company, viewer, records in candidates.found:
        go_on()
        sides = Sides(fetch.kind, company, masks.of(company), (), viewer, SQLITE)
        bound = listed(sides, records, candidates.facts)
        sums = _Sums(fetch, asked, company, sides)
        file = files(company)
        if file is None:
            rows = network.execute(sums.absent(), (bound,)).fetchall()
            sums.add_all(rows, {0: NO_OVERRIDES}, groups)
        else:
            rows = file.connection.execute(sums.statement(), (bound, company)).fetchall()
            sums.add_all(rows, file.sharings, groups)
    return first_groups([group.row(keys) for keys, group in groups.items()], fetch.limit)


class _Sums:
    """One company's sums. A row has its size, its sharing class, the content of that, the columns that masks test, the
    keys, the currencies, and the measures as `sums.measured`; behind it come null, 0 and the company's id, for what is
    hidden and for whose sides they are."""

    def __init__(self, fetch: GroupFetch, asked: Grouping, company: CompanyId, sides: Sides) -> None:
        self._company = company
        self._sides = sides
        self._asked = asked
        self._known = partner_columns(fetch.kind)
        tested = sides.stored(NUMBER)
        keys = [cut(self._stored(key.column), key) for key in asked.keys]
        currencies = [self._stored(each.currency) for each in asked.measures if each.currency]
        measures = [each for m in asked.measures for each in measured(m, self._stored(m.column), SQLITE)]
        self._apart = [*tested, *keys, *currencies]
        self._columns = [*self._apart, *measures]
        self._first_key = 3 + len(tested)
        self._end = 3 + len(self._columns)
        self._flags = tuple([place for place, key in enumerate(asked.keys) if key.family is bool])

    def _stored(self, column: str) -> str:
        """The raw column of the side; of the company, nothing needs to be read."""
        bare = column.removeprefix(PARTNERS)
        field = self._known[bare].field
        return "NULL" if field is None else side_cell(SQLITE, "s", field, bare)

    def _bit(self, column: str) -> int:
        """The bit of a column in the masks of these sides."""
        return self._sides.bit(column.removeprefix(PARTNERS))

    def statement(self) -> str:
        """The sums of the company's (bound second) sides of some records (bound first)."""
        return (
            f"SELECT count(*), coalesce(s.sharing, 0), c.content, {', '.join(self._columns)}"
            f" {tables(self._sides)} GROUP BY {', '.join(['s.sharing', *self._apart])}"
        )

    def absent(self) -> str:
        """The rows of `statement` of a company that has no sides, to be run in any file."""
        absent = nothing(self._sides)
        nulls = ["NULL"] * (len(self._columns) - len(absent))
        apart = [each for each in absent if each != "NULL"]
        grouped = f" GROUP BY {', '.join(apart)}" if apart else ""
        return f"SELECT count(*), 0, NULL, {', '.join([*absent, *nulls])} FROM json_each(?) AS j{grouped}"

    def add_all(
        self, rows: Sequence[tuple[Any, ...]], sharings: dict[int, Sharing], groups: dict[tuple[Any, ...], Sum]
    ) -> None:
        """Adds the rows that exist for the viewer to their groups. Raises OutOfTime."""
        places_of: dict[int, tuple[list[int], list[int]]] = {}
        for row in in_time(rows):
            mask = self._sides.mask(row, sharings)
            if not mask & EXISTS:
                continue
            if mask not in places_of:
                places_of[mask] = self._places(mask)
            key_places, rest = places_of[mask]
            cells = (*row, None, 0, self._company)
            keys = with_booleans(tuple([cells[place] for place in key_places]), self._flags)
            group = groups.get(keys)
            if group is None:
                group = groups[keys] = Sum(self._asked)
            group.add(tuple([cells[place] for place in rest]))

    def _places(self, mask: int) -> tuple[list[int], list[int]]:
        """Where the keys, and what a Sum takes, stand under this mask. Of a hidden measure there are 0 values."""
        null, none, company = self._end, self._end + 1, self._end + 2
        keys: list[int] = []
        currencies: list[int] = []
        measures: list[int] = []
        place = self._first_key
        for key in self._asked.keys:
            bit = self._bit(key.column)
            keys.append(company if bit == EXISTS else place if mask & bit else null)
            place += 1
        for measure in self._asked.measures:
            if measure.currency is not None:
                currencies.append(place if mask & self._bit(measure.column) else null)
                place += 1
        for measure in self._asked.measures:
            shown = mask & self._bit(measure.column)
            measures += range(place, place + WHOLE_WIDTH) if shown else [none, *[null] * (WHOLE_WIDTH - 1)]
            place += WHOLE_WIDTH
        return keys, [*currencies, 0, *measures]
