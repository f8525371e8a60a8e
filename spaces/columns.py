"""What a field's value becomes in its columns, the same in every backend."""

import json
from collections.abc import Sequence
from typing import Any

from schema.field import Base, Field
from schema.money import Money

ACCEPTED = "ACCEPTED"
"""The status of a participant that takes part; its sides are the ones that others may be shown."""

_FAMILIES: dict[Base, type] = {Base.INTEGER: float, Base.NUMBER: float, Base.BOOLEAN: bool}


def cells(field: Field, value: Any) -> tuple[Any, ...]:
    """The values of `field.columns` for one stored value. Money takes two places; a list, or the dict of a struct,
    becomes its canonical JSON, and a str is taken to be that already."""
    base = field.type.base
    if base is Base.MONEY and not field.type.many:
        return (None, None) if value is None else (value.minor, value.currency)
    if isinstance(value, list | tuple | dict):
        return (canonical_json(value),)
    if base is Base.NUMBER and not field.type.many and value is not None:
        return (float(value),)
    return (value,)


def canonical_json(value: Any) -> str:
    """The one JSON text of a value: sorted keys, no spaces, plain characters; money as minor and currency."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_money)


def _money(value: object) -> dict[str, object]:
    if isinstance(value, Money):
        return {"minor": value.minor, "currency": value.currency}
    raise TypeError(f"a {type(value).__name__} is no stored value")


def booleans(fields: Sequence[Field]) -> tuple[int, ...]:
    """The places of boolean columns among the columns of some fields: engines without booleans give 0 and 1."""
    columns = [(f, c) for f in fields for c in f.columns]
    return tuple(i for i, (f, _) in enumerate(columns) if f.type.base is Base.BOOLEAN and not f.type.many)


def families(fields: Sequence[Field]) -> dict[str, tuple[Field, type]]:
    """The columns of some fields by name: each with its field and the sort of its values, which is str, float
    (for whole numbers too) or bool; a list is its JSON, a str."""
    found: dict[str, tuple[Field, type]] = {}
    for field in fields:
        plain = str if field.type.many else _FAMILIES.get(field.type.base, str)
        sorts = (plain,) if len(field.columns) == 1 else (float, str)  # money: minor units, currency
        found.update({column: (field, sort) for column, sort in zip(field.columns, sorts, strict=True)})
    return found
