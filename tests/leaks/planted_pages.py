"""Planted leaks of pages and groups in memory: masks opened, rows counted that are hidden."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from gateway.objects import SideObject
from schema.mask import MaskProgram
from schema.where import ALWAYS
from spaces.memory import MemorySpaces
from tests.leaks.scenario import Harness

Plant = Callable[[Harness], contextlib.AbstractContextManager[Any]]
_ALL = (1 << 64) - 1


class Open:
    """Masks that show everything of the sides that exist for the viewer."""

    columns: frozenset[str] = frozenset()
    record_columns: frozenset[str] = frozenset()

    def __init__(self, plain: Any) -> None:
        self._plain = plain

    def of(self, company: Any) -> Any:
        return Open(self._plain.of(company))

    def texts(self, company: Any) -> Any:
        return self._plain.texts(company)

    def bit(self, column: str) -> int:
        bit: int = self._plain.bit(column)
        return bit

    def program(self, sharing: Any) -> MaskProgram:
        return opened(self._plain.program(sharing))


def opened(program: MaskProgram) -> MaskProgram:
    """The program with every field shown of what exists."""
    return replace(
        program,
        always=_ALL if program.always & 1 else 0,
        cases=tuple((tests, _ALL) for tests, bits in program.cases if bits & 1),
        evaluate=lambda *row: _ALL if program.evaluate(*row) & 1 else 0,
    )


def raw(fetch: Any) -> Any:
    """The fetch with its masks opened."""
    related = fetch.related and replace(fetch.related, partners=Open(fetch.related.partners))
    return replace(fetch, joint_mask=opened(fetch.joint_mask), own_masks=Open(fetch.own_masks), related=related)


def pages(change: Callable[..., Any]) -> Plant:
    """`change(plain, self, fetch)` in the place of MemorySpaces.page."""
    plain = MemorySpaces.page

    async def page(self: MemorySpaces, fetch: Any) -> Any:
        return await change(plain, self, fetch)

    return lambda harness: patch.object(MemorySpaces, "page", page)


async def _filter_raw(plain: Any, self: Any, fetch: Any) -> Any:
    if fetch.where == ALWAYS:
        return await plain(self, fetch)
    wide = replace(raw(fetch), limit=1000, after=None, before=None, order=(), ids=fetch.ids)
    ids = tuple(row.record for row in (await plain(self, wide)).rows)
    return await plain(self, replace(fetch, where=ALWAYS, ids=ids))


async def _partners_raw(plain: Any, self: Any, fetch: Any) -> Any:
    related = fetch.related and replace(fetch.related, partners=Open(fetch.related.partners))
    return await plain(self, replace(fetch, related=related))


async def _sort_raw(plain: Any, self: Any, fetch: Any) -> Any:
    by_raw = await plain(self, replace(raw(fetch), where=ALWAYS, after=None, before=None, limit=1000))
    order = [row.record for row in by_raw.rows]
    page = await plain(self, fetch)
    return replace(page, rows=sorted(page.rows, key=lambda row: order.index(row.record)))


async def _count_hidden(plain: Any, self: Any, fetch: Any) -> Any:
    page = await plain(self, fetch)
    total = sum(record.kind == fetch.kind.name for record in self._records.values())
    return replace(page, total=None if page.total is None else total)


async def _count_left(plain: Any, self: Any, fetch: Any) -> Any:
    page = await plain(self, fetch)
    gone = [r for r in self._records.values() if r.kind == fetch.kind.name and fetch.company in r.participants]
    return replace(page, total=None if page.total is None else len(gone))


async def _next_hidden(plain: Any, self: Any, fetch: Any) -> Any:
    page = await plain(self, fetch)
    total = sum(record.kind == fetch.kind.name for record in self._records.values())
    return replace(page, has_next=page.has_next or total > fetch.limit)


async def _short_pages(plain: Any, self: Any, fetch: Any) -> Any:
    ranked = sorted(i for i, r in self._records.items() if r.kind == fetch.kind.name)
    page = await plain(self, fetch)
    kept = set(ranked[: fetch.limit + 1])
    return page if fetch.ids or fetch.after else replace(page, rows=[r for r in page.rows if r.record in kept])


async def _one_version(plain: Any, self: Any, fetch: Any) -> Any:
    page = await plain(self, fetch)
    rows = [
        row._replace(own_version=sum(s.version for (_, r), s in self._sides.items() if r == row.record))
        if row.own_version is not None
        else row
        for row in page.rows
    ]
    return replace(page, rows=rows)


async def _any_update(plain: Any, self: Any, fetch: Any) -> Any:
    page = await plain(self, fetch)
    rows = []
    for row in page.rows:
        times = [s.updated_at for (_, r), s in self._sides.items() if r == row.record]
        rows.append(row._replace(updated_at=max([row.updated_at, *times])) if row.updated_at else row)
    return replace(page, rows=rows)


def inner(harness: Harness) -> Any:
    """The spaces of the box that is answering."""
    return next(box.spaces.inner for box in harness.boxes if box.acting)


def _side_stamps(harness: Harness) -> Any:
    newest = property(lambda self: max((self.stamps or {}).values(), default=None))
    return patch.object(SideObject, "updated_at", newest)


def _groups_raw(harness: Harness) -> Any:
    plain = MemorySpaces.groups

    async def groups(self: MemorySpaces, fetch: Any) -> Any:
        return await plain(self, raw(fetch))

    return patch.object(MemorySpaces, "groups", groups)


def resolver(name: str, change: Callable[..., Any]) -> Plant:
    """`change(harness, plain, parents, args, ctx, step)` in the place of a step's resolver."""

    @contextlib.contextmanager
    def plant(harness: Harness) -> Iterator[None]:
        held = [box.gateway.pipeline._resolvers for box in harness.boxes]
        plain = [table[name] for table in held]
        for table, each in zip(held, plain, strict=True):
            table[name] = lambda *given, each=each: change(harness, each, *given)  # type: ignore[index] # a dict
        try:
            yield
        finally:
            for table, each in zip(held, plain, strict=True):
                table[name] = each  # type: ignore[index] # a dict

    return plant


PAGE_LEAKS: dict[str, Plant] = {
    "1 filter compares the raw value": pages(_filter_raw),
    "3 filter looks at partners' raw values": pages(_partners_raw),
    "4 sort by the raw value": pages(_sort_raw),
    "7 groups of raw values": _groups_raw,
    "8 totalCount counts hidden records": pages(_count_hidden),
    "8 totalCount counts records that were left": pages(_count_left),
    "8 hasNextPage counts hidden records": pages(_next_hidden),
    "8 page cut before it is checked": pages(_short_pages),
    "18 version shared between companies": pages(_one_version),
    "18 updatedAt moves on hidden writes": pages(_any_update),
    "18 updatedAt of a partner's side moves on hidden writes": _side_stamps,
}
"""Each by its row and what it does."""
