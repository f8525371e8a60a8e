"""Compiling answers: what a program shows of a row is what its answers say, and no case is there in vain."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.compile import compile_mask
from policies.residual import Answer, Unsupported
from schema.mask import MaskProgram
from schema.matching import holds, matches
from schema.where import Comparison

BITS = {"exists": 1, "a": 2, "b": 4}
ALL = ("exists", "a", "b")
COLUMNS = ("x", "y")


def where(column: str, op: Any, value: Any) -> Comparison:
    return Comparison(column, op, value)


def answer(fields: Sequence[str], *tests: Comparison) -> Answer:
    return Answer(tests, tuple(fields), "why")


def compiled(allows: Sequence[Answer], *denies: Answer) -> MaskProgram:
    return compile_mask(allows, denies, BITS, COLUMNS)


X1, X2, Y1 = where("x", "eq", 1), where("x", "eq", 2), where("y", "eq", 1)
NOT_X1, NOT_Y1 = where("x", "ne", 1), where("y", "ne", 1)


@pytest.mark.parametrize(
    ("allows", "denies", "always", "cases"),
    [
        ([], [], 0, []),
        ([answer(())], [], 0, []),
        ([answer(ALL)], [], 7, []),
        ([answer(["exists"]), answer(["a"])], [], 3, []),
        ([answer(["exists"], X1), answer(["a"], X1)], [], 0, [((X1,), 3)]),
        ([answer(["a"], X1, Y1), answer(["b"], Y1, X1)], [], 0, [((X1, Y1), 6)]),
        ([answer(["a"], X1, X1)], [], 0, [((X1,), 2)]),
        ([answer(["a"], X1, X2)], [], 0, []),
        ([answer(["a"], X1, where("x", "gt", 0), where("x", "in", (1, 2)))], [], 0, [((X1,), 2)]),
        ([answer(["a"], X1, where("x", "gt", 1))], [], 0, []),
        ([answer(["exists"]), answer(ALL, X1), answer(ALL, X1, Y1)], [], 1, [((X1,), 6)]),
        ([answer(["a"], X1), answer(["b", "a"], X1, Y1)], [], 0, [((X1,), 2), ((X1, Y1), 4)]),
        ([answer(ALL)], [answer(["a"])], 5, []),
        ([answer(ALL)], [answer(["exists"])], 0, []),
        ([answer(ALL)], [answer(["a"], X1)], 5, [((NOT_X1,), 2)]),
        ([answer(ALL)], [answer(["a"], X1, Y1)], 5, [((NOT_X1,), 2), ((NOT_Y1,), 2)]),
        ([answer(["a"], X1)], [answer(["a"], X1)], 0, []),
        ([answer(["a"], X1)], [answer(["a"], X2)], 0, [((X1,), 2)]),
        ([answer(ALL)], [answer(["exists"], X1)], 0, [((NOT_X1,), 7)]),
        ([answer(["a"])], [answer(["a"], X1), answer(["a"], Y1)], 0, [((NOT_X1, NOT_Y1), 2)]),
    ],
)
def test_cases(allows: list[Answer], denies: list[Answer], always: int, cases: list[Any]) -> None:
    program = compiled(allows, *denies)
    assert (program.always, list(program.cases), program.columns) == (always, cases, COLUMNS)


def test_columns_of_the_row_follow_in_order_of_name() -> None:
    assert compiled([answer(ALL, where("z", "eq", 1), where("b", "eq", 1))]).columns == ("x", "y", "b", "z")


def test_a_value_or_column_is_never_code() -> None:
    evil = '"); raise SystemExit  #'
    program = compiled([answer(ALL, where(evil, "eq", evil))])
    assert program.evaluate(None, None, evil) == 7
    assert program.evaluate(None, None, "x") == 0


def test_denies_that_multiply_are_refused() -> None:
    denies = [answer(["a"], *(where(f"c{i}{j}", "eq", 1) for j in range(4))) for i in range(4)]
    assert len(compiled([answer(["a"])], *denies).cases) == 256
    with pytest.raises(Unsupported, match="too many cases"):
        compiled([answer(["a"])], *denies, answer(["a"], X1, Y1))


NUMBERS = st.integers(0, 4)
TESTS = st.builds(
    where,
    st.sampled_from(["x", "y", "z"]),
    st.sampled_from(["eq", "ne", "lt", "lte", "gt", "gte"]),
    NUMBERS,
) | st.builds(where, st.sampled_from(["x", "z"]), st.just("in"), st.lists(NUMBERS, max_size=3).map(tuple))
ANSWERS = st.lists(
    st.builds(Answer, st.lists(TESTS, max_size=3).map(tuple), st.sets(st.sampled_from(ALL)).map(tuple), st.just("")),
    max_size=4,
)
CELLS = st.none() | NUMBERS


def said(answers: Sequence[Answer], field: str, row: dict[str, Any]) -> bool:
    return any(field in a.fields and all(holds(t, row[t.column]) for t in a.tests) for a in answers)


def surely_not(answers: Sequence[Answer], field: str, row: dict[str, Any]) -> bool:
    """Whether no answer says it, and none would had a null been anything else: of each, a test is surely false."""
    about = [a for a in answers if field in a.fields or "exists" in a.fields]
    return all(any(row[t.column] is not None and not holds(t, row[t.column]) for t in a.tests) for a in about)


@given(ANSWERS, ANSWERS, st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=8))
def test_a_program_says_what_its_answers_say(allows: list[Answer], denies: list[Answer], cells: list[Any]) -> None:
    program = compiled(allows, *denies)
    for cell in cells:
        row = dict(zip(("x", "y", "z"), cell, strict=True))
        bits = program.evaluate(*(row[column] for column in program.columns))
        for field, bit in BITS.items():
            expected = said(allows, field, row) and surely_not(denies, field, row)
            assert bool(bits & bit) is expected
            assert matches(program.condition(bit), row) is expected
