"""Histories: fields that log the values of another field of their side (`history_of` in the kind's file)."""

import json
from collections.abc import Mapping
from typing import Any

from schema.kind import Kind
from schema.values import flatten
from schema.where import Scalar

MOST_ENTRIES = 250
"""How many entries a history keeps, the newest (limits.md, list inputs)."""


def with_history(
    kind: Kind, values: Mapping[str, Any], held: Mapping[str, tuple[Scalar | None, ...]], at: str
) -> dict[str, Any]:
    """The new stored values of a side, with an entry in the history of each field that they really change. `held`
    are the columns of the side as it is, by field name; none where there is no side yet. `at` is the time."""
    logs: dict[str, Any] = {}
    for log in kind.side:
        if log.history_of is None or log.history_of not in values:
            continue
        field, value = kind.side_by_name[log.history_of], values[log.history_of]
        columns = flatten(field, value)
        if columns == held.get(field.name, (None,) * len(columns)):
            continue
        past = held.get(log.name, (None,))[0]
        entry = {"at": at} if value is None else {"at": at, "value": value}
        logs[log.name] = tuple([*(json.loads(str(past)) if past else ()), entry][-MOST_ENTRIES:])
    return {**values, **logs}
