"""Groups of partners' sides by their own columns alone, summed up by SQL where they lie.

A statement keeps apart what lies under another mask: companies and the viewer's statuses, sharing classes, and the
columns that masks test. So each of its rows is of one mask, and is projected as a whole: a key that is hidden is null,
a measure that is hidden is in no total. What then has equal keys is put together.
"""

from collections.abc import Iterable
from typing import Any

from schema.mask import EXISTS
from schema.sharing import Sharing
from spaces.asked import quantified
from spaces.columns import PARTNERS, partner_columns
from spaces.deadline import in_time
from spaces.fetch import GroupFetch
from spaces.grouping import Grouping
from spaces.sql.booleans import with_booleans
from spaces.sql.custom import side_cell
from spaces.sql.dialect import Dialect
from spaces.sql.partner_sides import Sides
from spaces.sql.sums import WHOLE_WIDTH, Sum, cut, measured


def sums_in_place(fetch: GroupFetch, asked: Grouping) -> bool:
    """Whether the groups can be made where the sides lie: of pairs, by nothing but the partners' columns, of all
    records that may matter. Sums of numbers that are not whole are not made there."""
    own = [column for column in asked.columns if not column.startswith(PARTNERS)]
    whole = all(measure.whole for measure in asked.measures)
    return asked.pairs and not own and whole and not quantified(fetch.where, "partners")


class Sums:
    """One company's sums. A row has its size, its sharing class, the content of that, the columns that masks test
    (`tested`), the keys and the currencies (`apart`), and the measures as `sums.measured` (`measured`); behind it come
    null, 0 and the company's id, for what is hidden and for whose sides they are."""

    def __init__(self, fetch: GroupFetch, asked: Grouping, sides: Sides, dialect: Dialect, number: str) -> None:
        self.sides = sides
        self._dialect = dialect
        self._asked = asked
        self._known = partner_columns(fetch.kind)
        self.tested = sides.stored(number)
        keys = [cut(self._stored(key.column), key) for key in asked.keys]
        currencies = [self._stored(each.currency) for each in asked.measures if each.currency]
        self.apart = [*keys, *currencies]
        self.measured = [each for m in asked.measures for each in measured(m, self._stored(m.column), dialect)]
        self._first_key = 3 + len(self.tested)
        self._end = self._first_key + len(self.apart) + len(self.measured)
        self._flags = tuple([place for place, key in enumerate(asked.keys) if key.family is bool])

    def _stored(self, column: str) -> str:
        """The raw column of the side; of the company, nothing needs to be read."""
        bare = column.removeprefix(PARTNERS)
        field = self._known[bare].field
        return self._dialect.null(str, False) if field is None else side_cell(self._dialect, "s", field, bare)

    def _bit(self, column: str) -> int:
        """The bit of a column in the masks of these sides."""
        return self.sides.bit(column.removeprefix(PARTNERS))

    def add_all(
        self, rows: Iterable[tuple[Any, ...]], sharings: dict[int, Sharing], groups: dict[tuple[Any, ...], Sum]
    ) -> None:
        """Adds the rows that exist for the viewer to their groups. Raises OutOfTime."""
        places_of: dict[int, tuple[list[int], list[int]]] = {}
        for row in in_time(rows):
            mask = self.sides.mask(row, sharings)
            if not mask & EXISTS:
                continue
            if mask not in places_of:
                places_of[mask] = self._places(mask)
            key_places, rest = places_of[mask]
            cells = (*row, None, 0, self.sides.company)
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
