"""A bound on what all models keep of documents, by weight: one shelf for all, so that neither many companies nor one
caller who sends ever new documents fill the memory.

What was used once stands in one part, what was used again in the other, each least recently used out first: so a flood
of documents that nobody asks for again pushes out its like, and not what everybody uses.
"""

from collections import OrderedDict
from collections.abc import Callable
from itertools import count
from typing import TypeAlias

Key: TypeAlias = tuple[int, str]
"""Who keeps it, as `Shelf.keeper` numbers them, and under which name."""

UNITS = 1024 * 1024
"""How much all of a gateway's documents may weigh. A unit is a token of a document or an entry of a plan, about
half a KiB as measured: so half a GiB in all."""


class Shelf:
    """Weights of what is kept, with what takes each away. An entry that alone weighs more than its part is still kept,
    until the next one comes."""

    def __init__(self, units: int = UNITS) -> None:
        self._once = _Part(units // 4)
        self._again = _Part(units - units // 4)
        self._keepers = count()

    @property
    def weight(self) -> int:
        """What all entries weigh."""
        return self._once.weight + self._again.weight

    def keeper(self) -> int:
        """A number for somebody new who keeps things."""
        return next(self._keepers)

    def put(self, key: Key, weight: int, drop: Callable[[], None]) -> None:
        """Takes in an entry; `drop` is called when it has to go."""
        self._once.put(key, weight, drop)

    def use(self, key: Key) -> None:
        """An entry was used again."""
        if not self._again.refresh(key):
            weight, drop = self._once.take(key)
            self._again.put(key, weight, drop)

    def add(self, key: Key, weight: int) -> None:
        """An entry weighs so much more. Nothing happens where it is gone."""
        for part in (self._once, self._again):
            part.add(key, weight)

    def remove(self, key: Key) -> None:
        """Takes an entry away, without dropping it. Nothing happens where it is gone."""
        for part in (self._once, self._again):
            if key in part:
                part.take(key)


class _Part:
    def __init__(self, units: int) -> None:
        self._units = units
        self._entries: OrderedDict[Key, tuple[int, Callable[[], None]]] = OrderedDict()
        self.weight = 0

    def __contains__(self, key: Key) -> bool:
        return key in self._entries

    def put(self, key: Key, weight: int, drop: Callable[[], None]) -> None:
        self._entries[key] = weight, drop
        self.weight += weight
        self._shrink()

    def take(self, key: Key) -> tuple[int, Callable[[], None]]:
        weight, drop = self._entries.pop(key)
        self.weight -= weight
        return weight, drop

    def refresh(self, key: Key) -> bool:
        if key not in self._entries:
            return False
        self._entries.move_to_end(key)
        return True

    def add(self, key: Key, weight: int) -> None:
        if key in self._entries:
            before, drop = self._entries[key]
            self._entries[key] = before + weight, drop
            self.weight += weight
            self._shrink()

    def _shrink(self) -> None:
        while self.weight > self._units and len(self._entries) > 1:
            key = next(iter(self._entries))
            _, drop = self.take(key)
            drop()
