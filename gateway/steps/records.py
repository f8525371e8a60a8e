"""Steps that bring records: a page, one by id, many by id, links of a field, and the record of a payload."""

from collections.abc import Sequence
from typing import Any

import orjson

from gateway import fetching
from gateway.bind import RecordBinder
from gateway.context import Context
from gateway.filters import page_where, plain, quantifies
from gateway.level import Level, lists, one_each, shared, shared_lists
from gateway.objects import (
    CompanyObject,
    ConnectionObject,
    EdgeObject,
    OwnSideObject,
    PageInfoObject,
    PayloadObject,
    RecordObject,
    SideObject,
    person_object,
)
from gateway.orders import page_order
from gateway.plan_values import Needs, PlanStep
from gateway.presenting import sight
from gateway.related import related_to
from schema.errors import BadInput
from schema.kind import Kind
from schema.names import COMPANY_PREFIX, PERSON_PREFIX, CompanyId, PersonId, RecordId, prefix_of
from spaces.fetch import PageFetch

MOST_RECORDS = 100
"""The most records of one page, and ids of one look-up (limits.md, page size)."""


async def records_by_id(
    ctx: Context, kind: Kind, ids: Sequence[RecordId], needs: Needs
) -> dict[RecordId, RecordObject]:
    """The records of these ids that exist for the viewer. Ids of another kind, hidden ones and ones never issued
    are left out alike."""
    wanted = tuple(dict.fromkeys(i for i in ids if prefix_of(i) == kind.prefix))
    return await linked_records(ctx, kind, wanted, needs) if wanted else {}


async def linked_records(
    ctx: Context, kind: Kind, wanted: tuple[RecordId, ...], needs: Needs
) -> dict[RecordId, RecordObject]:
    """The records of these ids that exist for the viewer, by one fetch, also of none: where ids are what a field holds,
    a fetch more or less would tell whether it holds any."""
    binder = RecordBinder(ctx, kind, needs.joint, needs.side)
    fetch = PageFetch(
        kind,
        ctx.viewer.company,
        binder.joint_mask,
        binder.own_masks,
        binder.joint,
        binder.own,
        limit=len(wanted),
        updated=needs.updated,
        ids=wanted,
    )
    page = await fetching.page(ctx, fetch)
    found = {record.id: record for record in binder.bind(page.rows)}
    return {i: found[i] for i in wanted if i in found}


async def page(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """A connection over the records of one kind in which the viewer's company takes part."""
    kind = ctx.catalog.by_name[step.source.kind or ""]
    type_name = f"{kind.type_name}Connection"
    needs = step.needs_of(type_name)
    limit, backwards = page_limit(args)
    binder = RecordBinder(ctx, kind, needs.joint, needs.side)
    where, order = page_where(kind, args.get("where")), page_order(kind, args.get("orderBy"))
    asked = plain([args.get("where"), args.get("orderBy")])
    looks_beyond = quantifies(where) or any(each.aggregate for each in order)
    scope = ["cursor", *sight(ctx.viewer), kind.name, asked]
    fetch = PageFetch(
        kind,
        ctx.viewer.company,
        binder.joint_mask,
        binder.own_masks,
        binder.joint,
        binder.own,
        where=where,
        order=order,
        limit=limit,
        backwards=backwards,
        count=needs.total,
        updated=needs.updated,
        after=page_cursor(ctx, scope, args, "after"),
        before=page_cursor(ctx, scope, args, "before"),
        related=related_to(ctx, kind) if looks_beyond else None,
    )
    found = await fetching.page(ctx, fetch)
    connection = ConnectionObject(type_name, binder.bind(found.rows), found, ctx.services.seal, scope)
    return Level([connection], [0] * len(parents))


def page_limit(args: dict[str, Any]) -> tuple[int, bool]:
    """How many records a page has, and whether they are the last. Raises BadInput."""
    given = [(name, args[name]) for name in ("first", "last") if args.get(name) is not None]
    if len(given) != 1:
        raise BadInput("Give either `first` or `last`.", field=("first",))
    name, limit = given[0]
    if not 1 <= limit <= MOST_RECORDS:
        raise BadInput(f"`{name}` must be 1 to {MOST_RECORDS}.", field=(name,))
    return limit, name == "last"


def page_cursor(ctx: Context, scope: list[Any], args: dict[str, Any], name: str) -> tuple[Any, ...] | None:
    """What a page's cursor holds, `after` or `before`; None where it is not given. Raises BadInput."""
    text = args.get(name)
    return None if text is None else tuple(ctx.services.seal.open(scope, text, name))


def connection_nodes(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """The records of a connection."""
    return lists([connection.records for connection in parents])


def edges(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """The records of a connection with their cursors."""
    type_name = step.selections[0].type_name
    return lists([[EdgeObject(record, c, type_name) for record in c.records] for c in parents])


def edge_node(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """The record of an edge."""
    return one_each(edge.node for edge in parents)


def page_info(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """Where a page lies."""
    return one_each(PageInfoObject(connection) for connection in parents)


async def record(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """One record of one kind by id."""
    kind = ctx.catalog.by_name[step.source.kind or ""]
    found = await records_by_id(ctx, kind, [RecordId(args["id"])], step.needs_of(kind.type_name))
    return shared(found, [RecordId(args["id"])] * len(parents))


async def node(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """The object of any id."""
    found = await _nodes(ctx, [args["id"]], step)
    return shared(found, [args["id"]] * len(parents))


async def nodes(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """The objects of ids, in their order, null for one that does not exist for the viewer."""
    if len(args["ids"]) > MOST_RECORDS:
        raise BadInput(f"`ids` holds at most {MOST_RECORDS} ids.", field=("ids",))
    found = await _nodes(ctx, args["ids"], step)
    places = {key: place for place, key in enumerate(found)}
    return Level(list(found.values()), [[places.get(i) for i in args["ids"]] for _ in parents])


async def _nodes(ctx: Context, ids: Sequence[str], step: PlanStep) -> dict[str, Any]:
    by_prefix: dict[str | None, list[str]] = {}
    for public_id in ids:
        by_prefix.setdefault(prefix_of(public_id), []).append(public_id)
    found: dict[str, Any] = {}
    for prefix, group in by_prefix.items():
        kind = ctx.catalog.by_prefix.get(prefix or "")
        if kind:
            needs = step.needs_of(kind.type_name)
            records = await records_by_id(ctx, kind, [RecordId(i) for i in group], needs)
            found.update({str(key): record for key, record in records.items()})
        elif prefix == COMPANY_PREFIX:
            companies = await ctx.loaders.companies.load(tuple(CompanyId(i) for i in group))
            found.update({c.id: CompanyObject(c.id, c.name) for c in companies.values()})
        elif prefix == PERSON_PREFIX:  # by id, just the people of one's own company
            people = await ctx.loaders.people.load(tuple(PersonId(i) for i in group))
            own = (p for p in people.values() if p.company == ctx.viewer.company)
            found.update({p.id: person_object(p, ctx.viewer) for p in own})
    return found


async def linked(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """The records that a link field names, as far as they exist for the viewer. A list of none is null, as one never
    set: an empty list would tell that it names hidden ones."""
    field = step.source.field
    assert field is not None  # noqa: S101 # the catalog gives every link step its field
    kind = ctx.catalog.by_name[field.type.target or ""]
    keys = [[RecordId(i) for i in link_ids(parent, field)] for parent in parents]
    wanted = tuple(dict.fromkeys(i for group in keys for i in group))
    # One fetch, whatever the links, however many hidden, and whether the field itself is: that looks as one never set.
    found = await linked_records(ctx, kind, wanted, step.needs_of(kind.type_name))
    if field.type.many:
        level = shared_lists(found, keys)
        return Level(level.objects, [link or None for link in level.links])
    return shared(found, [group[0] if group else None for group in keys])


def link_present(parent: RecordObject | SideObject | OwnSideObject, field: Any) -> bool:
    """Whether the link field has a value that the viewer may see."""
    return bool(parent.mask & field.bit) and parent.values[parent.fields.places[field.ident]] is not None


def visible_values(parents: Sequence[RecordObject | SideObject | OwnSideObject], field: Any) -> list[Any]:
    """The first raw column of a field for each parent, None where it is hidden or unset."""
    bit, found, fields, place = field.bit, [], None, 0
    for parent in parents:
        if parent.fields is not fields:  # parents of one fetch share theirs
            fields = parent.fields
            place = fields.places[field.ident]
        found.append(parent.values[place] if parent.mask & bit else None)
    return found


def link_ids(parent: RecordObject | SideObject | OwnSideObject, field: Any) -> list[str]:
    """The ids that a link field holds, none where it is hidden or unset."""
    if not link_present(parent, field):
        return []
    raw = parent.values[parent.fields.places[field.ident]]
    return list(orjson.loads(raw)) if field.type.many else [raw]


async def payload_record(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """The record that a mutation was about, read anew."""
    answers: list[RecordObject | None] = []
    for payload in parents:
        assert isinstance(payload, PayloadObject)  # noqa: S101 # the schema gives this step to payloads alone
        if payload.record is None or payload.kind is None:
            answers.append(None)
            continue
        needs = step.needs_of(payload.kind.type_name)
        found = await records_by_id(ctx, payload.kind, [payload.record], needs)
        answers.append(found.get(payload.record))
    return one_each(answers)
