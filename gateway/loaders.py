"""Loaders of one request: fetches of one tick that go to the same place become one call of the spaces.

A key is a whole step's request (all ids of a level), not a single id: aiodataloader then costs a few futures a
request instead of hundreds. Equal companies, people and participants of one request are fetched once; sides
are batched but not kept: a fetch has no cheap key (its `id` names another fetch once it is freed). Pages, of which no
two can be one call, do not come through here. `Loaders` are made anew after each mutation, so nothing is read that was
read before a change.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from functools import wraps
from itertools import groupby
from operator import itemgetter
from typing import Any, TypeVar

from aiodataloader import DataLoader

from schema.names import CompanyId, PersonId, RecordId
from spaces.contract import Spaces
from spaces.fetch import (
    CompanyRow,
    ParticipantFetch,
    ParticipantRow,
    PersonRow,
    SideFetch,
    SideRow,
)

K = TypeVar("K")
V = TypeVar("V")


def _stoppable(
    fetch: Callable[["Loaders", Sequence[K]], Awaitable[list[V]]],
) -> Callable[["Loaders", Sequence[K]], Coroutine[Any, Any, list[V]]]:
    """A batch that `Loaders.stop` can cancel: aiodataloader runs it in a task of its own, behind the request's."""

    @wraps(fetch)
    async def run(loaders: "Loaders", keys: Sequence[K]) -> list[V]:
        task = asyncio.current_task()
        loaders.under_way.add(task)
        try:
            return await fetch(loaders, keys)
        finally:
            loaders.under_way.discard(task)

    return run


class Loaders:
    """`companies` and `people`: tuple of ids -> {id: row}. `participants`: ParticipantFetch -> {record: rows}.
    `sides`: tuple of SideFetch -> list of rows for each."""

    def __init__(self, spaces: Spaces) -> None:
        self._spaces = spaces
        self.under_way: set[asyncio.Task[Any] | None] = set()
        self.companies: DataLoader[tuple[CompanyId, ...], dict[str, CompanyRow]] = DataLoader(self._companies)
        self.people: DataLoader[tuple[PersonId, ...], dict[str, PersonRow]] = DataLoader(self._people)
        self.participants: DataLoader[ParticipantFetch, dict[RecordId, list[ParticipantRow]]] = DataLoader(
            self._participants
        )
        self.sides: DataLoader[tuple[SideFetch, ...], list[list[SideRow]]] = DataLoader(self._sides, cache=False)

    def stop(self) -> None:
        """Cancels every fetch that is under way."""
        for task in self.under_way:
            if task is not None:
                task.cancel()

    @_stoppable
    async def _companies(self, keys: Sequence[tuple[CompanyId, ...]]) -> list[dict[str, CompanyRow]]:
        ids = _together(keys)
        found: dict[str, CompanyRow] = {row.id: row for row in await self._spaces.companies(ids) if row}
        return [found if len(keys) == 1 else {i: found[i] for i in key if i in found} for key in keys]

    @_stoppable
    async def _people(self, keys: Sequence[tuple[PersonId, ...]]) -> list[dict[str, PersonRow]]:
        ids = _together(keys)
        found: dict[str, PersonRow] = {row.id: row for row in await self._spaces.people(ids) if row}
        return [found if len(keys) == 1 else {i: found[i] for i in key if i in found} for key in keys]

    @_stoppable
    async def _participants(self, keys: Sequence[ParticipantFetch]) -> list[dict[RecordId, list[ParticipantRow]]]:
        answers: list[dict[RecordId, list[ParticipantRow]]] = []
        for fetch in keys:  # levels of one tick have the same records, hence one key; others are rare
            grouped: dict[RecordId, list[ParticipantRow]] = {record: [] for record in fetch.records}
            for record, rows in groupby(await self._spaces.participants(fetch), itemgetter(0)):
                grouped[record] = list(rows)
            answers.append(grouped)
        return answers

    @_stoppable
    async def _sides(self, keys: Sequence[tuple[SideFetch, ...]]) -> list[list[list[SideRow]]]:
        found = iter(await self._spaces.sides([fetch for key in keys for fetch in key]))
        return [[next(found) for _ in key] for key in keys]


def _together(keys: Sequence[tuple[K, ...]]) -> list[K]:
    """The ids of all keys, each once."""
    ids = dict.fromkeys(keys[0])
    for key in keys[1:]:
        ids.update(dict.fromkeys(key))
    return list(ids)
