"""The step of search: a page of each kind that is asked for, merged to one."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gateway import fetching
from gateway.bind import RecordBinder
from gateway.context import Context
from gateway.filters import plain
from gateway.level import Level, lists
from gateway.objects import ConnectionObject, EdgeObject, RecordObject
from gateway.plan_values import Needs, PlanStep
from gateway.presenting import sight
from gateway.related import related_to
from gateway.searches import BEST_FIRST, search_in
from gateway.steps.records import page_cursor, page_limit
from schema.kind import Kind
from schema.shapes_search import kinds_by_value
from schema.words import words
from spaces.fetch import Page, PageFetch


class SearchEdgeObject(EdgeObject):
    """A record that a search found."""

    __slots__ = ()

    @property
    def score(self) -> int:
        """How well it fits."""
        score: int = self.node.row.keys[0]
        return score


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked of every kind: the words, and which rows of the page."""

    words: tuple[str, ...]
    limit: int
    backwards: bool
    after: tuple[Any, ...] | None
    before: tuple[Any, ...] | None
    count: bool


async def search(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """A connection over the records that hold the words of a text where the viewer may see them."""
    known = kinds_by_value(ctx.catalog)
    given = plain(args.get("kinds"))
    kinds = [kind for value, kind in known.items() if given is None or value in given]
    found = words(args["text"])
    names = [kind.name for kind in kinds]
    scope = ["search cursor", *sight(ctx.viewer), names, found]
    limit, backwards = page_limit(args)
    after, before = (page_cursor(ctx, scope, args, name) for name in ("after", "before"))
    needs = step.needs_of("SearchConnection")
    asked = _Asked(found, limit, backwards, after, before, needs.total)
    pages = await asyncio.gather(*[_page(ctx, kind, asked, needs.of(kind.type_name)) for kind in kinds])
    records, page = _merged(pages, asked)
    return Level([ConnectionObject("SearchConnection", records, page, ctx.services.seal, scope)], [0] * len(parents))


async def _page(ctx: Context, kind: Kind, asked: _Asked, needs: Needs) -> tuple[Page, list[RecordObject]]:
    binder = RecordBinder(ctx, kind, needs.joint, needs.side)
    fetch = PageFetch(
        kind,
        ctx.viewer.company,
        binder.joint_mask,
        binder.own_masks,
        binder.joint,
        binder.own,
        order=BEST_FIRST,
        limit=asked.limit,
        after=asked.after,
        before=asked.before,
        backwards=asked.backwards,
        count=asked.count,
        updated=needs.updated,
        related=related_to(ctx, kind),
        search=search_in(kind, asked.words),
    )
    page = await fetching.page(ctx, fetch)
    return page, binder.bind(page.rows)


def _merged(pages: Sequence[tuple[Page, list[RecordObject]]], asked: _Asked) -> tuple[list[RecordObject], Page]:
    """One page of all kinds: the first, or backwards the last, of what the kinds' pages hold, in their common order."""
    records = [record for _, found in pages for record in found]
    records.sort(key=lambda record: record.id)
    records.sort(key=lambda record: record.row.keys, reverse=True)  # both of BEST_FIRST descend; ties stay by id
    cut = max(len(records) - asked.limit, 0)
    kept = records[cut:] if asked.backwards else records[: asked.limit]
    has_next = any(page.has_next for page, _ in pages) or (cut > 0 and not asked.backwards)
    has_previous = any(page.has_previous for page, _ in pages) or (cut > 0 and asked.backwards)
    total = sum(page.total or 0 for page, _ in pages) if asked.count else None
    return kept, Page([record.row for record in kept], has_next, has_previous, total)


def edges(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """The records of a connection with their scores and cursors."""
    return lists([[SearchEdgeObject(record, c, "SearchEdge") for record in c.records] for c in parents])
