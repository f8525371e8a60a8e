"""Sharing rules and custom fields: opened and tested like others, and gone with their template."""

from typing import Any

from tests.gateway.deals import deal
from tests.gateway.people import company
from tests.gateway.rules import FILLED, RULES, define, rule, seen
from tests.gateway.world import World

TEMPLATE: dict[str, Any] = {
    "kind": "OPPORTUNITY",
    "key": "ours",
    "label": "Ours",
    "fields": [
        {"key": "tier", "type": "TEXT", "label": "Tier"},
        {"key": "seats", "type": "INTEGER", "label": "Seats"},
        {"key": "budget", "type": "MONEY", "label": "Budget"},
    ],
}


async def template(world: World, **given: Any) -> Any:
    text = """mutation($input: DefineTemplateInput!) { defineTemplate(input: $input) {
      template { id } userErrors { code message field } } }"""
    found = (await world.data("ada", text, input={**TEMPLATE, **given}))["defineTemplate"]
    assert found["userErrors"] == []
    return found["template"]["id"]


async def custom(world: World, who: str, record: str) -> dict[str, Any]:
    text = """query($id: ID!) { opportunity(id: $id) { partners(companies: ["%s"]) { customFields { key value } } } }"""
    found = (await world.data(who, text % company("acme"), id=record))["opportunity"]["partners"]
    return {each["key"]: each["value"] for side in found for each in side["customFields"]}


async def test_custom_fields_are_opened_and_tested_like_others(bare: World) -> None:
    made = await template(bare)
    euro = {"amount": "5.00", "currency": "EUR"}
    record = await deal(bare, "One", accepted="bolt", tier="gold", seats=7, budget=euro, **FILLED)
    tests = [{"field": "tier", "op": "EQ", "value": "gold"}, {"field": "budget", "op": "GTE", "value": euro}]
    opened = await define(bare, rule(fields=("seats", "amount"), conditions=tests))
    assert opened["fields"] == ["seats", "amount"]
    assert opened["conditions"] == tests
    assert await custom(bare, "bob", record) == {"seats": 7}
    assert await seen(bare, "bob", record) == {"nextStep", "amount"}
    tested = '{name: {eq: "One"}, partners: {some: {amount: {isNull: false}}}}'
    where = f"{{ opportunities(first: 9, where: {tested}) {{ nodes {{ name }} }} }}"
    assert (await bare.data("bob", where))["opportunities"]["nodes"] == [{"name": "One"}]
    await bare.done("ann", "updateOpportunity", id=record, mine={"tier": "iron"})
    assert await custom(bare, "bob", record) == {}
    assert (await bare.data("bob", where))["opportunities"]["nodes"] == []
    await bare.done("ann", "updateOpportunity", id=record, mine={"tier": "gold"})
    # the template is taken from Acme's sides and shared with Bolt's: no right stays behind, and none is lost
    kept = [field for field in TEMPLATE["fields"] if field["key"] != "tier"]
    await template(bare, templateId=made, fields=kept)
    assert await custom(bare, "bob", record) == {}
    assert await seen(bare, "bob", record) == {"nextStep"}
    (shown,) = (await bare.data("ada", RULES))["sharingRules"]
    assert shown["conditions"][0]["field"].startswith("cf_")
    await template(bare, templateId=made)
    assert await custom(bare, "bob", record) == {}


async def test_a_deny_holds_without_the_field_that_it_tested(bare: World) -> None:
    made = await template(bare)
    record = await deal(bare, "One", accepted="bolt", tier="gold", seats=7, **FILLED)
    tests = [{"field": "seats", "op": "GT", "value": 100}]
    await define(bare, rule(fields=("tier", "seats")))
    await define(bare, rule("DENY", fields=("nextStep", "tier"), conditions=tests))
    assert await seen(bare, "bob", record) == {"nextStep"}
    assert await custom(bare, "bob", record) == {"tier": "gold", "seats": 7}
    await template(bare, templateId=made, fields=TEMPLATE["fields"][:1])
    assert await seen(bare, "bob", record) == set()
    assert await custom(bare, "bob", record) == {}
