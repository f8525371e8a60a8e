"""Reads Oso's answers: under which tests on columns does it hold, for which fields, and why.

A residual is what Oso leaves open about an unknown. It is understood column by column: equality, the six
comparisons, membership in a list of values, and AND of them. Of a set of fields that is not known yet it is
understood that it holds the field asked about, or a field by name. Anything else (two columns tied together,
arithmetic, a value of another type than the column's) is `Unsupported`, and the caller decides what that closes.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from schema.errors import Fault
from schema.matching import holds
from schema.where import Comparison, Op, Scalar

FIELD = "out_field"
REASON = "out_reason"
COLUMN_PREFIX = "c_"
SET_PREFIX = "s_"
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


@dataclass(frozen=True, slots=True)
class OpenAnswer:
    """An answer before it is known which fields there are: it is about those that pass the tests `named` and that
    every set of `held` holds, if every set of `needed` holds the field beside it."""

    tests: tuple[Comparison, ...]
    named: tuple[Comparison, ...]
    reason: str
    held: tuple[str, ...] = ()
    needed: tuple[tuple[str, str], ...] = ()

    def under(self, fields: Iterable[str], sets: Mapping[str, Collection[str]]) -> Answer:
        """The answer where these are all fields and this is what the sets hold; of no field where it says nothing."""
        meant: list[str] = []
        if all(name in sets[each] for each, name in self.needed):
            meant = [f for f in fields if all(f in sets[each] for each in self.held)]
        return Answer(self.tests, tuple(f for f in meant if all(holds(t, f) for t in self.named)), self.reason)


def read(bindings: Mapping[str, Any], types: Mapping[str, type]) -> OpenAnswer:
    """The answer in these bindings. `types` is the Python type of each column. Raises Unsupported."""
    tests: list[Comparison] = []
    held: dict[tuple[str, str | None], None] = {}
    of_field = _without_sets(FIELD, bindings[FIELD], held) if FIELD in bindings else []
    named = [test for part in of_field for test in _tests(FIELD, part)]
    reason = ""
    for name in sorted(bindings.keys() - {FIELD}):
        if name.startswith(SET_PREFIX):
            rest = _without_sets(name, bindings[name], held)
            if not all(_as_of_field(part) in of_field for part in rest):
                raise Unsupported("a comparison of a set")
            continue
        found = _tests(name, bindings[name])
        if name == REASON:
            reason = str(found[0].value) if found else ""
        elif found:
            if not name.startswith(COLUMN_PREFIX):
                raise Unsupported("a column that this kind does not have")
            tests += (_typed(test, types) for test in found)
    holding = tuple(each for each, field in held if field is None)
    needed = tuple((each, field) for each, field in held if field is not None)
    return OpenAnswer(tuple(tests), tuple(named), reason, holding, needed)


def _without_sets(
    name: str, term: Mapping[str, Any], held: dict[tuple[str, str | None], None]
) -> list[Mapping[str, Any]]:
    """What the binding of `name` says besides which sets hold what. That goes to `held`, as (set, name of a field, or
    None for the field asked about): a binding may also say it of the other unknowns that it is tied to."""
    rest = []
    for part in _conjuncts(term):
        expression = part["value"].get("Expression")
        if expression is not None and expression["operator"] == "In" and len(expression["args"]) == 2:
            left, right = expression["args"]
            what, among = _variable(left, name), _variable(right, name)
            if among.startswith(SET_PREFIX):
                if what != FIELD and "String" not in left["value"]:
                    raise Unsupported("a set that holds something unknown")
                held[among.removeprefix(SET_PREFIX), None if what == FIELD else str(left["value"]["String"])] = None
                continue
        if part["value"].get("Variable") != name:
            rest.append(part)
    return rest


def _variable(term: Mapping[str, Any], name: str) -> str:
    """The unknown that a term of the binding of `name` stands for; empty for anything else."""
    found = term["value"].get("Variable", "")
    return name if found == "_this" else str(found)


def _as_of_field(term: Mapping[str, Any]) -> Mapping[str, Any]:
    """A term of a set's binding as it would stand in that of the field asked about: what tests the field is told in
    both."""
    expression = term["value"].get("Expression")
    if expression is None:
        return term
    this = {"value": {"Variable": "_this"}}
    args = [this if each["value"].get("Variable") == FIELD else each for each in expression["args"]]
    return {"value": {"Expression": {"operator": expression["operator"], "args": args}}}


def _conjuncts(term: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    """The terms that an AND joins; of anything else, itself."""
    expression = term["value"].get("Expression")
    if expression is None or expression["operator"] != "And":
        yield term
        return
    for part in expression["args"]:
        yield from _conjuncts(part)


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
