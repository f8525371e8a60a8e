"""Steps that bring sides and participants of records."""

from collections.abc import Sequence
from typing import Any

from gateway.bind import PartnerBinder, bits
from gateway.context import Context
from gateway.level import Level, lists, one_each
from gateway.objects import (
    AudienceObject,
    FieldSharingObject,
    ParticipantObject,
    RecordObject,
    SideObject,
)
from gateway.plan_values import PlanStep
from schema.mask import EXISTS, MaskProgram
from schema.names import CompanyId, RecordId
from schema.sharing import NO_OVERRIDES
from spaces.fetch import ParticipantFetch, ParticipantRow, SideFetch, SideRow

ACCEPTED = "ACCEPTED"


async def mine(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """The viewer's company's own side, which came with the record."""
    return one_each(record.mine for record in parents)


async def _participants(
    parents: Sequence[RecordObject], ctx: Context
) -> tuple[MaskProgram, dict[RecordId, list[ParticipantRow]]]:
    mask = ctx.decisions.participants(ctx.viewer)
    fetch = ParticipantFetch(tuple(dict.fromkeys(record.id for record in parents)), mask)
    return mask, await ctx.loaders.participants.load(fetch)


async def participants(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """The companies on each record that the viewer may know of."""
    mask, found = await _participants(parents, ctx)
    memo: dict[tuple[bool, str, str, str, str], int] = {}
    groups = []
    for record in parents:
        row = record.row
        group = []
        for p in found.get(record.id, ()):
            key = (p.company == ctx.viewer.company, p.status, p.role, row.status, row.role)
            seen = memo.get(key)
            if seen is None:
                facts = {
                    "company": p.company,
                    "status": p.status,
                    "role": p.role,
                    "viewer_status": row.status,
                    "viewer_role": row.role,
                }
                seen = memo[key] = bits(mask, facts)
            if seen & EXISTS:
                group.append(ParticipantObject(p, seen))
        groups.append(group)
    return lists(groups)


async def partners(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """The other accepted participants' sides, masked, in the order in which they joined: one fetch a company,
    one statement a place."""
    kind = ctx.services.catalog.by_name[step.source.kind or ""]
    needs = step.needs_of(f"{kind.type_name}Side")
    _, found = await _participants(parents, ctx)
    only = None if args.get("companies") is None else frozenset(args["companies"])
    wanted: dict[CompanyId, list[RecordId]] = {}
    others: list[list[ParticipantRow]] = []
    for record in parents:
        group = [
            p
            for p in found.get(record.id, ())
            if p.status == ACCEPTED and p.company != ctx.viewer.company and (only is None or p.company in only)
        ]
        others.append(group)
        if record.row.status == ACCEPTED:
            for p in group:
                wanted.setdefault(p.company, []).append(record.id)
    binders = {company: PartnerBinder(ctx, kind, company, needs.side) for company in wanted}
    fetches = tuple(
        SideFetch(kind, company, tuple(dict.fromkeys(ids)), binder.fields, binder.masks, needs.stamps)
        for (company, ids), binder in zip(wanted.items(), binders.values(), strict=True)
    )
    rows: dict[tuple[CompanyId, RecordId], SideRow] = {}
    if fetches:
        for group_rows in await ctx.loaders.sides.load(fetches):
            for row in group_rows:
                rows[row.company, row.record] = row
    groups: list[list[SideObject]] = []
    for record, group in zip(parents, others, strict=True):
        sides = []
        for p in group:
            binder = binders.get(p.company)
            side = binder and binder.bind(record.id, rows.get((p.company, record.id)), record.row.status, p.status)
            if side:
                sides.append(side)
        groups.append(sides)
    return lists(groups)


async def sharing(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """The audience in force of each field of the viewer's own side; null for another's."""
    kind = ctx.services.catalog.by_name[step.source.kind or ""]
    objects: list[FieldSharingObject] = []
    links: list[Any] = []
    for side in parents:
        if not side.own:
            links.append(None)
            continue
        start = len(objects)
        stored = side.sharing or NO_OVERRIDES
        objects += [FieldSharingObject(f.name, AudienceObject(stored.audience(kind, f.name))) for f in kind.side]
        links.append(list(range(start, len(objects))))
    return Level(objects, links)


async def field_audience(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """The audience of a field's sharing."""
    return one_each(parent.audience for parent in parents)
