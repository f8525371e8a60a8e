"""Made input for any input type of the schema, so that tests can set every field without naming it."""

from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    get_named_type,
)

_SCALARS = {"Int": 7, "Float": 7.5, "Boolean": True, "Decimal": "12.50", "Date": "2027-01-31"}
_SCALARS |= {"DateTime": "2027-01-31T12:00:00.000000Z", "Currency": "EUR"}
_TEXTS = {"currency": "EUR", "country": "NL", "email": "a@b.example", "url": "https://a.example/x", "value": "12.50"}


def made(type_: GraphQLInputType, name: str) -> Any:
    """A value that a field of this type and name takes; None for ids, which only the caller can know."""
    if isinstance(type_, GraphQLNonNull):
        return made(type_.of_type, name)
    if isinstance(type_, GraphQLList):
        one = made(type_.of_type, name)
        return None if one is None else [one]
    if isinstance(type_, GraphQLEnumType):
        return next(iter(type_.values))
    if isinstance(type_, GraphQLInputObjectType):
        return {key: made(field.type, key) for key, field in type_.fields.items()}
    named = get_named_type(type_).name
    if named == "ID":
        return None
    if named in _SCALARS:
        return _SCALARS[named]
    return "12.50" if name == "amount" else _TEXTS.get(name, f"some {name}")
