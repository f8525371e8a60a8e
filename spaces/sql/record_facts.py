"""What masks of partners' sides test of the record: it may lie elsewhere than the sides, in SQLite in another file.

So the raw values are read once for all records that may matter to a fetch, and each statement over a company's sides
that are masked by them is handed its records with numbers: equal values share one, and what a number stands for stays
here. Numbers are all that SQL sees of the values, so it keeps rows apart by them and no value is written as text.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from schema.errors import Fault
from schema.names import RecordId
from spaces.asked import Asking, masks_of_related, without_partners
from spaces.deadline import in_time
from spaces.sql.booleans import with_booleans
from spaces.sql.dialect import Dialect
from spaces.sql.selection import Programs, Selection
from spaces.sql.where import both

NUMBER = "record"
"""The name, beside those of a side's columns, of the number that stands for a record's values."""


@dataclass(frozen=True, slots=True)
class RecordFacts:
    """Raw values of `columns` (names of schema.mask), by record; none where no mask may read any."""

    columns: tuple[str, ...] = ()
    by_record: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)

    def numbered(self, records: Iterable[RecordId], read: Sequence[str]) -> tuple[list[int], list[tuple[Any, ...]]]:
        """The numbers of these records, in order, and by number what these columns hold. Raises OutOfTime; a Fault for
        a column that was not brought."""
        if not set(read) <= set(self.columns):
            raise Fault("masks test columns of the record that no mask was said to test")
        places = [self.columns.index(name) for name in read]
        numbers: dict[tuple[Any, ...], int] = {}
        given = []
        for record in in_time(records):
            values = self.by_record[record]
            known = tuple([values[place] for place in places])
            given.append(numbers.setdefault(known, len(numbers)))
        return given, list(numbers)


NO_FACTS = RecordFacts()
NO_READING = "SELECT NULL WHERE false"
"""Runs where no mask of anybody in the network reads a column of the record: that one more or fewer does is not to be
told by the number of statements."""


@dataclass(frozen=True, slots=True)
class FactsStatement:
    """The statement that reads `columns` behind the id of each record that may matter, and what is bound in it."""

    sql: str
    values: dict[str, object]
    columns: tuple[str, ...]
    booleans: tuple[int, ...]

    def facts(self, rows: Sequence[tuple[Any, ...]]) -> RecordFacts:
        """What its rows say. Raises OutOfTime."""
        return RecordFacts(self.columns, {row[0]: with_booleans(row[1:], self.booleans) for row in in_time(rows)})


def columns_tested(fetch: Asking) -> tuple[str, ...]:
    """The record's columns that the masks of partners' sides may read."""
    return tuple(sorted(masks_of_related(fetch).partners.record_columns))


def compile_facts(fetch: Asking, programs: Programs, dialect: Dialect) -> FactsStatement:
    """The statement of a fetch, given the programs of its own masks."""
    selection = Selection(fetch, programs, without_partners(fetch.where), dialect)
    columns = columns_tested(fetch)
    read = [selection.projection.record_fact(name) for name in columns]
    selected = ", ".join(["p.record_id", *(each.expression for each in read)])
    tests = both(selection.tests)
    return FactsStatement(
        f"SELECT {selected} {selection.source(selected, tests)} WHERE {tests}",
        selection.bindings.values,
        columns,
        tuple(place for place, each in enumerate(read) if each.family is bool),
    )
