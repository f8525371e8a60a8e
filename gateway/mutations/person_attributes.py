"""setPersonAttributes: what a company's admins say of its people, for access policies to ask."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from gateway.context import Context
from gateway.filters import plain
from gateway.level import Level, one_each
from gateway.plan_values import PlanStep
from gateway.rule_objects import MadePayloadObject
from schema.errors import Forbidden, NotFound, Refusal
from schema.names import PersonId
from schema.person_attributes import read_attributes


async def set_attributes(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """Sets all attributes of a person of the viewer's company. Another company's person is not found, in the words of
    one who is not."""
    given = plain(args["input"])
    key = given.get("clientMutationId")
    type_name = step.selections[0].type_name
    try:
        payload = MadePayloadObject(type_name, key, await _set(ctx, PersonId(given["personId"]), given["attributes"]))
    except Refusal as refusal:
        payload = MadePayloadObject(type_name, key, None, [refusal])
    ctx.forget()
    return one_each(payload for _ in parents)


async def _set(ctx: Context, person: PersonId, given: list[dict[str, Any]]) -> PersonId:
    if not ctx.decisions.may_define(ctx.viewer):
        raise Forbidden
    attributes = read_attributes(given)
    (found,) = await ctx.services.spaces.people([person])
    if found is None or found.company != ctx.viewer.company:
        raise NotFound("No such person.", field=("personId",))
    await ctx.services.spaces.set_attributes(person, attributes)
    if person == ctx.viewer.person:
        ctx.viewer = replace(ctx.viewer, attributes=attributes)
        ctx.person = ctx.person._replace(attributes=attributes)
    return person
