"""Values of formulas. Null in gives null out, as in SQL, save for `coalesce`, `and` and `or`.

Numbers and money are computed as fractions, so nothing is rounded but where `round` says so and at the end: numbers to
a float, money to minor units, half away from zero. Money of two currencies makes null, as do a division by zero and
what grows beyond all measure. Walking a tree takes time linear in it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any, TypeAlias

from schema.codes import MINOR_DIGITS
from schema.field import Base
from schema.formula import Call, Literal, Name, Node
from schema.formula_types import RESULTS
from schema.money import Money

Read: TypeAlias = Callable[[str], Any]
"""The stored value of a field, by its ident; None where it has none."""

_MOST_BITS = 2_048
"""Of numerator and denominator each; what is larger is null, so that no formula can make work of its numbers."""
_MOST_CHARACTERS = 65_536
_INT64 = 2**63


@dataclass(frozen=True, slots=True)
class _Amount:
    """An exact amount of money in major units."""

    value: Fraction
    currency: str


def evaluate(node: Node, result: Base, read: Read) -> Any:
    """The stored value of a formula's tree, whose type is `result`; None where it has none, or one that a field of
    that type cannot hold: a text that is too long, a number or an amount that is too large."""
    value = _value(node, read)
    if isinstance(value, Fraction):
        try:
            return value.numerator / value.denominator
        except OverflowError:
            return None
    if isinstance(value, _Amount):
        minor = _rounded(value.value, MINOR_DIGITS[value.currency]) * 10 ** MINOR_DIGITS[value.currency]
        return Money(int(minor), value.currency) if -_INT64 <= minor < _INT64 else None
    longest = RESULTS[result].max_length
    return None if isinstance(value, str) and longest is not None and len(value) > longest else value


def _value(node: Node, read: Read) -> Any:
    match node:
        case Literal(_, value):
            return value
        case Name(_, name):
            return _exact(read(name))
        case Call(_, "if", (condition, yes, no)):
            chosen = _value(condition, read)
            return None if chosen is None else _value(yes if chosen else no, read)
    return _applied(node.name, [_value(argument, read) for argument in node.arguments])


def _exact(stored: Any) -> Any:
    if isinstance(stored, Money):
        return _Amount(Fraction(stored.minor, 10 ** MINOR_DIGITS[stored.currency]), stored.currency)
    if isinstance(stored, bool) or not isinstance(stored, int | float):
        return stored
    return _bounded(Fraction(repr(stored)))  # of a float the decimal number that people see: 0.1 is a tenth


def _applied(name: str, values: list[Any]) -> Any:
    match name:
        case "and":
            return False if False in values else None if None in values else True
        case "or":
            return True if True in values else None if None in values else False
        case "coalesce":
            return next((value for value in values if value is not None), None)
    if None in values:
        return None
    first = values[0]
    match name:
        case "not":
            return not first
        case "0-":
            return _Amount(-first.value, first.currency) if isinstance(first, _Amount) else -first
        case "round":
            return _round(first, int(values[1]) if len(values) > 1 else 0)
        case "days":
            return Fraction((date.fromisoformat(values[1][:10]) - date.fromisoformat(first[:10])).days)
        case "concat":
            text = "".join(values)
            return text if len(text) <= _MOST_CHARACTERS else None
        case "money":
            return _Amount(first, values[1])
        case "date":
            return first
        case "min" | "max":
            return _extreme(name, values)
        case "+" | "-" | "*" | "/":
            return _computed(name, first, values[1])
    return _compared(name, first, values[1])


def _round(value: Any, decimals: int) -> Any:
    if isinstance(value, _Amount):
        return _Amount(_rounded(value.value, decimals), value.currency)
    return _rounded(value, decimals)


def _rounded(value: Fraction, decimals: int) -> Fraction:
    """Half away from zero, as people learn it."""
    shifted = abs(value) * 10**decimals + Fraction(1, 2)
    whole = Fraction(shifted.numerator // shifted.denominator, 10**decimals)
    return -whole if value < 0 else whole


def _bare(*values: Any) -> tuple[list[Any], str | None] | None:
    """Values without their currency, and the currency; None where there are two."""
    currencies = {value.currency for value in values if isinstance(value, _Amount)}
    if len(currencies) > 1:
        return None
    return [v.value if isinstance(v, _Amount) else v for v in values], next(iter(currencies), None)


def _extreme(name: str, values: list[Any]) -> Any:
    bare = _bare(*values)
    if bare is None:
        return None
    found = min(bare[0]) if name == "min" else max(bare[0])
    return _Amount(found, bare[1]) if bare[1] else found


def _compared(name: str, left: Any, right: Any) -> bool | None:
    bare = _bare(left, right)
    if bare is None:
        return None
    (a, b), _ = bare
    match name:
        case "=":
            return bool(a == b)
        case "!=":
            return bool(a != b)
        case "<":
            return bool(a < b)
        case "<=":
            return bool(a <= b)
        case ">":
            return bool(a > b)
    return bool(a >= b)


def _computed(name: str, left: Any, right: Any) -> Fraction | _Amount | None:
    bare = _bare(left, right)
    if bare is None:
        return None
    (a, b), currency = bare
    if name == "/" and b == 0:
        return None
    value = _bounded(a + b if name == "+" else a - b if name == "-" else a * b if name == "*" else a / b)
    if value is None or currency is None or (name == "/" and isinstance(right, _Amount)):
        return value
    return _Amount(value, currency)


def _bounded(value: Fraction) -> Fraction | None:
    large = max(value.numerator.bit_length(), value.denominator.bit_length()) > _MOST_BITS
    return None if large else value
