"""Partners' sides where they lie in other companies' files: one statement for each company and each status of the
viewer's company. A company without a file costs a statement as well."""

import sqlite3
from collections.abc import Callable, Iterator
from typing import TypeAlias

import orjson

from schema.names import CompanyId
from schema.sharing import NO_OVERRIDES
from spaces.asked import Asking, masks_of_related, searched
from spaces.deadline import go_on
from spaces.sql.partner_sides import PartnerRow, Sides
from spaces.sql.partners import Candidates, columns_read
from spaces.sql.record_facts import RecordFacts
from spaces.sqlite.connections import CompanyFile
from spaces.sqlite.dialect import SQLITE

Source: TypeAlias = Callable[[CompanyId], CompanyFile | None]
"""Gives the file of a company, valid until the next call; None where it has none."""


def partner_rows(
    network: sqlite3.Connection, candidates: Candidates, fetch: Asking, files: Source
) -> Iterator[PartnerRow]:
    """The rows of `partners` of the candidates' records, with the columns `columns_read`."""
    masks, columns = masks_of_related(fetch).partners, columns_read(fetch)
    for company, viewer, records in candidates.found:
        go_on()
        texts = tuple([field.column for field in masks.texts(company)]) if searched(fetch) else ()
        sides = Sides(fetch.kind, company, masks.of(company), columns, viewer, SQLITE, texts)
        bound = listed(sides, records, candidates.facts)
        file = files(company)
        if file is None:
            rows = network.execute(_absent(sides), (bound,)).fetchall()
            yield from sides.project(rows, {0: NO_OVERRIDES})
        else:
            rows = file.connection.execute(_statement(sides), (bound, company)).fetchall()
            yield from sides.project(rows, file.sharings)


def listed(sides: Sides, records: str, facts: RecordFacts) -> str:
    """The JSON list of records as statements over `tables` take them: with numbers where masks test columns of theirs.
    Raises OutOfTime."""
    if not sides.tests_record:
        return records
    ids = orjson.loads(records)
    return orjson.dumps(list(zip(ids, sides.number(ids, facts), strict=True))).decode()


NUMBER = "j.value ->> 1"
"""The number of a record, as SQL."""


def _record(sides: Sides) -> str:
    return "j.value ->> 0" if sides.tests_record else "j.value"


def tables(sides: Sides) -> str:
    """The company's (bound second) sides of some records (bound first), and their sharing classes."""
    return (
        f"FROM json_each(?) AS j LEFT JOIN side_{sides.kind.name} AS s"
        f" ON s.company_id = ? AND s.record_id = {_record(sides)} LEFT JOIN sharing_class AS c ON c.id = s.sharing"
    )


def nothing(sides: Sides) -> list[str]:
    """What is read of a side that is not there, as SQL."""
    return [each if each == NUMBER else "NULL" for each in sides.stored(NUMBER)]


def _statement(sides: Sides) -> str:
    """Of each of some records the company's side: its class, the content of that, and its columns; class 0 and nulls
    where it has none."""
    columns = "".join(f", {each}" for each in sides.stored(NUMBER))
    words = f" LEFT JOIN words_{sides.kind.name} AS o ON o.company_id = s.company_id AND o.record_id = s.record_id"
    joined = words if ", o." in columns else ""
    return f"SELECT {_record(sides)}, coalesce(s.sharing, 0), c.content{columns} {tables(sides)}{joined}"


def _absent(sides: Sides) -> str:
    """The rows of `_statement` of a company that has no sides, to be run in any file."""
    columns = "".join(f", {each}" for each in nothing(sides))
    return f"SELECT {_record(sides)}, 0, NULL{columns} FROM json_each(?) AS j"
