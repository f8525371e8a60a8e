"""Association rules where several things happen at once, or are left half done."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.definitions import ASSOCIATION_RULES, definition_made
from schema.names import RecordId
from spaces.change import Associations, Change
from spaces.memory import MemorySpaces
from tests.gateway.associations import BIG, GERMAN, define, inside, retire, rule, stage
from tests.gateway.deals import deal
from tests.gateway.people import company, person
from tests.gateway.test_templates import DEFINE as DEFINE_TEMPLATE
from tests.gateway.test_templates import RETIRE as RETIRE_TEMPLATE
from tests.gateway.world import BACKENDS, World, add_people, make_world

RACES = 40
LIVE = ("INVITED", "ACCEPTED")


async def test_a_write_beside_the_end_of_its_rule_leaves_nobody_behind(bare: World) -> None:
    """However many turns of the loop lie between the two, and also where the write's request is stopped."""
    record = await deal(bare, "One", stage="PROSPECT")
    for race in range(RACES):
        made = await define(bare, rule("dune"))
        writing = asyncio.ensure_future(stage(bare, record, "QUALIFIED"))
        for _ in range(race // 2):
            await asyncio.sleep(0)
        if race % 2:
            writing.cancel()
        await retire(bare, made["id"])
        await asyncio.gather(writing, return_exceptions=True)
        assert (await inside(bare, record)).get("dune", "WITHDRAWN") == "WITHDRAWN", race
        await stage(bare, record, "PROSPECT")


async def test_two_writes_at_once_end_as_one_after_the_other(bare: World) -> None:
    """One moves the side, the other the record, of which the rule tests both."""
    await define(bare, rule("dune", conditions=[*BIG, *GERMAN]))
    record = await bare.done(
        "ann", "createOpportunity", name="One", customer={"name": "X", "country": "FR"}, mine={"stage": "PROSPECT"}
    )
    assert record
    await bare.done("ann", "inviteCompanies", recordId=record, companyIds=[company("bolt")], role="COLLABORATOR")
    await bare.done("bob", "respondToInvitation", recordId=record, accept=True)
    for race in range(RACES):
        country, moved = ("DE", "FR")[race % 2], ("QUALIFIED", "PROSPECT", "COMMITTED")[race % 3]
        who = "ann" if race % 4 < 2 else "bob"
        writes = [
            bare.done(who, "updateOpportunity", id=record, joint={"customer": {"country": country}}),
            stage(bare, record, moved),
        ]
        await asyncio.gather(*(writes if race % 5 else reversed(writes)))
        now = (await inside(bare, record)).get("dune") in LIVE
        wanted = country == "DE" and moved != "PROSPECT"
        if who == "ann" or not wanted:  # what a partner's write opens waits for a write of the rule's company
            assert now is wanted, (race, country, moved, who)


async def test_who_is_invited_by_hand_meanwhile_stays(bare: World) -> None:
    made = await define(bare, rule("dune"))
    record = await deal(bare, "One", stage="QUALIFIED")
    given: dict[str, Any] = {"recordId": record, "companyIds": [company("dune")]}
    await asyncio.gather(bare.done("ann", "inviteCompanies", **given), stage(bare, record, "COMMITTED"))
    await asyncio.gather(
        bare.done("dan", "respondToInvitation", recordId=record, accept=True), retire(bare, made["id"])
    )
    await stage(bare, record, "PROSPECT")
    assert await inside(bare, record) == {"dune": "ACCEPTED"}


class Slow(MemorySpaces):
    """Spaces whose commits wait for a gate, and in whose way something happens once marks were read."""

    def __init__(self) -> None:
        super().__init__()
        self.gate: asyncio.Event | None = None
        self.reached = asyncio.Event()
        self.gap: Any = None

    async def commit(self, change: Change) -> None:
        if self.gate is not None:
            self.reached.set()
            await self.gate.wait()
        await super().commit(change)

    async def associations(self, records: Sequence[RecordId]) -> list[Associations]:
        found = await super().associations(records)
        if self.gap is not None:
            gap, self.gap = self.gap, None
            await gap
        return found


async def test_a_commit_whose_request_was_stopped_brings_nobody_by_a_rule_that_is_gone() -> None:
    spaces = Slow()
    world = World(spaces)
    await add_people(spaces)
    made = await define(world, rule("dune"))
    record = await deal(world, "One", stage="PROSPECT")
    spaces.gate = asyncio.Event()
    writing = asyncio.ensure_future(stage(world, record, "QUALIFIED"))
    await spaces.reached.wait()
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    retiring = asyncio.ensure_future(retire(world, made["id"]))
    for _ in range(100):
        await asyncio.sleep(0)
    spaces.gate.set()
    await retiring
    assert await inside(world, record) == {}


async def test_a_partners_write_misses_nobody_who_came_meanwhile() -> None:
    spaces = Slow()
    world = World(spaces)
    await add_people(spaces)
    await define(world, rule("dune", conditions=[*BIG, *GERMAN]))
    record = await world.done("ann", "createOpportunity", name="One", customer={"name": "X", "country": "DE"}, mine={})
    assert record
    await world.done("ann", "inviteCompanies", recordId=record, companyIds=[company("bolt")], role="COLLABORATOR")
    await world.done("bob", "respondToInvitation", recordId=record, accept=True)
    spaces.gap = stage(world, record, "QUALIFIED")
    await world.done("bob", "updateOpportunity", id=record, joint={"customer": {"country": "FR"}})
    assert (await inside(world, record))["dune"] == "WITHDRAWN"


@pytest.mark.parametrize("backend", BACKENDS)
async def test_what_a_crash_left_half_done_is_finished_before_anything_is_answered(
    backend: str, tmp_path: Path
) -> None:
    world = await make_world(backend, tmp_path, crowd=0)
    await define(world, rule("dune"))
    records = [await deal(world, f"Deal {n}", invited="bolt", stage="QUALIFIED") for n in range(3)]
    (held,) = world.gateway.services.rules.associations(company("acme"))
    gone = definition_made(ASSOCIATION_RULES, replace(held, version=2), person("ada"), "t", None, stands=False)
    await world.spaces.define(gone)  # and then it died
    again = World(world.spaces)
    assert [await inside(again, each) for each in records] == [{"bolt": "INVITED", "dune": "WITHDRAWN"}] * 3
    await world.spaces.close()


async def test_after_its_last_day_a_rule_holds_nobody(bare: World, monkeypatch: pytest.MonkeyPatch) -> None:
    rules = bare.gateway.services.rules

    def at(now: str) -> None:
        monkeypatch.setattr(rules, "_now", lambda: now)

    at("2025-08-01T23:00:00.000000Z")
    made = await define(bare, {**rule("dune"), "from": "2025-08-02", "until": "2025-08-03"})
    assert not made["inForce"]
    record = await deal(bare, "One", stage="QUALIFIED")
    assert await inside(bare, record) == {}
    at("2025-08-02T00:00:00.000000Z")
    await stage(bare, record, "COMMITTED")
    assert await inside(bare, record) == {"dune": "INVITED"}
    at("2025-08-03T23:59:59.999999Z")
    assert (await bare.data("dan", "query($id: ID!) { opportunity(id: $id) { name } }", id=record))["opportunity"]
    at("2025-08-04T00:00:00.000000Z")
    assert (await bare.data("dan", "query($id: ID!) { opportunity(id: $id) { name } }", id=record)) == {
        "opportunity": None
    }
    assert await inside(bare, record) == {"dune": "WITHDRAWN"}


async def test_a_field_that_its_template_drops_meets_no_rule(bare: World) -> None:
    template = {"kind": "OPPORTUNITY", "key": "ours", "label": "Ours"}
    fields = [
        {"key": "seats", "type": "INTEGER", "label": "Seats"},
        {"key": "double", "type": "FORMULA", "label": "Double", "formula": "seats * 2"},
    ]
    made = (await bare.data("ada", DEFINE_TEMPLATE, input={**template, "fields": fields}))["defineTemplate"]
    assert made["userErrors"] == []
    await define(bare, rule("dune", conditions=[{"field": "double", "op": "GTE", "value": 10}]))
    few, many = [await deal(bare, f"{seats} seats", seats=seats) for seats in (4, 5)]
    assert [await inside(bare, each) for each in (few, many)] == [{}, {"dune": "INVITED"}]
    await bare.data("ada", RETIRE_TEMPLATE, input={"templateId": made["template"]["id"]})
    assert await inside(bare, many) == {"dune": "WITHDRAWN"}


async def test_many_records_are_settled_batch_by_batch(bare: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.mutations.settling.BATCH", 3)
    made = await define(bare, rule("dune", "echo"))
    records = [await deal(bare, f"Deal {n}", stage="QUALIFIED") for n in range(8)]
    await retire(bare, made["id"])
    gone = {"dune": "WITHDRAWN", "echo": "WITHDRAWN"}
    assert [await inside(bare, each) for each in records] == [gone] * 8
