"""Steps that bring groups of records, and what the members of a group have in common."""

from collections.abc import Sequence
from typing import Any

from gateway import fetching
from gateway.context import Context
from gateway.dimensions import read_keys, read_measures
from gateway.filters import page_where, plain, quantifies
from gateway.group_objects import AskedGroups, GroupKeyObject, GroupObject, GroupsObject
from gateway.level import Level, lists, shared
from gateway.plan_values import PlanStep
from gateway.related import related_to
from gateway.steps.directory import people_of
from schema.errors import BadInput
from spaces.fetch import GroupFetch

MOST_GROUPS = 1_000
"""The most groups of one answer."""


async def groups(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """The records of one kind in which the viewer's company takes part, grouped and summed up."""
    kind = ctx.catalog.by_name[step.source.kind or ""]
    limit = args["first"]
    if not 1 <= limit <= MOST_GROUPS:
        raise BadInput(f"`first` must be 1 to {MOST_GROUPS}.", field=("first",))
    where = page_where(kind, args.get("where"))
    keys, measures = read_keys(kind, args["by"]), read_measures(kind, args.get("measures"))
    pairs = "partners" in {*(key.part for key in keys), *(measure.part for measure in measures)}
    fetch = GroupFetch(
        kind,
        ctx.viewer.company,
        ctx.decisions.joint(ctx.viewer, kind),
        ctx.decisions.sides(ctx.viewer, kind, ctx.viewer.company),
        by=tuple(key.dimension for key in keys),
        measures=tuple(measure.column for measure in measures),
        where=where,
        related=related_to(ctx, kind) if pairs or quantifies(where) else None,
        limit=limit,
    )
    found = await fetching.groups(ctx, fetch)
    asked = AskedGroups(plain(args.get("where")), keys, measures, pairs)
    return Level([GroupsObject(asked, found)], [0] * len(parents))


def group_nodes(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """The groups."""
    return lists([[GroupObject(found.asked, row) for row in found.groups.rows] for found in parents])


def group_keys(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """What the members of each group have in common."""
    return lists(
        [
            [GroupKeyObject(by, value) for by, value in zip(group.asked.keys, group.row.keys, strict=True)]
            for group in parents
        ]
    )


async def key_person(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """The person that a group's value names."""
    ids = [key.person for key in parents]
    return shared(await people_of(ctx, ids), ids)
