"""How tests define sharing rules, and what a partner then sees."""

from typing import Any

from tests.gateway.deals import partners, usd
from tests.gateway.people import company, person
from tests.gateway.world import World

DEFINE = """mutation($input: DefineSharingRuleInput!) { defineSharingRule(input: $input) {
  sharingRule { id version inForce fields conditions { field op value } audience { kind } }
  clientMutationId userErrors { code message field } } }"""
RETIRE = """mutation($input: RetireSharingRuleInput!) { retireSharingRule(input: $input) {
  sharingRule { id } userErrors { code message field } } }"""
RULES = """{ sharingRules { id label kind effect fields from until inForce version
  audience { kind companies { name } people { name } } conditions { field op value } } }"""
PREVIEW = """query($input: DefineSharingRuleInput!, $company: ID!, $person: ID) {
  previewSharingRule(input: $input, company: $company, person: $person) { records fields { field before after } } }"""

EVERYBODY = {"kind": "PARTICIPANTS"}
BOLT = {"kind": "SELECTED", "companies": [company("bolt")]}
BEA = {"kind": "SELECTED", "people": [person("bea")]}


def rule(effect: str = "ALLOW", fields: tuple[str, ...] = ("amount",), **given: Any) -> dict[str, Any]:
    said = {"kind": "OPPORTUNITY", "label": "Ours", "effect": effect, "fields": list(fields), "audience": EVERYBODY}
    return {**said, **given}


async def define(world: World, given: dict[str, Any], who: str = "ada") -> Any:
    found = (await world.data(who, DEFINE, input=given))["defineSharingRule"]
    assert found["userErrors"] == [], found
    return found["sharingRule"]


async def refused(world: World, query: str, who: str = "ada", /, **given: Any) -> Any:
    (found,) = (await world.data(who, query, input=given)).values()
    assert found["sharingRule"] is None
    (error,) = found["userErrors"]
    return error


async def seen(world: World, who: str, record: str, of: str = "Acme") -> set[str]:
    """The names of the fields with a value that somebody sees of a company's side."""
    side = (await partners(world, who, record))[of]
    return {name for name in ("stage", "amount", "probability", "nextStep", "notes") if side[name] is not None}


FILLED: dict[str, Any] = {
    "stage": "QUALIFIED",
    "amount": usd("1000.00"),
    "probability": 40,
    "nextStep": "call",
    "notes": "ours",
}
