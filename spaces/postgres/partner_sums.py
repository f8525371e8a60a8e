"""Groups of partners' sides, summed up by the server: one statement for all companies, as for rows.

It groups by what the masks of any company test, so a company's rows may be finer than its own masks ask for; they are
put together afterwards.
"""

from itertools import chain
from typing import Any

from schema.sharing import NO_OVERRIDES
from spaces.deadline import in_time
from spaces.fetch import GroupFetch, Groups
from spaces.grouping import Grouping, first_groups
from spaces.postgres.connections import Reading
from spaces.postgres.dialect import POSTGRES
from spaces.postgres.partners import NUMBER, bound, sides_asked, tables
from spaces.sql.partner_sums import Sums
from spaces.sql.partners import Candidates
from spaces.sql.sums import Sum

_HEAD = 4  # columns of a row before what masks test: place, size, class and its content


async def read_sums(reading: Reading, candidates: Candidates, fetch: GroupFetch, asked: Grouping) -> Groups:
    """The groups of the candidates' sides. Raises OutOfTime."""
    sides = list(sides_asked(candidates, fetch, ()))
    sums = [Sums(fetch, asked, each.sides, POSTGRES, NUMBER) for each in sides]
    tested = list(dict.fromkeys(chain.from_iterable(each.tested for each in sums)))
    # What is grouped by and measured is the fetch's alone, and the same for all companies.
    apart, measured = (sums[0].apart, sums[0].measured) if sums else ([], [])
    rest = _HEAD + len(tested)
    columns = ["j.place", "count(*)", "coalesce(s.sharing, 0)", "c.content", *tested, *apart, *measured]
    grouped = [str(1 + place) for place in range(rest + len(apart)) if place != 1]
    sql = f"SELECT {', '.join(columns)} {tables(fetch.kind)} GROUP BY {', '.join(grouped)}"
    rows_of: list[list[tuple[Any, ...]]] = [[] for _ in sums]
    places = [[_HEAD + tested.index(each) for each in one.tested] for one in sums]
    for row in in_time(await reading.fetch(sql, bound(sides))):
        own = [row[place] for place in places[row[0]]]
        rows_of[row[0]].append((*row[1:_HEAD], *own, *row[rest:]))
    groups: dict[tuple[Any, ...], Sum] = {}
    for one, rows in zip(sums, rows_of, strict=True):
        one.add_all(rows, {0: NO_OVERRIDES}, groups)
    return first_groups([group.row(keys) for keys, group in groups.items()], fetch.limit)
