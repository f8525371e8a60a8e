"""What a batch step answers: the objects of the next level and which of them belong to which parent."""

from collections.abc import Awaitable, Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from gateway.context import Context
from gateway.plan_values import PlanStep

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Level:
    """`objects` without repeats, so that what many parents share is built once; for each parent its link: the
    index of its object, None, or, where the step gives a list, a list of indexes (None in it: a null item) or the
    slice of objects that are its own."""

    objects: list[Any]
    links: list[Any]


Resolver: TypeAlias = Callable[[Sequence[Any], dict[str, Any], Context, PlanStep], Level | Awaitable[Level]]
"""A batch resolver: (parents, arguments, context, step) -> Level, which one that fetches gives when it has it. It
serves both executors."""


def one_each(objects: Iterable[Any]) -> Level:
    """Each parent has its own object, or None."""
    given = list(objects)
    kept = [item for item in given if item is not None]
    if len(kept) == len(given):
        return Level(kept, list(range(len(kept))))
    places = iter(range(len(kept)))
    return Level(kept, [None if item is None else next(places) for item in given])


def lists(groups: Iterable[Sequence[Any]]) -> Level:
    """Each parent has its own list of objects."""
    kept: list[Any] = []
    links: list[Any] = []
    for group in groups:
        links.append(slice(len(kept), len(kept) + len(group)))
        kept += group
    return Level(kept, links)


def shared(found: dict[K, Any], keys: Sequence[K | None]) -> Level:
    """Parents that name the same key share its object; a key that was not found is null."""
    places = {key: place for place, key in enumerate(found)}
    return Level(list(found.values()), [None if key is None else places.get(key) for key in keys])


def shared_lists(found: dict[K, Any], keys: Sequence[Sequence[K]]) -> Level:
    """As `shared`, for lists; keys that were not found are left out."""
    places = {key: place for place, key in enumerate(found)}
    return Level(list(found.values()), [[places[key] for key in group if key in places] for group in keys])
