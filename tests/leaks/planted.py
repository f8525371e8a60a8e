"""Planted leaks: each switches one fault into the gateway, for tests alone. The harness must find every one.

A plant is a context manager; its name begins with the row of `docs/leaks.md` that it breaks.
"""

import contextlib
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import orjson

from gateway.bind import PartnerBinder
from gateway.loaders import Loaders
from gateway.mutations import commit, participation, reading, touching
from gateway.mutations import records as record_mutations
from gateway.objects import SideObject
from gateway.pipeline import Answer, Pipeline
from gateway.seal import Seal
from policies.decide import CompanySides, Decisions
from policies.epoch import Epoch
from schema.errors import Forbidden, NotFound
from schema.mask import MaskProgram
from schema.where import ALWAYS
from spaces.memory import MemorySpaces
from tests.leaks.scenario import Difference, Harness

Plant = Callable[[Harness], contextlib.AbstractContextManager[Any]]
_ALL = (1 << 64) - 1


class _Open:
    """Masks that show everything of the sides that exist for the viewer."""

    columns: frozenset[str] = frozenset()

    def __init__(self, plain: Any) -> None:
        self._plain = plain

    def of(self, company: Any) -> Any:
        return _Open(self._plain.of(company))

    def program(self, sharing: Any) -> MaskProgram:
        return _opened(self._plain.program(sharing))


def _opened(program: MaskProgram) -> MaskProgram:
    """The program with every field shown of what exists."""
    return replace(
        program,
        always=_ALL if program.always & 1 else 0,
        cases=tuple((tests, _ALL) for tests, bits in program.cases if bits & 1),
        evaluate=lambda *row: _ALL if program.evaluate(*row) & 1 else 0,
    )


def _raw(fetch: Any) -> Any:
    """The fetch with its masks opened."""
    related = fetch.related and replace(fetch.related, partners=_Open(fetch.related.partners))
    return replace(fetch, joint_mask=_opened(fetch.joint_mask), own_masks=_Open(fetch.own_masks), related=related)


def _pages(change: Callable[..., Any]) -> Plant:
    """`change(plain, self, fetch)` in the place of MemorySpaces.page."""
    plain = MemorySpaces.page

    async def page(self: MemorySpaces, fetch: Any) -> Any:
        return await change(plain, self, fetch)

    return lambda harness: patch.object(MemorySpaces, "page", page)


async def _filter_raw(plain: Any, self: Any, fetch: Any) -> Any:
    if fetch.where == ALWAYS:
        return await plain(self, fetch)
    wide = replace(_raw(fetch), limit=1000, after=None, before=None, order=(), ids=fetch.ids)
    ids = tuple(row.record for row in (await plain(self, wide)).rows)
    return await plain(self, replace(fetch, where=ALWAYS, ids=ids))


async def _partners_raw(plain: Any, self: Any, fetch: Any) -> Any:
    related = fetch.related and replace(fetch.related, partners=_Open(fetch.related.partners))
    return await plain(self, replace(fetch, related=related))


async def _sort_raw(plain: Any, self: Any, fetch: Any) -> Any:
    shown = await plain(self, replace(fetch, order=(), after=None, before=None, limit=1000))
    by_raw = await plain(self, replace(_raw(fetch), where=ALWAYS, after=None, before=None, limit=1000))
    order = [row.record for row in by_raw.rows]
    page = await plain(self, fetch)
    del shown
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


def _side_stamps(harness: Harness) -> Any:
    newest = property(lambda self: max((self.stamps or {}).values(), default=None))
    return patch.object(SideObject, "updated_at", newest)


def _groups_raw(harness: Harness) -> Any:
    plain = MemorySpaces.groups

    async def groups(self: MemorySpaces, fetch: Any) -> Any:
        return await plain(self, _raw(fetch))

    return patch.object(MemorySpaces, "groups", groups)


def _loose_seal(harness: Harness) -> Any:
    close, open_ = Seal.close, Seal.open
    both = contextlib.ExitStack()
    both.enter_context(patch.object(Seal, "close", lambda self, scope, value: close(self, scope[:1], value)))
    both.enter_context(patch.object(Seal, "open", lambda self, scope, text, field: open_(self, scope[:1], text, field)))
    return both


def _open_cursor(harness: Harness) -> Any:
    close = Seal.close

    def telling(self: Seal, scope: Any, value: Any) -> str:
        hidden = sum(len(box.spaces.inner._records) for box in harness.boxes if box.acting)
        return close(self, scope, value) + ("A" * hidden if scope[0] == "cursor" else "")

    return patch.object(Seal, "close", telling)


def _inner(harness: Harness) -> Any:
    """The spaces of the box that is answering."""
    return next(box.spaces.inner for box in harness.boxes if box.acting)


def _known_to_nobody(harness: Harness, ids: Any) -> bool:
    return any(i in _inner(harness)._records for i in ids)


def _record_of(told: Callable[[Any], Exception]) -> Plant:
    """`record_of` that tells a hidden record from one that is not."""
    plain = reading.record_of

    def plant(harness: Harness) -> Any:
        async def record_of(ctx: Any, public_id: str, name: str) -> Any:
            try:
                return await plain(ctx, public_id, name)
            except NotFound:
                held = _inner(harness)._records.get(public_id)
                raise (told(held) if held else NotFound(field=(name,))) from None

        both = contextlib.ExitStack()
        for module in (participation, record_mutations, reading):
            both.enter_context(patch.object(module, "record_of", record_of))
        return both

    return plant


def _references(harness: Harness) -> Any:
    plain = reading.check_references

    async def check_references(ctx: Any, kind: Any, part: str, stored: Any, path: Any) -> None:
        try:
            await plain(ctx, kind, part, stored, path)
        except NotFound:
            ids = [i for value in stored.values() for i in (value if isinstance(value, tuple) else (value,))]
            if any(isinstance(i, str) and i in _inner(harness)._records for i in ids):
                raise Forbidden from None
            raise

    return patch.object(record_mutations, "check_references", check_references)


def _keys_of_all(harness: Harness) -> Any:
    def found(self: MemorySpaces, company: Any, kind: str, key: str) -> Any:
        acting = any(box.acting for box in harness.boxes)
        sides = ((c, r, s) for (c, r), s in self._sides.items() if c == company or acting)
        return next((r for _, r, s in sides if s.kind == kind and s.natural_key == key), None)

    return patch.object(MemorySpaces, "_by_natural_key", found)


def _receipts_of_all(harness: Harness) -> Any:
    async def done(self: MemorySpaces, company: Any, person: Any, key: str) -> Any:
        return next((d for (_, _, k), d in self._receipts.items() if k == key), None)

    return patch.object(MemorySpaces, "done", done)


def _resolver(name: str, change: Callable[..., Any]) -> Plant:
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


async def _node_forbidden(harness: Harness, plain: Any, parents: Any, args: Any, ctx: Any, step: Any) -> Any:
    found = await plain(parents, args, ctx, step)
    ids = [args["id"]] if "id" in args else args["ids"]
    if not found.objects and _known_to_nobody(harness, ids):
        raise Forbidden
    return found


async def _links_counted(harness: Harness, plain: Any, parents: Any, args: Any, ctx: Any, step: Any) -> Any:
    from gateway.steps.records import link_ids

    found = await plain(parents, args, ctx, step)
    links = [
        [*link, *[None] * (len(link_ids(p, step.source.field)) - len(link))] if isinstance(link, list) else link
        for p, link in zip(parents, found.links, strict=True)
    ]
    return replace(found, links=links)


async def _payload_shown(harness: Harness, plain: Any, parents: Any, args: Any, ctx: Any, step: Any) -> Any:
    ctx.viewer = replace(ctx.viewer, hide_private=False)
    return await plain(parents, args, ctx, step)


def _union(harness: Harness) -> Any:
    plain = PartnerBinder.bind

    def bind(self: PartnerBinder, company: Any, row: Any, viewer: str, owner: str) -> Any:
        side = plain(self, company, row, viewer, owner)
        if side is not None:
            self.union = getattr(self, "union", 0) | side.mask  # type: ignore[attr-defined] # planted
            side.mask = self.union  # type: ignore[attr-defined] # planted
        return side

    return patch.object(PartnerBinder, "bind", bind)


def _shown_if_shared(harness: Harness) -> Any:
    plain = CompanySides.program

    def program(self: CompanySides, sharing: Any) -> MaskProgram:
        found = plain(self, sharing)
        extra = 0
        for name, audience in sharing.overrides:
            if audience.kind == "selected":
                extra |= self._kind.side_by_name[name].bit
        return replace(
            found,
            cases=tuple((tests, bits | extra if bits & 1 else bits) for tests, bits in found.cases),
            evaluate=lambda *row: bits | extra if (bits := found.evaluate(*row)) & 1 else bits,
        )

    return patch.object(CompanySides, "program", program)


def _gone_are_in(harness: Harness) -> Any:
    plain = MemorySpaces.participants

    async def participants(self: MemorySpaces, fetch: Any) -> Any:
        rows = await plain(self, fetch)
        return [row._replace(status="ACCEPTED") if row.status == "WITHDRAWN" else row for row in rows]

    return patch.object(MemorySpaces, "participants", participants)


def _participants_all(harness: Harness) -> Any:
    plain = Decisions.participants
    return patch.object(Decisions, "participants", lambda self, viewer: MaskProgram(3) if plain(self, viewer) else None)


def _messages(harness: Harness) -> Any:
    plain = Decisions.participants
    return patch.object(Decisions, "participants", lambda self, viewer: _opened(plain(self, viewer)))


def _joint_of_invited(harness: Harness) -> Any:
    plain = Decisions.joint

    def joint(self: Decisions, viewer: Any, kind: Any, action: str = "read") -> MaskProgram:
        found = plain(self, viewer, kind, action)
        return _opened(found) if action == "read" else found

    return patch.object(Decisions, "joint", joint)


def _cache_without_company(harness: Harness) -> Any:
    plain, kept = Epoch.side_given, {}

    def side_given(self: Epoch, kind: Any, owner: Any, sharing: Any, viewer: Any) -> Any:
        key = (id(self), kind.name, owner == viewer.company, sharing)
        if key not in kept:
            kept[key] = plain(self, kind, owner, sharing, viewer)
        return kept[key]

    return _afresh(harness, patch.object(Epoch, "side_given", side_given))


def _cache_without_person(harness: Harness) -> Any:
    plain, kept = CompanySides.program, {}

    def program(self: CompanySides, sharing: Any) -> MaskProgram:
        own = self._owner == self._viewer.company
        key = (id(self._epoch), self._viewer.company, self._kind.name, own, self._action, sharing)
        if key not in kept:
            kept[key] = plain(self, sharing)
        return kept[key]

    return _afresh(harness, patch.object(CompanySides, "program", program))


@contextlib.contextmanager
def _afresh(harness: Harness, plant: Any) -> Iterator[None]:
    """The plant, with nothing kept from before it or after it."""
    from tests.leaks.boxes import forget

    for box in harness.boxes:
        forget(box.gateway)
    with plant:
        yield
    for box in harness.boxes:
        forget(box.gateway)


def _shared_loader(harness: Harness) -> Any:
    plain = Loaders._pages
    kept: dict[Any, Any] = {}

    async def pages(self: Loaders, keys: Any) -> Any:
        found = []
        for fetch in keys:
            spaces: Any = self._spaces
            key: tuple[Any, ...] = (
                id(spaces.inner),
                fetch.kind.name,
                fetch.joint,
                fetch.own,
                fetch.ids,
                fetch.where,
                fetch.order,
            )
            key = (*key, fetch.limit, fetch.after, fetch.before, fetch.backwards, fetch.count, fetch.updated)
            if key not in kept or fetch.ids is None:
                kept[key] = (await plain(self, [fetch]), spaces.inner)
            found += kept[key][0]
        return found

    return patch.object(Loaders, "_pages", pages)


def _answers(change: Callable[..., Any]) -> Plant:
    """`change(harness, plain, self, token, request)` in the place of Pipeline.answer."""

    def plant(harness: Harness) -> Any:
        plain = Pipeline.answer
        state: dict[Any, Any] = {}

        async def answer(self: Pipeline, token: Any, request: Any) -> Answer:
            found: Answer = await change(harness, plain, state, self, token, request)
            return found

        return patch.object(Pipeline, "answer", answer)

    return plant


async def _response_cache(harness: Harness, plain: Any, state: Any, self: Any, token: Any, request: Any) -> Any:
    if not request.query.startswith("query"):
        state.clear()
        return await plain(self, token, request)
    inner = _inner(harness)
    key = (id(inner), request.query, orjson.dumps(request.variables))
    if key not in state:
        state[key] = (await plain(self, token, request), inner)
    return state[key][0]


async def _etag(harness: Harness, plain: Any, state: Any, self: Any, token: Any, request: Any) -> Any:
    found = await plain(self, token, request)
    body = orjson.loads(found.body)
    body["extensions"] = {"rows": len(_inner(harness)._sides)}
    return Answer(found.status, orjson.dumps(body))


async def _logged(harness: Harness, plain: Any, state: Any, self: Any, token: Any, request: Any) -> Any:
    found = await plain(self, token, request)
    logging.getLogger("multiway.gateway").warning("answered %s", found.body)
    return found


async def _alias(harness: Harness, plain: Any, state: Any, self: Any, token: Any, request: Any) -> Any:
    if "__proto__" not in request.query and "constructor" not in request.query:
        return await plain(self, token, request)
    with _shown_if_shared(harness), _opened_sides():
        return await plain(self, token, request)


async def _directive(harness: Harness, plain: Any, state: Any, self: Any, token: Any, request: Any) -> Any:
    if "@skip" not in request.query:
        return await plain(self, token, request)
    with _opened_sides():
        return await plain(self, token, request)


async def _fragment(harness: Harness, plain: Any, state: Any, self: Any, token: Any, request: Any) -> Any:
    if "node(id" not in request.query:
        return await plain(self, token, request)
    with _opened_sides():
        return await plain(self, token, request)


def _opened_sides() -> Any:
    plain = CompanySides.program
    return patch.object(CompanySides, "program", lambda self, sharing: _opened(plain(self, sharing)))


def _extra_fetch(harness: Harness) -> Any:
    plain = Loaders._pages

    async def pages(self: Loaders, keys: Any) -> Any:
        spaces: Any = self._spaces
        for fetch in keys:
            if any(i in spaces.inner._records for i in fetch.ids or ()):
                await spaces.companies([])
        return await plain(self, keys)

    return patch.object(Loaders, "_pages", pages)


def _touch_all(harness: Harness) -> Any:
    plain = touching.touched

    def touched(ctx: Any, kind: Any, before: Any, after: Any, joint: int = 0) -> Any:
        return tuple(after) if len(after) > 2 else plain(ctx, kind, before, after, joint)

    both = contextlib.ExitStack()
    for module in (participation, record_mutations):
        both.enter_context(patch.object(module, "touched", touched))
    return both


def _ids_in_order(harness: Harness) -> Any:
    plain = record_mutations.create

    async def create(ctx: Any, given: Any, step: Any) -> Any:
        decided = await plain(ctx, given, step)
        number = f"{len(_inner(harness)._records):026}"
        id_: Any = decided.record.partition("_")[0] + "_" + number
        change: Any = decided.change
        return replace(decided, record=id_, change=replace(change, record=id_))

    name = "create"
    return _resolver(name, lambda h, p, *given: commit.mutation(create)(*given))(harness)


PLANTED: dict[str, Plant] = {
    "1 filter compares the raw value": _pages(_filter_raw),
    "3 filter looks at partners' raw values": _pages(_partners_raw),
    "4 sort by the raw value": _pages(_sort_raw),
    "5 cursor not bound to the viewer": _loose_seal,
    "5 cursor as long as the number of records": _open_cursor,
    "7 groups of raw values": _groups_raw,
    "8 totalCount counts hidden records": _pages(_count_hidden),
    "8 totalCount counts records that were left": _pages(_count_left),
    "8 hasNextPage counts hidden records": _pages(_next_hidden),
    "8 page cut before it is checked": _pages(_short_pages),
    "9 refusal names the hidden record": _record_of(
        lambda held: NotFound(f"No such record: {sorted(map(str, held.cells.values()))}.")
    ),
    "10 FORBIDDEN for what is hidden": _record_of(lambda held: Forbidden()),
    "11 unanswered invitation shows all joint fields": _joint_of_invited,
    "14 node refuses what is hidden": _resolver("node", _node_forbidden),
    "15 links keep places of hidden records": _resolver("linked", _links_counted),
    "15 participants who declined are listed": _participants_all,
    "15 invitations are read by all": _messages,
    "15 a side outlives its participation": _gone_are_in,
    "16 natural keys unique in all spaces": _keys_of_all,
    "17 link to a hidden record is refused otherwise": _references,
    "17 idempotency keys of all people are one": _receipts_of_all,
    "18 version shared between companies": _pages(_one_version),
    "18 updatedAt moves on hidden writes": _pages(_any_update),
    "18 updatedAt of a partner's side moves on hidden writes": _side_stamps,
    "18 everybody is told of a change": _touch_all,
    "19 payload shows what is hidden": _resolver("payloadRecord", _payload_shown),
    "20 union of the fields of two shares": _union,
    "20 shared with one is shared with all": _shown_if_shared,
    "29 mask cache without the company": _cache_without_company,
    "29 mask cache without the person": _cache_without_person,
    "30 loader shared by callers": _shared_loader,
    "31 response cache without the viewer": _answers(_response_cache),
    "35 node path reads unmasked": _answers(_fragment),
    "36 alias un-redacts": _answers(_alias),
    "38 directive un-redacts": _answers(_directive),
    "39 extensions count what was read": _answers(_etag),
    "40 answers are logged": _answers(_logged),
    "41 one fetch more for what is hidden": _extra_fetch,
    "id counts all records": _ids_in_order,
}
"""Each planted leak by its row and what it does."""


async def find(harness: Harness, name: str, start: int, most: int = 2_000) -> tuple[int, Difference] | None:
    """How many scenarios it took from seed `start` to find a planted leak, and how it showed; None within `most`."""
    with PLANTED[name](harness):
        for number in range(most):
            found = await harness.scenario(start + number)
            if found is not None and not found.known:
                return number + 1, found
    return None
