"""Writes that are under way: who changes what they were decided by waits for them, so that none of them is missed."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Underway:
    """The writes between their decision and their commit. Used from one thread."""

    def __init__(self) -> None:
        self._writes: set[asyncio.Future[None]] = set()

    @contextmanager
    def one(self) -> Iterator[None]:
        """One write, decided and committed inside."""
        write: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._writes.add(write)
        try:
            yield
        finally:
            self._writes.discard(write)
            write.set_result(None)

    async def ended(self) -> None:
        """Waits for those that are under way now; later ones see what holds now."""
        if self._writes:
            await asyncio.wait(tuple(self._writes))
