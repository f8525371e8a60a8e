"""How PostgreSQL spells what engines spell differently."""

from collections.abc import Sequence
from typing import Any

from schema.field import Base, Field
from spaces.sql.dialect import Dialect

_TYPES = {Base.INTEGER: "numeric", Base.NUMBER: "double precision", Base.BOOLEAN: "boolean"}


def _bound(name: str, value: object) -> str:
    if isinstance(value, bool):
        return f"CAST(:{name} AS boolean)"
    if isinstance(value, int):
        return f"CAST(:{name} AS numeric)"
    return f"CAST(:{name} AS double precision)" if isinstance(value, float) else f"CAST(:{name} AS text)"


def _listed(values: Sequence[Any]) -> list[Any]:
    return list(values)


def _custom(custom: str, field: Field, column: str) -> str:
    value = f"CAST({custom} AS json) ->> '{column}'"
    type_ = None if field.type.many else _TYPES.get(field.type.base)
    return f"CAST({value} AS {type_})" if type_ else f"({value})"


def _null(family: type, whole: bool) -> str:
    type_ = {str: "text", bool: "boolean"}.get(family, "bigint" if whole else "double precision")
    return f"CAST(NULL AS {type_})"


POSTGRES = Dialect(
    network="",
    company="",
    joint_words="joint_words_",
    side_words="side_words_",
    pinned="CROSS JOIN",
    find="strpos",
    largest="greatest",
    nulls_smallest=False,
    looks_up=False,
    bound=_bound,
    listed=_listed,
    among=lambda expression, placeholder: f"{expression} = ANY ({placeholder})",
    holds=lambda expression, placeholder: f"CAST({expression} AS jsonb) ? {placeholder}",
    null=_null,
    rows=lambda placeholder: f"json_array_elements(CAST({placeholder} AS json)) AS j(value)",
    parsed=lambda column: f"CAST({column} AS json)",
    entries=lambda text: f"json_each_text(CAST({text} AS json))",
    custom=_custom,
    custom_json=lambda custom, column: f"(CAST({custom} AS json) -> '{column}')",
    found=lambda place: "",
    found_table=lambda place, family, whole: "",
    gathered=lambda value: f"array_agg({value})",
    packed=lambda value: f"array_agg({value}) FILTER (WHERE {value} IS NOT NULL)",
)
