"""A client's `where` and `orderBy`, as a Where and Orders over the page columns of `spaces.fetch.PageFetch`.

The meaning of `not` is three-valued: a comparison with null is neither true nor false, so its negation does not
match either (schema/where.py). Values are parsed by the same `schema.values.parse` as any input.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Any

from schema.errors import BadInput
from schema.field import Base, Field, FieldType
from schema.kind import Kind
from schema.matching import both, either, negate
from schema.money import Money
from schema.shapes_in import CREATED_AT, UPDATED_AT, sortable
from schema.values import parse
from schema.where import ALWAYS, NEVER, Comparison, Op, Where
from spaces.fetch import Order

_OPS: Mapping[str, Op] = {
    "eq": "eq",
    "ne": "ne",
    "lt": "lt",
    "lte": "lte",
    "gt": "gt",
    "gte": "gte",
    "contains": "contains",
    "startsWith": "starts",
    "has": "has",
}
_TIME = FieldType("DateTime", Base.DATETIME)
_WORD = FieldType("Text", Base.TEXT)
_BUILTIN = {
    "createdAt": ("created_at", _TIME),
    "updatedAt": ("updated_at", _TIME),
    "myRole": ("role", _WORD),
    "myStatus": ("status", _WORD),
}
_MOST_ORDERS = 5


def plain(value: Any) -> Any:
    """Coerced input without Strawberry's enum members: their values, throughout."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def page_where(kind: Kind, given: Mapping[str, Any] | None) -> Where:
    """The filter of a page. Raises BadInput with the path of what is wrong."""
    if given is None:
        return ALWAYS
    return _record(kind, plain(given), ("where",))


def _record(kind: Kind, given: Mapping[str, Any], path: tuple[str, ...]) -> Where:
    found = ALWAYS
    groups = {f.group for f in kind.joint if f.group}
    for name, value in given.items():
        here = (*path, name)
        if name in ("and", "or", "not"):
            part = _logic(name, value, lambda inner, at: _record(kind, inner, at), here)
        elif value is None:
            continue
        elif name == "mine":
            part = _side(kind, value, here)
        elif name in _BUILTIN:
            column, type_ = _BUILTIN[name]
            part = _tests(column, type_, value, here)
        elif name in groups:
            part = ALWAYS
            members = {f.key: f for f in kind.joint if f.group == name}
            for key, tests in value.items():
                if tests is not None:
                    part = both(part, _field("joint", members[key], tests, (*here, key)))
        else:
            part = _field("joint", kind.joint_by_name[name], value, here)
        found = both(found, part)
    return found


def _side(kind: Kind, given: Mapping[str, Any], path: tuple[str, ...]) -> Where:
    found = ALWAYS
    for name, value in given.items():
        here = (*path, name)
        if name in ("and", "or", "not"):
            part = _logic(name, value, lambda inner, at: _side(kind, inner, at), here)
        elif value is None:
            continue
        else:
            part = _field("mine", kind.side_by_name[name], value, here)
        found = both(found, part)
    return found


def _logic(name: str, value: Any, read: Any, path: tuple[str, ...]) -> Where:
    if value is None:
        return ALWAYS
    if name == "not":
        return negate(read(value, path))
    join, found = (both, ALWAYS) if name == "and" else (either, NEVER)
    for index, inner in enumerate(value):
        found = join(found, read(inner, (*path, str(index))))
    return found


def _field(part: str, field: Field, tests: Mapping[str, Any], path: tuple[str, ...]) -> Where:
    return _tests(f"{part}.{field.column}", field.type, tests, path)


def _tests(column: str, type_: FieldType, tests: Mapping[str, Any], path: tuple[str, ...]) -> Where:
    found = ALWAYS
    for name, value in tests.items():
        if value is not None:
            found = both(found, _test(column, type_, name, value, (*path, name)))
    return found


def _test(column: str, type_: FieldType, name: str, value: Any, path: tuple[str, ...]) -> Where:
    if name == "isNull":
        money = type_.base is Base.MONEY and not type_.many
        return _one(column + "_minor" if money else column, "null", value)
    element = FieldType(type_.name, type_.base, options=type_.options, low=type_.low, high=type_.high)
    if name in ("in", "any"):
        return _any_of(column, element, "eq" if name == "in" else "has", value, path)
    if name == "all":
        found = ALWAYS
        for index, item in enumerate(value):
            found = both(found, _compare(column, element, "has", item, (*path, str(index))))
        return found
    if name == "between":
        if len(value) != 2:
            raise BadInput("Give two values, the lower and the upper bound.", field=path)
        return both(_compare(column, element, "gte", value[0], path), _compare(column, element, "lte", value[1], path))
    return _compare(column, element, _OPS[name], value, path)


def _any_of(column: str, type_: FieldType, op: Op, values: list[Any], path: tuple[str, ...]) -> Where:
    if op == "eq" and type_.base is not Base.MONEY:
        parsed = tuple(_stored(type_, item, (*path, str(index))) for index, item in enumerate(values))
        return _one(column, "in", parsed)
    found = NEVER
    for index, item in enumerate(values):
        found = either(found, _compare(column, type_, op, item, (*path, str(index))))
    return found


def _compare(column: str, type_: FieldType, op: Op, value: Any, path: tuple[str, ...]) -> Where:
    stored = _stored(type_, value, path)
    if not isinstance(stored, Money):
        return _one(column, op, stored)
    # Money compares within its currency; another currency is another value, and neither more nor less
    same = _one(column + "_currency", "eq", stored.currency)
    amount = _one(column + "_minor", op, stored.minor)
    return either(amount, _one(column + "_currency", "ne", stored.currency)) if op == "ne" else both(same, amount)


def _stored(type_: FieldType, value: Any, path: tuple[str, ...]) -> Any:
    stored = parse(type_, value, path)
    if stored is None:
        raise BadInput("Compare with a value; `isNull` tests for none.", field=path)
    return stored


def _one(column: str, op: Op, value: Any) -> Where:
    return Where(((Comparison(column, op, value),),))


def page_order(kind: Kind, given: list[Mapping[str, Any]] | None) -> tuple[Order, ...]:
    """The sort keys of a page. Raises BadInput for a key that names none or both of `field` and `mine`, and for
    more than five keys."""
    orders: list[Order] = []
    keys = plain(given or [])
    if len(keys) > _MOST_ORDERS:
        raise BadInput(f"Sort by at most {_MOST_ORDERS} keys.", field=("orderBy",))
    for index, key in enumerate(keys):
        field, mine = key.get("field"), key.get("mine")
        if (field is None) == (mine is None):
            raise BadInput("Give either `field` or `mine`.", field=("orderBy", str(index)))
        descending = key.get("direction") == "DESC"
        if field in (CREATED_AT, UPDATED_AT):
            orders.append(Order(field.lower(), descending))
            continue
        part, known = ("joint", sortable(kind.joint)) if mine is None else ("mine", sortable(kind.side))
        orders += [Order(f"{part}.{column}", descending) for column in known[field or mine].columns]
    return tuple(orders)
