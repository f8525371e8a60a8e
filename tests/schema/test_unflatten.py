"""Columns give back the stored value that they were made of."""

from typing import Any

from hypothesis import given, settings

from schema.field import Base, Field
from schema.values import flatten, parse, unflatten
from tests.schema.test_values import VALUES


@given(VALUES)
@settings(max_examples=300, deadline=None)
def test_a_stored_value_is_had_again_from_its_columns(case: tuple[Field, Any]) -> None:
    field, value = case
    stored = parse(field.type, value, ("it",))
    columns = flatten(field, stored)
    # engines without booleans give numbers
    again = unflatten(field, [int(c) if isinstance(c, bool) else c for c in columns])
    assert flatten(field, again) == columns
    if field.type.base is not Base.STRUCT and not (field.type.many and field.type.base is Base.MONEY):
        assert again == stored
