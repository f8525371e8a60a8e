"""How tests define association rules, and who then takes part in a record."""

from typing import Any

from tests.gateway.people import company
from tests.gateway.world import World

DEFINE = """mutation($input: DefineAssociationRuleInput!) { defineAssociationRule(input: $input) {
  associationRule { id version inForce kind label role message from until companies { name }
    conditions { of field op value } }
  clientMutationId userErrors { code message field } } }"""
RETIRE = """mutation($input: RetireAssociationRuleInput!) { retireAssociationRule(input: $input) {
  associationRule { id } userErrors { code message field } } }"""
RULES = "{ associationRules { id label version inForce companies { name } } }"
PARTICIPANTS = "query($id: ID!) { opportunity(id: $id) { participants { company { name } role status message } } }"
BIG = [{"field": "stage", "op": "IN", "value": ["QUALIFIED", "COMMITTED"]}]
GERMAN = [{"of": "RECORD", "field": "customer.country", "op": "EQ", "value": "DE"}]


def rule(*companies: str, **given: Any) -> dict[str, Any]:
    named = [company(each) for each in companies or ("dune",)]
    return {"kind": "OPPORTUNITY", "label": "Ours", "companies": named, "conditions": BIG, **given}


async def define(world: World, given: dict[str, Any], who: str = "ada") -> Any:
    found = (await world.data(who, DEFINE, input=given))["defineAssociationRule"]
    assert found["userErrors"] == [], found
    return found["associationRule"]


async def retire(world: World, id_: str, who: str = "ada") -> None:
    found = (await world.data(who, RETIRE, input={"ruleId": id_}))["retireAssociationRule"]
    assert found == {"associationRule": None, "userErrors": []}


async def refused(world: World, query: str, who: str = "ada", /, **given: Any) -> Any:
    (found,) = (await world.data(who, query, input=given)).values()
    assert found["associationRule"] is None
    (error,) = found["userErrors"]
    return error


async def inside(world: World, record: str, who: str = "ann") -> dict[str, str]:
    """The statuses of the record's other participants, by lower-case name, as somebody of its owner sees them."""
    found = (await world.data(who, PARTICIPANTS, id=record))["opportunity"]["participants"]
    return {each["company"]["name"].lower(): each["status"] for each in found if each["role"] != "OWNER"}


async def stage(world: World, record: str, value: str | None) -> None:
    await world.done("ann", "updateOpportunity", id=record, mine={"stage": value})
