"""A client's `where`, as a Where over the page columns of `spaces.fetch.PageFetch`.

The meaning of `not` is three-valued: a comparison with null is neither true nor false, so its negation does not
match either (schema/where.py). Values are parsed by the same `schema.values.parse` as any input; what may be a part of
a value, as of an e-mail address, is parsed as plain text.
"""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, TypeAlias

from schema.errors import BadInput
from schema.field import Base, Field, FieldType
from schema.kind import Kind
from schema.matching import both, either, negate
from schema.money import Money
from schema.values import parse
from schema.where import ALWAYS, NEVER, Comparison, Op, Quantified, Quantifier, Relation, Where

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
_PARTS = frozenset({"contains", "startsWith"})
_TIME = FieldType("DateTime", Base.DATETIME)
_WORD = FieldType("Text", Base.TEXT)
_BUILTIN = {
    "createdAt": ("created_at", _TIME),
    "updatedAt": ("updated_at", _TIME),
    "myRole": ("role", _WORD),
    "myStatus": ("status", _WORD),
}
_COMPANY = FieldType("Company", Base.COMPANY)
_QUANTIFIERS: Mapping[str, Quantifier] = {"some": "some", "every": "every", "none": "none"}

_Path: TypeAlias = tuple[str, ...]
_Read: TypeAlias = Callable[[str, Any, _Path], Where]


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
    """The filter of a page or of groups. Raises BadInput with the path of what is wrong."""
    if given is None:
        return ALWAYS
    return _conditions(plain(given), ("where",), lambda name, value, path: _of_record(kind, name, value, path))


def quantifies(where: Where) -> bool:
    """Whether the filter looks at partners' sides or participants."""
    return any(isinstance(test, Quantified) for tests in where.any_of for test in tests)


def _conditions(given: Mapping[str, Any], path: _Path, read: _Read) -> Where:
    """All conditions of an input object; `read` reads those that are not and, or, not."""
    found = ALWAYS
    for name, value in given.items():
        here = (*path, name)
        _refuse_null(value, here)
        if name == "not":
            part = negate(_conditions(value, here, read))
        elif name in ("and", "or"):
            join = both if name == "and" else either
            part = join(*(_conditions(inner, (*here, str(at)), read) for at, inner in enumerate(value)))
        else:
            part = read(name, value, here)
        found = both(found, part)
    return found


def _refuse_null(value: Any, path: _Path) -> None:
    """Null is refused, not ignored: a condition that is dropped would answer more than was asked for."""
    if value is None:
        raise BadInput("Leave out what is not to be tested; `isNull` tests for no value.", field=path)


def _of_record(kind: Kind, name: str, value: Mapping[str, Any], path: _Path) -> Where:
    if name == "mine":
        return _conditions(value, path, lambda inner, tests, at: _field("mine.", kind.side_by_name[inner], tests, at))
    if name == "partners":
        return _related("partners", value, path, lambda inner, tests, at: _of_partner(kind, inner, tests, at))
    if name == "participants":
        return _related("participants", value, path, _of_participant)
    if name in _BUILTIN:
        column, type_ = _BUILTIN[name]
        return _tests(column, type_, value, path)
    members = {f.key: f for f in kind.joint if f.group == name}
    if members:
        return _conditions(value, path, lambda inner, tests, at: _field("joint.", members[inner], tests, at))
    return _field("joint.", kind.joint_by_name[name], value, path)


def _of_partner(kind: Kind, name: str, tests: Mapping[str, Any], path: _Path) -> Where:
    if name == "company":
        return _tests("company", _COMPANY, tests, path)
    return _field("", kind.side_by_name[name], tests, path)


def _of_participant(name: str, tests: Mapping[str, Any], path: _Path) -> Where:
    return _tests(name, _COMPANY if name == "company" else _WORD, tests, path)


def _related(relation: Relation, given: Mapping[str, Any], path: _Path, read: _Read) -> Where:
    """All tests over the rows of a relation, by quantifier."""
    found = ALWAYS
    for quantifier, rows in given.items():
        here = (*path, quantifier)
        _refuse_null(rows, here)
        test = Quantified(relation, _QUANTIFIERS[quantifier], _conditions(rows, here, read))
        found = both(found, Where(((test,),)))
    return found


def _field(prefix: str, field: Field, tests: Mapping[str, Any], path: _Path) -> Where:
    return _tests(prefix + field.column, field.type, tests, path)


def _tests(column: str, type_: FieldType, tests: Mapping[str, Any], path: _Path) -> Where:
    found = ALWAYS
    for name, value in tests.items():
        _refuse_null(value, (*path, name))
        found = both(found, _test(column, type_, name, value, (*path, name)))
    return found


def _test(column: str, type_: FieldType, name: str, value: Any, path: _Path) -> Where:
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
    return _compare(column, _WORD if name in _PARTS else element, _OPS[name], value, path)


def _any_of(column: str, type_: FieldType, op: Op, values: list[Any], path: _Path) -> Where:
    if op == "eq" and type_.base is not Base.MONEY:
        parsed = tuple(_stored(type_, item, (*path, str(index))) for index, item in enumerate(values))
        return _one(column, "in", parsed)
    found = NEVER
    for index, item in enumerate(values):
        found = either(found, _compare(column, type_, op, item, (*path, str(index))))
    return found


def _compare(column: str, type_: FieldType, op: Op, value: Any, path: _Path) -> Where:
    stored = _stored(type_, value, path)
    if not isinstance(stored, Money):
        return _one(column, op, stored)
    # Money compares within its currency; another currency is another value, and neither more nor less
    same = _one(column + "_currency", "eq", stored.currency)
    amount = _one(column + "_minor", op, stored.minor)
    return either(amount, _one(column + "_currency", "ne", stored.currency)) if op == "ne" else both(same, amount)


def _stored(type_: FieldType, value: Any, path: _Path) -> Any:
    _refuse_null(value, path)
    return parse(type_, value, path)


def _one(column: str, op: Op, value: Any) -> Where:
    return Where(((Comparison(column, op, value),),))
