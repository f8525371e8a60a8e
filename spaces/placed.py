"""Pages of what has a place in an order, newest first: which of it a page holds, and what lies beyond it."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

T = TypeVar("T")


def cut(total: int, newer: int, older: int, limit: int, *, backwards: bool) -> tuple[int, int]:
    """The places of a page, the first and the one behind the last, counted from the newest, 0. Of `total` things
    `newer` do not lie behind the cursor `after`, `older` not before the cursor `before`; of what is left the page is
    the first `limit`, or the last."""
    first, last = newer, max(total - older, newer)
    if backwards:
        return max(first, last - limit), last
    return first, min(last, first + limit)


def page_of(
    things: Sequence[T],
    position: Callable[[T], tuple[Any, ...]],
    after: tuple[Any, ...] | None,
    before: tuple[Any, ...] | None,
    limit: int,
    *,
    backwards: bool,
) -> tuple[list[T], bool, bool, int]:
    """The page of things in any order, the newest of which has the largest position: what it holds, whether there is
    more behind and before it, and how many there are in all."""
    placed = sorted(things, key=position, reverse=True)
    newer = sum(after is not None and position(each) >= after for each in placed)
    older = sum(before is not None and position(each) <= before for each in placed)
    first, last = cut(len(placed), newer, older, limit, backwards=backwards)
    return placed[first:last], last < len(placed), first > 0, len(placed)
