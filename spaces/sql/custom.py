"""Custom fields' values. A side keeps them in one JSON text, `custom`: an object of their columns, named by the fields'
ids, without the null ones. Lists and structs are JSON text inside it as in columns of their own, booleans true and
false. What belongs to no field that is declared now stays where it is.

Rows are read with the text as it is, taken apart once a row; where a statement compares or groups, it takes a value
out of the text itself.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from schema.errors import Fault
from schema.field import Field
from spaces.columns import booleans
from spaces.sql.booleans import with_booleans
from spaces.sql.dialect import Dialect
from spaces.sql.names import CUSTOM, column_of, stored_columns

_NAME = re.compile(r"cf_[a-z0-9_]+", re.ASCII)


def is_custom(column: str) -> bool:
    """Whether a column may be a custom field's, by its name."""
    return _NAME.fullmatch(column) is not None


def side_cell(dialect: Dialect, alias: str, field: Field, column: str) -> str:
    """The SQL expression of one column of a side field. A Fault for an id that cannot stand in it."""
    if field.custom is None:
        return f"{alias}.{column_of(column)}"
    return dialect.custom(f"{alias}.{CUSTOM}", field, _checked(column))


def side_json(dialect: Dialect, alias: str, column: str) -> str:
    """The SQL expression of the JSON of a custom column, for readers that do not know its type. A Fault as above."""
    return dialect.custom_json(f"{alias}.{CUSTOM}", _checked(column))


def _checked(column: str) -> str:
    if not is_custom(column):
        raise Fault("the id of a custom field cannot name a column")
    return column


@dataclass(frozen=True, slots=True)
class Cells:
    """How the values of some side fields are read: `stored` are the columns to select, the JSON text last where it is
    needed; `custom` the columns to take out of that; `order` the places of the asked columns among those, where they
    stand in another order."""

    stored: tuple[str, ...]
    booleans: tuple[int, ...]
    custom: tuple[str, ...]
    order: tuple[int, ...] | None

    def values(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        """The values of the asked fields' columns, in order, from the stored ones."""
        if not self.custom:
            return with_booleans(row, self.booleans)
        values = with_booleans(row[:-1], self.booleans) + _taken_out(row[-1], self.custom)
        return values if self.order is None else tuple([values[place] for place in self.order])

    def written(self, values: Sequence[Any], before: Sequence[Any]) -> dict[str, Any]:
        """The stored columns for new values of the asked fields' columns, given the stored ones as they were."""
        by_place = dict(zip(self.order or range(len(values)), values, strict=True))
        inside = [by_place[place] for place in range(len(values))]
        if not self.custom:
            return dict(zip(self.stored, inside, strict=True))
        end = len(inside) - len(self.custom)
        text = _put_in(before[-1], dict(zip(self.custom, inside[end:], strict=True)))
        return dict(zip(self.stored, [*inside[:end], text], strict=True))


def cells_of(fields: Sequence[Field]) -> Cells:
    """How the values of some side fields are read."""
    own = [field for field in fields if field.custom is None]
    custom = tuple(column for field in fields if field.custom for column in field.columns)
    stored = stored_columns(own)
    among = {column: place for place, column in enumerate((*stored, *custom))}
    order = tuple(among[column if f.custom else column_of(column)] for f in fields for column in f.columns)
    return Cells(
        (*stored, CUSTOM) if custom else stored,
        booleans(own),
        custom,
        None if order == tuple(range(len(order))) else order,
    )


def _taken_out(text: str | None, columns: Sequence[str]) -> tuple[Any, ...]:
    return (None,) * len(columns) if text is None else tuple(map(orjson.loads(text).get, columns))


def _put_in(text: str | None, columns: Mapping[str, Any]) -> str | None:
    """The JSON text with new values of some columns, None where nothing is left."""
    held = {**(orjson.loads(text) if text else {}), **columns}
    kept = {column: value for column, value in held.items() if value is not None}
    return orjson.dumps(kept).decode() if kept else None
