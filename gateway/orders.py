"""A client's `orderBy`, as Orders over the page columns of `spaces.fetch.PageFetch`."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from gateway.filters import plain
from schema.errors import BadInput
from schema.kind import Kind
from schema.queryable import TIMES, sortable
from spaces.fetch import Order

_MOST = 5
_AGGREGATES: Mapping[str | None, Literal["max", "min"]] = {None: "max", "MAX": "max", "MIN": "min"}


def page_order(kind: Kind, given: list[Mapping[str, Any]] | None) -> tuple[Order, ...]:
    """The sort keys of a page. Raises BadInput for a key that does not name just one of `field`, `mine` and
    `partners`, or gives an aggregate of what is one value, and for more than five keys."""
    keys = plain(given or [])
    if len(keys) > _MOST:
        raise BadInput(f"Sort by at most {_MOST} keys.", field=("orderBy",))
    return tuple(order for index, key in enumerate(keys) for order in _orders(kind, key, ("orderBy", str(index))))


def _orders(kind: Kind, key: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[Order]:
    part, name = only_one(key, path)
    aggregate, descending = key.get("aggregate"), key["direction"] == "DESC"
    if part == "partners":
        for column in reversed(sortable(kind.side)[name].columns):  # money by its currency first, as below
            yield Order(f"partners.{column}", descending, _AGGREGATES[aggregate])
        return
    if aggregate is not None:
        raise BadInput("`aggregate` goes with `partners`.", field=(*path, "aggregate"))
    if name in TIMES and part == "field":
        yield Order(name.lower(), descending)
        return
    prefix, known = ("joint", sortable(kind.joint)) if part == "field" else ("mine", sortable(kind.side))
    # money by its currency first: of amounts in different currencies none is the larger
    for column in reversed(known[name].columns):
        yield Order(f"{prefix}.{column}", descending)


def only_one(key: Mapping[str, Any], path: tuple[str, ...]) -> tuple[str, str]:
    """Which of `field`, `mine` and `partners` is given, and what. Raises BadInput for none and for several."""
    named = [(part, key[part]) for part in ("field", "mine", "partners") if key.get(part) is not None]
    if len(named) != 1:
        raise BadInput("Give one of `field`, `mine` and `partners`.", field=path)
    return named[0]
