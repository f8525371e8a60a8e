"""Writes that are under way: who changes what they were decided by waits for them, so that none of them is missed."""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any


class Underway:
    """The writes between their decision and the end of their commit. Used from one thread."""

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

    async def lasting(self, commit: Coroutine[Any, Any, None]) -> None:
        """Awaits a commit, which is under way until it has ended, also where who waits for it is stopped."""
        task = asyncio.ensure_future(commit)
        self._writes.add(task)
        task.add_done_callback(self._end)
        await asyncio.shield(task)

    def _end(self, task: asyncio.Future[None]) -> None:
        self._writes.discard(task)
        if not task.cancelled():
            task.exception()  # nobody else may be left to ask

    async def ended(self) -> None:
        """Waits for those that are under way now; later ones see what holds now."""
        if self._writes:
            await asyncio.wait(tuple(self._writes))
