"""Numbers that are compared with a column of the other sort: engines may round one of them before they compare, so here
the comparison is made one of equal sorts that says the same, exactly."""

from math import floor, inf, isinf, nextafter
from typing import TypeAlias

from schema.where import Op, Scalar

_SMALLEST, _LARGEST = -(2**63), 2**63 - 1

Fit: TypeAlias = tuple[Op, Scalar] | bool
"""A comparison that says the same; or whether it holds of every number, or of none."""


def fitted(op: Op, value: Scalar, *, whole: bool) -> Fit:
    """What a comparison by `eq ne lt lte gt gte` with a number says of a column of whole numbers of 64 bits, or of one
    of doubles, in a number of its own sort."""
    if isinstance(value, str) or (not whole and type(value) is float):
        return op, value
    return _of_whole(op, value) if whole else _of_doubles(op, int(value))


def _of_whole(op: Op, value: float) -> Fit:
    if isinf(value) or not _SMALLEST <= value <= _LARGEST:
        return op == "ne" or ((op in ("lt", "lte")) is (value > 0) and op != "eq")
    low = floor(value)
    return (op, low) if low == value else _between(op, low)


def _of_doubles(op: Op, value: int) -> Fit:
    try:
        near = float(value)
    except OverflowError:
        return _of_whole(op, inf if value > 0 else -inf)
    if near == value:
        return op, near
    return _between(op, near if near < value else nextafter(near, -inf))


def _between(op: Op, low: float) -> Fit:
    """The comparison with a number that lies between two neighbours of the column's sort, the lower of them given."""
    if op in ("eq", "ne"):
        return op == "ne"
    return ("lte", low) if op in ("lt", "lte") else ("gt", low)
