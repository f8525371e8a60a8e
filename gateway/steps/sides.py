"""Steps that bring sides and participants of records."""

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.bind import PartnerBinder, PartnerBinders, bits
from gateway.context import Context
from gateway.level import Level, lists, one_each
from gateway.objects import (
    AudienceObject,
    FieldSharingObject,
    RecordObject,
    SideObject,
)
from gateway.plan_values import PlanStep
from schema.mask import EXISTS, MESSAGE, MaskProgram
from schema.names import CompanyId, RecordId
from schema.sharing import NO_OVERRIDES
from spaces.fetch import ParticipantFetch, ParticipantRow, SideFetch, SideRow

ACCEPTED = "ACCEPTED"


def mine(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
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
    return lists(await known_participants(parents, ctx))


async def known_participants(parents: Sequence[RecordObject], ctx: Context) -> list[list[ParticipantRow]]:
    """The participants of each record that the viewer may know of, with the messages that it may read."""
    mask, found = await _participants(parents, ctx)
    own = ctx.viewer.company
    memo: dict[tuple[bool, str, str, str, str], int] = {}
    groups = []
    for record in parents:
        row = record.row
        status, role = row.status, row.role
        group = []
        for p in found.get(record.id, ()):
            key = (p.company == own, p.status, p.role, status, role)
            seen = memo.get(key)
            if seen is None:
                facts = {
                    "own": p.company == own,
                    "status": p.status,
                    "role": p.role,
                    "viewer_status": status,
                    "viewer_role": role,
                }
                seen = memo[key] = bits(mask, facts)
            if seen & EXISTS:
                group.append(p if p.message is None or seen & MESSAGE else p._replace(message=None))
        groups.append(group)
    return groups


async def partners(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """The other accepted participants' sides, masked, in the order in which they joined: one fetch for all companies
    with the same masks, one statement a place."""
    kind = ctx.catalog.by_name[step.source.kind or ""]
    needs = step.needs_of(f"{kind.type_name}Side")
    _, found = await _participants(parents, ctx)
    others = _others(parents, found, ctx.viewer.company, args.get("companies"))
    every = PartnerBinders(ctx, kind, needs.side, custom=needs.custom, stamps=needs.stamps)
    binders: dict[CompanyId, PartnerBinder] = {}
    wanted: dict[PartnerBinder, dict[CompanyId, list[RecordId]]] = {}
    for id_, group in {record.id: group for record, group in zip(parents, others, strict=True)}.items():
        for p in group:
            company = p.company
            binder = binders.get(company)
            if binder is None:
                binder = binders[company] = every.of(company)
                wanted.setdefault(binder, {})[company] = [id_]
            else:
                wanted[binder][company].append(id_)
    reader = ctx.viewer.company
    fetches = tuple(
        [SideFetch(kind, reader, of, binder.fields, binder.masks, needs.stamps) for binder, of in wanted.items()]
    )
    rows: dict[tuple[CompanyId, RecordId], SideRow] = {}
    if fetches:
        for brought in await ctx.loaders.sides.load(fetches):
            for row in brought:
                rows[row.company, row.record] = row
    groups: list[list[SideObject]] = []
    for record, group in zip(parents, others, strict=True):
        sides = []
        for p in group:
            company = p.company
            side = binders[company].bind(company, rows.get((company, record.id)), record, p.status)
            if side is not None:
                sides.append(side)
        groups.append(sides)
    return lists(groups)


def _others(
    parents: Sequence[RecordObject],
    found: Mapping[RecordId, Sequence[ParticipantRow]],
    own: CompanyId,
    companies: Sequence[CompanyId] | None,
) -> list[list[ParticipantRow]]:
    """For each record the accepted participants besides the viewer's company; none where it has not accepted."""
    only = None if companies is None else frozenset(companies)
    return [
        [
            p
            for p in found.get(record.id, ())
            if p.status == ACCEPTED and p.company != own and (only is None or p.company in only)
        ]
        if record.row.status == ACCEPTED
        else []
        for record in parents
    ]


def sharing(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """The audience in force of each field of the viewer's own side that the viewer may read; null for another's, and
    while the viewer presents: who else reads what is not for the screen."""
    kind = ctx.catalog.by_name[step.source.kind or ""]
    objects: list[FieldSharingObject] = []
    links: list[Any] = []
    for side in parents:
        if not side.own or ctx.viewer.presenting:
            links.append(None)
            continue
        start = len(objects)
        stored = side.sharing or NO_OVERRIDES
        seen = [field for field in kind.side if side.mask & field.bit]
        objects += [FieldSharingObject(f.name, AudienceObject(stored.audience(kind, f.ident))) for f in seen]
        links.append(list(range(start, len(objects))))
    return Level(objects, links)


def field_audience(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """The audience of a field's sharing."""
    return one_each(parent.audience for parent in parents)
