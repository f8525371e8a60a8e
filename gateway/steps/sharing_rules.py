"""Steps that bring sharing rules."""

from collections.abc import Sequence
from typing import Any

from gateway.context import Context
from gateway.filters import plain
from gateway.level import Level, lists, one_each
from gateway.plan_values import PlanStep
from gateway.rule_objects import SharingRuleObject
from schema.queryable import upper_snake
from schema.sharing_rule import SharingRule


def sharing_rules(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """The rules of the viewer's company."""
    kind = plain(args.get("kind"))
    mine = ctx.pinned.of(ctx.viewer.company).rules
    found = [_object(ctx, rule) for rule in mine if kind in (None, upper_snake(rule.kind))]
    return lists([found for _ in parents])


def payload_rule(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """The rule that a mutation made or changed, as it is now; null where it was refused or is retired."""
    mine = {rule.id: rule for rule in ctx.pinned.of(ctx.viewer.company).rules}
    found = [mine.get(parent.made) if parent.made else None for parent in parents]
    return one_each(rule and _object(ctx, rule) for rule in found)


def _object(ctx: Context, rule: SharingRule) -> SharingRuleObject:
    return SharingRuleObject(rule, ctx.catalog.by_name.get(rule.kind), ctx.pinned.day)
