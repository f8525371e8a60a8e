"""The cost of an operation: by plan and variables alone, the same wherever the data differs; and the plan's bound."""

import dataclasses
import json
import time
from typing import Any

import pytest
from graphql.execution.values import get_variable_values

from gateway.document import Documents
from gateway.limits.cost import Cost
from gateway.limits.table import LIMITS
from gateway.plan import PlanTooLarge
from tests.gateway.people import company, made_id
from tests.gateway.world import CATALOG, World
from tests.limits.asking import passes, post, refused
from tests.limits.cases import height

COSTLY = "COST_ESTIMATED_TOO_EXPENSIVE"
PARTNERS = "query($c: [ID!]) { opportunities(first: 10) { nodes { partners(companies: $c) { stage } } } }"


def cost_of(world: World, text: str, variables: dict[str, Any]) -> int:
    schema = world.gateway.pipeline.models.base.schema
    operation = Documents(schema).read(text).operation(None)
    found = get_variable_values(schema, operation.node.variable_definitions or (), variables)
    assert not isinstance(found, list)
    _, cost = operation.planned(CATALOG, schema, found.coerced)
    return cost.check(found.coerced)


@pytest.mark.parametrize(
    ("text", "variables", "cost"),
    [
        ("{ __typename }", {}, 0),
        ("{ viewer { email } }", {}, 1),
        ("{ opportunities(first: 50) { totalCount } }", {}, 1),
        ("{ opportunities(first: 50) { nodes { id } } }", {}, 51),
        ("{ opportunities(last: 50) { edges { node { id } } } }", {}, 101),
        ("query($n: Int = 7) { opportunities(first: $n) { nodes { mine { stage } } } }", {}, 15),
        ("query($n: Int = 7) { opportunities(first: $n) { nodes { mine { stage } } } }", {"n": 20}, 41),
        ("{ opportunities(first: 10) { nodes { partners { stage } } } }", {}, 31),
        (PARTNERS, {"c": [company("acme")] * 5}, 61),
        ("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": [made_id("opp", "x")] * 30}, 30),
        ("{ a: viewer { email } ... { b: viewer { email } } }", {}, 2),
        ("query($b: Boolean!) { viewer @skip(if: $b) { email } }", {"b": True}, 0),
        ('mutation { withdraw(input: {recordId: "x"}) { record { id } } }', {}, 12),
        ("{ __schema { description } }", {}, 100),
        ("{ __schema { description } viewer { email } }", {}, 101),
    ],
)  # fmt: skip # reads better side by side
async def test_a_cost_is_counted(bounded: World, text: str, variables: dict[str, Any], cost: int) -> None:
    assert cost_of(bounded, text, variables) == cost


async def test_a_cost_is_that_of_its_own_variables(bounded: World) -> None:
    below = "nodes { partners { company { name } owner { name } } participants { company { name } } }"
    text = f'query($n: Int, $c: ID = "x") {{ opportunities(first: $n) {{ {below} }} nodes(ids: [$c]) {{ id }} }}'
    small, large = {"n": 1, "c": "x"}, {"n": 100, "c": "x"}
    await passes(bounded, post(text, small))
    await refused(bounded, post(text, large), 400, COSTLY)
    await refused(bounded, post(text, {"n": 100, "c": None}), 400, COSTLY)
    await refused(bounded, post(text, {"n": None}), 400, "PAGE_SIZE")
    await refused(bounded, post(text, large), 400, COSTLY)
    await passes(bounded, post(text, small))


async def test_a_costly_operation_costs_the_same_for_who_sees_nothing(bounded: World) -> None:
    below = "nodes { partners { owner { name } company { name } } participants { company { name } } }"
    text = f"{{ opportunities(first: 100) {{ {below} }} }}"
    found = await refused(bounded, post(text), 400, COSTLY)
    assert (await bounded.ask("eve", text)) == found.body


async def test_a_plan_is_bounded_by_plan_steps(bounded: World) -> None:
    schema = bounded.gateway.pipeline.models.base.schema
    operation = Documents(schema).read("{ viewer { person { name } company { name } } }").operation(None)
    plan = operation.plan(CATALOG, schema, {})
    Cost(plan, dataclasses.replace(LIMITS, plan_steps=3))
    with pytest.raises(PlanTooLarge):
        Cost(plan, dataclasses.replace(LIMITS, plan_steps=2))


async def test_planning_is_bounded_by_plan_seconds(bounded: World, monkeypatch: pytest.MonkeyPatch) -> None:
    schema = bounded.gateway.pipeline.models.base.schema
    text = "{ viewer { person { name } company { name } } }"
    clock = iter(range(100))
    monkeypatch.setattr("gateway.plan.time.thread_time", lambda: next(clock))  # a second passes between two looks
    within = dataclasses.replace(LIMITS, plan_seconds=4)
    assert Documents(schema, within).read(text).operation(None).plan(CATALOG, schema, {})
    beyond = dataclasses.replace(LIMITS, plan_seconds=3)
    with pytest.raises(PlanTooLarge):
        Documents(schema, beyond).read(text).operation(None).plan(CATALOG, schema, {})


async def test_the_largest_documents_are_planned_within_half_of_plan_seconds(bounded: World) -> None:
    schema = bounded.gateway.pipeline.models.base.schema
    (body,) = height(bounded, LIMITS.height).chunks
    took = []
    for _ in range(3):  # the least of them: what else the machine does can only add to it
        operation = Documents(schema).read(json.loads(body)["query"]).operation(None)
        began = time.thread_time()
        operation.plan(CATALOG, schema, {})
        took.append(time.thread_time() - began)
    assert min(took) < LIMITS.plan_seconds / 2
