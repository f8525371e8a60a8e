"""The sides of some records in their companies' files: one statement a file, its text made once per (kind, fields)."""

from collections.abc import Callable
from dataclasses import dataclass

import orjson

from schema.field import Field
from schema.kind import Kind
from schema.names import CompanyId
from spaces.fetch import SideFetch, SideRow
from spaces.sql.custom import Cells, cells_of
from spaces.sql.sharings import parsed_sharing
from spaces.sql.statements import Statements
from spaces.sqlite.connections import CompanyFile

_new = tuple.__new__  # makes a named row in half the time, where there are hundreds a page


@dataclass(frozen=True, slots=True)
class SideStatement:
    """The statement for one record and for many (measured: equality beats a list of one by a third)."""

    one: str
    many: str
    cells: Cells


class SideCompiler:
    """Makes statements of sides, and keeps them."""

    def __init__(self) -> None:
        self._kept = Statements()

    def statement(self, fetch: SideFetch) -> SideStatement:
        """The statement of a fetch, for each of its companies."""
        kind, fields, stamps = fetch.kind, fetch.fields, fetch.stamps
        # Not by the fields' names: two companies' custom fields may share one.
        key = (kind.name, stamps, tuple([f.columns for f in fields]))
        return self._kept.get(key, None, lambda: _compiled(kind, fields, stamps=stamps))


def _compiled(kind: Kind, fields: tuple[Field, ...], *, stamps: bool) -> SideStatement:
    # The content of the class comes along: asked for where it is new, it would be one more statement, and how many
    # statements are run would tell of sharings that nobody may see.
    columns = ("record_id", "sharing", "content", "version", "stamps" if stamps else "NULL")
    cells = cells_of(fields)
    sql = (
        f"SELECT {', '.join((*columns, *cells.stored))} FROM side_{kind.name}"
        " LEFT JOIN sharing_class ON id = sharing WHERE company_id = ? AND record_id "
    )
    return SideStatement(sql + "= ?", sql + "IN (SELECT value FROM json_each(?))", cells)


def read_sides(
    file_of: Callable[[CompanyId], CompanyFile | None],
    nothing: Callable[[], object],
    statement: SideStatement,
    fetch: SideFetch,
) -> list[SideRow]:
    """The sides that exist, in the order of the fetch's companies and their records. `nothing` is called in the place
    of a statement for a company without a file."""
    sides: list[SideRow] = []
    one, many, cells, stamped = statement.one, statement.many, statement.cells, fetch.stamps
    plain = not cells.custom and not cells.booleans
    for company, records in fetch.records.items():
        file = file_of(company)
        if file is None:
            nothing()
            continue
        sharings = file.sharings
        if len(records) == 1:
            rows = file.connection.execute(one, (company, records[0])).fetchall()
        else:
            found = file.connection.execute(many, (company, orjson.dumps(records).decode())).fetchall()
            by_record = {row[0]: row for row in found}
            rows = [by_record[record] for record in records if record in by_record]
        for row in rows:
            sharing = sharings.get(row[1])
            if sharing is None:
                sharing = sharings[row[1]] = parsed_sharing(row[2])
            values = row[5:] if plain else cells.values(row[5:])
            stamps = orjson.loads(row[4]) if stamped else None
            sides.append(_new(SideRow, (row[0], company, sharing, row[3], values, stamps)))
    return sides
