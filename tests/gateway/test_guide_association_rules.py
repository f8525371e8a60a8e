"""The guide to association rules, run as it stands by an admin and its colleagues; its numbers are the reader's."""

import re
from pathlib import Path
from typing import Any

from gateway.mutations.associating import MOST_PARTICIPANTS
from gateway.mutations.association_rules import MOST_RULES
from schema.association_rule_read import MESSAGE, MOST_COMPANIES, ROLES
from schema.sharing_rule_read import LONGEST_LABEL
from tests.gateway.access import say
from tests.gateway.associations import inside
from tests.gateway.deals import mine
from tests.gateway.people import company
from tests.gateway.world import make_world

TEXT = (Path(__file__).parents[2] / "docs" / "guides" / "association-rules.md").read_text()
GRAPHQL = re.findall(r"```graphql\n(.*?)```", TEXT, re.DOTALL)


async def test_the_guide_does_what_it_says(tmp_path: Path) -> None:
    world = await make_world("sqlite", tmp_path, crowd=0)
    define, move, listed, retire, region = GRAPHQL

    async def ask(who: str, text: str, **variables: Any) -> Any:
        data = await world.data(who, text, **variables)
        for payload in data.values():
            assert not isinstance(payload, dict) or not payload.get("userErrors"), payload
        return data

    async def opened(country: str) -> str:
        customer = {"name": "X", "country": country}
        record = await world.done("ann", "createOpportunity", name=country, customer=customer, mine={})
        assert record
        return record

    made = (await ask("ada", define, partner=company("bolt")))["defineAssociationRule"]["associationRule"]
    assert (made["version"], made["inForce"]) == (1, True)
    german, french = await opened("DE"), await opened("FR")
    told = (await ask("ann", move, record=german))["updateOpportunity"]["record"]["participants"]
    assert {"company": {"name": "Bolt"}, "role": "VIEWER", "status": "INVITED"} in told
    assert len((await ask("ann", move, record=french))["updateOpportunity"]["record"]["participants"]) == 1
    (rule,) = (await ask("ada", listed))["associationRules"]
    assert (rule["label"], rule["companies"]) == ("German distributor", [{"name": "Bolt"}])
    await ask("ada", retire, id=rule["id"])
    assert await inside(world, german) == {"bolt": "WITHDRAWN"}

    await say(world, "ann", region=["EMEA"])
    await ask("ada", region)

    async def stages() -> list[tuple[Any, Any]]:
        found = [[await mine(world, who, record) for record in (german, french)] for who in ("ann", "abe")]
        return [tuple(side and side["stage"] for side in sides) for sides in found]

    assert await stages() == [("QUALIFIED", None), (None, None)]
    await say(world, "abe", region=["EMEA"])
    assert await stages() == [("QUALIFIED", None), ("QUALIFIED", None)]
    await say(world, "ann", region=["APAC"])
    assert await stages() == [(None, None), ("QUALIFIED", None)]
    await world.spaces.close()


def test_the_numbers_and_roles_are_those_of_the_readers() -> None:
    for said in (
        f"1 to {MOST_COMPANIES} partners",
        f"at most {MOST_RULES} rules",
        f"where a record has {MOST_PARTICIPANTS} participants",
        f"{LONGEST_LABEL} characters at most",
        f"say, {MESSAGE.max_length:,} characters at most",
        *(f"`{role}`" for role in ROLES),
    ):
        assert said in TEXT, said
