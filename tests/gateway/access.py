"""How tests define access policies, and say what people are like."""

from typing import Any

from tests.gateway.people import person
from tests.gateway.world import World

DEFINE = """mutation($input: DefineAccessPolicyInput!) { defineAccessPolicy(input: $input) {
  accessPolicy { id version inForce kind effect actions fields who people conditions { field op value } }
  clientMutationId userErrors { code message field } } }"""
RETIRE = """mutation($input: RetireAccessPolicyInput!) { retireAccessPolicy(input: $input) {
  accessPolicy { id } userErrors { code message field } } }"""
POLICIES = """{ accessPolicies { id label kind effect actions fields who people from until inForce version
  conditions { field op value } } }"""
SAY = """mutation($input: SetPersonAttributesInput!) { setPersonAttributes(input: $input) {
  person { id name attributes { name values } } clientMutationId userErrors { code message field } } }"""


def policy(effect: str = "DENY", fields: tuple[str, ...] | None = ("amount",), **given: Any) -> dict[str, Any]:
    said = {"kind": "OPPORTUNITY", "label": "Ours", "effect": effect, "actions": ["READ"]}
    return {**said, **({} if fields is None else {"fields": list(fields)}), **given}


def attribute(name: str, **tests: Any) -> dict[str, Any]:
    return {"attribute": {"name": name, **tests}}


async def define(world: World, given: dict[str, Any], who: str = "ada") -> Any:
    found = (await world.data(who, DEFINE, input=given))["defineAccessPolicy"]
    assert found["userErrors"] == [], found
    return found["accessPolicy"]


async def retire(world: World, id_: str, who: str = "ada") -> None:
    found = (await world.data(who, RETIRE, input={"policyId": id_}))["retireAccessPolicy"]
    assert found == {"accessPolicy": None, "userErrors": []}


async def refused(world: World, query: str, who: str = "ada", /, **given: Any) -> Any:
    (found,) = (await world.data(who, query, input=given)).values()
    assert (found.get("accessPolicy"), found.get("person")) == (None, None)
    (error,) = found["userErrors"]
    return error


async def say(world: World, whom: str, who: str = "ada", **attributes: list[str]) -> Any:
    """Sets what somebody is like."""
    given = {"personId": person(whom), "attributes": [{"name": k, "values": v} for k, v in attributes.items()]}
    found = (await world.data(who, SAY, input=given))["setPersonAttributes"]
    assert found["userErrors"] == [], found
    return found["person"]["attributes"]
