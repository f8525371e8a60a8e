"""A request that begins after a policy, or what people are like, was acknowledged sees by it; one under way sees one
state from end to end."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.gateway.access import attribute, define, policy, say
from tests.gateway.deals import deal
from tests.gateway.rules import FILLED
from tests.gateway.world import BACKENDS, World, make_world

RACES = 100
READ = """query($id: ID!, $where: OpportunityWhere) {
  opportunity(id: $id) { mine { amount { amount } } }
  opportunities(first: 9, where: $where) { totalCount } }"""
CLEARED = attribute("clearance", eq="deals")


async def shows(world: World, record: str) -> bool:
    """Whether Ann sees the amount: in the field, and through a filter of the same request."""
    where = {"name": {"eq": "One"}, "mine": {"amount": {"eq": FILLED["amount"]}}}
    found = await world.data("ann", READ, id=record, where=where)
    field: bool = found["opportunity"]["mine"]["amount"] is not None
    assert field == (found["opportunities"]["totalCount"] == 1), "one request saw two states"
    return field


async def race(world: World, record: str, change: Callable[[bool], Awaitable[object]]) -> None:
    """Opens and closes the amount for Ann while others read; a read that begins and ends between two changes must see
    what was acknowledged last."""
    changed = asyncio.Event()
    state = {"open": True, "moving": False, "moves": 0}

    async def reads() -> None:
        while not changed.is_set():
            known, begun, moves = state["open"], state["moving"], state["moves"]
            seen = await shows(world, record)
            if not begun and state["moves"] == moves:
                assert seen is known

    readers = [asyncio.ensure_future(reads()) for _ in range(2)]
    for number in range(RACES):
        state.update(moving=True, moves=number + 1)
        opened = number % 2 == 1
        await change(opened)
        state.update(open=opened, moving=False)
        assert await shows(world, record) is opened, number
    changed.set()
    await asyncio.gather(*readers)


@pytest.mark.parametrize("backend", BACKENDS)
async def test_what_begins_after_a_policy_was_acknowledged_sees_by_it(backend: str, tmp_path: Path) -> None:
    world = await make_world(backend, tmp_path, crowd=0)
    record = await deal(world, "One", **FILLED)
    standing = await define(world, policy("ALLOW"))

    async def change(opened: bool) -> None:
        await define(world, policy("ALLOW" if opened else "DENY", policyId=standing["id"]))

    await race(world, record, change)
    await world.spaces.close()


@pytest.mark.parametrize("backend", BACKENDS)
async def test_what_begins_after_a_person_was_changed_sees_by_it(backend: str, tmp_path: Path) -> None:
    world = await make_world(backend, tmp_path, crowd=0)
    record = await deal(world, "One", **FILLED)
    await define(world, policy("ALLOW", people=CLEARED))
    await say(world, "ann", clearance=["deals"])

    async def change(opened: bool) -> None:
        said: Any = {"clearance": ["deals"]} if opened else {}
        await say(world, "ann", **said)

    await race(world, record, change)
    await world.spaces.close()


async def test_settings_of_one_person_do_not_undo_each_other(tmp_path: Path) -> None:
    """Who sets whether it hides private fields cannot bring back what its admin took from it meanwhile."""
    world = await make_world("sqlite", tmp_path, crowd=0)
    text = "mutation($on: Boolean!) { setHidePrivateFields(on: $on) { person { attributes { name } } } }"
    for number in range(30):
        await say(world, "ann", clearance=["deals"])
        await asyncio.gather(say(world, "ann"), world.data("ann", text, on=bool(number % 2)))
        found = await world.data("ann", "{ viewer { hidePrivateFields person { attributes { name } } } }")
        assert found["viewer"] == {"hidePrivateFields": bool(number % 2), "person": {"attributes": []}}
    await world.spaces.close()
