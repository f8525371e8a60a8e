"""How PostgreSQL spells what engines spell differently. All tables are found by the search path."""

from collections.abc import Mapping, Sequence
from typing import Any

from schema.field import Base, Field
from spaces.sql.dialect import Dialect

_TYPES = {str: "text", float: "double precision", int: "bigint", bool: "boolean"}
_CUSTOM = {Base.INTEGER: int, Base.NUMBER: float, Base.BOOLEAN: bool}


def _type(family: type, whole: bool) -> str:
    return _TYPES[int if family is float and whole else family]


def _bound(name: str, value: object) -> str:
    # Values are sent without a type of their own: here the statement says it.
    return f":{name}::{_TYPES[type(value)]}"


def _custom(custom: str, field: Field, column: str) -> str:
    text = f"({custom}::json ->> '{column}')"
    base = field.type.base
    if base is Base.MONEY and not field.type.many:
        return f"{text}::bigint" if column == field.columns[0] else _by_code_points(text)
    held = str if field.type.many else _CUSTOM.get(base, str)
    return _by_code_points(text) if held is str else f"{text}::{_TYPES[held]}"


def _by_code_points(text: str) -> str:
    return f'({text} COLLATE "C")'


def _found(place: int, family: type) -> str:
    return _by_code_points(f"g{place}.value") if family is str else f"g{place}.value"


def _found_table(place: int, family: type, whole: bool) -> str:
    values = f"unnest(:g{place}_records::text[], :g{place}_values::{_type(family, whole)}[])"
    return f" LEFT JOIN {values} AS g{place} (record_id, value) ON g{place}.record_id = p.record_id"


def found_values(found: Sequence[Mapping[str, Any]]) -> dict[str, object]:
    """What statements take for what was found of records, by place."""
    values: dict[str, object] = {}
    for place, by_record in enumerate(found):
        values[f"g{place}_records"] = list(by_record)
        values[f"g{place}_values"] = list(by_record.values())
    return values


def _listed(values: Sequence[Any]) -> list[Any]:
    # A text with the character NUL is none that PostgreSQL holds: it is equal to nothing, and could not be sent.
    return [value for value in values if not (isinstance(value, str) and "\0" in value)]


POSTGRES = Dialect(
    network="",
    company="",
    joint_words="joint_words_",
    side_words="side_words_",
    pinned="JOIN",
    find="strpos",
    largest="greatest",
    nulls_smallest=False,
    looks_up=False,
    revision="revision",
    bound=_bound,
    listed=_listed,
    among=lambda expression, placeholder: f"{expression} = ANY ({placeholder})",
    # The function, not its operator: that is spelled like a placeholder.
    holds=lambda expression, placeholder: f"jsonb_exists(CAST({expression} AS jsonb), {placeholder})",
    null=lambda family, whole: f"NULL::{_type(family, whole)}",
    rows=lambda placeholder: f"json_array_elements(CAST({placeholder} AS json)) AS j (value)",
    parsed=lambda column: f"CAST({column} AS json)",
    entries=lambda text: f'(SELECT key, value COLLATE "C" AS value FROM json_each_text({text}::json))',
    custom=_custom,
    custom_json=lambda custom, column: f"({custom}::json -> '{column}')::text",
    found=_found,
    found_table=_found_table,
    gathered=lambda value: f"array_agg({value})",
    packed=lambda value: f"array_agg({value}) FILTER (WHERE {value} IS NOT NULL)",
)
