"""References: where in a row a value stands, e.g. `close_value`, `team.regional_office`, `^.buyer.name`."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

_STEP = re.compile(r"([^.\[\]^$]+)((?:\[\d+\])*)")
_INDEX = re.compile(r"\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Reference:
    """`root` names a lookup or the participant, None means the row itself; `up` counts enclosing objects to go
    up to first; `steps` are keys and indexes from there. `text` is how the mapping wrote it."""

    text: str
    root: str | None
    up: int
    steps: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Scope:
    """What references can reach: the row, the objects around it (innermost first), and what has a name."""

    item: Any
    parents: tuple[Any, ...]
    named: Mapping[str, Any]


def parse_column(text: str, tables: Collection[str]) -> Reference:
    """A column of a CSV file: `table.column` where the first part names one of `tables`, else a column of the row
    itself, whose name may hold any sign."""
    table, dot, column = text.partition(".")
    if dot and table in tables:
        return Reference(text, table, 0, (column,))
    return Reference(text, None, 0, (text,))


def parse_path(text: str, roots: Collection[str]) -> Reference:
    """A path into a JSON item: keys joined by dots, `[n]` for the n-th element, `^` at the beginning for each
    enclosing object. Raises ValueError with a reason."""
    parts = text.split(".")
    up = 0
    while parts and parts[0] == "^":
        up, parts = up + 1, parts[1:]
    root = parts.pop(0) if not up and parts[0] in roots else None
    steps: list[str | int] = []
    for part in parts:
        match = _STEP.fullmatch(part)
        if not match:
            raise ValueError(f'"{text}" is not a path like ^.buyer.name or items[0].id')
        steps += [match[1], *(int(index) for index in _INDEX.findall(match[2]))]
    return Reference(text, root, up, tuple(steps))


def follow(reference: Reference, scope: Scope) -> Any:
    """The value there, or None where the way leads nowhere."""
    if reference.root is not None:
        value = scope.named.get(reference.root)
    elif reference.up:
        value = scope.parents[reference.up - 1] if reference.up <= len(scope.parents) else None
    else:
        value = scope.item
    for step in reference.steps:
        if isinstance(step, str):
            value = value.get(step) if isinstance(value, dict) else None
        else:
            value = value[step] if isinstance(value, list) and step < len(value) else None
    return value
