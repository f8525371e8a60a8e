"""The guide to templates, run as it stands by an admin and two partners."""

import json
import re
from pathlib import Path
from typing import Any

from tests.gateway.people import company
from tests.gateway.world import make_world

TEXT = (Path(__file__).parents[2] / "docs" / "guides" / "templates.md").read_text()
GRAPHQL = re.findall(r"```graphql\n(.*?)```", TEXT, re.DOTALL)
(FIELDS,) = re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)


async def test_the_guide_does_what_it_says(tmp_path: Path) -> None:
    world = await make_world("sqlite", tmp_path, crowd=0)
    define, make, read, partners, share = GRAPHQL

    async def ask(who: str, text: str, **variables: Any) -> Any:
        data = await world.data(who, text, **variables)
        for payload in data.values():
            assert not isinstance(payload, dict) or not payload.get("userErrors"), payload
        return data

    template = (await ask("ada", define, **json.loads(FIELDS)))["defineTemplate"]["template"]
    assert [field["key"] for field in template["fields"]] == [f["key"] for f in json.loads(FIELDS)["fields"]]
    record = (await ask("ann", make, invite=[company("bolt")]))["createOpportunity"]["record"]["id"]
    found = await ask("ann", read)
    mine = {"budget": {"amount": "96000.00"}, "perSeat": {"amount": "120.00"}, "regions": ["NORTH"], "signed": False}
    assert found["opportunities"]["nodes"] == [{"name": "Harbour", "mine": mine}]
    high = {"keys": [{"value": "HIGH"}], "count": 1, "totals": [{"sum": "800"}]}
    assert high in found["opportunityGroups"]["nodes"]

    accept = "mutation($i: RespondToInvitationInput!) { respondToInvitation(input: $i) { userErrors { code } } }"
    await ask("bob", accept, i={"recordId": record, "accept": True})
    seen = [side for node in (await ask("bob", partners))["opportunities"]["nodes"] for side in node["partners"]]
    shown = {"key": "seats", "label": "Seats", "type": "INTEGER", "value": 800}
    assert {"company": {"name": "Acme"}, "customFields": [shown]} in seen
    assert "errors" in await world.ask("bob", read)
    await ask("ada", share, templateId=template["id"], companies=[company("bolt")])
    assert (await ask("bob", read))["opportunities"]["nodes"] == []
    assert "errors" in await world.ask("cat", read)
    await world.spaces.close()
