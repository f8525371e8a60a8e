"""Two gateways on one database: what one has acknowledged holds in the other for whoever begins after it."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from spaces.postgres.spaces import PostgresSpaces
from tests.gateway import access, associations, rules, test_templates
from tests.gateway.deals import deal
from tests.gateway.people import made_id
from tests.gateway.world import CATALOG, World, make_world
from tests.postgres import BorrowedSpaces

RACES = 25
Both = tuple[World, World]


@pytest.fixture
async def both(tmp_path: Path) -> AsyncIterator[Both]:
    one = await make_world("postgres", tmp_path, crowd=0)
    assert isinstance(one.spaces, BorrowedSpaces)
    ids = itertools.count()
    other = World(
        PostgresSpaces.open(one.spaces.address, CATALOG, readers=3),
        new_id=lambda prefix: made_id(prefix, f"other {next(ids)}"),
    )
    other.seeds = one.seeds
    await other.data("bob", "{ viewer { person { name } } }")  # it has begun, with what was defined until then
    yield one, other
    await other.spaces.close()
    await one.spaces.close()


async def test_sharing_rules(both: Both) -> None:
    one, other = both
    record = await deal(one, "One", accepted="bolt", **rules.FILLED)
    stopped = asyncio.Event()

    async def load() -> None:
        while not stopped.is_set():
            await rules.seen(other, "bob", record)

    reading = asyncio.ensure_future(load())
    standing: dict[str, Any] = {}
    for race in range(RACES):
        effect = ("ALLOW", "DENY")[race % 2]
        where = both[race % 3 == 2]
        standing = await rules.define(where, rules.rule(effect, **({"ruleId": standing["id"]} if standing else {})))
        for world in both:
            assert ("amount" in await rules.seen(world, "bob", record)) is (effect == "ALLOW"), race
    stopped.set()
    await reading


async def test_templates_and_access_policies(both: Both) -> None:
    one, other = both
    plain = await test_templates.names(other, "ann")
    made = await test_templates.define(one)
    assert await test_templates.names(other, "ann") > plain
    assert await test_templates.names(one, "ann") == await test_templates.names(other, "ann")
    await test_templates.define(other, templateId=made["id"], ifVersion=1, fields=test_templates.FIELDS[:1])
    assert await test_templates.names(one, "ann") == await test_templates.names(other, "ann") > plain
    record = await deal(one, "One", **rules.FILLED)
    asked = "query($id: ID!) { opportunity(id: $id) { mine { notes } } }"
    denied = await access.define(other, access.policy(fields=("notes",)))
    assert (await one.data("ann", asked, id=record))["opportunity"]["mine"] == {"notes": None}
    await access.retire(one, denied["id"])
    assert (await other.data("ann", asked, id=record))["opportunity"]["mine"] != {"notes": None}


async def test_what_another_gateway_made_is_changed_where_it_stands(both: Both) -> None:
    one, other = both
    made = await rules.define(one, rules.rule())
    changed = {"ruleId": made["id"], "ifVersion": made["version"], **rules.rule("DENY")}
    assert (await rules.define(other, changed))["version"] == 2
    assert (await rules.refused(one, rules.DEFINE, **changed))["code"] == "VERSION_CONFLICT"


async def test_the_end_of_an_association_rule(both: Both) -> None:
    one, other = both
    record = await deal(one, "One", stage="PROSPECT")
    for race in range(RACES):
        made = await associations.define(one, associations.rule("dune"))
        writing = asyncio.ensure_future(associations.stage(other, record, "QUALIFIED"))
        await asyncio.sleep(race / 2_000)
        await associations.retire(one, made["id"])
        inside = await associations.inside(one, record)
        await writing
        assert inside.get("dune", "WITHDRAWN") == "WITHDRAWN", race
        assert (await associations.inside(other, record)).get("dune", "WITHDRAWN") == "WITHDRAWN", race
        await associations.stage(other, record, "PROSPECT")


async def test_one_key_is_used_once(both: Both) -> None:
    for turn in range(10):
        given = {"name": f"Made {turn}", "mine": {}, "clientMutationId": f"key {turn}"}
        made = await asyncio.gather(*[world.done("ann", "createOpportunity", **given) for world in both])
        assert len(set(made)) == 1
    found = await both[0].data("ann", '{ opportunities(first: 1, where: {name: {startsWith: "Made"}}) { totalCount } }')
    assert found["opportunities"]["totalCount"] == 10
