"""The guide to explain and previews, run as it stands."""

import re
from pathlib import Path

from tests.gateway.deals import deal
from tests.gateway.people import company
from tests.gateway.rules import FILLED, define, rule
from tests.gateway.world import make_world

TEXT = (Path(__file__).parents[2] / "docs" / "guides" / "explain-and-preview.md").read_text()
GRAPHQL = re.findall(r"```graphql\n(.*?)```", TEXT, re.DOTALL)


async def test_the_guide_does_what_it_says(tmp_path: Path) -> None:
    world = await make_world("sqlite", tmp_path, crowd=0)
    explain, preview, present = GRAPHQL
    partner = company("bolt")
    record = await deal(world, "Deal", accepted="bolt", **FILLED)
    await define(world, rule(label="Open"))
    told = (await world.data("ann", explain, record=record, partner=partner))["explain"]
    found = {each.pop("field"): each for each in told}
    assert found["amount"]["reasons"] == ['sharing rule "Open"']
    assert found["amount"]["seenBy"] == [{"name": "Bolt"}]
    assert found["nextStep"]["reasons"][0].endswith("by default of the kind")
    (node,) = (await world.data("ann", preview, partner=partner))["previewAs"]["opportunities"]["nodes"]
    assert node["side"]["amount"] == FILLED["amount"]
    assert node["side"]["stage"] is None
    await define(world, rule("DENY", label="Ours"))
    told = (await world.data("ann", explain, record=record, partner=partner))["explain"]
    assert [each["closedBy"] for each in told if each["field"] == "amount"] == [['sharing rule "Ours"']]
    told = await world.data("ann", present, partners=[partner])
    assert told["setHidePrivateFields"] == {"hidePrivateFields": True, "presentingTo": [{"name": "Bolt"}]}
    own = "query($id: ID!) { opportunity(id: $id) { mine { amount { amount } nextStep } } }"
    found = await world.data("ann", own, id=record)
    assert found["opportunity"]["mine"] == {"amount": None, "nextStep": FILLED["nextStep"]}
    await world.spaces.close()
