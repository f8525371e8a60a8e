"""Executes a plan breadth-first: a level at a time, every step once for all its parents.

1. The level's dicts are built by the selection's generated builder, with null where a step fills in.
2. The steps of the level run together; what they fetch in one tick from one place is one fetch (`loaders.py`).
3. Each step's children are built as the next level, an object that many parents share once, and linked in.

A Refusal raised by a root step is that field's error, and null spreads to where the schema allows it. Anything
else is a fault of the whole request: nothing partial leaves, and the caller learns "internal". Root fields of a
mutation run one after the other, in the order of the document.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from graphql.execution.values import VariableValues, get_argument_values

from gateway.context import Context
from gateway.level import Level, Resolver
from gateway.plan_values import Plan, PlanSelection, PlanStep
from schema.errors import Refusal


class Bound:
    """A plan with variables and viewer: what is different in each request. Plans are shared and never written."""

    def __init__(self, ctx: Context, variables: VariableValues, resolvers: Mapping[str, Resolver]) -> None:
        self.ctx = ctx
        self._variables = variables
        self._resolvers = resolvers

    async def level(self, step: PlanStep, parents: Sequence[Any]) -> Level:
        """The step's objects and links for all parents."""
        arguments: dict[str, Any] = {}
        if step.definition.args:
            arguments = get_argument_values(step.definition, step.node, self._variables, hide_suggestions=True)
        return await self._resolvers[step.source.name](parents, arguments, self.ctx, step)

    async def build(self, selection: PlanSelection, objects: list[Any]) -> list[dict[str, Any]]:
        """The dicts of a level, with all below them."""
        answers = selection.build(objects)
        steps = selection.steps
        if len(steps) == 1:
            await self._fill(steps[0], objects, answers)
        elif steps:
            await asyncio.gather(*(self._fill(step, objects, answers) for step in steps))
        return answers

    async def _fill(self, step: PlanStep, objects: list[Any], answers: list[dict[str, Any]]) -> None:
        if not objects:
            return
        level = await self.level(step, objects)
        built = await self.children(step, level.objects)
        key = step.key
        for answer, link in zip(answers, level.links, strict=True):
            if type(link) is list:
                answer[key] = [None if at is None else built[at] for at in link]
            elif link is not None:
                answer[key] = built[link]  # one of them, or a slice

    async def children(self, step: PlanStep, objects: list[Any]) -> list[dict[str, Any]]:
        """The dicts of a step's objects, each built as what it turned out to be."""
        if len(step.selections) == 1:
            return await self.build(step.selections[0], objects)
        built: list[Any] = [None] * len(objects)
        for selection in step.selections:
            places = [place for place, item in enumerate(objects) if item.type_name == selection.type_name]
            if places:
                answers = await self.build(selection, [objects[place] for place in places])
                for place, answer in zip(places, answers, strict=True):
                    built[place] = answer
        return built


async def execute(plan: Plan, bound: Bound) -> tuple[dict[str, Any] | None, list[tuple[str, Refusal]]]:
    """The answer's `data` and the refusals of root fields by response key. Faults are raised."""
    root = plan.root
    answer = root.build([None])[0]
    refusals: dict[str, Refusal] = {}

    async def fill(step: PlanStep) -> None:
        try:
            await bound._fill(step, [None], [answer])
        except Refusal as refusal:
            refusals[step.key] = refusal

    if plan.operation == "mutation":
        for step in root.steps:
            await fill(step)
    else:
        await asyncio.gather(*(fill(step) for step in root.steps))
    errors = [(step.key, refusals[step.key]) for step in root.steps if step.key in refusals]
    bubbles = any(step.required and step.key in refusals for step in root.steps)
    return (None if bubbles else answer), errors
