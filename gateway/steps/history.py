"""Steps that bring the history of records: of what the viewer may see now, and of nothing else."""

from collections.abc import Sequence
from typing import Any

from gateway.context import Context
from gateway.history_objects import HistoryConnectionObject, HistoryEntryObject, name_in_history
from gateway.level import Level, one_each, shared
from gateway.objects import RecordObject
from gateway.plan_values import PlanStep
from gateway.presenting import sight
from gateway.steps.directory import people_of
from gateway.steps.records import page_cursor, page_limit
from schema.errors import BadInput
from schema.kind import Kind
from schema.names import RecordId
from schema.viewer import Viewer
from spaces.columns import ACCEPTED
from spaces.fetch import HistoryFetch, HistoryOf
from spaces.history import HistoryPage

_NONE = HistoryPage([], has_next=False, has_previous=False, total=0)


async def history(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """The history of each record: one fetch a kind, for the records in which the viewer's company takes part. A company
    that has not accepted yet has none."""
    limit, backwards = page_limit(args)
    names = args.get("fields")
    viewer = ctx.viewer
    scopes: dict[RecordId, list[Any]] = {}
    after: tuple[Any, ...] | None = None
    before: tuple[Any, ...] | None = None
    by_kind: dict[str, dict[RecordId, RecordObject]] = {}
    for record in parents:
        asked = None if names is None else sorted(names)
        scope = ["history", *sight(viewer), record.id, asked]
        scopes[record.id] = scope
        # A cursor opens for its own record alone, so where it opens for all of them there is one.
        after, before = page_cursor(ctx, scope, args, "after"), page_cursor(ctx, scope, args, "before")
        by_kind.setdefault(record.kind.name, {})[record.id] = record
    found: dict[RecordId, HistoryConnectionObject] = {}
    for records in by_kind.values():
        kind = next(iter(records.values())).kind
        asked_of = {
            id_: record for id_, record in records.items() if record.row.status == ACCEPTED and not viewer.presenting
        }  # what a record was before those took part to whom it is presented is not for their eyes
        fetch = HistoryFetch(
            kind,
            viewer.company,
            tuple([_asked(record, viewer) for record in asked_of.values()]),
            ctx.decisions.participants(viewer),
            tuple((linked, ctx.decisions.joint(viewer, linked)) for linked in _linked(ctx, kind)),
            fields=None if names is None else _idents(kind, names),
            limit=limit,
            after=after,
            before=before,
            backwards=backwards,
        )
        pages = dict(zip(asked_of, await ctx.services.spaces.history(fetch), strict=True))
        for id_ in records:
            page = pages.get(id_, _NONE)
            entries = [HistoryEntryObject(row, kind) for row in page.rows]
            found[id_] = HistoryConnectionObject(entries, page, ctx.services.seal, scopes[id_])
    return one_each(found[record.id] for record in parents)


def _asked(record: RecordObject, viewer: Viewer) -> HistoryOf:
    # Who hides private fields shows the screen to partners: what a field held before it was shared is not for them, and
    # no mask of today tells since when it is. So no history of the own side is shown then.
    side = record.mine.mask if record.mine and not viewer.hide_private else 0
    return HistoryOf(record.id, record.row.role, record.row.status, record.mask, side)


def _linked(ctx: Context, kind: Kind) -> list[Kind]:
    """The kinds that fields of this one link to."""
    targets = [field.type.target for field in (*kind.joint, *kind.side)]
    return [ctx.catalog.by_name[target] for target in dict.fromkeys(targets) if target is not None]


def _idents(kind: Kind, names: Sequence[str]) -> frozenset[str]:
    known: dict[str, set[str]] = {}
    for field in (*kind.joint, *kind.side):
        known.setdefault(name_in_history(field), set()).add(field.ident)
    for place, name in enumerate(names):
        if name not in known:
            raise BadInput("There is no such field.", field=("fields", str(place)))
    return frozenset(ident for name in names for ident in known[name])


async def history_person(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """Who made each entry, of the viewer's own company."""
    ids = [entry.row.person for entry in parents]
    return shared(await people_of(ctx, ids), ids)
