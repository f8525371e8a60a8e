"""What a viewer may see, in plain Python: rows projected from the seeds first, then filtered and sorted.

Written from the rules of the product, not from the code: an accepted company sees all joint fields and its whole
side, an invited one the joint fields for invitees; who hides private fields sees of its own side those shared
with somebody; of a partner's side an accepted company sees what is shared with all, with it or with its person.
Hidden is null, and a side that is not there has no row.
"""

import functools
import json
from collections.abc import Mapping
from typing import Any, TypeAlias

from schema.field import Base, Field
from schema.kind import Kind
from schema.queryable import sortable
from schema.sharing import NO_OVERRIDES, Audience
from schema.values import flatten, parse
from tests.gateway.people import PEOPLE, company, person
from tests.gateway.world import Seed, World

Row: TypeAlias = dict[str | tuple[str, str], Any]
"""`id` and other builtins by name; the columns of a field under ("joint" or "mine", its name)."""


def rows(world: World, kind: Kind, viewer: str) -> list[Row]:
    """The records of a kind that exist for a person, each field's columns as it may know them."""
    found = [row for seed in world.seeds.values() if seed.kind is kind and (row := _row(seed, viewer))]
    return sorted(found, key=lambda row: row["id"])


def _row(seed: Seed, viewer: str) -> Row | None:
    home, _, hides, _ = PEOPLE[viewer]
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
    row["participants"] = _participants(seed, home, role, status)
    others = [p for p in row["participants"] if status == p["status"] == "ACCEPTED" and p["name"] != home]
    row["partners"] = [_partner(seed, p["name"], viewer) for p in others]
    return row


def _participants(seed: Seed, home: str, role: str, status: str) -> list[Row]:
    """Those that the viewer's company may know of."""
    inside = ["ACCEPTED", "INVITED"]
    if status == "ACCEPTED" and role in ("OWNER", "COLLABORATOR"):
        inside += ["DECLINED", "WITHDRAWN"]
    return [
        {"name": name, "company": company(name), "role": its_role, "status": its_status}
        for name, (its_role, its_status) in seed.standing.items()
        if name == home
        or (status == "ACCEPTED" and its_status in inside)
        or (status == "INVITED" and (its_role, its_status) == ("OWNER", "ACCEPTED"))
    ]


def _partner(seed: Seed, name: str, viewer: str) -> Row:
    """A partner's side, as far as it is shared."""
    sharing, side = seed.sharing.get(name, NO_OVERRIDES), seed.sides.get(name, {})
    row: Row = {"company": company(name)}
    for field in seed.kind.side:
        seen = _shared_with(sharing.audience(seed.kind, field.name), viewer)
        row["mine", field.name] = flatten(field, side.get(field.name) if seen else None)
    return row


def _shared_with(audience: Audience, viewer: str) -> bool:
    named = company(PEOPLE[viewer][0]) in audience.companies or person(viewer) in audience.people
    return audience.kind == "participants" or (audience.kind == "selected" and named)


def hidden_cells(seed: Seed, viewer: str) -> list[tuple[str, Field]]:
    """What a person may not see of a record: (company's name, or "joint", and field), for those that have a side."""
    home, _, hides, _ = PEOPLE[viewer]
    _, status = seed.standing.get(home, ("", ""))
    found = [("joint", f) for f in seed.kind.joint if status != "ACCEPTED" and (not status or f.audience != "invited")]
    for owner in seed.sides:
        sharing = seed.sharing.get(owner, NO_OVERRIDES)
        for field in seed.kind.side:
            audience = sharing.audience(seed.kind, field.name)
            seen = not hides or audience.kind != "private"
            if owner != home:
                seen = seed.standing[owner][1] == "ACCEPTED" and _shared_with(audience, viewer)
            if status != "ACCEPTED" or not seen:
                found.append((owner, field))
    return found


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
        elif name in ("partners", "participants"):
            results += [_quantified(kind, name, q, inner, row[name]) for q, inner in value.items()]
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
        elif name in ("company", "role", "status") and name in row:  # of a partner's side, or of a participant
            results += [_plain(op, (row[name],), v) for op, v in value.items()]
        else:
            results.append(_tests(kind.side_by_name[name], value, row["mine", name]))
    return _all(results)


def _quantified(kind: Kind, relation: str, quantifier: str, where: Mapping[str, Any], found: list[Row]) -> bool:
    """A row matches where the filter is true of it; so the quantifiers themselves are never unknown."""
    true = [_side(kind, where, row) is True for row in found]
    return {"some": any(true), "none": not any(true), "every": all(true)}[quantifier]


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
    """What a sort key reads of a row; money by its currency first."""
    if "partners" in key:
        field = sortable(kind.side)[key["partners"]]
        cells = [tuple(reversed(partner["mine", field.name])) for partner in row["partners"]]
        values = [cell for cell in cells if None not in cell]
        best = min if key.get("aggregate") == "MIN" else max
        return best(values, default=(None,) * len(field.columns))
    if "mine" in key:
        return tuple(reversed(row["mine", sortable(kind.side)[key["mine"]].name]))
    if key["field"] in ("CREATED_AT", "UPDATED_AT"):
        return (row["createdAt" if key["field"] == "CREATED_AT" else "updatedAt"],)
    return tuple(reversed(row["joint", sortable(kind.joint)[key["field"]].name]))
