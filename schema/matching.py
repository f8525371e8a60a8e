"""Filters in Python: the first reader of `Where`, and the combinators that keep it an OR of ANDs.

The logic has three values. A comparison with a null, or with a value of another type than the column's, is
unknown: neither it nor its negation matches. So `negate` flips operators, and a filter matches just where it is
true, as in SQL.
"""

import json
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain, product
from math import prod
from types import MappingProxyType
from typing import Any

from schema.errors import BadInput
from schema.where import ALWAYS, NEVER, Comparison, Op, Quantified, Quantifier, Row, Scalar, Test, Where

MAX_COMPARISONS = 1_000
"""The most comparisons in one filter, as the product of ORs grows without bound."""

_ASCII_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}

_OPPOSITE: Mapping[Op, Op] = {
    "eq": "ne",
    "ne": "eq",
    "in": "nin",
    "nin": "in",
    "lt": "gte",
    "gte": "lt",
    "gt": "lte",
    "lte": "gt",
    "contains": "excludes",
    "excludes": "contains",
    "starts": "nstarts",
    "nstarts": "starts",
    "has": "lacks",
    "lacks": "has",
}

_CONTRARY: Mapping[Quantifier, Quantifier] = {"some": "none", "none": "some", "every": "gap", "gap": "every"}

_SCALAR_TESTS: Mapping[Op, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
}


def matches(where: Where, row: Row, related: Mapping[str, Sequence[Row]] = MappingProxyType({})) -> bool:
    """Whether a row matches the filter; `related` are the rows of each relation that it quantifies over. Raises
    KeyError for a column or relation that the row does not have."""
    return any(
        all(
            _quantifies(test, related[test.relation]) if isinstance(test, Quantified) else holds(test, row[test.column])
            for test in tests
        )
        for tests in where.any_of
    )


def _quantifies(test: Quantified, rows: Sequence[Row]) -> bool:
    found = [matches(test.where, row) for row in rows]
    if test.quantifier in ("some", "none"):
        return any(found) is (test.quantifier == "some")
    return all(found) is (test.quantifier == "every")


def holds(test: Comparison, cell: Scalar | None) -> bool:
    """Whether one comparison is true of the value of its column."""
    op, value = test.op, test.value
    if op == "null":
        return (cell is None) is value
    if cell is None:
        return False
    if op == "in":
        return isinstance(value, tuple) and any(_alike(cell, each) and cell == each for each in value)
    if op == "nin":
        return isinstance(value, tuple) and all(_alike(cell, each) and cell != each for each in value)
    if isinstance(value, tuple) or not _alike(cell, value):
        return False
    if op in _SCALAR_TESTS:
        return _SCALAR_TESTS[op](cell, value)
    return isinstance(cell, str) and isinstance(value, str) and _text_holds(op, cell, value)


def _alike(cell: Scalar, value: Scalar) -> bool:
    """Whether two values are of one type, where whole and other numbers are one, and a bool is no number."""
    return _family(cell) is _family(value)


def _family(value: Scalar) -> type:
    return float if type(value) is int else type(value)


def _text_holds(op: Op, cell: str, value: str) -> bool:
    if op in ("has", "lacks"):
        return (value in json.loads(cell)) is (op == "has")
    text, part = cell.translate(_ASCII_LOWER), value.translate(_ASCII_LOWER)
    if op in ("contains", "excludes"):
        return (part in text) is (op == "contains")
    return text.startswith(part) is (op == "starts")


def both(*parts: Where) -> Where:
    """The filter that is true where all parts are; ALWAYS for none. Raises BadInput beyond MAX_COMPARISONS."""
    factors = [_tidy(part.any_of).any_of for part in parts]
    rows = prod(len(factor) for factor in factors)
    if rows == 0:
        return NEVER
    # each AND of a factor comes once for every choice of the others
    _bound(sum(_size(factor) * (rows // len(factor)) for factor in factors))
    return _tidy(tuple(chain.from_iterable(choice)) for choice in product(*factors))


def either(*parts: Where) -> Where:
    """The filter that is true where at least one part is; NEVER for none. Raises BadInput beyond
    MAX_COMPARISONS."""
    _bound(sum(_size(part.any_of) for part in parts))
    return _tidy(tests for part in parts for tests in part.any_of)


def negate(where: Where) -> Where:
    """The filter that is true where this one is false; where this one is unknown, it is unknown as well. Raises
    BadInput beyond MAX_COMPARISONS."""
    return both(*(Where(tuple((_negated(test),) for test in tests)) for tests in where.any_of))


def _negated(test: Test) -> Test:
    if isinstance(test, Quantified):
        return replace(test, quantifier=_CONTRARY[test.quantifier])
    if test.op == "null":
        return Comparison(test.column, "null", not test.value)
    return Comparison(test.column, _OPPOSITE[test.op], test.value)


def _size(any_of: Iterable[tuple[Test, ...]]) -> int:
    return sum(
        1 + _size(test.where.any_of) if isinstance(test, Quantified) else 1 for tests in any_of for test in tests
    )


def _bound(comparisons: int) -> None:
    if comparisons > MAX_COMPARISONS:
        raise BadInput("This filter has too many comparisons.")


def _tidy(any_of: Iterable[tuple[Test, ...]]) -> Where:
    """The same filter without repeats; an AND of nothing is true, and so is an OR with it."""
    kept = dict.fromkeys(tuple(dict.fromkeys(tests)) for tests in any_of)
    return ALWAYS if () in kept else Where(tuple(kept))
