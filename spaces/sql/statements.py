"""The latest compiled statements, by what they were compiled for, and the values that statements take."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

T = TypeVar("T")


class Statements:
    """Keeps the latest `limit` statements. A key may hold identities of objects: `alive` are those objects, which
    live as long as the key."""

    def __init__(self, limit: int = 512) -> None:
        self._limit = limit
        self._kept: OrderedDict[tuple[object, ...], tuple[Any, object]] = OrderedDict()

    def get(self, key: tuple[object, ...], alive: object, compile_: Callable[[], T]) -> T:
        """The statement of a key, compiled now where it is not there."""
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = (compile_(), alive)
            if len(self._kept) > self._limit:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(key)
        statement: T = found[0]
        return statement


def cursor_values(name: str, position: Sequence[object] | None, parts: int) -> dict[str, object]:
    """What a statement that tests against a position of so many parts takes: `has_<name>` and `<name>_<part>`."""
    given = tuple(position or (None,) * parts)
    return {f"has_{name}": position is not None, **{f"{name}_{place}": value for place, value in enumerate(given)}}
