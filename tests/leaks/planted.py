"""Planted leaks: each switches one fault into the gateway, for tests alone. The harness must find every one.

A plant is a context manager; its name begins with the row of `docs/leaks.md` that it breaks.
"""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from gateway.bind import PartnerBinder
from gateway.mutations import commit, participation, reading, touching
from gateway.mutations import records as record_mutations
from gateway.seal import Seal
from policies.decide import CompanySides, Decisions
from policies.epoch import Epoch
from schema.errors import Forbidden, NotFound
from schema.mask import MaskProgram
from spaces.memory import MemorySpaces
from tests.leaks.planted_answers import ANSWER_LEAKS
from tests.leaks.planted_defined import DEFINED_LEAKS
from tests.leaks.planted_pages import PAGE_LEAKS, Open, Plant, inner, opened, resolver
from tests.leaks.planted_screens import SCREEN_LEAKS
from tests.leaks.planted_search import SEARCH_LEAKS
from tests.leaks.scenario import Difference, Harness


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


def _known_to_nobody(harness: Harness, ids: Any) -> bool:
    return any(i in inner(harness)._records for i in ids)


def _record_of(told: Callable[[Any], Exception]) -> Plant:
    """`record_of` that tells a hidden record from one that is not."""
    plain = reading.record_of

    def plant(harness: Harness) -> Any:
        async def record_of(ctx: Any, public_id: str, name: str) -> Any:
            try:
                return await plain(ctx, public_id, name)
            except NotFound:
                held = inner(harness)._records.get(public_id)
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
            if any(isinstance(i, str) and i in inner(harness)._records for i in ids):
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


async def _node_forbidden(harness: Harness, plain: Any, parents: Any, args: Any, ctx: Any, step: Any) -> Any:
    found = await plain(parents, args, ctx, step)
    ids = [args["id"]] if "id" in args else args["ids"]
    if not found.objects and _known_to_nobody(harness, ids):
        raise Forbidden
    return found


async def _links_counted(harness: Harness, plain: Any, parents: Any, args: Any, ctx: Any, step: Any) -> Any:
    from gateway.steps.records import link_ids

    found = await plain(parents, args, ctx, step)
    places = [len(link_ids(parent, step.source.field)) for parent in parents]
    links = [
        [*(link or ()), *[None] * (number - len(link or ()))] if number and not isinstance(link, int) else link
        for number, link in zip(places, found.links, strict=True)
    ]
    return replace(found, links=links)


class _OpenDecisions:
    """Decisions that show every field of the sides that exist for the viewer."""

    def __init__(self, plain: Decisions) -> None:
        self._plain = plain

    def sides(self, *given: Any) -> Any:
        return Open(self._plain.sides(*given))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._plain, name)


async def _payload_shown(harness: Harness, plain: Any, parents: Any, args: Any, ctx: Any, step: Any) -> Any:
    ctx.decisions = _OpenDecisions(ctx.decisions)  # for what is read below the payload, too
    return await plain(parents, args, ctx, step)


def _union(harness: Harness) -> Any:
    plain = PartnerBinder.bind

    def bind(self: PartnerBinder, company: Any, row: Any, record: Any, owner: str) -> Any:
        side = plain(self, company, row, record, owner)
        if side is not None:
            self.union = getattr(self, "union", 0) | side.mask  # type: ignore[attr-defined] # planted: a test-only fault
            side.mask = self.union  # type: ignore[attr-defined] # planted: a test-only fault
        return side

    return patch.object(PartnerBinder, "bind", bind)


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
    return patch.object(Decisions, "participants", lambda self, viewer: opened(plain(self, viewer)))


def _joint_of_invited(harness: Harness) -> Any:
    plain = Decisions.joint

    def joint(self: Decisions, viewer: Any, kind: Any, action: str = "read") -> MaskProgram:
        found = plain(self, viewer, kind, action)
        return opened(found) if action == "read" else found

    return patch.object(Decisions, "joint", joint)


def _cache_without_company(harness: Harness) -> Any:
    plain, kept = Epoch.side_sets, {}

    def side_sets(self: Epoch, kind: Any, sharing: Any, viewer: Any) -> Any:
        key = (id(inner(harness)), kind.name, sharing)
        if key not in kept:
            kept[key] = plain(self, kind, sharing, viewer)
        return kept[key]

    both = contextlib.ExitStack()
    both.enter_context(patch.object(Epoch, "side_sets", side_sets))
    both.enter_context(patch.object(Epoch, "side_programs", lambda *_: {}))
    return _afresh(harness, both)


def _question_a_class(harness: Harness) -> Any:
    plain = CompanySides._made

    def made(self: CompanySides, sharing: Any) -> MaskProgram:
        self._epoch._rules.ask("side_field", *["" for _ in range(5)])
        return plain(self, sharing)

    return _afresh(harness, patch.object(CompanySides, "_made", made))


def _cache_without_person(harness: Harness) -> Any:
    plain, kept = CompanySides.program, {}

    def program(self: CompanySides, sharing: Any) -> MaskProgram:
        assert not isinstance(self._rules, MaskProgram)
        asked = self._rules._question  # of the viewer it holds facts, which the planted key leaves out
        key = (id(self._epoch), self._viewer.company, asked.kind, asked.action, asked.given, sharing)
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
    plain = MemorySpaces.page
    kept: dict[Any, Any] = {}

    async def page(self: MemorySpaces, fetch: Any) -> Any:
        key: tuple[Any, ...] = (
            id(self),
            fetch.kind.name,
            fetch.joint,
            fetch.own,
            fetch.ids,
            fetch.where,
            fetch.order,
        )
        key = (*key, fetch.limit, fetch.after, fetch.before, fetch.backwards, fetch.count, fetch.updated, fetch.search)
        if key not in kept or fetch.ids is None:
            kept[key] = (await plain(self, fetch), self)
        return kept[key][0]

    return patch.object(MemorySpaces, "page", page)


def _extra_fetch(harness: Harness) -> Any:
    plain = MemorySpaces.page

    async def page(self: MemorySpaces, fetch: Any) -> Any:
        spaces: Any = harness.boxes[0].spaces if harness.boxes[0].spaces.inner is self else harness.boxes[1].spaces
        if any(i in self._records for i in fetch.ids or ()):
            await spaces.companies([])
        return await plain(self, fetch)

    return patch.object(MemorySpaces, "page", page)


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
        number = f"{len(inner(harness)._records):026}"
        id_: Any = decided.record.partition("_")[0] + "_" + number
        change: Any = decided.change
        return replace(decided, record=id_, change=replace(change, record=id_))

    name = "create"
    return resolver(name, lambda h, p, *given: commit.mutation(create)(*given))(harness)


PLANTED: dict[str, Plant] = {
    **PAGE_LEAKS,
    **ANSWER_LEAKS,
    **SEARCH_LEAKS,
    **DEFINED_LEAKS,
    **SCREEN_LEAKS,
    "5 cursor not bound to the viewer": _loose_seal,
    "5 cursor as long as the number of records": _open_cursor,
    "9 refusal names the hidden record": _record_of(
        lambda held: NotFound(f"No such record: {sorted(map(str, held.cells.values()))}.")
    ),
    "10 FORBIDDEN for what is hidden": _record_of(lambda held: Forbidden()),
    "11 unanswered invitation shows all joint fields": _joint_of_invited,
    "14 node refuses what is hidden": resolver("node", _node_forbidden),
    "15 links keep places of hidden records": resolver("linked", _links_counted),
    "15 participants who declined are listed": _participants_all,
    "15 invitations are read by all": _messages,
    "15 a side outlives its participation": _gone_are_in,
    "16 natural keys unique in all spaces": _keys_of_all,
    "17 link to a hidden record is refused otherwise": _references,
    "17 idempotency keys of all people are one": _receipts_of_all,
    "18 everybody is told of a change": _touch_all,
    "19 payload shows what is hidden": resolver("payloadRecord", _payload_shown),
    "20 union of the fields of two shares": _union,
    "29 mask cache without the company": _cache_without_company,
    "29 mask cache without the person": _cache_without_person,
    "30 loader shared by callers": _shared_loader,
    "41 one fetch more for what is hidden": _extra_fetch,
    "41 a question for each sharing class": _question_a_class,
    "id counts all records": _ids_in_order,
}
"""Each planted leak by its row and what it does."""


async def find(harness: Harness, name: str, start: int, most: int = 2_000) -> tuple[int, Difference] | None:
    """How many scenarios it took from seed `start` to find a planted leak, and how it showed; None within `most`."""
    with PLANTED[name](harness):
        for number in range(most):
            found = await harness.scenario(start + number)
            if found is not None:
                return number + 1, found
    return None
