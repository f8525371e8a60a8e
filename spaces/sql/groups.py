"""Groups. Of records: one GROUP BY over projected expressions. Of pairs with partners' sides, which are projected row
by row: the records by SQL, their pairs in Python.

In the GROUP BY, rows are also kept apart by the currency of each money measure, and put together again here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from spaces.asked import check, partner_columns_asked
from spaces.columns import PARTNERS
from spaces.deadline import in_time
from spaces.fetch import GroupFetch, Groups
from spaces.grouping import Grouping, first_groups, group_rows, grouping
from spaces.sql.dialect import Dialect
from spaces.sql.partner_sides import PartnerRow
from spaces.sql.selection import Programs, Selection, selection_alive, selection_key, selection_values
from spaces.sql.statements import Statements
from spaces.sql.sums import Sum, cut, measured
from spaces.sql.where import both


@dataclass(frozen=True, slots=True)
class GroupStatement:
    """The compiled statement of one shape of groups. Of records: keys, currencies, size, and four to five columns a
    measure. Of pairs: record id and the page columns `columns`."""

    dialect: Dialect
    sql: str
    values: dict[str, object]
    asked: Grouping
    columns: tuple[str, ...]
    booleans: tuple[bool, ...]


class GroupCompiler:
    """Compiles groups and keeps the latest `limit` statements."""

    def __init__(self, dialect: Dialect, limit: int = 128) -> None:
        self._dialect = dialect
        self._kept = Statements(limit)

    def statement(self, fetch: GroupFetch, programs: Programs) -> GroupStatement:
        """The statement of a fetch, given the programs of its own masks."""
        key = (*selection_key(fetch, programs), fetch.by, fetch.measures)
        return self._kept.get(key, selection_alive(fetch, programs), lambda: self._compile(fetch, programs))

    def _compile(self, fetch: GroupFetch, programs: Programs) -> GroupStatement:
        return compile_groups(fetch, programs, self._dialect)


def compile_groups(fetch: GroupFetch, programs: Programs, dialect: Dialect) -> GroupStatement:
    """Compiles the statement of one shape of groups."""
    check(fetch)
    asked = grouping(fetch)
    selection = Selection(fetch, programs, fetch.where, dialect)
    if asked.pairs:
        columns = tuple(column for column in asked.columns if not column.startswith(PARTNERS))
        read = [selection.projection.column(column) for column in columns]
        selected = ", ".join(["p.record_id", *(each.expression for each in read)])
        flags, grouped = tuple(each.family is bool for each in read), ""
    else:
        columns, flags = (), tuple(key.family is bool for key in asked.keys)
        apart = [cut(selection.projection.column(key.column).expression, key) for key in asked.keys]
        apart += [selection.projection.column(m.currency).expression for m in asked.measures if m.currency]
        measures = [
            each
            for m in asked.measures
            for each in measured(m, selection.projection.column(m.column).expression, dialect)
        ]
        selected = ", ".join([*apart, "count(*)", *measures])
        grouped = " GROUP BY " + ", ".join(str(1 + place) for place in range(len(apart))) if apart else ""
    tests = both(selection.tests)
    sql = f"SELECT {selected} {selection.source(selected, tests)} WHERE {tests}{grouped}"
    return GroupStatement(dialect, sql, selection.bindings.values, asked, columns, flags)


def group_values(statement: GroupStatement, fetch: GroupFetch, bound: Mapping[str, object]) -> dict[str, object]:
    """What the statement takes; `bound` is what was found of partners' sides."""
    return {**statement.values, **selection_values(fetch, statement.dialect), **bound}


def groups_of(rows: Iterable[Any], statement: GroupStatement, fetch: GroupFetch) -> Groups:
    """The groups of records, of the statement's rows."""
    found: dict[tuple[Any, ...], Sum] = {}
    count = len(statement.asked.keys)
    for row in rows:
        keys = _with_booleans(row[:count], statement.booleans)
        if keys not in found:
            found[keys] = Sum(statement.asked)
        found[keys].add(row[count:])
    return first_groups([group.row(keys) for keys, group in found.items() if group.size], fetch.limit)


def pairs_of(
    found: Iterable[Any], partners: Iterable[PartnerRow], statement: GroupStatement, fetch: GroupFetch
) -> Groups:
    """The groups of pairs, of the statement's rows and those of partners. Raises OutOfTime."""
    own = {row[0]: _with_booleans(row[1:], statement.booleans) for row in found}
    columns = (*statement.columns, *(PARTNERS + name for name in partner_columns_asked(fetch)))
    rows = [(*own[record], *values) for record, values in in_time(partners) if record in own]
    return group_rows(columns, rows, statement.asked, fetch.limit)


def _with_booleans(values: Sequence[Any], flags: tuple[bool, ...]) -> tuple[Any, ...]:
    if True not in flags:
        return tuple(values)
    return tuple(bool(v) if flag and v is not None else v for v, flag in zip(values, flags, strict=True))
