"""The automaton of a pattern: every place of the pattern that can be reached is followed at once.

This is Glushkov's construction: a state is a position of the pattern, sets of positions are the bits of a number. A
text of n characters takes n steps; each costs at most as much as the pattern has positions, mostly one look-up.
"""

from bisect import bisect_right
from dataclasses import dataclass, field
from functools import lru_cache

from schema.pattern import Characters, Choice, Node, Ranges, Repeat, Sequence, parse


@dataclass(frozen=True, slots=True)
class Automaton:
    """`positions` many positions. `first` are those that a text may begin with, `last` those that it may end with,
    `after[i]` those that may follow position i. Characters from `bounds[i]` on, up to the next, are of class i, and
    `masks[i]` are the positions that take them."""

    positions: int
    empty: bool  # whether it matches the empty text
    first: int
    last: int
    after: tuple[int, ...] = field(repr=False)
    bounds: tuple[int, ...] = field(repr=False)
    masks: tuple[int, ...] = field(repr=False)

    def matches(self, text: str) -> bool:
        """Whether the whole text matches."""
        if not text:
            return self.empty
        known: dict[int, int] = {}
        reachable, states = self.first, 0
        for character in text:
            states = reachable & self.masks[bisect_right(self.bounds, ord(character)) - 1]
            if not states:
                return False
            if states not in known:
                known[states] = self._follow(states)
            reachable = known[states]
        return bool(states & self.last)

    def _follow(self, states: int) -> int:
        found = 0
        while states:
            lowest = states & -states
            found |= self.after[lowest.bit_length() - 1]
            states ^= lowest
        return found


@lru_cache(maxsize=4_096)
def automaton(pattern: str) -> Automaton:
    """The automaton of a pattern. Raises BadInput where it is none, without a place of its own."""
    return build(parse(pattern, ()))


@dataclass(frozen=True, slots=True)
class _Part:
    empty: bool
    first: int
    last: int


def build(tree: Node) -> Automaton:
    """The automaton of a tree."""
    sets: list[Ranges] = []
    after: list[int] = []
    whole = _add(tree, sets, after)
    bounds = sorted({0, *(edge for ranges in sets for low, high in ranges for edge in (low, high + 1))})
    masks = [
        sum(1 << i for i, ranges in enumerate(sets) if any(low <= bound <= high for low, high in ranges))
        for bound in bounds
    ]
    return Automaton(len(sets), whole.empty, whole.first, whole.last, tuple(after), tuple(bounds), tuple(masks))


def _add(node: Node, sets: list[Ranges], after: list[int]) -> _Part:
    """Adds the positions of a node."""
    match node:
        case Characters(ranges):
            sets.append(ranges)
            after.append(0)
            bit = 1 << (len(sets) - 1)
            return _Part(False, bit, bit)
        case Sequence(items):
            return _chain([_add(item, sets, after) for item in items], after)
        case Choice(items):
            parts = [_add(item, sets, after) for item in items]
            first, last = 0, 0
            for part in parts:
                first, last = first | part.first, last | part.last
            return _Part(any(part.empty for part in parts), first, last)
    return _repeated(node, sets, after)


def _repeated(node: Repeat, sets: list[Ranges], after: list[int]) -> _Part:
    copies = [_add(node.item, sets, after) for _ in range(max(node.high or node.low, 1))]
    if node.high is None:
        _link(copies[-1].last, copies[-1].first, after)
    return _chain(
        [copy if i < node.low else _Part(True, copy.first, copy.last) for i, copy in enumerate(copies)], after
    )


def _chain(parts: list[_Part], after: list[int]) -> _Part:
    whole = parts[0]
    for part in parts[1:]:
        _link(whole.last, part.first, after)
        first = whole.first | part.first if whole.empty else whole.first
        last = whole.last | part.last if part.empty else part.last
        whole = _Part(whole.empty and part.empty, first, last)
    return whole


def _link(last: int, first: int, after: list[int]) -> None:
    for i in range(last.bit_length()):
        if last >> i & 1:
            after[i] |= first
