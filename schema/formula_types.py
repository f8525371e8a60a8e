"""Types of formulas: what each operator and function takes, and what it gives. Checked once, where one is defined."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from schema.codes import MINOR_DIGITS
from schema.errors import BadInput
from schema.field import Base, FieldType
from schema.field_types import BASE_TYPES
from schema.formula import Call, Literal, Name, Node
from schema.given import refuse
from schema.values import parse

RESULTS: Mapping[Base, FieldType] = {
    Base.NUMBER: BASE_TYPES["Number"],
    Base.MONEY: BASE_TYPES["Money"],
    Base.BOOLEAN: BASE_TYPES["Boolean"],
    Base.TEXT: BASE_TYPES["Text"],
    Base.DATE: BASE_TYPES["Date"],
    Base.DATETIME: BASE_TYPES["DateTime"],
}
"""The types that formulas compute with, and the field's type where one is the result."""

_READ_AS = {base: base for base in RESULTS} | {Base.INTEGER: Base.NUMBER}
_READ_AS |= dict.fromkeys((Base.URL, Base.EMAIL, Base.PHONE, Base.COUNTRY, Base.PICKLIST), Base.TEXT)

_SAID = {
    Base.NUMBER: "a number",
    Base.MONEY: "an amount of money",
    Base.BOOLEAN: "true or false",
    Base.TEXT: "a text",
    Base.DATE: "a date",
    Base.DATETIME: "a time",
}
_NUMBER, _MONEY, _BOOLEAN, _TEXT = Base.NUMBER, Base.MONEY, Base.BOOLEAN, Base.TEXT
_DAYS = (Base.DATE, Base.DATETIME)
_ORDERED = (_NUMBER, _MONEY, *_DAYS)

_PAIRS: Mapping[str, Mapping[tuple[Base, Base], Base]] = {
    "+": {(_NUMBER, _NUMBER): _NUMBER, (_MONEY, _MONEY): _MONEY},
    "-": {(_NUMBER, _NUMBER): _NUMBER, (_MONEY, _MONEY): _MONEY},
    "*": {(_NUMBER, _NUMBER): _NUMBER, (_MONEY, _NUMBER): _MONEY, (_NUMBER, _MONEY): _MONEY},
    "/": {(_NUMBER, _NUMBER): _NUMBER, (_MONEY, _NUMBER): _MONEY, (_MONEY, _MONEY): _NUMBER},
    "and": {(_BOOLEAN, _BOOLEAN): _BOOLEAN},
    "or": {(_BOOLEAN, _BOOLEAN): _BOOLEAN},
    **{sign: {(base, base): _BOOLEAN for base in RESULTS} for sign in ("=", "!=")},
    **{sign: {(base, base): _BOOLEAN for base in (*_ORDERED, _TEXT)} for sign in ("<", "<=", ">", ">=")},
}
FUNCTIONS = ("if", "min", "max", "round", "coalesce", "days", "concat", "money", "date")
MOST_DECIMALS = 9


def read_as(type_: FieldType) -> Base | None:
    """What a formula takes a field's value as, one of RESULTS; None where it cannot read the field."""
    return None if type_.many else _READ_AS.get(type_.base)


def infer(node: Node, scope: Mapping[str, Base], path: tuple[str, ...]) -> Base:
    """The type of a tree's value, one of RESULTS, where `scope` tells the types of names. Raises BadInput with `path`
    and the number of the character."""
    return _Types(scope, path).of(node)


@dataclass(frozen=True, slots=True)
class _Types:
    scope: Mapping[str, Base]
    path: tuple[str, ...]

    def refuse(self, node: Node, why: str) -> NoReturn:
        refuse(self.path, f"Character {node.at} of this formula: {why}")

    def of(self, node: Node) -> Base:
        match node:
            case Literal(_, value):
                return _BOOLEAN if isinstance(value, bool) else _TEXT if isinstance(value, str) else _NUMBER
            case Name(_, name):
                if name not in self.scope:
                    self.refuse(node, f"The kind's side and this template have no field `{name}` that it can read.")
                return self.scope[name]
        taken = tuple(self.of(argument) for argument in node.arguments)
        if node.name in _PAIRS:
            return self._pair(node, _PAIRS[node.name], taken)
        if node.name not in (*FUNCTIONS, "not", "0-"):
            self.refuse(node, f"There is no such function; there are {', '.join(FUNCTIONS)}.")
        return self._function(node, taken)

    def _pair(self, node: Call, known: Mapping[tuple[Base, Base], Base], taken: tuple[Base, ...]) -> Base:
        result = known.get((taken[0], taken[1]))
        if result is None:
            self.refuse(node, f"`{node.name}` does not go with {_SAID[taken[0]]} and {_SAID[taken[1]]}.")
        return result

    def _function(self, node: Call, taken: tuple[Base, ...]) -> Base:
        first = taken[0]
        match node.name:
            case "not":
                return self._takes(node, taken, (_BOOLEAN,), 1, 1)
            case "0-":
                return self._takes(node, taken, (_NUMBER, _MONEY), 1, 1)
            case "if":
                if len(taken) != 3 or first is not _BOOLEAN:
                    self.refuse(node, "`if` takes a condition and two values.")
                return self._takes(node, taken[1:], tuple(RESULTS), 2, 2)
            case "round":
                self._takes(node, taken[:1], (_NUMBER, _MONEY), 1, 1)
                self._check_decimals(node)
                return first
            case "coalesce":
                return self._takes(node, taken, tuple(RESULTS), 2, None)
            case "days":
                if len(taken) != 2 or not set(taken) <= {*_DAYS}:
                    self.refuse(node, "`days` takes two dates or times.")
                return _NUMBER
            case "concat":
                return self._takes(node, taken, (_TEXT,), 2, None)
            case "money":
                currency = node.arguments[-1]
                if taken != (_NUMBER, _TEXT) or not isinstance(currency, Literal) or currency.value not in MINOR_DIGITS:
                    self.refuse(node, 'It is written like money(1000, "EUR"), with an ISO 4217 code.')
                return _MONEY
            case "date":
                return self._date(node)
        return self._takes(node, taken, _ORDERED, 2, None)  # min, max

    def _takes(self, node: Call, taken: tuple[Base, ...], known: tuple[Base, ...], low: int, high: int | None) -> Base:
        """The one type of what is taken, which is one of `known`."""
        name = "-" if node.name == "0-" else node.name
        if len(taken) < low or (high is not None and len(taken) > high):
            self.refuse(node, f"`{name}` does not take this number of values.")
        for other in taken:
            if other not in known:
                self.refuse(node, f"`{name}` does not go with {_SAID[other]}.")
            if other is not taken[0]:
                self.refuse(node, f"`{name}` does not go with {_SAID[taken[0]]} and {_SAID[other]} together.")
        return taken[0]

    def _check_decimals(self, node: Call) -> None:
        allowed = range(MOST_DECIMALS + 1)
        given = node.arguments[1:]
        if any(not isinstance(it, Literal) or isinstance(it.value, bool) or it.value not in allowed for it in given):
            self.refuse(node, f"`round` takes a number of decimals from 0 to {MOST_DECIMALS}, written out.")
        if len(given) > 1:
            self.refuse(node, "`round` does not take this number of values.")

    def _date(self, node: Call) -> Base:
        (first, *more) = node.arguments
        try:
            parse(BASE_TYPES["Date"], first.value if isinstance(first, Literal) and not more else "", ())
        except BadInput:
            self.refuse(node, 'It is written like date("2026-01-31").')
        return Base.DATE
