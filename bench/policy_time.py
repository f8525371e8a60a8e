"""How much of a page is spent on policy: every call into `policies`, and every mask program that is run.

The clock itself costs about 0.1 µs a call, and its time is counted as the policy's.
"""

import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import gateway.bind
import gateway.steps.sides
from policies.authority import Policies
from policies.decide import CompanySides, Decisions


class Clock:
    """Adds up the time between entering and leaving what is watched; a call inside another is not counted twice."""

    def __init__(self) -> None:
        self.nanoseconds = 0
        self._inside = False

    def watched(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, with its time counted."""

        def timed(*args: Any, **named: Any) -> Any:
            if self._inside:
                return function(*args, **named)
            self._inside = True
            start = time.perf_counter_ns()
            try:
                return function(*args, **named)
            finally:
                self.nanoseconds += time.perf_counter_ns() - start
                self._inside = False

        return timed


@contextmanager
def watching(clock: Clock) -> Iterator[None]:
    """Watches everything that decides."""
    doors: list[tuple[Any, str]] = [
        (Policies, "pin"),
        (Decisions, "joint"),
        (Decisions, "participants"),
        (Decisions, "sides"),
        (CompanySides, "program"),
        (gateway.bind, "bits"),
        (gateway.bind, "side_bits"),
        (gateway.steps.sides, "bits"),
    ]
    kept = [getattr(owner, name) for owner, name in doors]
    for (owner, name), function in zip(doors, kept, strict=True):
        setattr(owner, name, clock.watched(function))
    try:
        yield
    finally:
        for (owner, name), function in zip(doors, kept, strict=True):
            setattr(owner, name, function)


async def policy_seconds(ask: Callable[[str], Awaitable[Any]], tokens: list[str]) -> list[float]:
    """The policy time of one page for each token, in seconds; the pages were asked before, so they are warm."""
    found = []
    clock = Clock()
    with watching(clock):
        for token in tokens:
            before = clock.nanoseconds
            await ask(token)
            found.append((clock.nanoseconds - before) / 1e9)
    return found
