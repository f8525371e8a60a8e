"""The one door to pages and groups of what a viewer sees: while it presents, just records of those it presents to."""

from dataclasses import replace
from typing import TypeVar

from gateway.context import Context
from gateway.presence import takes_part
from gateway.related import related_to
from schema.matching import both
from schema.where import Where
from spaces.fetch import GroupFetch, Groups, Page, PageFetch

F = TypeVar("F", PageFetch, GroupFetch)


async def page(ctx: Context, fetch: PageFetch) -> Page:
    """The page of a fetch."""
    return await ctx.services.spaces.page(_narrowed(ctx, fetch))


async def groups(ctx: Context, fetch: GroupFetch) -> Groups:
    """The groups of a fetch."""
    return await ctx.services.spaces.groups(_narrowed(ctx, fetch))


def _narrowed(ctx: Context, fetch: F) -> F:
    companies = ctx.viewer.presenting
    if not companies:
        return fetch
    there = Where((tuple(takes_part(company) for company in companies),))
    return replace(fetch, where=both(fetch.where, there), related=fetch.related or related_to(ctx, fetch.kind))
