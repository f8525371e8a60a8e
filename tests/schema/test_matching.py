"""Filters in Python: what matches, and the three-valued laws of both, either and negate."""

import json
from collections.abc import Callable
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schema.errors import BadInput
from schema.matching import MAX_COMPARISONS, both, either, holds, matches, negate
from schema.where import ALWAYS, NEVER, Comparison, Op, Row, Scalar, Where

OPS: tuple[Op, ...] = get_args(Op)


@pytest.mark.parametrize(
    ("cell", "op", "value", "expected"),
    [
        ("a", "eq", "a", True),
        ("a", "eq", "A", False),
        ("a", "ne", "b", True),
        ("a", "ne", "a", False),
        (1, "eq", 1.0, True),
        (1.5, "gt", 1, True),
        # a bool is no number, a number is no text: neither equal nor unequal
        *(
            (cell, op, value, False)
            for op in ("eq", "ne")
            for cell, value in [(True, 1), (0, False), ("1", 1), (1, "1")]
        ),
        *((True, op, 0, False) for op in ("lt", "lte", "gt", "gte")),
        ("1", "lt", 2, False),
        ("1", "gte", 2, False),
        # text by code point
        ("Z", "lt", "a", True),
        ("\uffff", "lt", "\U00010000", True),
        ("a", "lte", "a", True),
        ("a", "gt", "B", True),
        (2, "gte", 2, True),
        (2, "lt", 2, False),
        (True, "gt", False, True),
        ("a", "in", ("a", "b"), True),
        ("c", "in", ("a", "b"), False),
        ("c", "nin", ("a", "b"), True),
        ("a", "nin", ("a", "b"), False),
        ("a", "in", (), False),
        ("a", "nin", (), True),
        (1, "in", (True, "1"), False),
        (1, "in", (True, 1), True),
        (1, "nin", (True, 2), False),
        (1, "in", 1, False),
        (1, "nin", 2, False),
        (1, "eq", (1,), False),
        # null never matches, save null
        *((None, op, ("a",) if op in ("in", "nin") else "a", False) for op in OPS if op != "null"),
        (None, "nin", (), False),
        (None, "null", True, True),
        (None, "null", False, False),
        ("", "null", True, False),
        (0, "null", False, True),
        # ASCII letters in any case, others as they are
        ("Grand Café", "contains", "D CAF", True),
        ("Grand Café", "contains", "FÉ", False),
        ("Grand Café", "contains", "é", True),
        ("a", "contains", "", True),
        ("İ", "contains", "i", False),
        ("\u212a", "contains", "k", False),  # the Kelvin sign
        ("abc", "excludes", "D", True),
        ("abc", "excludes", "C", False),
        ("50%_", "contains", "%_", True),
        ("50", "contains", "%", False),
        ("abc", "starts", "AB", True),
        ("abc", "starts", "b", False),
        ("abc", "nstarts", "b", True),
        ("abc", "nstarts", "A", False),
        *((5, op, "5", False) for op in ("contains", "excludes", "starts", "nstarts", "has", "lacks")),
        *(("5", op, 5, False) for op in ("contains", "excludes", "starts", "nstarts", "has", "lacks")),
        *((5, op, 5, False) for op in ("contains", "excludes", "starts", "nstarts", "has", "lacks")),
        ('["a","b"]', "has", "a", True),
        ('["ab"]', "has", "a", False),
        ('["é\\"x"]', "has", 'é"x', True),
        ('["a"]', "lacks", "b", True),
        ('["a"]', "lacks", "a", False),
        ("[]", "has", "a", False),
        ("[]", "lacks", "a", True),
    ],
)
def test_one_comparison(cell: Scalar | None, op: Op, value: Any, expected: bool) -> None:
    assert holds(Comparison("c", op, value), cell) is expected


A, B = Comparison("a", "eq", 1), Comparison("b", "eq", "x")


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (ALWAYS, True),
        (NEVER, False),
        (Where(((A, B),)), False),
        (Where(((A,), (B,))), True),
        (Where(((B,), (A,))), True),
        (Where(((B,),)), False),
    ],
)
def test_an_or_of_ands(where: Where, expected: bool) -> None:
    assert matches(where, {"a": 1, "b": "y"}) is expected


def test_an_unknown_column_is_an_error() -> None:
    with pytest.raises(KeyError):
        matches(Where(((A,),)), {"b": 1})


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (both(), ALWAYS),
        (either(), NEVER),
        (both(Where(((A,),)), Where(((B,),))), Where(((A, B),))),
        (both(Where(((A,), (B,))), Where(((A,),))), Where(((A,), (B, A)))),
        (both(Where(((A,),)), NEVER), NEVER),
        (both(Where(((A,),)), ALWAYS), Where(((A,),))),
        (either(Where(((A,),)), Where(((B,),))), Where(((A,), (B,)))),
        (either(Where(((A,),)), Where(((A,),))), Where(((A,),))),
        (either(Where(((A,),)), ALWAYS), ALWAYS),
        (either(Where(((A,),)), NEVER), Where(((A,),))),
        (negate(ALWAYS), NEVER),
        (negate(NEVER), ALWAYS),
        (negate(Where(((A, B),))), Where(((Comparison("a", "ne", 1),), (Comparison("b", "ne", "x"),)))),
        (negate(Where(((Comparison("a", "null", True),),))), Where(((Comparison("a", "null", False),),))),
    ],
)
def test_combined_filters_stay_an_or_of_ands_without_repeats(made: Where, expected: Where) -> None:
    assert made == expected


def ors(column: str, count: int) -> Where:
    return Where(tuple((Comparison(column, "eq", number),) for number in range(count)))


def test_a_filter_has_at_most_1000_comparisons() -> None:
    assert MAX_COMPARISONS == 1_000
    assert len(either(ors("a", 1_000)).any_of) == 1_000
    assert len(both(ors("a", 20), ors("b", 25)).any_of) == 500
    assert len(negate(ors("a", 1_000)).any_of[0]) == 1_000
    bombs: list[Callable[[], Where]] = [
        lambda: either(ors("a", 500), ors("b", 501)),
        lambda: both(ors("a", 20), ors("b", 26)),
        lambda: both(*(ors(f"c{number}", 2) for number in range(500))),
        lambda: negate(Where(tuple((A, Comparison("c", "eq", number)) for number in range(500)))),
    ]
    for bomb in bombs:
        with pytest.raises(BadInput, match="too many comparisons"):
            bomb()


def test_repeats_of_nothing_are_no_bomb() -> None:
    assert both(*[Where(((), ()))] * 1_000) == ALWAYS


def true_of(test: Comparison, cell: Scalar | None) -> bool | None:
    """The reference: true, false, or None for unknown."""
    op, value = test.op, test.value
    if op == "null":
        return (cell is None) == value
    if cell is None:
        return None
    if op in ("in", "nin"):
        assert isinstance(value, tuple)
        found = any_true(true_of(Comparison("c", "eq", each), cell) for each in value)
        return found if op == "in" else opposite(found)
    kinds = [float if type(each) is int else type(each) for each in (cell, value)]
    if kinds[0] is not kinds[1] or (op in TEXT_TESTS and kinds[0] is not str):
        return None
    return bool((TESTS | TEXT_TESTS)[op](cell, value))


def lower(text: str) -> str:
    return "".join(c.lower() if "A" <= c <= "Z" else c for c in text)


TESTS: dict[str, Any] = {
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
    "lt": lambda a, b: a < b,
    "lte": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "gte": lambda a, b: a >= b,
}
TEXT_TESTS: dict[str, Any] = {
    "contains": lambda a, b: lower(b) in lower(a),
    "excludes": lambda a, b: lower(b) not in lower(a),
    "starts": lambda a, b: lower(a).startswith(lower(b)),
    "nstarts": lambda a, b: not lower(a).startswith(lower(b)),
    "has": lambda a, b: b in json.loads(a),
    "lacks": lambda a, b: b not in json.loads(a),
}


def opposite(truth: bool | None) -> bool | None:
    return None if truth is None else not truth


def any_true(truths: Any) -> bool | None:
    seen = set(truths)
    return True if True in seen else None if None in seen else False


def truth(where: Where, row: Row) -> bool | None:
    return any_true(
        opposite(any_true(opposite(true_of(test, row[test.column])) for test in tests if isinstance(test, Comparison)))
        for tests in where.any_of
    )


WORDS = st.sampled_from(["", "a", "A", "ab", "B", "é", "É"])
SCALARS: st.SearchStrategy[Scalar] = WORDS | st.integers(-2, 2) | st.sampled_from([-0.5, 1.0]) | st.booleans()
CELLS: st.SearchStrategy[Scalar | None] = st.none() | SCALARS
LISTS = st.none() | st.lists(WORDS, max_size=3).map(lambda words: json.dumps(words, ensure_ascii=False))
LIST_OPS: tuple[Op, ...] = ("has", "lacks", "null")
COLUMNS = ["a", "b", "list"]


@st.composite
def comparisons(draw: st.DrawFn) -> Comparison:
    column = draw(st.sampled_from(COLUMNS))
    op: Op = draw(
        st.sampled_from(["has", "lacks", "null"] if column == "list" else [o for o in OPS if o not in ("has", "lacks")])
    )
    if op == "null":
        return Comparison(column, op, draw(st.booleans()))
    return Comparison(column, op, tuple(draw(st.lists(SCALARS, max_size=3))) if op in ("in", "nin") else draw(SCALARS))


FILTERS = st.lists(st.lists(comparisons(), max_size=3).map(tuple), max_size=3).map(lambda ands: Where(tuple(ands)))
ROWS = st.fixed_dictionaries({"a": CELLS, "b": CELLS, "list": LISTS})


@given(FILTERS, ROWS)
@settings(max_examples=300, deadline=None)
def test_a_filter_matches_just_where_it_is_true(where: Where, row: Row) -> None:
    assert matches(where, row) is (truth(where, row) is True)


@given(FILTERS, ROWS)
@settings(max_examples=300, deadline=None)
def test_negate_turns_true_and_false_and_leaves_unknown(where: Where, row: Row) -> None:
    assert truth(negate(where), row) is opposite(truth(where, row))
    assert matches(negate(where), row) is (truth(where, row) is False)


@given(FILTERS, FILTERS, ROWS)
@settings(max_examples=300, deadline=None)
def test_both_and_either_are_and_and_or(first: Where, second: Where, row: Row) -> None:
    truths = [truth(first, row), truth(second, row)]
    assert truth(either(first, second), row) is any_true(truths)
    assert truth(both(first, second), row) is opposite(any_true(opposite(t) for t in truths))
    assert matches(both(first, second), row) is (matches(first, row) and matches(second, row))
    assert matches(either(first, second), row) is (matches(first, row) or matches(second, row))
