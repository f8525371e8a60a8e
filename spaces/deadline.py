"""The time by which the present request must have its answer, for backends whose work can be cut short.

The gateway sets it; whoever reads inline, where no timer can fire, asks `passed` as it goes.
"""

import time
from contextvars import ContextVar

DEADLINE: ContextVar[float] = ContextVar("deadline", default=float("inf"))
"""By `time.monotonic()`, in seconds. Tasks inherit it from the one that started them."""


def passed() -> bool:
    """Whether the present request is out of time."""
    return time.monotonic() >= DEADLINE.get()
