"""Grouping: what a GroupFetch asks for, checked; and the plain way of doing it, over projected rows.

Sums are exact, so they do not depend on the order in which rows come: whole numbers in full, others rounded once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import fsum, inf
from typing import Any, Literal

from schema.errors import Fault
from schema.field import Base
from spaces.columns import PARTNERS, Named, page_columns, partner_columns
from spaces.deadline import in_time
from spaces.fetch import GroupFetch, GroupRow, Groups, Total

_DATED = (Base.DATE, Base.DATETIME)
_TIMES = ("created_at", "updated_at")


@dataclass(frozen=True, slots=True)
class Key:
    """A dimension: its column, the bucket that its dates are cut to, the sort of its values."""

    column: str
    bucket: Literal["month", "quarter", "year"] | None
    family: type


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure: its column, the column of its currency where it is money, and whether its numbers are whole."""

    column: str
    currency: str | None
    whole: bool


@dataclass(frozen=True, slots=True)
class Grouping:
    """What is grouped: `pairs` of a record and a partner's side, or records."""

    keys: tuple[Key, ...]
    measures: tuple[Measure, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that is read, each once."""
        named = [key.column for key in self.keys]
        for measure in self.measures:
            named += [measure.column] if measure.currency is None else [measure.column, measure.currency]
        return tuple(dict.fromkeys(named))

    @property
    def pairs(self) -> bool:
        """Whether pairs of a record and one of its partners' sides are grouped, rather than records."""
        return any(column.startswith(PARTNERS) for column in self.columns)


def grouping(fetch: GroupFetch) -> Grouping:
    """What the fetch asks for. A Fault for a column that is none, a bucket of what is no date or time, a measure of
    what is no number."""
    columns = page_columns(fetch.kind)
    columns |= {PARTNERS + name: column for name, column in partner_columns(fetch.kind).items()}
    if unknown := {*(each.column for each in fetch.by), *fetch.measures} - columns.keys():
        raise Fault(f"groups have no column {min(unknown)}")
    for each in fetch.by:
        if each.bucket is not None and each.column not in _TIMES and not _is_dated(columns[each.column]):
            raise Fault(f"{each.column} is no date")
    return Grouping(
        tuple(Key(each.column, each.bucket, columns[each.column].family) for each in fetch.by),
        tuple(_measure(name, columns[name]) for name in fetch.measures),
    )


def _is_dated(column: Named) -> bool:
    return column.field is not None and column.field.type.base in _DATED and not column.field.type.many


def _measure(name: str, column: Named) -> Measure:
    if column.field is None or column.family is not float:
        raise Fault(f"{name} is no number")
    base = column.field.type.base
    currency = name.removesuffix("_minor") + "_currency" if base is Base.MONEY else None
    return Measure(name, currency, base is not Base.NUMBER)


def group_rows(columns: Sequence[str], rows: Iterable[Sequence[Any]], asked: Grouping, limit: int) -> Groups:
    """The groups of projected rows, each with the values of these columns, named as the fetch names them. Raises
    OutOfTime."""
    keys = [(columns.index(key.column), key) for key in asked.keys]
    members: dict[tuple[Any, ...], list[Sequence[Any]]] = {}
    for row in in_time(rows):
        members.setdefault(tuple([_cut(row[place], key) for place, key in keys]), []).append(row)
    measures = [
        (measure, columns.index(measure.column), columns.index(measure.currency) if measure.currency else None)
        for measure in asked.measures
    ]
    return first_groups(
        [
            GroupRow(values, len(inside), tuple(_totals(inside, *measure) for measure in measures))
            for values, inside in members.items()
        ],
        limit,
    )


def first_groups(groups: list[GroupRow], limit: int) -> Groups:
    """The groups of the largest size first, then by keys, null first; at most `limit` of them."""
    groups.sort(key=lambda group: (-group.size, [(k is not None, 0 if k is None else k) for k in group.keys]))
    return Groups(groups[:limit], len(groups))


def _cut(value: Any, key: Key) -> Any:
    """`2026-11-30…` to `2026-11`, `2026-Q4` or `2026`."""
    if value is None or key.bucket is None:
        return value
    if key.bucket == "quarter":
        return f"{value[:4]}-Q{(int(value[5:7]) + 2) // 3}"
    return value[:7] if key.bucket == "month" else value[:4]


def _totals(rows: Sequence[Sequence[Any]], measure: Measure, place: int, currency: int | None) -> tuple[Total, ...]:
    values: dict[str | None, list[Any]] = {}
    for row in in_time(rows):
        if row[place] is not None:
            values.setdefault(None if currency is None else row[currency], []).append(row[place])
    return tuple(total(each, values[each], whole=measure.whole) for each in sorted(values, key=str))


def total(currency: str | None, values: Sequence[Any], *, whole: bool) -> Total:
    """The total of at least one value."""
    summed = sum(values) if whole else float_sum(values)
    return Total(currency, len(values), summed, min(values), max(values))


def float_sum(values: Sequence[float]) -> float:
    """The exact sum, rounded once; infinite where no float is that large."""
    try:
        return fsum(values)
    except OverflowError:
        exact = sum(map(Fraction, values))
        try:
            return float(exact)
        except OverflowError:
            return inf if exact > 0 else -inf
