"""The compiler of `Where` to a SQL condition: the second reader beside `matches`, held to it by a property test.

Columns are SQL expressions that the caller gives, values are always bound. The condition is true where `matches`
is; elsewhere it is false or null, so it may stand in WHERE and in CASE WHEN, but never under NOT.
Text with a NUL character is outside the agreement: SQLite's text functions end at it, and PostgreSQL has none.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

from schema.errors import Fault
from schema.where import ALWAYS, Comparison, Quantified, Scalar, Test, Where
from spaces.sql.dialect import Dialect
from spaces.sql.numbers import fitted

TRUE = "TRUE"
FALSE = "FALSE"


class Column(NamedTuple):
    """A column as SQL: its expression, the sort of its values, and of numbers whether they are whole ones. A comparison
    with another sort never matches."""

    expression: str
    family: type  # str, float (whole numbers too) or bool
    whole: bool = False


Columns: TypeAlias = Callable[[str], Column]
"""Gives the column of a name, or raises."""

_SIGNS = {"eq": "=", "ne": "<>", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}
_PLACES = {"contains": "> 0", "excludes": "= 0", "starts": "= 1", "nstarts": "<> 1"}
_HELD = {"has": "", "lacks": "NOT "}
_FLAT = 100
_UPPER_TO_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}


class Bindings:
    """The values bound in one statement, by name. Equal values share a name, and names do not depend on the place
    in the text, so equal conditions are equal text and an expression may be repeated."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.values: dict[str, object] = {}
        self._names: dict[tuple[type, object], str] = {}

    def bind(self, value: object) -> str:
        """The placeholder of a value."""
        name = self._names.setdefault((type(value), value), f"v{len(self.values)}")
        self.values[name] = value
        return self.dialect.bound(name, value)

    def bind_list(self, values: Sequence[str] | Sequence[int]) -> str:
        """The placeholder of a list."""
        bound = self.dialect.listed(values)
        name = self._names.setdefault((tuple, tuple(values)), f"v{len(self.values)}")
        self.values[name] = bound
        return ":" + name


def _not_quantified(test: Quantified) -> str:
    raise Fault(f"{test.relation} cannot be quantified over here")


def condition(
    where: Where,
    columns: Columns,
    bindings: Bindings,
    quantified: Callable[[Quantified], str] = _not_quantified,
) -> str:
    """The condition of a filter; `quantified` gives that of a test over related rows, which may not be null where it
    is false. Whatever `columns` raises for an unknown name goes through."""
    if where == ALWAYS:
        return TRUE
    if not where.any_of:
        return FALSE

    def compiled(test: Test) -> str:
        return quantified(test) if isinstance(test, Quantified) else comparison(test, columns, bindings)

    return either([both([compiled(test) for test in tests]) for tests in where.any_of])


def both(conditions: list[str]) -> str:
    """The AND of conditions; TRUE for none."""
    return _joined(conditions, " AND ", neutral=TRUE, absorbing=FALSE)


def either(conditions: list[str]) -> str:
    """The OR of conditions; FALSE for none."""
    return _joined(conditions, " OR ", neutral=FALSE, absorbing=TRUE)


def _joined(conditions: list[str], word: str, *, neutral: str, absorbing: str) -> str:
    if absorbing in conditions:
        return absorbing
    kept = [c for c in dict.fromkeys(conditions) if c != neutral]
    return _balanced(kept, word) if kept else neutral


def _balanced(conditions: list[str], word: str) -> str:
    # A flat list would nest as deeply as it is long, and SQLite refuses a depth of 1,000.
    if len(conditions) <= _FLAT:
        return conditions[0] if len(conditions) == 1 else "(" + word.join(conditions) + ")"
    half = len(conditions) // 2
    return f"({_balanced(conditions[:half], word)}{word}{_balanced(conditions[half:], word)})"


def family(value: Scalar) -> type:
    """The sort of a value, as `Column.family`."""
    return float if type(value) is int else type(value)


def comparison(test: Comparison, columns: Columns, bindings: Bindings) -> str:
    """The condition of one comparison."""
    column, op, value = columns(test.column), test.op, test.value
    left, sort, whole = column
    if op == "null":
        return f"{left} IS {'' if value else 'NOT '}NULL"
    if isinstance(value, tuple):
        return _among(column, op, value, bindings)
    if family(value) is not sort:
        return FALSE
    if op in _SIGNS:
        fit = fitted(op, value, whole=whole) if sort is float else (op, value)
        if isinstance(fit, bool):
            return f"{left} IS NOT NULL" if fit else FALSE
        return f"{left} {_SIGNS[fit[0]]} {bindings.bind(fit[1])}"
    if not isinstance(value, str):
        return FALSE
    if op in _HELD:
        return f"({left} IS NOT NULL AND {_HELD[op]}{bindings.dialect.holds(left, bindings.bind(value))})"
    # lower() folds ASCII only. Not LIKE: it has metacharacters and a limit on the pattern's length.
    found = f"{bindings.dialect.find}(lower({left}), {bindings.bind(value.translate(_UPPER_TO_LOWER))})"
    return f"{found} {_PLACES[op]}"


def _among(column: Column, op: str, values: tuple[Scalar, ...], bindings: Bindings) -> str:
    left, sort, whole = column
    alike = [value for value in values if family(value) is sort]
    if op not in ("in", "nin") or (op == "nin" and len(alike) < len(values)):
        return FALSE
    if sort is float:
        fits = [fitted("eq", value, whole=whole) for value in alike]
        alike = [fit[1] for fit in fits if not isinstance(fit, bool)]
    if not alike:
        return FALSE if op == "in" else f"{left} IS NOT NULL"
    listed = ", ".join(bindings.bind(value) for value in alike)
    return f"{left} IN ({listed})" if op == "in" else f"{left} NOT IN ({listed})"
