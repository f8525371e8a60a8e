"""A request that begins after a rule was acknowledged sees by it; one under way sees one state from end to end."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from gateway.explain import explain
from schema.viewer import Viewer
from tests.gateway.deals import deal, usd
from tests.gateway.people import company, person
from tests.gateway.rules import BOLT, EVERYBODY, FILLED, define, rule
from tests.gateway.world import BACKENDS, World, make_world

RACES = 100
READ = """query($id: ID!, $where: OpportunityWhere) {
  opportunity(id: $id) { partners { company { name } amount { amount } } }
  opportunities(first: 9, where: $where) { totalCount } }"""


async def shows(world: World, record: str, amount: str) -> tuple[bool, bool]:
    """Whether Bolt sees the amount: in the field, and through a filter of the same request."""
    where = {"name": {"eq": "One"}, "partners": {"some": {"amount": {"eq": usd(amount)}}}}
    found = await world.data("bob", READ, id=record, where=where)
    (side,) = found["opportunity"]["partners"]
    return side["amount"] is not None, found["opportunities"]["totalCount"] == 1


@pytest.mark.parametrize("backend", BACKENDS)
async def test_what_begins_after_the_acknowledgement_sees_the_new_rules(backend: str, tmp_path: Path) -> None:
    world = await make_world(backend, tmp_path, crowd=0)
    record = await deal(world, "One", accepted="bolt", **FILLED)
    standing = await define(world, rule(label="Open", audience=BOLT))
    changed = asyncio.Event()

    async def reads(state: dict[str, bool]) -> None:
        while not changed.is_set():
            known, begun = state["open"], state["moving"]
            field, filtered = await shows(world, record, "1000.00")
            assert field is filtered, "one request saw two states"
            if not begun and not state["moving"]:
                assert field is known

    state = {"open": True, "moving": False}
    readers = [asyncio.ensure_future(reads(state)) for _ in range(2)]
    for race in range(RACES):
        state["moving"] = True
        effect = "DENY" if race % 2 == 0 else "ALLOW"
        audience: Any = EVERYBODY if effect == "DENY" else BOLT
        await define(world, rule(effect, label="Open", audience=audience, ruleId=standing["id"]))
        state.update(open=effect == "ALLOW", moving=False)
        assert await shows(world, record, "1000.00") == (effect == "ALLOW",) * 2, race
    changed.set()
    await asyncio.gather(*readers)
    await world.spaces.close()


async def test_a_change_whose_request_is_stopped_holds_as_it_is_kept(tmp_path: Path) -> None:
    """However early a mutation is cancelled: what the spaces keep and what is in force are the same."""
    world = await make_world("sqlite", tmp_path, crowd=0)
    record = await deal(world, "One", accepted="bolt", **FILLED)
    for turns in range(0, 60, 3):
        task = asyncio.ensure_future(define(world, rule(label=f"Rule {turns}")))
        for _ in range(turns):
            await asyncio.sleep(0)
        await asyncio.sleep(turns / 10_000)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        kept = [d.id for d in await world.spaces.definitions()]
        standing = world.gateway.services.rules.pin().of(company("acme")).rules
        assert [each.id for each in standing] == kept, turns
        assert (await shows(world, record, "1000.00"))[0] is bool(kept)
    await world.spaces.close()


async def test_explain_names_the_rule(tmp_path: Path) -> None:
    world = await make_world("memory", tmp_path, crowd=0)
    record = await deal(world, "One", accepted="bolt", **FILLED)
    await define(world, rule(label='Big "deals"', audience=BOLT))
    await define(
        world, rule(fields=("notes",), label="For Bea", audience={"kind": "SELECTED", "people": [person("bea")]})
    )
    await define(world, rule("DENY", fields=("nextStep",), label="No steps"))
    ann = (await world.spaces.people([person("ann")]))[0]
    assert ann is not None
    await world.gateway.pipeline.begin()
    ctx = world.gateway.pipeline.context(Viewer(ann.id, ann.company, ann.roles), ann)
    told = await explain(ctx, record)
    seen = {(sight.field, sight.reader): sight.reasons for sight in told.sights}
    assert seen["amount", "Bolt"] == ('sharing rule "Big "deals""',)
    assert seen["notes", "Bea <bea@bolt.example>"] == ('sharing rule "For Bea"',)
    assert "nextStep" in told.unseen
    await world.spaces.close()
