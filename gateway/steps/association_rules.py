"""Steps that bring association rules."""

from collections.abc import Sequence
from typing import Any

from gateway.context import Context
from gateway.filters import plain
from gateway.level import Level, lists, one_each
from gateway.plan_values import PlanStep
from gateway.rule_objects import AssociationRuleObject
from schema.association_rule import AssociationRule
from schema.errors import Forbidden
from schema.queryable import upper_snake


def association_rules(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """The rules of the viewer's company, for its admins: a rule names values that not all of its people may see."""
    if not ctx.decisions.may_define(ctx.viewer):
        raise Forbidden
    kind = plain(args.get("kind"))
    mine = ctx.pinned.of(ctx.viewer.company).associations
    found = [_object(ctx, rule) for rule in mine if kind in (None, upper_snake(rule.kind))]
    return lists([found for _ in parents])


def payload_rule(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """The rule that a mutation made or changed, as it is now; null where it was refused or is retired."""
    mine = {rule.id: rule for rule in ctx.pinned.of(ctx.viewer.company).associations}
    found = [mine.get(parent.made) if parent.made else None for parent in parents]
    return one_each(rule and _object(ctx, rule) for rule in found)


def _object(ctx: Context, rule: AssociationRule) -> AssociationRuleObject:
    return AssociationRuleObject(rule, ctx.catalog.by_name.get(rule.kind), ctx.pinned.day)
