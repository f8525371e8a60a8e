"""How much is done at once and who waits (running_requests, waiting_requests): equal shares, refused at once."""

import asyncio
import dataclasses
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from gateway.limits.admission import Admission, Overloaded
from gateway.limits.table import LIMITS
from schema.names import PersonId
from spaces.memory import MemorySpaces
from tests.gateway.world import World, add_people
from tests.limits.asking import Post, ask, post
from tests.limits.cases import WHO
from tests.limits.test_traffic import Clock, Waiting

ANN, BOB, CAT = PersonId("ann"), PersonId("bob"), PersonId("cat")


class Desk:
    """An admission with few places, and the requests that came to it: each runs until it is let go."""

    def __init__(self, running: int = 4, waiting: int = 6) -> None:
        self.clock = Clock()
        limits = dataclasses.replace(LIMITS, running_requests=running, waiting_requests=waiting)
        self.admission = Admission(limits, self.clock)
        self.begun: list[str] = []
        self.refused: list[str] = []
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self._go: dict[str, asyncio.Event] = {}

    async def come(self, viewer: PersonId, name: str) -> None:
        """A request comes, and does what it can do at once."""
        self._go[name] = asyncio.Event()
        self.tasks[name] = asyncio.create_task(self._run(viewer, name))
        await asyncio.sleep(0)

    async def end(self, name: str) -> None:
        """A running request ends, and another begins."""
        self._go[name].set()
        await asyncio.sleep(0.001)

    async def _run(self, viewer: PersonId, name: str) -> None:
        try:
            async with self.admission.enter(viewer):
                self.begun.append(name)
                await self._go[name].wait()
        except Overloaded:
            self.refused.append(name)

    async def close(self) -> None:
        """Lets all go, and sees that nothing is left."""
        for go in self._go.values():
            go.set()
        await asyncio.gather(*self.tasks.values(), return_exceptions=True)
        assert (self.admission.running, self.admission.waiting) == (0, 0)
        assert not self.admission.refuses(ANN)


async def test_so_many_run_and_so_many_wait_and_the_next_is_refused_at_once() -> None:
    desk = Desk(running=2, waiting=2)
    for viewer in (ANN, BOB, ANN, BOB):
        await desk.come(viewer, f"{viewer}{len(desk.tasks)}")
    assert desk.begun == ["ann0", "bob1"]
    assert (desk.admission.running, desk.admission.waiting) == (2, 2)
    assert desk.admission.refuses(ANN)
    await desk.come(ANN, "late")
    assert desk.refused == ["late"]
    await desk.end("ann0")
    assert desk.begun == ["ann0", "bob1", "ann2"]
    assert not desk.admission.refuses(ANN)
    await desk.close()
    assert desk.begun == ["ann0", "bob1", "ann2", "bob3"]


async def test_one_viewer_leaves_half_of_the_places_to_others() -> None:
    desk = Desk(running=4)
    for number in range(5):
        await desk.come(ANN, f"ann{number}")
    assert desk.begun == ["ann0", "ann1"]
    await desk.come(BOB, "bob")
    assert desk.begun[2:] == ["bob"]
    await desk.close()


async def test_who_waits_gets_a_turn_for_each_viewer_in_its_own_order() -> None:
    desk = Desk(running=2, waiting=8)
    await desk.come(CAT, "first")
    await desk.come(BOB, "second")
    for name in ("a0", "a1", "a2", "b0", "c0", "a3"):
        await desk.come({"a": ANN, "b": BOB, "c": CAT}[name[0]], name)
    for name in ("first", "second", "a0", "b0", "a1", "a2"):
        await desk.end(name)
    assert desk.begun == ["first", "second", "a0", "b0", "c0", "a1", "a2", "a3"]
    await desk.close()


async def test_who_has_fewer_waiting_takes_the_place_of_the_youngest_of_who_has_most() -> None:
    desk = Desk(running=2, waiting=4)
    await desk.come(CAT, "first")
    await desk.come(BOB, "second")
    for number in range(4):
        await desk.come(ANN, f"ann{number}")
    assert desk.admission.refuses(ANN)
    assert not desk.admission.refuses(BOB)
    await desk.come(BOB, "bob0")
    await desk.come(BOB, "bob1")
    await asyncio.sleep(0)
    assert desk.refused == ["ann3", "ann2"]
    await desk.come(BOB, "bob2")  # two of each: nobody has fewer
    assert desk.refused == ["ann3", "ann2", "bob2"]
    await desk.close()


async def test_who_would_only_change_places_with_another_is_refused() -> None:
    desk = Desk(running=2, waiting=3)
    await desk.come(CAT, "first")
    await desk.come(BOB, "second")
    for name in ("ann0", "ann1", "bob0", "bob1"):
        await desk.come(ANN if name.startswith("ann") else BOB, name)
    assert desk.refused == ["bob1"]
    await desk.close()


async def test_all_who_ask_too_much_end_with_equal_shares_and_who_asks_little_is_not_refused() -> None:
    desk = Desk(running=2, waiting=6)
    done: Counter[str] = Counter()
    for turn in range(200):
        for _ in range(5):
            await desk.come(ANN, f"ann {len(desk.tasks)}")
        for _ in range(3):
            await desk.come(BOB, f"bob {len(desk.tasks)}")
        if turn % 8 == 0:
            await desk.come(CAT, f"cat {len(desk.tasks)}")
        for name in desk.begun[sum(done.values()) :][:2]:
            done[name.split()[0]] += 1
            await desk.end(name)
    assert 0.9 < done["ann"] / done["bob"] < 1.1
    assert not [name for name in desk.refused if name.startswith("cat")]
    assert done["cat"] >= 24
    await desk.close()


async def test_more_than_can_be_done_in_a_second_is_refused_though_few_wait() -> None:
    desk = Desk(running=2, waiting=1_000)
    for number in range(60):
        await desk.come((ANN, BOB)[number % 2], f"r{number}")
    assert desk.refused == []
    for _ in range(40):  # half a second each
        desk.clock.now += 0.5
        await desk.end(next(name for name in desk.begun if not desk._go[name].is_set()))
    assert desk.admission.waiting == 18
    assert desk.admission.refuses(ANN)
    for _ in range(17):
        desk.clock.now += 0.5
        await desk.end(next(name for name in desk.begun if not desk._go[name].is_set()))
    assert desk.admission.waiting == 1
    assert not desk.admission.refuses(ANN)  # as many as run may always wait
    await desk.close()


@contextmanager
def _nobody_left(desk: Desk) -> Iterator[None]:
    yield
    assert (desk.admission.running, desk.admission.waiting) == (0, 0)


async def test_who_goes_away_while_it_waits_or_is_let_in_leaves_no_trace() -> None:
    desk = Desk(running=1, waiting=4)
    with _nobody_left(desk):
        for name in ("a", "b", "c", "d"):
            await desk.come(ANN, name)
        desk.tasks["c"].cancel()
        await asyncio.sleep(0)
        assert desk.admission.waiting == 2
        desk._go["a"].set()
        await asyncio.sleep(0)  # b is let in
        desk.tasks["b"].cancel()  # and goes before it runs
        await asyncio.sleep(0.001)
        assert desk.begun == ["a", "d"]
        await desk.end("d")


async def test_a_request_that_is_refused_costs_no_reading_and_says_the_same_to_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spaces = Waiting()
    world = World(spaces, limits=dataclasses.replace(LIMITS, running_requests=2, waiting_requests=0))
    await add_people(spaces)
    tokens = {name: world.token(name) for name in ("ann", "bob", "cat")}
    monkeypatch.setattr(world, "token", tokens.__getitem__)
    for name in tokens:
        assert (await ask(world, post(WHO), name)).status == 200
    slow = post("{ opportunities(first: 1) { totalCount } }")
    under_way = [asyncio.create_task(ask(world, slow, name)) for name in ("ann", "bob")]
    await asyncio.sleep(0.05)
    found = [await ask(world, Post((b"", b"never read")), name) for name in ("ann", "bob")]
    for refused in found:
        assert (refused.status, refused.code, refused.headers["retry-after"]) == (503, "OVERLOADED", "1")
        assert refused.read == 0
        assert refused.headers["cache-control"] == "private, no-store"
    assert found[0].body == found[1].body
    graphql = "application/graphql-response+json"
    other = await ask(world, post(WHO, headers=(("accept", graphql),)))
    assert other.headers["content-type"].startswith(graphql)
    spaces.go.set()
    answers: list[Any] = await asyncio.gather(*under_way)
    assert {answer.status for answer in answers} == {200}


async def test_a_token_that_nobody_knows_yet_is_looked_at_first(monkeypatch: pytest.MonkeyPatch) -> None:
    spaces = MemorySpaces()
    world = World(spaces, limits=dataclasses.replace(LIMITS, running_requests=1, waiting_requests=0))
    await add_people(spaces)
    token = world.token("bob")
    monkeypatch.setattr(world, "token", lambda _: token)
    async with world.gateway.pipeline.admission.enter(ANN):
        assert (await ask(world, post(WHO), "bob")).status == 503  # known to be a person, and then refused
        assert not world.gateway.pipeline.refuses("x.y.z")
        assert world.gateway.pipeline.refuses(token)


@pytest.mark.parametrize("running", [1, 3])
async def test_the_pipeline_holds_the_bound(running: int) -> None:
    most = now = 0

    class Counting(MemorySpaces):
        async def page(self, fetch: Any) -> Any:
            nonlocal most, now
            now += 1
            most = max(most, now)
            await asyncio.sleep(0.001)
            now -= 1
            return await super().page(fetch)

    spaces = Counting()
    world = World(spaces, limits=dataclasses.replace(LIMITS, running_requests=running))
    await add_people(spaces)
    asked = post("{ opportunities(first: 1) { totalCount } }")
    found = await asyncio.gather(*(ask(world, asked, name) for name in ("ann", "bob", "cat") * 5))
    assert {answer.status for answer in found} == {200}
    assert most == running
