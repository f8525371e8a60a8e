"""What the embedded backend promises of its statements: an index for the usual page, one text for one shape."""

from pathlib import Path
from typing import Any

from schema.mask import EXISTS
from schema.sharing import NO_OVERRIDES, Sharing
from schema.where import Comparison
from spaces.fetch import PageFetch
from spaces.sql.page import PageCompiler, PageStatement
from spaces.sql.selection import own_programs
from spaces.sqlite.dialect import SQLITE
from spaces.sqlite.spaces import SqliteSpaces
from tests.spaces.world import ALL_SIDE, CATALOG, DEAL, OPEN, SHUT, A, Masks, creation, page, program, with_companies

CLASSES = [(0, NO_OVERRIDES), (1, OPEN), (2, SHUT)]
ACCEPTED = Comparison("viewer_status", "eq", "ACCEPTED")
USUAL = Masks(program(0, ((ACCEPTED,), DEAL.all_side)))
"""What a company sees of its own sides: all, where it takes part."""


def compiled(fetch: PageFetch, classes: list[tuple[int, Sharing]] = CLASSES) -> PageStatement:
    return PageCompiler(SQLITE).statement(fetch, own_programs(fetch, classes))


async def plan(folder: Path, statement: PageStatement, sql: str) -> str:
    spaces = SqliteSpaces.open(folder, CATALOG)
    await with_companies(spaces)
    await spaces.commit_all([creation()])  # there from the first call on
    file = spaces._readers.take(A, attach=folder / "network.db")
    values: dict[str, Any] = {
        **statement.values,
        "company": A,
        "kind": "deal",
        "limit": 9,
        "after0": "t",
        "after1": "r",
    }
    text = "\n".join(row[3] for row in file.connection.execute("EXPLAIN QUERY PLAN " + sql, values))
    await spaces.close()
    return text


async def test_the_usual_page_reads_its_index_in_order(tmp_path: Path) -> None:
    for after in (None, ("t", "r")):
        statement = compiled(page(order=["-updated_at"], after=after, updated=True, own_masks=USUAL))
        found = await plan(tmp_path, statement, statement.rows)
        assert "participant_newest" in found
        assert "TEMP B-TREE" not in found
    assert "AND newest<?" in found, "the cursor seeks"


async def test_the_usual_count_reads_nothing_but_its_index(tmp_path: Path) -> None:
    statement = compiled(page(joint_mask=program(0, ((ACCEPTED,), EXISTS))))
    found = await plan(tmp_path, statement, statement.count)
    assert found == "SEARCH p USING COVERING INDEX participant_newest (company_id=? AND kind=?)"


def test_classes_are_tested_only_where_they_differ() -> None:
    where = Comparison("mine.stage", "eq", "a")
    same = Masks(program(EXISTS), {OPEN: program(EXISTS), SHUT: program(EXISTS)})
    differing = Masks(ALL_SIDE, {SHUT: program(EXISTS)})
    assert "sharing IN" not in compiled(page(where=where)).rows
    assert "sharing IN" not in compiled(page(where=where, own_masks=same)).rows
    assert "sharing IN" in compiled(page(where=where, own_masks=differing)).rows
    assert "CASE" not in compiled(page(where=where)).rows
    assert "f_stage = " not in compiled(page(where=where, own_masks=same)).rows


def test_a_value_never_stands_in_the_text() -> None:
    where = Comparison("mine.stage", "eq", "x' OR 1 --")
    masks = Masks(program(EXISTS, ((Comparison("stage", "in", ("y'", 'z"')),), ALL_SIDE.always)))
    for fetch in (page(where=where, own_masks=masks), page(order=["mine.stage"], after=("v'w", "r"), own_masks=masks)):
        statement = compiled(fetch)
        for sql in (statement.rows, statement.count, *statement.edges):
            assert not sql or ("'" not in sql.replace("''", "") and '"' not in sql)


def test_one_shape_is_compiled_once() -> None:
    compiler = PageCompiler(SQLITE, limit=2)
    fetch, other = page(order=["mine.stage"], after=("a", "r1")), page(order=["mine.stage"], after=(None, "r1"))

    def statement(fetch: PageFetch, classes: list[tuple[int, Sharing]] = CLASSES) -> PageStatement:
        return compiler.statement(fetch, own_programs(fetch, classes))

    first = statement(fetch)
    assert statement(page(order=["mine.stage"], after=("b", "r2"))) is first
    assert statement(fetch, [*CLASSES, (3, Sharing())]) is first
    assert statement(other) is not first
    assert statement(fetch) is first
    statement(page())
    assert statement(fetch) is first
    assert statement(other).rows == compiled(other).rows
