"""Sharing rules, as an admin defines them and its partners meet them over GraphQL."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.gateway.deals import deal, partners, usd
from tests.gateway.people import company, person
from tests.gateway.world import BACKENDS, World, make_world

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
FIRST_DAY = "2025-07-01"


@pytest.fixture(params=BACKENDS)
async def own(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    """A network of this test's own, for rules reach every record of a company."""
    world = await make_world(request.param, tmp_path, crowd=0)
    yield world
    await world.spaces.close()


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


async def test_a_rule_opens_fields_of_all_sides_and_its_end_closes_them(own: World) -> None:
    record = await deal(own, "One", accepted="bolt core", invited="dune", **FILLED)
    assert await seen(own, "bob", record) == {"nextStep"}
    made = await define(own, rule(fields=("amount", "stage"), audience=BOLT))
    assert made["id"].startswith("shr_")
    assert (made["version"], made["inForce"], made["fields"]) == (1, True, ["amount", "stage"])
    assert await seen(own, "bob", record) == {"nextStep", "amount", "stage"}
    assert await seen(own, "cat", record) == {"nextStep"}
    later = await deal(own, "Two", accepted="bolt", **FILLED)
    assert await seen(own, "bob", later) == {"nextStep", "amount", "stage"}
    changed = await define(own, rule(fields=("notes",), audience=BOLT, ruleId=made["id"], ifVersion=1))
    assert (changed["id"], changed["version"]) == (made["id"], 2)
    assert await seen(own, "bob", record) == {"nextStep", "notes"}
    gone = (await own.data("ada", RETIRE, input={"ruleId": made["id"], "ifVersion": 2}))["retireSharingRule"]
    assert gone == {"sharingRule": None, "userErrors": []}
    assert await seen(own, "bob", record) == {"nextStep"}
    assert (await own.data("ada", RULES))["sharingRules"] == []


async def test_filters_sorts_groups_and_counts_see_what_the_rule_opens(own: World) -> None:
    for name, amount, stage in (
        ("A", "100.00", "PROSPECT"),
        ("B", "900.00", "QUALIFIED"),
        ("C", "500.00", "COMMITTED"),
    ):
        await deal(own, name, accepted="bolt", stage=stage, amount=usd(amount))
    qualified = [{"field": "stage", "op": "IN", "value": ["QUALIFIED", "COMMITTED"]}]
    await define(own, rule(audience=BOLT, conditions=qualified))
    asked = """query($where: OpportunityWhere) {
      opportunities(first: 9, where: $where, orderBy: [{partners: AMOUNT, direction: DESC}]) {
        totalCount nodes { name } }
      opportunityGroups(by: [{field: NAME}], where: $where, measures: [{partners: AMOUNT}]) {
        nodes { keys { value } totals { sum } } } }"""
    named = {"name": {"in": ["A", "B", "C"]}}
    where = {"partners": {"some": {"amount": {"gte": usd("0.00")}}}, **named}
    found = await own.data("bob", asked, where=where)
    assert found["opportunities"] == {"totalCount": 2, "nodes": [{"name": "B"}, {"name": "C"}]}
    groups = {node["keys"][0]["value"]: node["totals"] for node in found["opportunityGroups"]["nodes"]}
    assert groups == {"B": [{"sum": "900.00"}], "C": [{"sum": "500.00"}]}
    all_three = (await own.data("bob", asked, where=named))["opportunities"]
    assert [node["name"] for node in all_three["nodes"]] == ["B", "C", "A"]  # a hidden amount sorts as none
    assert (await own.data("cat", asked, where=where))["opportunities"]["totalCount"] == 0
