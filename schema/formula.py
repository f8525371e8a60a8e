"""Formulas: what a custom field is computed of, from the other fields of the same side. Text to tree.

    if(stage = "LAUNCHED", amount, round(amount * probability / 100, 2))

Numbers, texts in double quotes, true, false; names of fields; `+ - * /`, `= != < <= > >=`, `and or not`, brackets;
functions. What each takes and gives stands in `schema/formula_types.py`, what it means in `schema/formula_values.py`.

1. the text to tokens; 2. tokens to a tree, by precedence. Text and tree are bounded, so that whatever walks them is.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import NoReturn, TypeAlias

from schema.given import refuse

HIGHEST = 100
"""How many operations may hang on each other, a + b + c being two."""
_DEEPEST = 40
_MOST_ARGUMENTS = 50


@dataclass(frozen=True, slots=True)
class Literal:
    """A value that is written out. `at` is the number of its first character, from 1."""

    at: int
    value: Fraction | str | bool
    height = 0


@dataclass(frozen=True, slots=True)
class Name:
    """The value of a field: as written its name, in a `Custom` the ident."""

    at: int
    name: str
    height = 0


@dataclass(frozen=True, slots=True)
class Call:
    """An operator or a function of other values; `0-` is the minus of one."""

    at: int
    name: str
    arguments: tuple["Node", ...]
    height: int


Node: TypeAlias = Literal | Name | Call

_TOKEN = re.compile(
    r"""\s*(?:(?P<number>\d{1,15}(?:\.\d{1,9})?) | (?P<text>"(?:[^"\\]|\\["\\])*") | (?P<name>[A-Za-z][A-Za-z0-9_]*)
    | (?P<sign>!=|<=|>=|[-+*/=<>(),]))""",
    re.VERBOSE | re.ASCII,
)
_PRECEDENCE = {"or": 1, "and": 2}
_PRECEDENCE |= dict.fromkeys(("=", "!=", "<", "<=", ">", ">="), 4) | {"+": 5, "-": 5, "*": 6, "/": 6}
_NOT, _COMPARISON, _MINUS = 3, 4, 7
WORDS = frozenset(("and", "or", "not", "true", "false"))


@dataclass(frozen=True, slots=True)
class _Token:
    sort: str  # "number", "text", "name", "sign", or "end"
    text: str
    at: int  # place in the text, from 0


def _tokens(text: str, path: tuple[str, ...]) -> list[_Token]:
    found: list[_Token] = []
    at, end = 0, len(text.rstrip())
    while at < end:
        match = _TOKEN.match(text, at)
        if not match:
            blanks = len(text[at:]) - len(text[at:].lstrip())
            _refuse(path, at + blanks + 1, "This cannot stand in a formula.")
        sort = match.lastgroup or ""
        found.append(_Token(sort, match[sort], match.start(sort)))
        at = match.end()
    return [*found, _Token("end", "", end)]


def _refuse(path: tuple[str, ...], at: int, why: str) -> NoReturn:
    refuse(path, f"Character {at} of this formula: {why}")


def parse(text: str, path: tuple[str, ...]) -> Node:
    """The tree of a formula. Raises BadInput with `path` and the number of the character, from 1."""
    reader = _Reader(_tokens(text, path), path)
    tree, at = reader.expression(0, 0, 0)
    if reader.tokens[at].sort != "end":
        reader.refuse(at, "An operator is expected here.")
    return tree


@lru_cache(maxsize=4_096)
def tree(text: str) -> Node:
    """The tree of a formula that has been parsed before."""
    return parse(text, ())


def names(node: Node) -> tuple[str, ...]:
    """The names that a tree reads, each once, in the order of their first mention."""
    found: dict[str, None] = {}
    waiting = [node]
    while waiting:
        match waiting.pop():
            case Name(_, name):
                found[name] = None
            case Call(_, _, arguments):
                waiting += reversed(arguments)
    return tuple(found)


def renamed(text: str, new: Mapping[str, str]) -> str:
    """The text of a formula with names of fields replaced, and nothing else."""
    parts, done = [], 0
    tokens = _tokens(text, ())
    for token, follower in pairwise(tokens):
        if token.sort == "name" and follower.text != "(" and token.text in new:
            parts += [text[done : token.at], new[token.text]]
            done = token.at + len(token.text)
    return "".join([*parts, text[done:]])


@dataclass(frozen=True, slots=True)
class _Reader:
    """Each method reads from a token on and returns what it read and the number of the next token."""

    tokens: list[_Token]
    path: tuple[str, ...]

    def refuse(self, at: int, why: str) -> NoReturn:
        _refuse(self.path, self.tokens[at].at + 1, why)

    def expression(self, at: int, floor: int, depth: int) -> tuple[Node, int]:
        """A value, and what operators of at least this precedence make of it."""
        if depth > _DEEPEST:
            self.refuse(at, "This nests too deeply.")
        left, at = self._prefixed(at, depth)
        compared = False
        while (precedence := _PRECEDENCE.get(self._operator(at), 0)) and precedence >= floor:
            if compared and precedence == _COMPARISON:
                self.refuse(at, "Comparisons do not chain; write `and` between two of them.")
            compared = precedence == _COMPARISON
            right, after = self.expression(at + 1, precedence + 1, depth + 1)
            left, at = self._call(at, self.tokens[at].text, (left, right)), after
        return left, at

    def _operator(self, at: int) -> str:
        token = self.tokens[at]
        return token.text if token.sort in ("sign", "name") else ""

    def _call(self, at: int, name: str, arguments: tuple[Node, ...]) -> Call:
        height = 1 + max(argument.height for argument in arguments)
        if height > HIGHEST:
            self.refuse(at, f"More than {HIGHEST} operations hang on each other; use brackets, or another field.")
        return Call(self.tokens[at].at + 1, name, arguments, height)

    def _prefixed(self, at: int, depth: int) -> tuple[Node, int]:
        match self._operator(at):
            case "not":
                operand, after = self.expression(at + 1, _NOT, depth + 1)
                return self._call(at, "not", (operand,)), after
            case "-":
                operand, after = self.expression(at + 1, _MINUS, depth + 1)
                return self._call(at, "0-", (operand,)), after
            case "(":
                inner, after = self.expression(at + 1, 0, depth + 1)
                return inner, self._closed(after)
        return self._simple(at, depth)

    def _simple(self, at: int, depth: int) -> tuple[Node, int]:
        token = self.tokens[at]
        place = token.at + 1
        if token.sort == "number":
            return Literal(place, Fraction(token.text)), at + 1
        if token.sort == "text":
            return Literal(place, re.sub(r"\\(.)", r"\1", token.text[1:-1])), at + 1
        if token.sort != "name" or token.text in ("and", "or"):
            self.refuse(at, "A value is expected here.")
        if token.text in ("true", "false"):
            return Literal(place, token.text == "true"), at + 1
        if self._operator(at + 1) == "(":
            arguments, after = self._arguments(at + 2, depth)
            return self._call(at, token.text, arguments), after
        return Name(place, token.text), at + 1

    def _arguments(self, at: int, depth: int) -> tuple[tuple[Node, ...], int]:
        found: list[Node] = []
        while True:
            argument, at = self.expression(at, 0, depth + 1)
            found.append(argument)
            if len(found) > _MOST_ARGUMENTS:
                self.refuse(at, f"A function takes at most {_MOST_ARGUMENTS} values.")
            if self._operator(at) != ",":
                return tuple(found), self._closed(at)
            at += 1

    def _closed(self, at: int) -> int:
        if self._operator(at) != ")":
            self.refuse(at, "A closing bracket is expected here.")
        return at + 1
