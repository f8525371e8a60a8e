"""The queue before the writer: every change that waits is taken at once, so concurrent commits share transactions."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeAlias, TypeVar

from spaces.change import Change

Result = TypeVar("Result")
_Waiting: TypeAlias = tuple[Change, "asyncio.Future[Exception | None]"]

BATCH = 5000
"""Changes taken at once. The more, the fewer transactions an import takes (each company's file has one a wave); the
fewer, the sooner another's commit gets in between (5,000 changes take one to two seconds)."""


class WriteQueue:
    """Runs writes one after another in one thread. Changes of one record are serialised by that alone."""

    def __init__(self, write: Callable[[Sequence[Change]], list[Exception | None]]) -> None:
        self._write = write
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="writer")
        self._waiting: list[_Waiting] = []
        self._draining: asyncio.Task[None] | None = None

    async def commit(self, changes: Sequence[Change]) -> list[Exception | None]:
        """Commits changes in order; for each its error, or None. A caller that is cancelled while it waits no
        longer learns the outcome; the changes happen all the same."""
        errors: list[Exception | None] = []
        for start in range(0, len(changes), BATCH):
            errors += await asyncio.gather(*[self._put(change) for change in changes[start : start + BATCH]])
        return errors

    def _put(self, change: Change) -> "asyncio.Future[Exception | None]":
        future: asyncio.Future[Exception | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((change, future))
        if self._draining is None:
            self._draining = asyncio.get_running_loop().create_task(self._drain())
        return future

    async def run(self, work: Callable[[], Result]) -> Result:
        """Runs other work in the thread that writes."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def _drain(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
                changes = [change for change, _ in batch]
                errors: list[Exception | None]
                try:
                    errors = await self.run(partial(self._write, changes))
                except Exception as error:
                    errors = [error] * len(batch)
                for (_, future), outcome in zip(batch, errors, strict=True):
                    if not future.done():
                        future.set_result(outcome)
        finally:
            self._draining = None

    async def close(self) -> None:
        """Waits for what is under way and ends the thread. Idempotent."""
        while self._draining is not None:
            await asyncio.wait([self._draining])
        self._thread.shutdown()
