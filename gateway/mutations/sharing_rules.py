"""defineSharingRule and retireSharingRule: what a company's admins say once of all its sides."""

from dataclasses import replace
from typing import Any

from gateway.context import Context
from gateway.definitions import SHARING_RULES
from gateway.mutations.defining import before, defining, not_past, placed, retired
from gateway.mutations.reading import check_companies, check_conditions, check_people, check_records
from schema.errors import BadInput
from schema.shapes_search import kinds_by_value
from schema.sharing_rule import SharingRule
from schema.sharing_rule_read import define

MOST_RULES = 100
"""Of one company."""
RULE_PREFIX = "shr"


async def define_rule(ctx: Context, given: dict[str, Any]) -> tuple[SharingRule, bool]:
    """A new rule, or a new version of one of the company's own."""
    rule = await next_version(ctx, given)
    not_past(ctx, rule.until)
    defined = ctx.pinned.of(ctx.viewer.company)
    mine = placed(defined.rules, rule)
    if len(mine) > MOST_RULES:
        raise BadInput(f"A company has at most {MOST_RULES} sharing rules.")
    ctx.services.rules.check(ctx.viewer.company, replace(defined, rules=mine), ctx.catalog)
    return rule, True


async def retire_rule(ctx: Context, given: dict[str, Any]) -> tuple[SharingRule, bool]:
    """The rule no more."""
    return retired(ctx.pinned.of(ctx.viewer.company).rules, given, "ruleId", "rule")


async def next_version(ctx: Context, given: dict[str, Any]) -> SharingRule:
    """The rule that an input says, as the next version of the one that it names. Raises the Refusals of a wrong one."""
    given = {name: value for name, value in given.items() if name != "clientMutationId"}
    was = before(ctx.pinned.of(ctx.viewer.company).rules, given, "ruleId", "rule")
    given["kind"] = kinds_by_value(ctx.catalog)[given["kind"]].name
    new_id = was.id if was else ctx.services.new_id(RULE_PREFIX)
    rule = define(given, ctx.catalog.by_name, new_id, ctx.viewer.company, was.version + 1 if was else 1)
    audience = given["audience"]
    await check_companies(ctx, audience.get("companies") or (), ("audience", "companies"))
    await check_people(ctx, audience.get("people") or (), ("audience", "people"))
    kind = ctx.catalog.by_name[rule.kind]
    await check_conditions(ctx, kind, rule.conditions)
    await check_records(ctx, kind, given.get("recordIds") or (), ("recordIds",))
    return rule


RULE_STEPS = {
    "defineSharingRule": defining(SHARING_RULES, define_rule),
    "retireSharingRule": defining(SHARING_RULES, retire_rule),
}
"""Which resolver serves which step."""
