"""Tests over the rows that hang on a record: when they hold, what negates them, what they cost."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schema.errors import BadInput
from schema.matching import MAX_COMPARISONS, both, either, matches, negate
from schema.where import ALWAYS, NEVER, Comparison, Quantified, Row, Where

ONE = Where(((Comparison("a", "eq", 1),),))


def over(quantifier: Any, where: Where = ONE, relation: Any = "partners") -> Where:
    return Where(((Quantified(relation, quantifier, where),),))


@pytest.mark.parametrize(
    ("cells", "some", "every"),
    [
        ([], False, True),
        ([1], True, True),
        ([2], False, False),
        ([1, 2], True, False),
        ([1, 1], True, True),
        # a hidden value is null: it meets neither a comparison nor its contrary
        ([None], False, False),
        ([1, None], True, False),
    ],
)
def test_a_row_counts_where_its_filter_is_true(cells: list[int | None], some: bool, every: bool) -> None:
    related: dict[str, list[Row]] = {"partners": [{"a": cell} for cell in cells], "participants": [{"a": 3}]}
    expected = {"some": some, "none": not some, "every": every, "gap": not every}
    for quantifier, holds in expected.items():
        assert matches(over(quantifier), {}, related) is holds, quantifier


def test_the_relation_is_the_one_that_is_named() -> None:
    related: dict[str, list[Row]] = {"partners": [{"a": 1}], "participants": []}
    assert matches(over("some"), {}, related)
    assert not matches(over("some", relation="participants"), {}, related)
    assert matches(over("some", ALWAYS), {}, related)
    assert not matches(over("some", NEVER), {}, related)
    with pytest.raises(KeyError):
        matches(over("some"), {})
    with pytest.raises(KeyError):
        matches(over("some", Where(((Comparison("b", "null", True),),))), {}, related)


def test_it_stands_among_other_tests() -> None:
    related: dict[str, list[Row]] = {"partners": [{"a": 1}]}
    own = Where(((Comparison("own", "eq", "x"),),))
    assert matches(both(own, over("some")), {"own": "x"}, related)
    assert not matches(both(own, over("none")), {"own": "x"}, related)
    assert not matches(both(own, over("some")), {"own": "y"}, related)
    assert matches(either(own, over("some")), {"own": "y"}, related)


@pytest.mark.parametrize(
    ("quantifier", "contrary"), [("some", "none"), ("none", "some"), ("every", "gap"), ("gap", "every")]
)
def test_the_negation_is_the_contrary_quantifier(quantifier: str, contrary: str) -> None:
    assert negate(over(quantifier)) == over(contrary)
    assert negate(Where((over(quantifier).any_of[0] * 2,))) == over(contrary)


ROWS = st.lists(st.fixed_dictionaries({"a": st.none() | st.integers(0, 2)}), max_size=3)
FILTERS = st.lists(
    st.lists(st.builds(Comparison, st.just("a"), st.sampled_from(["eq", "ne", "lt"]), st.integers(0, 2)), max_size=2),
    max_size=2,
).map(lambda ands: Where(tuple(map(tuple, ands))))
QUANTIFIED = st.builds(Quantified, st.just("partners"), st.sampled_from(["some", "none", "every", "gap"]), FILTERS)


@given(st.lists(st.lists(QUANTIFIED, max_size=2), max_size=2), ROWS)
@settings(max_examples=200, deadline=None)
def test_it_is_never_unknown(ands: list[list[Quantified]], rows: list[Row]) -> None:
    where = Where(tuple(map(tuple, ands)))
    assert matches(negate(where), {}, {"partners": rows}) is not matches(where, {}, {"partners": rows})


def test_it_costs_one_more_than_what_it_holds() -> None:
    def holding(count: int) -> Where:
        return over("some", Where(tuple((Comparison("a", "eq", number),) for number in range(count))))

    assert either(holding(MAX_COMPARISONS - 1)) == holding(MAX_COMPARISONS - 1)
    for combine in (either, both, negate):
        with pytest.raises(BadInput, match="too many comparisons"):
            combine(holding(MAX_COMPARISONS))
