"""Groups. Of records: one GROUP BY over projected expressions. Of pairs with partners' sides, which lie in other
files: the records by SQL, their pairs in Python.

In the GROUP BY, rows are also kept apart by the currency of each money measure, and put together again here. Whole
numbers are summed as high and low 32 bits, so that no sum overflows; others are brought as they are, see Packed.
"""

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from spaces.asked import check, partner_columns_asked
from spaces.columns import PARTNERS
from spaces.fetch import GroupFetch, GroupRow, Groups, Total
from spaces.grouping import Grouping, Key, first_groups, float_sum, group_rows, grouping
from spaces.sql_where import both
from spaces.sqlite.connections import PACKED, CompanyFile
from spaces.sqlite.partners import PartnerRow
from spaces.sqlite.selection import Programs, Selection, selection_alive, selection_key, selection_values
from spaces.sqlite.statements import Statements


@dataclass(frozen=True, slots=True)
class GroupStatement:
    """The compiled statement of one shape of groups. Of records: keys, currencies, size, and four to five columns a
    measure. Of pairs: record id and the page columns `columns`."""

    sql: str
    values: dict[str, object]
    asked: Grouping
    columns: tuple[str, ...]
    booleans: tuple[bool, ...]


class GroupCompiler:
    """Compiles groups and keeps the latest `limit` statements."""

    def __init__(self, limit: int = 128) -> None:
        self._kept = Statements(limit)

    def statement(self, fetch: GroupFetch, programs: Programs) -> GroupStatement:
        """The statement of a fetch, given the programs of its own masks."""
        key = (*selection_key(fetch, programs), fetch.by, fetch.measures)
        return self._kept.get(key, selection_alive(fetch, programs), lambda: compile_groups(fetch, programs))


def compile_groups(fetch: GroupFetch, programs: Programs) -> GroupStatement:
    """Compiles the statement of one shape of groups."""
    check(fetch)
    asked = grouping(fetch)
    selection = Selection(fetch, programs, fetch.where)
    if asked.pairs:
        columns = tuple(column for column in asked.columns if not column.startswith(PARTNERS))
        read = [selection.projection.column(column) for column in columns]
        selected = ", ".join(["p.record_id", *(each.expression for each in read)])
        flags, grouped = tuple(each.family is bool for each in read), ""
    else:
        columns, flags = (), tuple(key.family is bool for key in asked.keys)
        apart = [_cut(selection.projection.column(key.column).expression, key) for key in asked.keys]
        apart += [selection.projection.column(m.currency).expression for m in asked.measures if m.currency]
        selected = ", ".join([*apart, "count(*)", *_measured(asked, selection)])
        grouped = " GROUP BY " + ", ".join(str(1 + place) for place in range(len(apart))) if apart else ""
    tests = both(selection.tests)
    sql = f"SELECT {selected} {selection.source(selected, tests)} WHERE {tests}{grouped}"
    return GroupStatement(sql, selection.bindings.values, asked, columns, flags)


def _cut(expression: str, key: Key) -> str:
    if key.bucket is None:
        return expression
    if key.bucket == "quarter":
        return f"substr({expression}, 1, 4) || '-Q' || ((substr({expression}, 6, 2) + 2) / 3)"
    return f"substr({expression}, 1, {7 if key.bucket == 'month' else 4})"


def _measured(asked: Grouping, selection: Selection) -> list[str]:
    found = []
    for measure in asked.measures:
        value = selection.projection.column(measure.column).expression
        found += [f"count({value})", f"min({value})", f"max({value})"]
        summed = [f"sum({value} >> 32)", f"sum({value} & 4294967295)"] if measure.whole else [f"{PACKED}({value})"]
        found += summed
    return found


def run_groups(file: CompanyFile, statement: GroupStatement, fetch: GroupFetch, bound: Mapping[str, str]) -> Groups:
    """Groups of records, inside the read transaction that the caller has begun."""
    values = {**statement.values, **selection_values(fetch), **bound}
    found: dict[tuple[Any, ...], _Group] = {}
    count = len(statement.asked.keys)
    for row in file.connection.execute(statement.sql, values):
        keys = _with_booleans(row[:count], statement.booleans)
        if keys not in found:
            found[keys] = _Group(statement.asked)
        found[keys].add(row[count:])
    return first_groups([group.row(keys) for keys, group in found.items() if group.size], fetch.limit)


class _Group:
    """One group while its rows, which differ in currencies, are put together."""

    def __init__(self, asked: Grouping) -> None:
        self.size = 0
        self._measures = asked.measures
        self._currencies = sum(measure.currency is not None for measure in asked.measures)
        self._totals: list[dict[str | None, Total]] = [{} for _ in asked.measures]
        self._doubles: list[array[float]] = [array("d") for _ in asked.measures]

    def add(self, row: tuple[Any, ...]) -> None:
        """Adds a row of the statement, without its keys."""
        currencies, place = iter(row[: self._currencies]), self._currencies + 1
        self.size += row[self._currencies]
        for measure, totals, doubles in zip(self._measures, self._totals, self._doubles, strict=True):
            currency = next(currencies) if measure.currency else None
            number, smallest, largest, summed = row[place : place + 4]
            if number and measure.whole:
                summed = (summed << 32) + row[place + 4]
            elif number:
                doubles.frombytes(summed)
            place += 5 if measure.whole else 4
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


def run_pairs(
    file: CompanyFile,
    statement: GroupStatement,
    fetch: GroupFetch,
    bound: Mapping[str, str],
    partners: Iterable[PartnerRow],
) -> Groups:
    """Groups of pairs, inside the read transaction that the caller has begun."""
    values = {**statement.values, **selection_values(fetch), **bound}
    found = file.connection.execute(statement.sql, values)
    own = {row[0]: _with_booleans(row[1:], statement.booleans) for row in found}
    columns = (*statement.columns, *(PARTNERS + name for name in partner_columns_asked(fetch)))
    rows = [(*own[record], *values) for record, values in partners if record in own]
    return group_rows(columns, rows, statement.asked, fetch.limit)


def _with_booleans(values: tuple[Any, ...], flags: tuple[bool, ...]) -> tuple[Any, ...]:
    if True not in flags:
        return values
    return tuple(bool(v) if flag and v is not None else v for v, flag in zip(values, flags, strict=True))
