"""Booleans, of which SQLite has none: it gives 0 and 1."""

from typing import Any


def with_booleans(values: tuple[Any, ...], places: tuple[int, ...]) -> tuple[Any, ...]:
    """The values with SQLite's 0 and 1 at these places as booleans."""
    if not places:
        return values
    return tuple(bool(value) if i in places and value is not None else value for i, value in enumerate(values))
