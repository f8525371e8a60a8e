"""defineAccessPolicy and retireAccessPolicy: which of a company's people may do what."""

from dataclasses import replace
from typing import Any

from gateway.context import Context
from gateway.definitions import ACCESS_POLICIES
from gateway.mutations.defining import before, defining, not_past, placed, retired
from gateway.mutations.reading import check_conditions, check_people, check_records
from schema.access_policy import AccessPolicy
from schema.access_policy_read import define_policy
from schema.errors import BadInput
from schema.people_filter import people_named
from schema.shapes_search import kinds_by_value

MOST_POLICIES = 100
"""Of one company."""
POLICY_PREFIX = "acp"


async def define_access(ctx: Context, given: dict[str, Any]) -> tuple[AccessPolicy, bool]:
    """A new policy, or a new version of one of the company's own."""
    defined = ctx.pinned.of(ctx.viewer.company)
    given = dict(given)
    was = before(defined.policies, given, "policyId", "policy")
    if given.get("kind") is not None:
        given["kind"] = kinds_by_value(ctx.catalog)[given["kind"]].name
    new_id = was.id if was else ctx.services.new_id(POLICY_PREFIX)
    version = was.version + 1 if was else 1
    policy = define_policy(given, ctx.catalog.by_name, new_id, ctx.viewer.company, version)
    if policy.people is not None:
        await check_people(ctx, list(people_named(policy.people)), ("people",), ctx.viewer.company, listed=False)
    not_past(ctx, policy.until)
    kind = ctx.catalog.by_name.get(policy.kind or "")
    if kind is not None:
        await check_conditions(ctx, kind, policy.conditions)
        await check_records(ctx, kind, given.get("recordIds") or (), ("recordIds",))
    mine = placed(defined.policies, policy)
    if len(mine) > MOST_POLICIES:
        raise BadInput(f"A company has at most {MOST_POLICIES} access policies.")
    ctx.services.rules.check(ctx.viewer.company, replace(defined, policies=mine), ctx.catalog)
    return policy, True


async def retire_access(ctx: Context, given: dict[str, Any]) -> tuple[AccessPolicy, bool]:
    """The policy no more."""
    return retired(ctx.pinned.of(ctx.viewer.company).policies, given, "policyId", "policy")


ACCESS_STEPS = {
    "defineAccessPolicy": defining(ACCESS_POLICIES, define_access),
    "retireAccessPolicy": defining(ACCESS_POLICIES, retire_access),
}
"""Which resolver serves which step."""
