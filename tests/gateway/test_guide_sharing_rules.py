"""The guide to sharing rules, run as it stands by an admin and a partner; its table is that of the reader."""

import json
import re
from pathlib import Path
from typing import Any

from schema.sharing_rule_read import (
    LONGEST_LABEL,
    MOST_CONDITIONS,
    MOST_FIELDS,
    MOST_NAMED,
    MOST_RECORDS,
    MOST_VALUES,
    OPERATORS,
)
from tests.gateway.deals import deal
from tests.gateway.people import company
from tests.gateway.world import make_world

TEXT = (Path(__file__).parents[2] / "docs" / "guides" / "sharing-rules.md").read_text()
GRAPHQL = re.findall(r"```graphql\n(.*?)```", TEXT, re.DOTALL)
(RULE,) = re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)


async def test_the_guide_does_what_it_says(tmp_path: Path) -> None:
    world = await make_world("sqlite", tmp_path, crowd=0)
    preview, define, close, of_records, listed, retire = GRAPHQL
    partner = company("bolt")
    rule = json.loads(RULE.replace("$partner", partner))

    async def ask(who: str, text: str, **variables: Any) -> Any:
        data = await world.data(who, text, **variables)
        for payload in data.values():
            assert not isinstance(payload, dict) or not payload.get("userErrors"), payload
        return data

    amounts = (("QUALIFIED", "10000.00"), ("COMMITTED", "9999.99"), ("PROSPECT", "20000.00"))
    for number, (stage, amount) in enumerate(amounts):
        euro = {"amount": amount, "currency": "EUR"}
        await deal(world, f"Deal {number}", accepted="bolt", stage=stage, amount=euro)
    read = """{ opportunities(first: 9, where: {name: {startsWith: "Deal"}}, orderBy: [{field: NAME}]) { nodes {
      partners { stage amount { amount } } } } }"""

    async def shown() -> list[Any]:
        nodes = (await ask("bob", read))["opportunities"]["nodes"]
        return [side["amount"] and side["amount"]["amount"] for node in nodes for side in node["partners"]]

    told = (await ask("ada", preview, rule=rule, partner=partner))["previewSharingRule"]
    grown = {each["field"]: each["after"] - each["before"] for each in told["fields"]}
    assert grown == {"amount": 1, "stage": 1}
    assert await shown() == [None, None, None]
    made = (await ask("ada", define, rule=rule))["defineSharingRule"]["sharingRule"]
    assert (made["version"], made["inForce"]) == (1, True)
    assert await shown() == ["10000.00", None, None]
    again = (await ask("ada", preview, rule={**rule, "ruleId": made["id"]}, partner=partner))["previewSharingRule"]
    assert [each["before"] for each in again["fields"]] == [each["after"] for each in told["fields"]]
    await ask("ada", close)
    assert await shown() == [None, None, None]
    rules = (await ask("ann", listed))["sharingRules"]
    assert [(each["label"], each["effect"]) for each in rules] == [
        ("Qualified deals", "ALLOW"),
        ("Deal sizes are ours", "DENY"),
    ]
    assert (await ask("bob", listed))["sharingRules"] == []
    await ask("ada", retire, id=rules[1]["id"])
    assert await shown() == ["10000.00", None, None]
    deals = []
    for number, country in enumerate(("DE", "DE", "FR")):
        deals.append(await deal(world, f"Chance {number}", accepted="bolt", probability=10 + number))
        await world.done("ann", "updateOpportunity", id=deals[-1], joint={"customer": {"country": country}})
    await ask("ada", of_records, record=deals[1])
    read = read.replace('"Deal"', '"Chance"').replace("amount { amount }", "probability")
    nodes = (await ask("bob", read))["opportunities"]["nodes"]
    assert [side["probability"] for node in nodes for side in node["partners"]] == [10, None, None]
    await world.spaces.close()


def test_the_numbers_and_operators_are_those_of_the_reader() -> None:
    for said in (
        f"1 to {MOST_FIELDS} names",
        f"up to {MOST_NAMED} companies",
        f"at most {MOST_CONDITIONS} tests",
        f"at most {MOST_VALUES} values",
        f"1 to {MOST_RECORDS} records",
        f"{LONGEST_LABEL} characters at most",
        " ".join(OPERATORS),
    ):
        assert said in TEXT, said
