"""Steps that bring sharing rules."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from gateway.context import Context
from gateway.filters import plain
from gateway.level import Level, lists, one_each
from gateway.plan_values import Needs, PlanStep
from gateway.rule_objects import SharingRuleObject
from gateway.steps.records import records_by_id
from schema.access_policy import AccessPolicy
from schema.names import RecordId
from schema.queryable import upper_snake
from schema.sharing_rule import SharingRule


async def sharing_rules(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """The rules of the viewer's company."""
    kind = plain(args.get("kind"))
    mine = ctx.pinned.of(ctx.viewer.company).rules
    wanted = [rule for rule in mine if kind in (None, upper_snake(rule.kind))]
    seen = await seen_records(ctx, wanted)
    found = [_object(ctx, rule, seen) for rule in wanted]
    return lists([found for _ in parents])


async def payload_rule(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """The rule that a mutation made or changed, as it is now; null where it was refused or is retired."""
    mine = {rule.id: rule for rule in ctx.pinned.of(ctx.viewer.company).rules}
    found = [mine.get(parent.made) if parent.made else None for parent in parents]
    seen = await seen_records(ctx, filter(None, found))
    return one_each(rule and _object(ctx, rule, seen) for rule in found)


async def seen_records(ctx: Context, rules: Iterable[SharingRule | AccessPolicy]) -> Collection[RecordId]:
    """Of the records that rules or policies name those that exist for the viewer: an admin named them, and not all of
    its people need to know of each."""
    by_kind: dict[str, list[RecordId]] = {}
    for rule in rules:
        if rule.records:
            by_kind.setdefault(rule.kind or "", []).extend(rule.records)
    seen: set[RecordId] = set()
    for name, ids in by_kind.items():
        if name in ctx.catalog.by_name:
            seen.update(await records_by_id(ctx, ctx.catalog.by_name[name], ids, Needs()))
    return seen


def _object(ctx: Context, rule: SharingRule, seen: Collection[str]) -> SharingRuleObject:
    return SharingRuleObject(rule, ctx.catalog.by_name.get(rule.kind), ctx.pinned.day, seen)
