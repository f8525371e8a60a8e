"""The preview of a sharing rule: what a partner would see by it, counted before it is defined."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from gateway.context import Context
from gateway.filters import plain
from gateway.level import Level, one_each
from gateway.mutations.defining import placed
from gateway.mutations.sharing_rules import next_version
from gateway.plan_values import PlanStep
from gateway.presenting import refuse_presenting
from gateway.related import related_to
from gateway.rule_objects import SharingRulePreviewObject
from policies.decide import Decisions
from policies.narrow import NarrowedSides
from policies.sure import sure_bits
from schema.errors import BadInput, Forbidden, NotFound
from schema.kind import Kind
from schema.names import CompanyId, PersonId
from schema.sharing import NO_OVERRIDES
from schema.sharing_rule import SharingRule
from schema.viewer import Viewer
from schema.where import Comparison, Quantified, Test, Where
from spaces.fetch import PageFetch
from spaces.history import ROLES

ACCEPTED = "ACCEPTED"


async def preview_sharing_rule(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """What a rule would show a partner: the masks that would be in force, over the viewer's company's own sides."""
    refuse_presenting(ctx.viewer)
    if not ctx.decisions.may_define(ctx.viewer):
        raise Forbidden
    company = CompanyId(args["company"])
    partner = await _partner(ctx, company, args.get("person"))
    rule = await next_version(ctx, plain(args["input"]))
    mine = ctx.pinned.of(ctx.viewer.company)
    rules = tuple(each for each in placed(mine.rules, rule) if each.id == rule.id or each.in_force(ctx.pinned.day))
    in_force = replace(mine.in_force(ctx.pinned.day), rules=rules)
    after = ctx.services.rules.aside(ctx.viewer.company, in_force, ctx.catalog)
    kind = ctx.catalog.by_name[rule.kind]
    _check_readable(ctx, kind, rule)
    fields = []
    for ident in rule.fields:
        field = kind.side_by_ident[ident]
        shown = (Comparison(f"mine.{field.columns[0]}", "null", False),)
        before_after = [await _count(ctx, kind, partner, decisions, shown) for decisions in (ctx.decisions, after)]
        fields.append({"field": field.name, "before": before_after[0], "after": before_after[1]})
    records = await _count(ctx, kind, partner, ctx.decisions, ())
    return one_each(SharingRulePreviewObject(records, fields) for _ in parents)


def _check_readable(ctx: Context, kind: Kind, rule: SharingRule) -> None:
    """Raises Forbidden where a field, of side or record, that the counts would tell of is closed to the viewer, whether
    for all or just for some: by access policies, or by itself, for it hides private fields."""
    masks = ctx.decisions.sides(ctx.viewer, kind, ctx.viewer.company)
    readable = sure_bits(masks.program(NO_OVERRIDES), {"viewer_status": ACCEPTED, "owner_status": ACCEPTED})
    of_side = {*rule.fields, *(condition.field for condition in rule.conditions if condition.of == "side")}
    of_record = {condition.field for condition in rule.conditions if condition.of == "record"}
    joint, seen = ctx.decisions.joint(ctx.viewer, kind), kind.all_joint
    for role in ROLES:
        seen &= sure_bits(joint, {"viewer_status": ACCEPTED, "viewer_role": role})
    hidden = any(field.bit & ~readable for ident, field in kind.side_by_ident.items() if ident in of_side)
    if hidden or any(field.bit & ~seen for name, field in kind.joint_by_name.items() if name in of_record):
        raise Forbidden(field=("input",))


async def _partner(ctx: Context, company: CompanyId, person: str | None) -> Viewer:
    if company == ctx.viewer.company:
        raise BadInput("This is your own company; rules are about partners.", field=("company",))
    if company not in await ctx.loaders.companies.load((company,)):
        raise NotFound("No such company.", field=("company",))
    if person is None:
        return Viewer(PersonId(""), company)
    found = (await ctx.loaders.people.load((PersonId(person),))).get(PersonId(person))
    if found is None or found.company != company or not found.active:
        raise NotFound("No such person.", field=("person",))
    return Viewer(found.id, company, found.roles)


async def _count(ctx: Context, kind: Kind, partner: Viewer, decisions: Decisions, shown: tuple[Test, ...]) -> int:
    """On how many of the viewer's company's sides, of records in which the partner takes part as well, the tests hold
    of what the partner sees. Both have accepted there, so one status stands for both in the partner's masks; nothing
    of the partner's own is read, and its own policy is not asked. Counted is what the viewer sees as well, and nothing
    that is open to the partner by what the viewer does not see."""
    own, joint = ctx.viewer.company, ctx.decisions.joint(ctx.viewer, kind)
    both = tuple(
        Quantified(
            "participants", "some", Where(((Comparison("company", "eq", each), Comparison("status", "eq", ACCEPTED)),))
        )
        for each in (partner.company, own)
    )
    mine = ctx.decisions.sides(ctx.viewer, kind, own)
    masks = NarrowedSides(mine, (decisions.sides(partner, kind, own),), ACCEPTED, joint, kind)
    where = Where(((*both, *shown),))
    fetch = PageFetch(
        kind,
        own,
        joint,
        masks,
        (),
        (),
        where=where,
        limit=1,
        count=True,
        related=related_to(ctx, kind),
    )
    return (await ctx.services.spaces.page(fetch)).total or 0
