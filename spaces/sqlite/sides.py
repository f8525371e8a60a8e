"""The sides of some records in their companies' files: one statement a file, its text made once per (kind, fields)."""

from collections.abc import Callable
from dataclasses import dataclass

import orjson

from schema.names import CompanyId
from schema.sharing import Sharing
from spaces.fetch import SideFetch, SideRow
from spaces.sql.sharings import parsed_sharing
from spaces.sql.sides import SideColumns
from spaces.sqlite.connections import CompanyFile


@dataclass(frozen=True, slots=True)
class SideStatement:
    """The statement for one record and for many (measured: equality beats a list of one by a third)."""

    one: str
    many: str
    columns: SideColumns


def compile_sides(kind: str, columns: SideColumns) -> SideStatement:
    """The statement of some columns, for the file of any company."""
    sql = (
        f"SELECT {columns.selected} FROM side_{kind} AS s"
        " LEFT JOIN sharing_class AS c ON c.id = s.sharing WHERE s.company_id = ? AND s.record_id "
    )
    return SideStatement(sql + "= ?", sql + "IN (SELECT value FROM json_each(?))", columns)


def read_sides(
    file_of: Callable[[CompanyId], CompanyFile | None],
    nothing: Callable[[], object],
    statement: SideStatement,
    fetch: SideFetch,
) -> list[SideRow]:
    """The sides that exist, in the order of the fetch's companies and their records. `nothing` is called in the place
    of a statement for a company without a file."""
    sides: list[SideRow] = []
    one, many, read = statement.one, statement.many, statement.columns.rows
    for company, records in fetch.records.items():
        file = file_of(company)
        if file is None:
            nothing()
            continue
        if len(records) == 1:
            rows = file.connection.execute(one, (company, records[0])).fetchall()
        else:
            found = file.connection.execute(many, (company, orjson.dumps(records).decode())).fetchall()
            by_record = {row[0]: row for row in found}
            rows = [by_record[record] for record in records if record in by_record]
        if rows:
            sides += read(company, rows, _known(file.sharings))
    return sides


def _known(sharings: dict[int, Sharing]) -> Callable[[int, str], Sharing]:
    def sharing_of(class_: int, content: str) -> Sharing:
        sharing = sharings.get(class_)
        if sharing is None:
            sharing = sharings[class_] = parsed_sharing(content)
        return sharing

    return sharing_of
