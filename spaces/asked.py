"""What a page or a grouping asks of the rows that hang on a record: checked, and taken apart."""

from collections.abc import Iterator
from typing import TypeAlias

from schema.errors import Fault
from schema.where import Comparison, Quantified, Relation, Where
from spaces.columns import (
    PARTICIPANT_COLUMNS,
    PARTNERS,
    PARTNERS_CUSTOM,
    SCORE,
    currency_of,
    page_columns,
    partner_columns,
    searchable_columns,
)
from spaces.fetch import GroupFetch, Order, PageFetch, Related, Search
from spaces.grouping import grouping

Asking: TypeAlias = PageFetch | GroupFetch


def check(fetch: Asking) -> None:
    """Raises a Fault for a column or relation that is none, for an aggregate of what is no partners' column, for a
    partners' column without one, for a search in what holds no text, and where related rows are asked for without
    their masks."""
    columns = page_columns(fetch.kind)
    _check_columns(fetch.where, set(columns))
    names: dict[Relation, set[str]] = {
        "partners": set(partner_columns(fetch.kind)),
        "participants": set(PARTICIPANT_COLUMNS),
    }
    for test in _quantified(fetch.where):
        _check_columns(test.where, names[test.relation])
        if any(True for _ in _quantified(test.where)):
            raise Fault("a filter of related rows holds comparisons alone")
    for order in fetch.order if isinstance(fetch, PageFetch) else ():
        bare = _bare(order)
        if (order.aggregate is None) is (bare is not None):
            raise Fault(f"an order by {order.column} and its aggregate do not fit")
        if order.column == SCORE and searched(fetch):
            continue
        if (order.column not in columns) if bare is None else (bare not in names["partners"]):
            raise Fault(f"a page has no column {order.column}")
    if search := searched(fetch):
        known = {*searchable_columns(fetch.kind), PARTNERS_CUSTOM}
        if unknown := [column for column, _ in search.columns if column not in known]:
            raise Fault(f"there is no text to be searched in {unknown[0]}")
    if any(True for _ in _quantified(fetch.where)) or needs_partners(fetch):
        masks_of_related(fetch)


def _check_columns(where: Where, names: set[str]) -> None:
    asked = {test.column for tests in where.any_of for test in tests if isinstance(test, Comparison)}
    if unknown := asked - names:
        raise Fault(f"there is no column {min(unknown)}")


def _bare(order: Order) -> str | None:
    return order.column.removeprefix(PARTNERS) if order.column.startswith(PARTNERS) else None


def searched(fetch: Asking) -> Search | None:
    """What the fetch searches for, if it does."""
    return fetch.search if isinstance(fetch, PageFetch) else None


def partners_searched(fetch: Asking) -> list[tuple[str, int]]:
    """The columns of partners' sides that are searched, by bare name, with their weights."""
    search = searched(fetch)
    columns = search.columns if search else ()
    return [(column.removeprefix(PARTNERS), weight) for column, weight in columns if column.startswith(PARTNERS)]


def quantified(where: Where, relation: Relation) -> list[Quantified]:
    """The tests over the rows of a relation, each once, in the order of the filter."""
    return list(dict.fromkeys(test for test in _quantified(where) if test.relation == relation))


def _quantified(where: Where) -> Iterator[Quantified]:
    for tests in where.any_of:
        for test in tests:
            if isinstance(test, Quantified):
                yield test


def without_partners(where: Where) -> Where:
    """A filter that holds wherever this one does and does not look at partners' sides."""
    return Where(
        tuple(
            tuple(t for t in tests if not (isinstance(t, Quantified) and t.relation == "partners"))
            for tests in where.any_of
        )
    )


def needs_partners(fetch: Asking) -> bool:
    """Whether partners' sides must be read."""
    return bool(partner_columns_asked(fetch) or quantified(fetch.where, "partners") or partners_searched(fetch))


def partner_columns_asked(fetch: Asking) -> tuple[str, ...]:
    """The columns of partners' sides that are filtered, sorted or grouped by, by bare name, each once."""
    inside = [tests for each in quantified(fetch.where, "partners") for tests in each.where.any_of]
    names = [test.column for tests in inside for test in tests if isinstance(test, Comparison)]
    if isinstance(fetch, PageFetch):
        for bare in filter(None, map(_bare, fetch.order)):
            names += [bare, currency_of(fetch.kind, bare) or bare]
    else:
        names += [c.removeprefix(PARTNERS) for c in grouping(fetch).columns if c.startswith(PARTNERS)]
    return tuple(dict.fromkeys(names))


def masks_of_related(fetch: Asking) -> Related:
    """The masks of related rows. A Fault where the fetch brings none."""
    if fetch.related is None:
        raise Fault("related rows need their masks")
    return fetch.related
