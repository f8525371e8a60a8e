"""What a viewer may see, in plain Python: rows projected from the seeds first, then filtered and sorted.

Written from the rules of the product, not from the code: an accepted company sees all joint fields and its whole
side, an invited one the joint fields for invitees; who hides private fields sees of its own side those shared
with somebody. Hidden is null.
"""

import functools
import json
from collections.abc import Mapping
from typing import Any, TypeAlias

from schema.field import Base, Field
from schema.kind import Kind
from schema.queryable import sortable
from schema.sharing import NO_OVERRIDES
from schema.values import flatten, parse
from tests.gateway.people import PEOPLE
from tests.gateway.world import Seed, World

Row: TypeAlias = dict[str | tuple[str, str], Any]
"""`id` and other builtins by name; the columns of a field under ("joint" or "mine", its name)."""


def rows(world: World, kind: Kind, viewer: str) -> list[Row]:
    """The records of a kind that exist for a person, each field's columns as it may know them."""
    home, _, hides, _ = PEOPLE[viewer]
    found = [row for seed in world.seeds.values() if seed.kind is kind and (row := _row(seed, home, hides))]
    return sorted(found, key=lambda row: row["id"])


def _row(seed: Seed, home: str, hides: bool) -> Row | None:
    role, status = seed.standing.get(home, ("", ""))
    if status not in ("ACCEPTED", "INVITED"):
        return None
    row: Row = {"id": seed.id, "createdAt": seed.at, "updatedAt": seed.at, "myRole": role, "myStatus": status}
    for field in seed.kind.joint:
        seen = status == "ACCEPTED" or field.audience == "invited"
        row["joint", field.name] = flatten(field, seed.joint[field.name] if seen else None)
    side = seed.sides.get(home, {}) if status == "ACCEPTED" else {}
    sharing = seed.sharing.get(home, NO_OVERRIDES)
    for field in seed.kind.side:
        seen = not hides or sharing.audience(seed.kind, field.name).kind != "private"
        row["mine", field.name] = flatten(field, side.get(field.name) if seen else None)
    return row


def matches(kind: Kind, where: Mapping[str, Any] | None, row: Row) -> bool:
    """Whether the filter is true of a row. A test of null is unknown, and so is its opposite."""
    return _record(kind, where or {}, row) is True


def _record(kind: Kind, where: Mapping[str, Any], row: Row) -> bool | None:
    groups = {f.group for f in kind.joint if f.group}
    results: list[bool | None] = []
    for name, value in where.items():
        if name in ("and", "or", "not"):
            results.append(_logic(name, value, lambda inner: _record(kind, inner, row)))
        elif name == "mine":
            results.append(_side(kind, value, row))
        elif name in ("createdAt", "updatedAt", "myRole", "myStatus"):
            parsed = {k: _time(v) if name.endswith("At") else v for k, v in value.items()}
            results += [_plain(op, (row[name],), v) for op, v in parsed.items()]
        elif name in groups:
            members = {f.key: f for f in kind.joint if f.group == name}
            results += [_tests(members[key], tests, row["joint", members[key].name]) for key, tests in value.items()]
        else:
            results.append(_tests(kind.joint_by_name[name], value, row["joint", name]))
    return _all(results)


def _time(value: Any) -> Any:
    if isinstance(value, list):
        return [_time(v) for v in value]
    return value if isinstance(value, bool) else value.replace("Z", ".000000Z")


def _side(kind: Kind, where: Mapping[str, Any], row: Row) -> bool | None:
    results: list[bool | None] = []
    for name, value in where.items():
        if name in ("and", "or", "not"):
            results.append(_logic(name, value, lambda inner: _side(kind, inner, row)))
        else:
            results.append(_tests(kind.side_by_name[name], value, row["mine", name]))
    return _all(results)


def _logic(name: str, value: Any, read: Any) -> bool | None:
    if name == "not":
        inner = read(value)
        return None if inner is None else not inner
    found = [read(inner) for inner in value]
    return _all(found) if name == "and" else _any(found)


def _all(results: list[bool | None]) -> bool | None:
    return False if False in results else None if None in results else True


def _any(results: list[bool | None]) -> bool | None:
    return True if True in results else None if None in results else False


def _tests(field: Field, tests: Mapping[str, Any], cells: tuple[Any, ...]) -> bool | None:
    results = []
    for op, given in tests.items():
        value = given
        if op != "isNull" and field.type.base in (Base.MONEY, Base.DATETIME, Base.TEXT) and not field.type.many:
            one = [flatten(field, parse(field.type, v, ())) for v in (given if isinstance(given, list) else [given])]
            value = one if field.type.base is Base.MONEY else [v[0] for v in one]
            value = value if isinstance(given, list) else value[0]
        money = field.type.base is Base.MONEY
        results.append((_money if money else _plain)(op, cells, value))
    return _all(results)


def _money(op: str, cells: tuple[Any, ...], value: Any) -> bool | None:
    """Money is compared within its currency; of another currency it is another value, neither more nor less."""
    if op == "isNull":
        return (cells[0] is None) is value
    if cells[0] is None:
        return None
    if op == "in":
        return any(cells == v for v in value)
    if op == "between":
        return _all([_money("gte", cells, value[0]), _money("lte", cells, value[1])])
    if op in ("eq", "ne"):
        return (cells == value) is (op == "eq")
    return cells[1] == value[1] and bool(_plain(op, (cells[0],), value[0]))


def _plain(op: str, cells: tuple[Any, ...], value: Any) -> bool | None:
    (cell,) = cells
    if op == "isNull":
        return (cell is None) is value
    if cell is None:
        return None
    match op:
        case "eq":
            return bool(cell == value)
        case "ne":
            return bool(cell != value)
        case "in":
            return cell in value
        case "lt":
            return bool(cell < value)
        case "lte":
            return bool(cell <= value)
        case "gt":
            return bool(cell > value)
        case "gte":
            return bool(cell >= value)
        case "between":
            return bool(value[0] <= cell <= value[1])
        case "contains":
            return value.lower() in cell.lower()
        case "startsWith":
            return bool(cell.lower().startswith(value.lower()))
        case "has":
            return value in json.loads(cell)
        case "any":
            return any(v in json.loads(cell) for v in value)
        case "all":
            return all(v in json.loads(cell) for v in value)
    raise AssertionError(op)


def ordered(kind: Kind, order: list[Mapping[str, Any]], found: list[Row]) -> list[Row]:
    """The rows in order: null first, ties by id whatever the direction."""

    def compare(a: Row, b: Row) -> int:
        for key in order:
            sign = -1 if key["direction"] == "DESC" else 1
            for x, y in zip(_key(kind, key, a), _key(kind, key, b), strict=True):
                if x != y:
                    less = x is None or (y is not None and x < y)
                    return -sign if less else sign
        return -1 if a["id"] < b["id"] else 1

    return sorted(found, key=functools.cmp_to_key(compare))


def _key(kind: Kind, key: Mapping[str, Any], row: Row) -> tuple[Any, ...]:
    if "mine" in key:
        return tuple(row["mine", sortable(kind.side)[key["mine"]].name])
    if key["field"] in ("CREATED_AT", "UPDATED_AT"):
        return (row["createdAt" if key["field"] == "CREATED_AT" else "updatedAt"],)
    return tuple(row["joint", sortable(kind.joint)[key["field"]].name])
