"""What a viewer may ask in a minute (cost_per_minute), and at once (viewer_requests): by its own requests alone."""

import asyncio
import dataclasses
from collections.abc import Sequence
from typing import Any

import pytest

from gateway.limits.table import LIMITS
from gateway.limits.traffic import RateLimited, TooManyRequests, Traffic
from schema.names import PersonId
from spaces.memory import MemorySpaces
from tests.gateway.world import World, add_people
from tests.limits.asking import ask, post
from tests.limits.cases import WHO

ANN, BOB = PersonId("ann"), PersonId("bob")


class Clock:
    """A clock that tests turn."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_an_allowance_is_spent_and_comes_back() -> None:
    clock = Clock()
    traffic = Traffic(dataclasses.replace(LIMITS, cost_per_minute=600), clock)
    traffic.charge(ANN, 600)
    with pytest.raises(RateLimited) as refused:
        traffic.charge(ANN, 1)
    assert refused.value.retry_after == 1
    with pytest.raises(RateLimited) as refused:
        traffic.charge(ANN, 600)
    assert refused.value.retry_after == 60
    traffic.charge(BOB, 600)
    clock.now += 10
    traffic.charge(ANN, 100)
    with pytest.raises(RateLimited):
        traffic.charge(ANN, 1)
    clock.now -= 5_000  # set back: nobody waits longer than a minute for it
    with pytest.raises(RateLimited):
        traffic.charge(ANN, 1)
    clock.now += 60
    traffic.charge(ANN, 600)


def test_an_allowance_of_0_bounds_nothing() -> None:
    traffic = Traffic(dataclasses.replace(LIMITS, cost_per_minute=0), Clock())
    for _ in range(100):
        traffic.charge(ANN, LIMITS.cost)


def test_as_many_requests_as_allowed_are_under_way() -> None:
    traffic = Traffic(dataclasses.replace(LIMITS, viewer_requests=2), Clock())
    with (
        traffic.enter(ANN),
        traffic.enter(ANN),
        traffic.enter(BOB),
        pytest.raises(TooManyRequests),
        traffic.enter(ANN),
    ):
        pass
    with traffic.enter(ANN), traffic.enter(ANN):
        pass


async def test_who_asks_too_much_is_told_when_to_come_back() -> None:
    world = World(MemorySpaces(), limits=LIMITS)
    await add_people(world.spaces)
    text = post("{ opportunities(first: 99) { nodes { owner { name } mine { stage } } } }")  # 298
    most, cost = LIMITS.cost_per_minute, 298
    for _ in range(most // cost):
        assert (await ask(world, text)).status == 200
    found = await ask(world, text)
    assert (found.status, found.code) == (429, "RATE_LIMITED")
    assert found.headers["retry-after"] == "1"
    assert str(most) not in str(found.body)
    assert (await ask(world, text, "bob")).status == 200
    world.seconds += 1
    assert (await ask(world, text)).status == 200


class Waiting(MemorySpaces):
    """Spaces whose pages wait until they are let go."""

    def __init__(self) -> None:
        super().__init__()
        self.go = asyncio.Event()

    async def page(self, fetch: Any) -> Any:
        await self.go.wait()
        return await super().page(fetch)


async def test_a_viewer_has_so_many_requests_under_way() -> None:
    spaces = Waiting()
    world = World(spaces, limits=LIMITS)
    await add_people(spaces)
    slow = post("{ opportunities(first: 1) { totalCount } }")
    under_way = [asyncio.create_task(ask(world, slow)) for _ in range(LIMITS.viewer_requests)]
    await asyncio.sleep(0.05)
    found = await ask(world, post(WHO))
    assert (found.status, found.code, found.headers["retry-after"]) == (429, "TOO_MANY_REQUESTS", "1")
    assert (await ask(world, post(WHO), "bob")).status == 200
    spaces.go.set()
    answers: Sequence[Any] = await asyncio.gather(*under_way)
    assert {answer.status for answer in answers} == {200}
    assert (await ask(world, post(WHO))).status == 200
