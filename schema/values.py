"""Values of fields on their way in and out.

1. `parse`: JSON-like input to the stored value of a type, or BadInput with the path of what is wrong;
2. `flatten`: the stored value to the values of its columns;
3. `wire`: column values to what GraphQL prints.

The stored value of a list is a tuple, of a struct a dict of its given members in order, of Money a `Money`; of
the rest see `schema/field.py`.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from schema.amounts import read_money, show_amount
from schema.custom_values import check_custom
from schema.errors import BadInput
from schema.field import Base, Field, FieldType
from schema.kind import Kind
from schema.money import Money
from schema.plain_values import READERS
from schema.where import Scalar

MAX_ITEMS = 250
"""The most elements of a list, from limits.md's bound on list inputs."""

_Path = tuple[str, ...]


def parse_field(field: Field, value: object, path: _Path) -> Any:
    """The stored value that a caller gives a field. Beyond `parse`, refuses to clear a required field, or to give
    it blank text, to write a history or a formula, and what a custom field's template does not allow. Raises
    BadInput."""
    if field.history_of is not None:
        raise BadInput("This field is read-only.", field=path)
    stored = parse(field.type, value, path)
    check_custom(field, stored, path)
    blank = isinstance(stored, str) and not stored.strip()
    if field.required and (stored is None or blank or stored == ()):
        raise BadInput("This field is required.", field=path)
    return stored


def parse(type_: FieldType, value: object, path: _Path) -> Any:
    """The stored value for JSON-like input; None stays None. Raises BadInput, whose `field` is `path` or, inside
    lists and structs, a place beneath it."""
    if value is None:
        return None
    if not type_.many:
        return _parse_one(type_, value, path)
    if not isinstance(value, list | tuple):
        raise BadInput("A list is expected.", field=path)
    if len(value) > MAX_ITEMS:
        raise BadInput(f"This list has more than {MAX_ITEMS} items.", field=path)
    found = tuple(_parse_one(type_, item, (*path, str(index))) for index, item in enumerate(value))
    return tuple(dict.fromkeys(found)) if type_.base is Base.PICKLIST else found  # an option is chosen or not


def _parse_one(type_: FieldType, value: object, path: _Path) -> Any:
    if type_.base is Base.STRUCT:
        return _parse_struct(type_, _members(value, [name for name, _ in type_.members], path), path)
    if type_.base is Base.MONEY:
        money = _members(value, ["amount", "currency"], path)
        return read_money(money.get("amount"), money.get("currency"), path)
    return READERS[type_.base](type_, value, path)


def _parse_struct(type_: FieldType, given: Mapping[str, object], path: _Path) -> dict[str, Any]:
    stored = {name: parse(member, given.get(name), (*path, name)) for name, member in type_.members}
    for name in type_.required:
        if stored[name] is None:
            raise BadInput("This field is required.", field=(*path, name))
    return {name: member for name, member in stored.items() if member is not None}


def _members(value: object, known: list[str], path: _Path) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise BadInput(f"An object with {', '.join(known)} is expected.", field=path)
    for key in value:
        if key not in known:
            raise BadInput("There is no such field.", field=(*path, str(key)))
    return value


def flatten(field: Field, stored: Any) -> tuple[Scalar | None, ...]:
    """The values of `field.columns`, in order, for a stored value."""
    if stored is None:
        return (None,) * len(field.columns)
    if field.type.many or field.type.base is Base.STRUCT:
        return (canonical_json(stored),)
    if isinstance(stored, Money):
        return (stored.minor, stored.currency)
    return (stored,)


def unflatten(field: Field, columns: Sequence[Scalar | None]) -> Any:
    """The stored value of the values of `field.columns`: the inverse of `flatten`. Money within a list or a struct is
    left as its members."""
    first = columns[0]
    if first is None:
        return None
    if field.type.many:
        return tuple(json.loads(str(first)))
    if field.type.base is Base.STRUCT:
        return json.loads(str(first))
    if field.type.base is Base.MONEY:
        return Money(int(first), str(columns[1]))
    return bool(first) if field.type.base is Base.BOOLEAN else first


def canonical_json(stored: Any) -> str:
    """The one JSON text of a stored list or struct: sorted keys, no blanks, nothing escaped that need not be;
    money as {"currency", "minor"}. Equal values have equal texts, so texts may be compared."""
    return json.dumps(stored, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_money_members)


def _money_members(money: Money) -> dict[str, object]:
    return {"minor": money.minor, "currency": money.currency}


def wire(type_: FieldType, columns: tuple[Scalar | None, ...]) -> Any:
    """What GraphQL prints for the values of a field's columns: {"amount", "currency"} for money, lists and
    objects for JSON text, else the value itself; None for null. An object holds every member of its struct."""
    first = columns[0]
    if first is None:
        return None
    if type_.many or type_.base is Base.STRUCT:
        return _show(type_, json.loads(str(first)))
    if type_.base is Base.MONEY:
        return _show_one(type_, {"minor": first, "currency": columns[1]})
    return first


def _show(type_: FieldType, stored: Any) -> Any:
    """What GraphQL prints for a value as canonical JSON holds it."""
    if stored is None:
        return None
    if type_.many:
        return [_show_one(type_, item) for item in stored]
    return _show_one(type_, stored)


def _show_one(type_: FieldType, stored: Any) -> Any:
    if type_.base is Base.MONEY:
        return {"amount": show_amount(stored["minor"], stored["currency"]), "currency": stored["currency"]}
    if type_.base is Base.STRUCT:
        return {name: _show(member, stored.get(name)) for name, member in type_.members}
    return stored


def natural_key(kind: Kind, side: Mapping[str, Any]) -> str | None:
    """The text of the kind's natural key in the stored values of a side: the text itself, or of a struct the JSON
    list of its required members, so that its other members may change. None where the values do not name the
    field, "" where they clear it."""
    if kind.natural_key is None or kind.natural_key not in side:
        return None
    stored = side[kind.natural_key]
    if stored is None or isinstance(stored, str):
        return stored or ""
    required = kind.side_by_name[kind.natural_key].type.required
    return canonical_json([stored[name] for name in required])
