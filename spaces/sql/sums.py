"""Sums in SQL: what a statement selects to cut keys and to measure, and how the rows that it gives of one group, which
differ in currencies, are put together.

Whole numbers are summed as high and low 32 bits, so that no sum overflows; others are brought as they are, so that
their sum is exact.
"""

from array import array
from typing import Any

from spaces.fetch import GroupRow, Total
from spaces.grouping import Grouping, Key, Measure, float_sum
from spaces.sql.dialect import Dialect

WHOLE_WIDTH = 5
"""How many columns `measured` selects of a measure of whole numbers."""


def cut(expression: str, key: Key) -> str:
    """A key's values, cut to their bucket."""
    if key.bucket is None:
        return expression
    if key.bucket == "quarter":
        quarter = f"(CAST(substr({expression}, 6, 2) AS INTEGER) + 2) / 3"
        return f"substr({expression}, 1, 4) || '-Q' || ({quarter})"
    return f"substr({expression}, 1, {7 if key.bucket == 'month' else 4})"


def measured(measure: Measure, value: str, dialect: Dialect) -> list[str]:
    """What is selected of a measure: how many, smallest, largest, and one column of sums, or two of whole numbers."""
    found = [f"count({value})", f"min({value})", f"max({value})"]
    if not measure.whole:
        return [*found, dialect.packed(value)]
    return [*found, *(f"CAST(sum({part}) AS BIGINT)" for part in (f"{value} >> 32", f"{value} & 4294967295"))]


class Sum:
    """One group while its rows are put together."""

    def __init__(self, asked: Grouping) -> None:
        self.size = 0
        self._measures = asked.measures
        self._currencies = sum(measure.currency is not None for measure in asked.measures)
        self._totals: list[dict[str | None, Total]] = [{} for _ in asked.measures]
        self._doubles: list[array[float]] = [array("d") for _ in asked.measures]

    def add(self, row: tuple[Any, ...]) -> None:
        """Adds a row: the currencies of money measures, how many members, and each measure as `measured`."""
        currencies, place = iter(row[: self._currencies]), self._currencies + 1
        self.size += row[self._currencies]
        for measure, totals, doubles in zip(self._measures, self._totals, self._doubles, strict=True):
            currency = next(currencies) if measure.currency else None
            number, smallest, largest, summed = row[place : place + 4]
            if number and measure.whole:
                summed = (summed << 32) + row[place + 4]
            elif number:
                doubles.frombytes(summed) if isinstance(summed, bytes) else doubles.extend(summed)
            place += WHOLE_WIDTH if measure.whole else WHOLE_WIDTH - 1
            if number:
                totals[currency] = _joined(totals.get(currency), Total(currency, number, summed, smallest, largest))

    def row(self, keys: tuple[Any, ...]) -> GroupRow:
        """The whole group."""
        found = []
        for measure, totals, doubles in zip(self._measures, self._totals, self._doubles, strict=True):
            whole = [totals[currency] for currency in sorted(totals, key=str)]
            found.append(tuple(whole if measure.whole else [each._replace(sum=float_sum(doubles)) for each in whole]))
        return GroupRow(keys, self.size, tuple(found))


def _joined(before: Total | None, more: Total) -> Total:
    if before is None:
        return more
    summed = before.sum + more.sum if isinstance(more.sum, int) else 0
    smallest, largest = min(before.smallest, more.smallest), max(before.largest, more.largest)
    return Total(before.currency, before.number + more.number, summed, smallest, largest)
