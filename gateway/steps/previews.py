"""Steps of `previewAs`: the viewer's own records and sides as somebody else sees them."""

from collections.abc import Sequence
from typing import Any

from gateway import fetching
from gateway.context import Context
from gateway.filters import page_where, plain, quantifies
from gateway.level import Level, one_each, shared, shared_lists
from gateway.objects import ConnectionObject
from gateway.orders import page_order
from gateway.plan_values import Needs, PlanStep
from gateway.presenting import sight
from gateway.preview_objects import PreviewObject, RecordPreviewObject
from gateway.previews import PreviewBinder
from gateway.readers import reader_of
from gateway.related import related_to
from gateway.steps.directory import people_of
from gateway.steps.records import link_ids, page_cursor, page_limit
from schema.kind import Kind
from schema.names import CompanyId, RecordId, prefix_of
from schema.shapes_previews import preview_of
from spaces.fetch import PageFetch


async def preview_as(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """With whose eyes to look; null where there is nobody such."""
    reader = await reader_of(ctx, CompanyId(args["company"]), args.get("person"))
    return one_each(reader and PreviewObject(reader) for _ in parents)


async def person(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """The person of a preview."""
    ids = [preview.person for preview in parents]
    return shared(await people_of(ctx, ids), ids)


async def page(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """A connection over the records of one kind in which the viewer's company and the reader take part."""
    (preview,) = parents
    kind = ctx.catalog.by_name[step.source.kind or ""]
    type_name = preview_of(kind.type_name) + "Connection"
    needs = step.needs_of(type_name)
    limit, backwards = page_limit(args)
    binder = PreviewBinder(ctx, kind, preview, needs.joint, needs.side)
    where, order = page_where(kind, args.get("where")), page_order(kind, args.get("orderBy"))
    asked = plain([args.get("where"), args.get("orderBy")])
    viewer, reader = ctx.viewer, preview.reader
    scope = ["preview cursor", *sight(viewer), kind.name, asked]
    scope += [reader.company, reader.person]
    fetch = PageFetch(
        kind,
        viewer.company,
        binder.masks.joint_mask,
        binder.masks.own_masks,
        (),
        (),
        where=where,
        order=order,
        limit=limit,
        backwards=backwards,
        count=needs.total,
        after=page_cursor(ctx, scope, args, "after"),
        before=page_cursor(ctx, scope, args, "before"),
        related=related_to(ctx, kind) if quantifies(where) or any(each.aggregate for each in order) else None,
    )
    found = await fetching.page(ctx, binder.fetch(fetch))
    return one_each([ConnectionObject(type_name, await binder.bind(found.rows), found, ctx.services.seal, scope)])


async def record(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """One record of one kind by id."""
    (preview,) = parents
    kind, wanted = ctx.catalog.by_name[step.source.kind or ""], RecordId(args["id"])
    if prefix_of(wanted) != kind.prefix:
        return one_each([None])
    found = await _by_id(ctx, kind, preview, (wanted,), step.needs_of(preview_of(kind.type_name)))
    return one_each([found.get(wanted)])


async def linked(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """The records that a link field names, as far as they exist for the viewer and the reader."""
    field = step.source.field
    assert field is not None  # noqa: S101 # the catalog gives every link step its field
    kind = ctx.catalog.by_name[field.type.target or ""]
    keys = [[RecordId(i) for i in link_ids(parent, field)] for parent in parents]
    wanted = tuple(dict.fromkeys(i for group in keys for i in group))
    found = await _by_id(ctx, kind, parents[0].preview, wanted, step.needs_of(preview_of(kind.type_name)))
    if field.type.many:
        level = shared_lists(found, keys)
        return Level(level.objects, [link or None for link in level.links])
    return shared(found, [group[0] if group else None for group in keys])


async def _by_id(
    ctx: Context, kind: Kind, preview: PreviewObject, wanted: tuple[RecordId, ...], needs: Needs
) -> dict[RecordId, RecordPreviewObject]:
    """One fetch, also of none, as `linked_records`."""
    binder = PreviewBinder(ctx, kind, preview, needs.joint, needs.side)
    masks = binder.masks
    fetch = PageFetch(
        kind, ctx.viewer.company, masks.joint_mask, masks.own_masks, (), (), limit=len(wanted), ids=wanted
    )
    page = await fetching.page(ctx, binder.fetch(fetch))
    return {record.id: record for record in await binder.bind(page.rows)}


def side(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """The viewer's company's own side, which came with the record."""
    return one_each(record.side for record in parents)
