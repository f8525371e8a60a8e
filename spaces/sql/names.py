"""The stored names of what kinds and fields are kept in: the same in every engine.

Fields' columns carry the prefix `f_`, so that no field of a kind can meet a column of the house.
"""

from collections.abc import Sequence

from schema.field import Field

CUSTOM = "custom"
"""The column of a side that holds the values of its custom fields, see `custom.py`, and that of their words."""


def column_of(name: str) -> str:
    """The stored name of a field's column."""
    return "f_" + name


def stored_columns(fields: Sequence[Field]) -> tuple[str, ...]:
    """The stored names of all columns of some fields, in order."""
    return tuple(column_of(c) for f in fields for c in f.columns)


def words_column(field: Field) -> str:
    """The stored name of the words of a searchable field of the kind's own."""
    return "w_" + field.column
