"""What the backend of a server promises of its statements: the usual page, of a company with many records, reads its
index in order and stops at its limit, whether the plan is made for the values or for any."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg.sql import SQL, Literal

from schema.sharing import NO_OVERRIDES
from schema.where import Comparison
from spaces.fetch import PageFetch
from spaces.postgres.dialect import POSTGRES
from spaces.postgres.layout import OPTIONS
from spaces.postgres.placeholders import in_order, numbered
from spaces.sql.page import compile_page, page_values
from spaces.sql.selection import own_programs
from tests.postgres import database
from tests.spaces.world import CATALOG, DEAL, A, Masks, page, program

USUAL = Masks(program(0, ((Comparison("viewer_status", "eq", "ACCEPTED"),), DEAL.all_side)))
"""What a company sees of its own sides: all, where it takes part."""
_OURS = 4_000  # records of the viewer's company; as many are others'
_FILL = f"""
INSERT INTO participant (company_id, record_id, kind, role, status, added, accepted, touched_at, own_at, newest)
SELECT CASE WHEN n < {_OURS} THEN '{A}' ELSE 'co_' || n % 40 END, 'r' || n, 'deal', 'OWNER', 'ACCEPTED', 0, 0, t, t, t
FROM (SELECT n, 't' || lpad((n * 7919 % 10007)::text, 6, '0') AS t FROM generate_series(1, {2 * _OURS}) AS n) AS made;
INSERT INTO record_deal (record_id, owner, created_at) SELECT record_id, company_id, newest FROM participant;
INSERT INTO side_deal (company_id, record_id, version, updated_at, sharing, stamps)
SELECT company_id, record_id, 1, newest, 0, '{{}}' FROM participant;
ANALYZE
"""


@pytest.fixture(scope="module")
def filled() -> Iterator["psycopg.Connection[tuple[str]]"]:
    with database(CATALOG) as address, psycopg.connect(address, options=OPTIONS, autocommit=True) as connection:
        connection.execute("SELECT set_config('multiway.company', '*', false)")
        connection.execute(_FILL.encode())
        yield connection


def plan(connection: "psycopg.Connection[tuple[str]]", fetch: PageFetch, mode: str) -> str:
    """How the rows of a page are found, and how many of each table were read."""
    statement = compile_page(fetch, own_programs(fetch, [(0, NO_OVERRIDES)]), POSTGRES)
    text, names = numbered(statement.rows)
    values = in_order(names, page_values(statement, fetch, {}))
    connection.execute(f"SET plan_cache_mode = {mode}".encode())
    connection.execute(f"PREPARE asked AS {text}".encode())
    try:
        given = SQL(", ").join(map(Literal, values))
        asked = SQL("EXPLAIN (ANALYZE, TIMING off, SUMMARY off) EXECUTE asked ({})").format(given)
        return "\n".join(row[0] for row in connection.execute(asked))
    finally:
        connection.execute("DEALLOCATE asked")


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
@pytest.mark.parametrize("after", [None, ("t005000", "r1")])
def test_the_usual_page_stops_at_its_limit(
    filled: "psycopg.Connection[tuple[str]]", mode: str, after: tuple[str, str] | None
) -> None:
    found = plan(filled, page(order=["-updated_at"], after=after, own_masks=USUAL, limit=50, updated=True), mode)
    assert "participant_newest" in found
    assert "Sort" not in found
    assert "Seq Scan" not in found
    read = [int(part.split()[0]) for part in found.split(" rows=")[1:]]
    assert max(read[1::2]) <= 51, found  # what was estimated and what was read stand in turns


def test_another_order_reads_all_and_sorts(filled: "psycopg.Connection[tuple[str]]") -> None:
    found = plan(filled, page(order=["mine.stage"], own_masks=USUAL, limit=50), "force_custom_plan")
    assert "Sort" in found
