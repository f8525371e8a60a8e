"""The time by which the present request must have its answer, for backends whose work can be cut short.

The gateway sets it; whoever reads inline, where no timer can fire, asks `passed` as it goes, or `go_on`, or has its
rows come `in_time`.
"""

import time
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from typing import TypeVar

from schema.errors import Fault

T = TypeVar("T")

DEADLINE: ContextVar[float] = ContextVar("deadline", default=float("inf"))
"""By `time.monotonic()`, in seconds. Tasks inherit it from the one that started them."""

_EVERY = 500  # rows between two looks at the deadline: of rows that take 1 to 10 µs, a few milliseconds


class OutOfTime(Fault):
    """The present request is out of time."""


def passed() -> bool:
    """Whether the present request is out of time."""
    return time.monotonic() >= DEADLINE.get()


def go_on() -> None:
    """Does nothing while there is time. Raises OutOfTime."""
    if passed():
        raise OutOfTime("out of time")


def in_time(rows: Iterable[T]) -> Iterator[T]:
    """The rows, as long as there is time. Raises OutOfTime."""
    for place, row in enumerate(rows):
        if not place % _EVERY:
            go_on()
        yield row
