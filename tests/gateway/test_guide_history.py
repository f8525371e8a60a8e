"""The guide to history, run as it stands."""

import re
from pathlib import Path
from typing import Any

from spaces import history
from tests.gateway.deals import deal, usd
from tests.gateway.rules import define, rule
from tests.gateway.world import World, make_world

TEXT = (Path(__file__).parents[2] / "docs" / "guides" / "history.md").read_text()
WHOLE, FIELD, DEFINITIONS = re.findall(r"```graphql\n(.*?)```", TEXT, re.DOTALL)


async def nodes(world: World, who: str, text: str, record: str) -> Any:
    found = (await world.data(who, text, id=record))["opportunity"]["history"]
    assert found.get("totalCount") in (None, len(found["nodes"]))
    return found["nodes"]


async def test_the_guide_does_what_it_says(tmp_path: Path) -> None:
    world = await make_world("sqlite", tmp_path, crowd=0)
    record = await deal(world, "One", accepted="bolt", invited="core", amount=usd("10"))
    await world.done("ann", "updateOpportunity", id=record, joint={"customer": {"region": "EMEA"}})
    await world.done("ann", "updateOpportunity", id=record, mine={"amount": usd("20")})
    await world.done("ann", "shareFields", recordId=record, fields=["amount"], audience={"kind": "PARTICIPANTS"})
    told = await nodes(world, "ann", WHOLE, record)
    assert [each["event"] for each in told] == ["SHARING", "FIELD", "JOINT", "PARTICIPANT", "SIDE", "OPENED"]
    assert told[2]["field"] == "customer.region"
    assert [set(told[place]["to"]) for place in (0, 3)] == [{"kind", "companies", "people"}, {"role", "status"}]
    ours = await nodes(world, "ann", FIELD, record)
    assert [(each["event"], each["person"]["name"]) for each in ours] == [("SHARING", "Ann"), ("FIELD", "Ann")]
    assert (ours[1]["from"], ours[1]["to"]) == (usd("10.00"), usd("20.00"))
    assert await nodes(world, "bob", FIELD, record) == []
    assert [each["event"] for each in await nodes(world, "bob", WHOLE, record)] == ["JOINT", "SIDE", "PARTICIPANT"]
    assert await nodes(world, "cat", WHOLE, record) == []
    await define(world, rule())
    listed = (await world.data("ada", DEFINITIONS))["definitionHistory"]
    assert [(each["sort"], each["version"], each["from"]) for each in listed["nodes"]] == [("SHARING_RULE", 1, None)]
    await world.spaces.close()


def test_the_table_has_every_event() -> None:
    listed = re.findall(r"^\| `([A-Z]+)` \|", TEXT, re.MULTILINE)
    assert listed == [
        history.OPENED,
        history.SIDE,
        history.JOINT,
        history.FIELD,
        history.SHARING,
        history.PARTICIPANT,
    ]
