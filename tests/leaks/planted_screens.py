"""Planted leaks of screens that are shown to partners: what they may not see, too, is counted, grouped or shown."""

from dataclasses import replace
from typing import Any
from unittest.mock import patch

from gateway import fetching
from policies.decide import Decisions
from schema.names import CompanyId
from spaces.fetch import GroupFetch
from tests.leaks.planted_pages import Plant
from tests.leaks.scenario import Harness


def _counted(harness: Harness) -> Any:
    """Pages count all records of the viewer's."""
    plain = fetching.page

    async def page(ctx: Any, fetch: Any) -> Any:
        found = await plain(ctx, fetch)
        if not ctx.viewer.presenting or found.total is None:
            return found
        return replace(found, total=(await ctx.services.spaces.page(fetch)).total)

    return patch.object(fetching, "page", page)


def _grouped(harness: Harness) -> Any:
    plain = fetching._narrowed

    def narrowed(ctx: Any, fetch: Any) -> Any:
        return fetch if isinstance(fetch, GroupFetch) else plain(ctx, fetch)

    return patch.object(fetching, "_narrowed", narrowed)


def _sides(*, own: bool) -> Plant:
    """Own sides, or those of others, as if the viewer presented to nobody."""
    plain = Decisions.sides

    def sides(self: Decisions, viewer: Any, kind: Any, owner: CompanyId, action: str = "read") -> Any:
        if (owner == viewer.company) is own:
            return self._company_sides(viewer, kind, owner, action)
        return plain(self, viewer, kind, owner, action)

    return lambda harness: patch.object(Decisions, "sides", sides)


SCREEN_LEAKS: dict[str, Plant] = {
    "7 groups on a screen for partners count all records": _grouped,
    "8 totalCount on a screen for partners counts all records": _counted,
    "11 own side is whole on a screen for partners": _sides(own=True),
    "11 other partners' sides are shown on a screen for partners": _sides(own=False),
}
"""Each by its row and what it does."""
