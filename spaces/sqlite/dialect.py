"""How SQLite spells what engines spell differently. The network's file is attached as `net` to the company's."""

from collections.abc import Sequence
from typing import Any

import orjson

from schema.field import Field
from spaces.sql.dialect import Dialect

AGGREGATE = "aggregate_of"
"""A function of attached files: the value of a record at a place of `CompanyFile.aggregates`."""
PACKED = "packed"
"""An aggregate function of attached files, see `connections.Packed`."""


def _listed(values: Sequence[Any]) -> str:
    return orjson.dumps(values).decode()


def _among(expression: str, placeholder: str) -> str:
    return f"{expression} IN (SELECT value FROM json_each({placeholder}))"


def _holds(expression: str, placeholder: str) -> str:
    return f"{placeholder} IN (SELECT value FROM json_each({expression}))"


def _custom(custom: str, _: Field, column: str) -> str:
    return f"json_extract({custom}, '$.{column}')"


SQLITE = Dialect(
    network="net.",
    company="main.",
    joint_words="net.words_",
    side_words="main.words_",
    # The planner never reorders the sides of a CROSS JOIN.
    pinned="CROSS JOIN",
    find="instr",
    largest="max",
    nulls_smallest=True,
    looks_up=True,
    revision="rowid",
    bound=lambda name, _: ":" + name,
    listed=_listed,
    among=_among,
    holds=_holds,
    null=lambda family, whole: "NULL",
    rows=lambda placeholder: f"json_each({placeholder})",
    parsed=lambda column: column,
    entries=lambda text: f"json_each({text})",
    custom=_custom,
    custom_json=lambda custom, column: f"{custom} -> '$.{column}'",
    found=lambda place, family: f"{AGGREGATE}({place}, p.record_id)",
    found_table=lambda place, family, whole: "",
    gathered=lambda value: f"json_group_array({value})",
    packed=lambda value: f"{PACKED}({value})",
)
