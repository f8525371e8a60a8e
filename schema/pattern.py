r"""Patterns of texts: regular expressions that are matched in time linear in the text, whatever the two are.

A pattern describes the whole text. It is made of characters, `.` (anything but a line feed), `\d \w \s` and `\D \W \S`
(of ASCII), `\t \n \r`, classes like `[a-z_]` and `[^,]`, groups `( )` and `(?: )`, `|`, and `* + ? {2} {2,} {2,5}`.
A character that means something is written behind a backslash. There is nothing that looks back or around.

1. `parse`: the text to a tree, of which each place is one position, counted repetitions spelled out;
2. `schema/automaton.py`: the tree to an automaton, and the text through it.
"""

import re
from dataclasses import dataclass
from typing import NoReturn, TypeAlias

from schema.given import refuse

LONGEST_PATTERN = 200
MOST_POSITIONS = 250
"""How many characters a pattern may have with its counted repetitions spelled out: `[a-z]{3}x` has 4."""
_DEEPEST = 20

Ranges: TypeAlias = tuple[tuple[int, int], ...]
"""A set of characters: sorted code points, from and to, both included, that do not touch."""

_LAST = 0x10FFFF


@dataclass(frozen=True, slots=True)
class Characters:
    """One character of a set."""

    ranges: Ranges
    size = 1


@dataclass(frozen=True, slots=True)
class Sequence:
    """One after the other."""

    items: tuple["Node", ...]
    size: int


@dataclass(frozen=True, slots=True)
class Choice:
    """One of them."""

    items: tuple["Node", ...]
    size: int


@dataclass(frozen=True, slots=True)
class Repeat:
    """From `low` to `high` times, both included; without end where `high` is None. `high` is at least 1."""

    item: "Node"
    low: int
    high: int | None
    size: int


Node: TypeAlias = Characters | Sequence | Choice | Repeat

_COUNT = re.compile(r"\{(\d{1,3})(,?)(\d{1,3})?\}", re.ASCII)


def _joined(ranges: list[tuple[int, int]]) -> Ranges:
    found: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if found and low <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], high))
        else:
            found.append((low, high))
    return tuple(found)


def _others(ranges: Ranges) -> Ranges:
    """All characters that are not in the set."""
    starts = [0, *(high + 1 for _, high in ranges)]
    ends = [*(low - 1 for low, _ in ranges), _LAST]
    return tuple((low, high) for low, high in zip(starts, ends, strict=True) if low <= high)


def _of(*pairs: str) -> Ranges:
    return _joined([(ord(pair[0]), ord(pair[-1])) for pair in pairs])


_NAMED = {"d": _of("09"), "w": _of("09", "AZ", "__", "az"), "s": _of("\t\r", "  ")}
_NAMED |= {name.upper(): _others(ranges) for name, ranges in _NAMED.items()}
_NAMED |= {"t": _of("\t"), "n": _of("\n"), "r": _of("\r")}
_ANY = _others(_of("\n"))
_PUNCTUATION = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")


def parse(text: str, path: tuple[str, ...]) -> Node:
    """The tree of a pattern. Raises BadInput with `path` and the number of the character, from 1."""
    if len(text) > LONGEST_PATTERN:
        refuse(path, f"A pattern has at most {LONGEST_PATTERN} characters.")
    reader = _Reader(text, path)
    tree, at = reader.choice(1 if text.startswith("^") else 0, 0)
    if at < len(text):
        reader.refuse(at, "This bracket closes nothing.")
    return tree


@dataclass(frozen=True, slots=True)
class _Reader:
    """Each method reads from a place of the text and returns what it read and the place behind it."""

    text: str
    path: tuple[str, ...]

    def refuse(self, at: int, why: str) -> NoReturn:
        refuse(self.path, f"Character {at + 1} of this pattern: {why}")

    def _peek(self, at: int) -> str:
        """The character at a place, "" at the end; a `$` at the end of the text means nothing more than the end."""
        here = self.text[at : at + 1]
        return "" if here == "$" and at == len(self.text) - 1 else here

    def _sized(self, at: int, size: int) -> int:
        if size > MOST_POSITIONS:
            self.refuse(at, f"Spelled out, this has more than {MOST_POSITIONS} characters.")
        return size

    def choice(self, at: int, depth: int) -> tuple[Node, int]:
        """Sequences with `|` between them, up to a closing bracket or the end."""
        if depth > _DEEPEST:
            self.refuse(at, "The brackets nest too deeply.")
        first, start = at, at
        items: list[Node] = []
        while True:
            item, at = self._sequence(start, depth)
            items.append(item)
            if self._peek(at) != "|":
                break
            start = at + 1
        if len(items) == 1:
            return items[0], self._end(at)
        return Choice(tuple(items), self._sized(first, sum(item.size for item in items))), self._end(at)

    def _end(self, at: int) -> int:
        return at if self._peek(at) else len(self.text)

    def _sequence(self, start: int, depth: int) -> tuple[Node, int]:
        at = start
        items: list[Node] = []
        while (here := self._peek(at)) and here not in "|)":
            item, at = self._repeated(at, depth)
            items.append(item)
        if not items:
            self.refuse(start, "Something is expected here; for what may be left out, write `?` behind it.")
        return Sequence(tuple(items), self._sized(start, sum(item.size for item in items))), at

    def _repeated(self, start: int, depth: int) -> tuple[Node, int]:
        item, at = self._one(start, depth)
        low, high, after = self._count(at)
        if after == at:
            return item, at
        if self._count(after)[2] > after:
            self.refuse(after, "There is one repetition here already; put brackets around it to repeat it again.")
        return Repeat(item, low, high, self._sized(start, item.size * max(high or low, 1))), after

    def _count(self, at: int) -> tuple[int, int | None, int]:
        match self._peek(at):
            case "*":
                return 0, None, at + 1
            case "+":
                return 1, None, at + 1
            case "?":
                return 0, 1, at + 1
            case "{":
                return self._braces(at)
        return 1, 1, at

    def _braces(self, at: int) -> tuple[int, int | None, int]:
        count = _COUNT.match(self.text, at)
        if not count or (count[3] and not count[2]):
            self.refuse(at, "A count is written {2}, {2,} or {2,5}; a brace itself has a backslash before it.")
        low = int(count[1])
        high = int(count[3]) if count[3] else None if count[2] else low
        if high is not None and (high < 1 or high < low):
            self.refuse(at, "The most of a count is at least 1, and no less than the least.")
        return low, high, count.end()

    def _one(self, at: int, depth: int) -> tuple[Node, int]:
        here = self.text[at]
        match here:
            case "(":
                start = at + 3 if self.text.startswith("(?:", at) else at + 1
                if self.text.startswith("?", start):
                    self.refuse(start, "Groups of this sort are not supported, only ( ) and (?: ).")
                item, at = self.choice(start, depth + 1)
                if self._peek(at) != ")":
                    self.refuse(at, "A closing bracket is missing.")
                return item, at + 1
            case "[":
                return self._class(at)
            case "\\":
                ranges, at = self._escape(at)
                return Characters(ranges), at
            case ".":
                return Characters(_ANY), at + 1
            case "^" | "$":
                self.refuse(at, "A pattern is of the whole text: ^ may only begin and $ only end it.")
            case "*" | "+" | "?" | "{":
                self.refuse(at, "There is nothing to repeat here.")
            case "]" | "}":
                self.refuse(at, "This bracket closes nothing; for the character, put a backslash before it.")
        return Characters(((ord(here), ord(here)),)), at + 1

    def _escape(self, at: int) -> tuple[Ranges, int]:
        name = self.text[at + 1 : at + 2]
        if name in _NAMED:
            return _NAMED[name], at + 2
        if name not in _PUNCTUATION:
            self.refuse(at, "This is not supported behind a backslash.")
        return ((ord(name), ord(name)),), at + 2

    def _class(self, start: int) -> tuple[Node, int]:
        negative = self.text.startswith("[^", start)
        at = first = start + (2 if negative else 1)
        ranges: list[tuple[int, int]] = []
        while (here := self.text[at : at + 1]) != "]" or at == first:
            if here in ("", "[", "]"):
                why = "A ] is missing behind this." if here == "" else "Put a backslash before this bracket."
                self.refuse(start if here == "" else at, why)
            low, after = self._member(at)
            if self.text.startswith("-", after) and not self.text.startswith("-]", after):
                high, end = self._member(after + 1)
                if len(low) > 1 or len(high) > 1 or low[0][0] != low[0][1] or high[0][0] != high[0][1]:
                    self.refuse(at, "A range goes from one character to another.")
                if low[0][0] > high[0][0]:
                    self.refuse(at, "This range ends before it begins.")
                low, after = ((low[0][0], high[0][0]),), end
            ranges += low
            at = after
        found = _joined(ranges)
        found = _others(found) if negative else found
        if not found:
            self.refuse(start, "No character is left.")
        return Characters(found), at + 1

    def _member(self, at: int) -> tuple[Ranges, int]:
        here = self.text[at : at + 1]
        if here == "\\":
            return self._escape(at)
        if here in ("", "[", "]"):
            self.refuse(at, "A character is expected here.")
        return ((ord(here), ord(here)),), at + 1
