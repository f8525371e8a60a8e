"""Steps that bring access policies, and the person whose attributes were set."""

from collections.abc import Collection, Sequence
from typing import Any

from gateway.context import Context
from gateway.filters import plain
from gateway.level import Level, lists, one_each, shared
from gateway.plan_values import PlanStep
from gateway.rule_objects import AccessPolicyObject
from gateway.steps.directory import people_of
from gateway.steps.sharing_rules import seen_records
from schema.access_policy import AccessPolicy
from schema.errors import Forbidden
from schema.queryable import upper_snake


async def access_policies(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """The policies of the viewer's company, for its admins: a policy may tell what it hides."""
    if not ctx.decisions.may_define(ctx.viewer):
        raise Forbidden
    kind = plain(args.get("kind"))
    mine = ctx.pinned.of(ctx.viewer.company).policies
    wanted = [policy for policy in mine if kind is None or kind == upper_snake(policy.kind or "")]
    seen = await seen_records(ctx, wanted)
    found = [_object(ctx, policy, seen) for policy in wanted]
    return lists([found for _ in parents])


async def payload_policy(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """The policy that a mutation made or changed, as it is now; null where it was refused or is retired."""
    mine = {policy.id: policy for policy in ctx.pinned.of(ctx.viewer.company).policies}
    found = [mine.get(parent.made) if parent.made else None for parent in parents]
    seen = await seen_records(ctx, filter(None, found))
    return one_each(policy and _object(ctx, policy, seen) for policy in found)


async def payload_person(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """The person whose attributes a mutation set, as it is now; null where it was refused."""
    ids = [parent.made for parent in parents]
    return shared(await people_of(ctx, ids), ids)


def _object(ctx: Context, policy: AccessPolicy, seen: Collection[str]) -> AccessPolicyObject:
    return AccessPolicyObject(policy, ctx.catalog.by_name, ctx.pinned.day, seen)
