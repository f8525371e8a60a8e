"""defineAssociationRule and retireAssociationRule: whom a company invites to its records by itself."""

from typing import Any

from gateway.context import Context
from gateway.definitions import ASSOCIATION_RULES
from gateway.mutations.defining import before, defining, not_past, placed, retired
from gateway.mutations.reading import check_companies, check_conditions
from gateway.mutations.settling import settle_company
from schema.association_rule import AssociationRule
from schema.association_rule_read import define_association
from schema.errors import BadInput
from schema.shapes_search import kinds_by_value

MOST_RULES = 50
"""Of one company."""
RULE_PREFIX = "asr"
_WHAT = "association rule"


async def define_rule(ctx: Context, given: dict[str, Any]) -> tuple[AssociationRule, bool]:
    """A new rule, or a new version of one of the company's own."""
    held, given = ctx.pinned.of(ctx.viewer.company).associations, dict(given)
    was = before(held, given, "ruleId", _WHAT)
    given["kind"] = kinds_by_value(ctx.catalog)[given["kind"]].name
    new_id = was.id if was else ctx.services.new_id(RULE_PREFIX)
    version = was.version + 1 if was else 1
    rule = define_association(given, ctx.catalog.by_name, new_id, ctx.viewer.company, version)
    not_past(ctx, rule.until)
    await check_companies(ctx, rule.companies, ("companies",))
    await check_conditions(ctx, ctx.catalog.by_name[rule.kind], rule.conditions)
    if len(placed(held, rule)) > MOST_RULES:
        raise BadInput(f"A company has at most {MOST_RULES} association rules.")
    return rule, True


async def retire_rule(ctx: Context, given: dict[str, Any]) -> tuple[AssociationRule, bool]:
    """The rule no more."""
    return retired(ctx.pinned.of(ctx.viewer.company).associations, given, "ruleId", _WHAT)


ASSOCIATION_STEPS = {
    "defineAssociationRule": defining(ASSOCIATION_RULES, define_rule, settle_company),
    "retireAssociationRule": defining(ASSOCIATION_RULES, retire_rule, settle_company),
}
"""Which resolver serves which step."""
