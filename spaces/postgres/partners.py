"""Partners' sides: one statement for all companies, whichever they are and whatever they hold.

It reads what the masks of any of them test; each company's sides are then projected through its own masks.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from schema.kind import Kind
from schema.sharing import NO_OVERRIDES
from spaces.asked import Asking, masks_of_related, searched
from spaces.deadline import go_on, in_time
from spaces.postgres.connections import Reading
from spaces.postgres.dialect import POSTGRES
from spaces.sql.partner_sides import PartnerRow, Sides
from spaces.sql.partners import Candidates, columns_read

NUMBER = "j.number"
"""The number of a record, as SQL."""
_HEAD = 4  # columns of a row before what is read of the side


@dataclass(frozen=True, slots=True)
class Asked:
    """The sides of one company for one status of the viewer's, and of which records, with their numbers."""

    sides: Sides
    records: list[Any]
    numbers: list[int]


async def partner_rows(reading: Reading, candidates: Candidates, fetch: Asking) -> list[PartnerRow]:
    """The rows of `partners` of the candidates' records, with the columns `columns_read`. Raises OutOfTime."""
    asked = list(sides_asked(candidates, fetch, columns_read(fetch)))
    columns = list(dict.fromkeys(chain.from_iterable(each.sides.stored(NUMBER) for each in asked)))
    rows_of: list[list[tuple[Any, ...]]] = [[] for _ in asked]
    for row in in_time(await reading.fetch(_statement(fetch.kind, columns), bound(asked))):
        rows_of[row[0]].append(row)
    return list(chain.from_iterable(map(_projected, asked, rows_of, [columns] * len(asked))))


def sides_asked(candidates: Candidates, fetch: Asking, columns: tuple[str, ...]) -> Iterator[Asked]:
    """The sides of the candidates' records, with these columns. Raises OutOfTime."""
    masks = masks_of_related(fetch).partners
    for company, viewer, records in candidates.found:
        go_on()
        texts = tuple([field.column for field in masks.texts(company)]) if searched(fetch) else ()
        sides = Sides(fetch.kind, company, masks.of(company), columns, viewer, POSTGRES, texts)
        numbers = sides.number(records, candidates.facts) if sides.tests_record else [0] * len(records)
        yield Asked(sides, records, numbers)


def bound(asked: Sequence[Asked]) -> dict[str, object]:
    """What statements over `tables` take."""
    return {
        "places": [place for place, each in enumerate(asked) for _ in each.records],
        "companies": [each.sides.company for each in asked for _ in each.records],
        "records": [record for each in asked for record in each.records],
        "numbers": [number for each in asked for number in each.numbers],
    }


def tables(kind: Kind) -> str:
    """The sides of some records of some companies, and their sharing classes. Aliases: `j` for what was asked, its
    place among that, company, record and the record's number; `s` side, `c` sharing class."""
    return (
        "FROM unnest(:places::bigint[], :companies::text[], :records::text[], :numbers::bigint[])"
        " AS j (place, company_id, record_id, number)"
        f" LEFT JOIN side_{kind.name} AS s ON s.company_id = j.company_id AND s.record_id = j.record_id"
        f" LEFT JOIN sharing_class AS c ON c.company_id = s.company_id AND c.kind = '{kind.name}' AND c.id = s.sharing"
    )


def _statement(kind: Kind, columns: list[str]) -> str:
    """Of each of some records of some companies the company's side: its class, the content of that, and its columns;
    class 0 and nulls where it has none."""
    selected = "".join(f", {each}" for each in columns)
    words = f" LEFT JOIN side_words_{kind.name} AS o ON o.company_id = s.company_id AND o.record_id = s.record_id"
    joined = f"{tables(kind)}{words if ', o.' in selected else ''}"
    return f"SELECT j.place, j.record_id, coalesce(s.sharing, 0), c.content{selected} {joined}"


def _projected(asked: Asked, rows: list[tuple[Any, ...]], columns: list[str]) -> Iterator[PartnerRow]:
    """One company's rows of the statement, through its masks."""
    places = [_HEAD + columns.index(each) for each in asked.sides.stored(NUMBER)]
    own = [(*row[1:_HEAD], *[row[place] for place in places]) for row in rows]
    return asked.sides.project(own, {0: NO_OVERRIDES})
