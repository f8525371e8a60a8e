"""Groups of partners' sides, summed up in the files where they lie: one statement for each company and each status of
the viewer's company, as for rows."""

import sqlite3
from typing import Any

from schema.sharing import NO_OVERRIDES
from spaces.asked import masks_of_related
from spaces.deadline import go_on
from spaces.fetch import GroupFetch, Groups
from spaces.grouping import Grouping, first_groups
from spaces.sql.partner_sides import Sides
from spaces.sql.partner_sums import Sums
from spaces.sql.partners import Candidates
from spaces.sql.sums import Sum
from spaces.sqlite.dialect import SQLITE
from spaces.sqlite.partners import NUMBER, Source, listed, nothing, tables


def run_sums(
    network: sqlite3.Connection,
    candidates: Candidates,
    fetch: GroupFetch,
    asked: Grouping,
    files: Source,
) -> Groups:
    """The groups of the candidates' sides. Raises OutOfTime."""
    masks = masks_of_related(fetch).partners
    groups: dict[tuple[Any, ...], Sum] = {}
    for company, viewer, records in candidates.found:
        go_on()
        sides = Sides(fetch.kind, company, masks.of(company), (), viewer, SQLITE)
        bound = listed(sides, records, candidates.facts)
        sums = Sums(fetch, asked, sides, SQLITE, NUMBER)
        file = files(company)
        if file is None:
            rows = network.execute(_absent(sums), (bound,)).fetchall()
            sums.add_all(rows, {0: NO_OVERRIDES}, groups)
        else:
            rows = file.connection.execute(_statement(sums), (bound, company)).fetchall()
            sums.add_all(rows, file.sharings, groups)
    return first_groups([group.row(keys) for keys, group in groups.items()], fetch.limit)


def _statement(sums: Sums) -> str:
    """The sums of the company's (bound second) sides of some records (bound first)."""
    columns = [*sums.tested, *sums.apart]
    return (
        f"SELECT count(*), coalesce(s.sharing, 0), c.content, {', '.join([*columns, *sums.measured])}"
        f" {tables(sums.sides)} GROUP BY {', '.join(['s.sharing', *columns])}"
    )


def _absent(sums: Sums) -> str:
    """The rows of `_statement` of a company that has no sides, to be run in any file."""
    absent = nothing(sums.sides)
    nulls = ["NULL"] * (len(sums.apart) + len(sums.measured))
    apart = [each for each in absent if each != "NULL"]
    grouped = f" GROUP BY {', '.join(apart)}" if apart else ""
    return f"SELECT count(*), 0, NULL, {', '.join([*absent, *nulls])} FROM json_each(?) AS j{grouped}"
