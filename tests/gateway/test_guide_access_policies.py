"""The guide to access policies, run as it stands by an admin and its colleagues; its numbers are the readers'."""

import re
from pathlib import Path
from typing import Any

from gateway.mutations.access_policies import MOST_POLICIES
from policies.access_text import MOST_ELSEWHERE
from schema.access_policy_read import ACTIONS, MOST_FIELDS
from schema.person_attributes import LONGEST_VALUE, MOST_ATTRIBUTES, MOST_VALUES
from schema.sharing_rule_read import LONGEST_LABEL, MOST_RECORDS
from tests.gateway.deals import deal, mine
from tests.gateway.people import person
from tests.gateway.rules import FILLED, seen
from tests.gateway.world import make_world

TEXT = (Path(__file__).parents[2] / "docs" / "guides" / "access-policies.md").read_text()
GRAPHQL = re.findall(r"```graphql\n(.*?)```", TEXT, re.DOTALL)


async def test_the_guide_does_what_it_says(tmp_path: Path) -> None:
    world = await make_world("sqlite", tmp_path, crowd=0)
    say, leave, take, hide, partners, listed, retire = GRAPHQL

    async def ask(who: str, text: str, **variables: Any) -> Any:
        data = await world.data(who, text, **variables)
        for payload in data.values():
            assert not isinstance(payload, dict) or not payload.get("userErrors"), payload
        return data

    record = await deal(world, "One", accepted="bolt", **{**FILLED, "stage": "PROSPECT"})
    chosen = {"recordId": record, "fields": ["notes"], "audience": {"kind": "PARTICIPANTS"}}
    await world.done("ann", "shareFields", **chosen)
    count = "{ leads(first: 1) { totalCount } }"
    ian = (await world.spaces.people([person("abe")]))[0]
    assert ian is not None
    await world.spaces.put_person(ian._replace(roles=("intern",)))
    leads = (await ask("ann", count))["leads"]["totalCount"]
    assert leads > 0

    told = (await ask("ada", say, person=person("ann")))["setPersonAttributes"]["person"]["attributes"]
    assert {each["name"]: each["values"] for each in told} == {"region": ["EMEA"], "clearance": ["high", "deals"]}
    await ask("ada", leave)
    assert [(await mine(world, who, record))["amount"] is not None for who in ("ann", "ada", "abe")] == [
        True,
        True,
        False,
    ]
    write = {"id": record, "mine": {"nextStep": "x"}}
    await world.done("abe", "updateOpportunity", **write)
    await ask("ada", take)
    assert await world.refused("abe", "updateOpportunity", **write) == ("FORBIDDEN", ["mine", "nextStep"])
    await ask("ada", hide)
    assert [(await ask(who, count))["leads"]["totalCount"] for who in ("ann", "ada")] == [0, 0]
    assert "notes" in await seen(world, "bob", record)
    await ask("ada", partners)
    assert "notes" not in await seen(world, "bob", record)
    found = (await ask("ada", listed))["accessPolicies"]
    assert [each["label"] for each in found] == [
        "Deal sizes",
        "Interns change nothing",
        "Leads are for sales",
        "Notes stay here",
    ]
    await ask("ada", retire, id=found[2]["id"])
    assert (await ask("ann", count))["leads"]["totalCount"] == leads
    await world.spaces.close()


def test_the_numbers_and_actions_are_those_of_the_readers() -> None:
    for said in (
        f"up to {MOST_FIELDS}: side fields",
        f"up to {MOST_RECORDS} records",
        f"restrict a field on at most {MOST_ELSEWHERE}",
        f"at most {MOST_POLICIES} policies",
        f"a person {MOST_ATTRIBUTES} attributes with {MOST_VALUES} values of {LONGEST_VALUE} characters",
        f"{LONGEST_LABEL} characters at most",
        *(f"`{action}`" for action in ACTIONS),
    ):
        assert said in TEXT, said
