"""Reads Oso's answers: under which tests on columns does it hold, for which fields, and why.

A residual is what Oso leaves open about an unknown. It is understood column by column: equality, the six
comparisons, membership in a list of values, and AND of them. Anything else (two columns tied together, arithmetic,
a value of another type than the column's) is `Unsupported`, and the caller decides what that closes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from schema.errors import Fault
from schema.matching import holds
from schema.where import Comparison, Op, Scalar

FIELD = "out_field"
REASON = "out_reason"
COLUMN_PREFIX = "c_"
MISSING_PREFIX = "x_"  # a column that this kind does not have: an answer that depends on it is refused

_OPS: Mapping[str, Op] = {
    "Unify": "eq",
    "Eq": "eq",
    "Neq": "ne",
    "Lt": "lt",
    "Leq": "lte",
    "Gt": "gt",
    "Geq": "gte",
}
_FLIPPED: Mapping[Op, Op] = {"eq": "eq", "ne": "ne", "lt": "gt", "lte": "gte", "gt": "lt", "gte": "lte"}


class Unsupported(Fault):
    """The residual cannot be read column by column."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Where all `tests` hold, the policy says its say of `fields`, for `reason`."""

    tests: tuple[Comparison, ...]
    fields: tuple[str, ...]
    reason: str


def read(bindings: Mapping[str, Any], fields: Iterable[str], types: Mapping[str, type]) -> Answer:
    """The answer in these bindings. `fields` are all names that may be meant, `types` the Python type of each
    column. Raises Unsupported."""
    tests: list[Comparison] = []
    named: tuple[Comparison, ...] = ()
    reason = ""
    for name in sorted(bindings):
        found = _tests(name, bindings[name])
        if name == FIELD:
            named = found
        elif name == REASON:
            reason = str(found[0].value) if found else ""
        elif found:
            if not name.startswith(COLUMN_PREFIX):
                raise Unsupported("a column that this kind does not have")
            tests += (_typed(test, types) for test in found)
    return Answer(tuple(tests), tuple(f for f in fields if all(holds(t, f) for t in named)), reason)


def _tests(name: str, term: Mapping[str, Any]) -> tuple[Comparison, ...]:
    """The tests that a binding puts on the unknown of this name."""
    ((tag, content),) = term["value"].items()
    column = name.removeprefix(COLUMN_PREFIX)
    if tag == "Variable" and content == name:
        return ()
    if tag != "Expression":
        return (Comparison(column, "eq", _scalar(term)),)
    return tuple(_comparisons(column, content))


def _comparisons(column: str, expression: Mapping[str, Any]) -> Iterable[Comparison]:
    """The comparisons of an expression over `_this`."""
    symbol, terms = expression["operator"], expression["args"]
    if symbol == "And":
        for term in terms:
            inner = term["value"].get("Expression")
            if inner is None:
                raise Unsupported("a condition that is no comparison")
            yield from _comparisons(column, inner)
        return
    if len(terms) != 2 or (symbol not in _OPS and symbol != "In"):
        raise Unsupported(f"the operation {symbol}")
    left, right = terms
    if symbol == "In":
        if not _is_this(left) or "List" not in right["value"]:
            raise Unsupported("membership in something unknown")
        yield Comparison(column, "in", tuple(_scalar(item) for item in right["value"]["List"]))
    elif _is_this(left):
        yield Comparison(column, _OPS[symbol], _scalar(right))
    elif _is_this(right):
        yield Comparison(column, _FLIPPED[_OPS[symbol]], _scalar(left))
    else:
        raise Unsupported("a comparison of something else")


def _is_this(term: Mapping[str, Any]) -> bool:
    return bool(term["value"].get("Variable") == "_this")


def _scalar(term: Mapping[str, Any]) -> Scalar:
    """The plain value of a term."""
    ((tag, content),) = term["value"].items()
    if tag == "Number":
        ((_, content),) = content.items()
        if not isinstance(content, int | float):  # NaN and the infinities come as text
            raise Unsupported("a number that is none")
        return content
    if tag not in ("String", "Boolean"):
        raise Unsupported(f"a {tag} in the place of a value")
    return bool(content) if tag == "Boolean" else str(content)


def _typed(test: Comparison, types: Mapping[str, type]) -> Comparison:
    """The same test, when its values are of the column's type; bool has no order."""
    of = types[test.column]
    allowed = (int, float) if of is float else (of,)
    values = test.value if isinstance(test.value, tuple) else (test.value,)
    if not all(type(value) in allowed for value in values) or (of is bool and test.op not in ("eq", "ne", "in")):
        raise Unsupported("a value of another type than its column")
    return test
