"""The model: what a query gives, computed from `project(state, viewer)` with no rights at all.

`listed` filters and sorts as a client asked, `searched` searches; `shown` is a record as `selection` asks for it. A
comparison with null is neither true nor false.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from schema.field import Base, Field, FieldType
from schema.kind import Catalog, Kind
from schema.money import Money
from schema.queryable import sortable
from schema.words import words
from tests.leaks.cells import given_as
from tests.leaks.project import Projected

_COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "lt": lambda a, b: a < b,
    "lte": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "gte": lambda a, b: a >= b,
}
_PLAIN = FieldType("Text", Base.TEXT)
_TEXT_WORDS = ("TEXT", "LONG_TEXT", "URL", "EMAIL", "PHONE")


def listed(
    known: Projected, kind: Kind, where: Mapping[str, Any] | None, orders: Iterable[Mapping[str, Any]]
) -> list[str]:
    """The ids of the records that match, in order."""
    rows = [r for r in known["records"].values() if r["kind"] == kind.name and _record(kind, where or {}, r) is True]
    rows.sort(key=lambda r: str(r["id"]))
    for order in reversed(list(orders)):
        rows.sort(key=lambda r: _key(kind, order, r), reverse=order.get("direction") == "DESC")
    return [str(r["id"]) for r in rows]


def searched(
    known: Projected, catalog: Catalog, text: str, kinds: Iterable[str] | None = None
) -> list[tuple[str, int]]:
    """The ids of the records that a search finds, of these kinds, and their scores, in order."""
    hits = []
    for row in known["records"].values():
        kind = catalog.by_name[row["kind"]]
        if kinds is None or kind.name in kinds:
            scores = [_best(word, _places(kind, row)) for word in words(text)]
            hits += [(row["id"], sum(scores), row["updated"])] if all(scores) else []
    hits.sort(key=lambda hit: hit[0])
    hits.sort(key=lambda hit: hit[1:], reverse=True)
    return [(id_, score) for id_, score, _ in hits]


def _places(kind: Kind, row: Projected) -> list[tuple[int, str]]:
    """Each text of a record that may be searched, with what a whole word counts there."""
    places = []
    for field in kind.joint:
        counts = 8 if field.name == kind.title else 6
        places += [(counts, text) for text in texts_of(field.type, row["joint"][field.name])]
    for counts, side in [(4, row["mine"])] * bool(row["mine"]) + [(2, side) for side in row["partners"]]:
        for field in kind.side:
            if field.custom is None:
                places += [(counts, text) for text in texts_of(field.type, side["values"][field.name])]
        places += [(counts, value) for _, _, word, value in side["custom"] if word in _TEXT_WORDS]
    return places


def _best(word: str, places: Iterable[tuple[int, str]]) -> int:
    """What a word counts: less by one where it is just a beginning, 0 where it is nowhere."""
    found = [(counts, each) for counts, text in places for each in words(text) if each.startswith(word)]
    return max((counts if each == word else counts - 1 for counts, each in found), default=0)


def texts_of(type_: FieldType, value: Any) -> list[str]:
    """The texts in a stored value: of a text, an address, a struct with such members, or a list of them."""
    if isinstance(value, tuple):
        return [text for item in value for text in texts_of(type_, item)]
    if value is not None and type_.base is Base.STRUCT:
        return [text for name, member in type_.members for text in texts_of(member, value.get(name))]
    return [value] if value is not None and type_.base in (Base.TEXT, Base.URL, Base.EMAIL) else []


def _all(found: Iterable[bool | None]) -> bool | None:
    results = list(found)
    return False if False in results else None if None in results else True


def _any(found: Iterable[bool | None]) -> bool | None:
    results = list(found)
    return True if True in results else None if None in results else False


def _not(found: bool | None) -> bool | None:
    return None if found is None else not found


def _logic(name: str, value: Any, read: Callable[[Any], bool | None]) -> bool | None:
    if name == "not":
        return _not(read(value))
    return (_all if name == "and" else _any)(read(each) for each in value)


def _record(kind: Kind, where: Mapping[str, Any], row: Projected) -> bool | None:
    results: list[bool | None] = []
    for name, value in where.items():
        if name in ("and", "or", "not"):
            results.append(_logic(name, value, lambda inner: _record(kind, inner, row)))
        elif name == "mine":
            results.append(_side(kind, value, row["mine"] or {"values": {}}))
        elif name == "partners":
            results.append(_quantified(value, row["partners"], lambda inner, side: _side(kind, inner, side)))
        elif name == "participants":
            results.append(_quantified(value, row["participants"], _participant))
        elif name == "myStatus":
            results.append(_tests(_PLAIN, value, row["status"]))
        elif any(f.group == name for f in kind.joint):
            members = {f.key: f for f in kind.joint if f.group == name}
            results += [_tests(members[k].type, t, row["joint"][members[k].name]) for k, t in value.items()]
        else:
            results.append(_tests(kind.joint_by_name[name].type, value, row["joint"][name]))
    return _all(results)


def _quantified(value: Mapping[str, Any], rows: Iterable[Any], read: Callable[[Any, Any], bool | None]) -> bool:
    """Rows match or do not: over them, unknown is no match."""
    matches = {name: [read(inner, row) is True for row in rows] for name, inner in value.items()}
    return all(all(f) if name == "every" else any(f) is (name == "some") for name, f in matches.items())


def _side(kind: Kind, where: Mapping[str, Any], side: Projected) -> bool | None:
    results: list[bool | None] = []
    for name, value in where.items():
        if name in ("and", "or", "not"):
            results.append(_logic(name, value, lambda inner: _side(kind, inner, side)))
        elif name == "company":
            results.append(_tests(_PLAIN, value, side["company"]))
        else:
            results.append(_tests(kind.side_by_name[name].type, value, side["values"].get(name)))
    return _all(results)


def _participant(where: Mapping[str, Any], row: tuple[Any, ...]) -> bool | None:
    return _all(_tests(_PLAIN, value, row[("company", "role", "status").index(name)]) for name, value in where.items())


def _tests(type_: FieldType, tests: Mapping[str, Any], stored: Any) -> bool | None:
    return _all(_test(type_, name, value, stored) for name, value in tests.items())


def _test(type_: FieldType, name: str, given: Any, stored: Any) -> bool | None:
    if name == "isNull":
        return (stored is None) is given
    if stored is None:
        return None
    if name in ("has", "any", "all"):
        found = [item in stored for item in (given if name != "has" else [given])]
        return all(found) if name == "all" else any(found)
    if name == "between":
        return _all((_test(type_, "gte", given[0], stored), _test(type_, "lte", given[1], stored)))
    if name in ("eq", "in"):
        return (given_as(stored) in given) if name == "in" else given_as(stored) == given
    if name == "ne":
        return bool(given_as(stored) != given)
    if name in ("contains", "startsWith"):
        text, part = str(stored).lower(), given.lower()
        return part in text if name == "contains" else text.startswith(part)
    if isinstance(stored, Money):  # compares within its currency alone
        same = stored.currency == given["currency"]
        return same and _COMPARED[name](float(given_as(stored)["amount"]), float(given["amount"]))
    return _COMPARED[name](stored, given)


def _key(kind: Kind, order: Mapping[str, Any], row: Projected) -> Any:
    field = order.get("field")
    if field in ("UPDATED_AT", "CREATED_AT"):
        return _rank(row["updated" if field == "UPDATED_AT" else "created"])
    if field:
        return _rank(row["joint"][sortable(kind.joint)[field].name])
    if "mine" in order:
        return _rank((row["mine"] or {"values": {}})["values"].get(sortable(kind.side)[order["mine"]].name))
    name = sortable(kind.side)[order["partners"]].name
    values = [v for side in row["partners"] if (v := side["values"][name]) is not None]
    best = min if order.get("aggregate") == "MIN" else max
    return best(map(_rank, values), default=_rank(None))


def _rank(value: Any) -> tuple[bool, Any]:
    """Null is the smallest; money sorts by its currency first."""
    if isinstance(value, Money):
        value = (value.currency, value.minor)
    return (value is not None, 0 if value is None else value)


def selection(kind: Kind, fields: Mapping[str, tuple[Field, ...]]) -> str:
    """What `shown` shows, as GraphQL asks for it."""
    joint = " ".join(f"{f.name}: {f.group} {{ {_asked(f, f.key)} }}" if f.group else _asked(f) for f in fields["joint"])
    side = " ".join(map(_asked, fields["side"]))
    return f"""{{ id createdAt updatedAt owner {{ id }} {joint} participants {{ company {{ id }} role status message }}
      mine {{ updatedAt {side} customFields {{ key label type value }} sharing {{ field audience {{ kind }} }} }}
      partners {{ company {{ id }} updatedAt version {side} customFields {{ key label type value }} }} }}"""


def _asked(field: Field, name: str | None = None) -> str:
    below = " ".join(key for key, _ in field.type.members)
    known = {Base.MONEY: "amount currency", Base.STRUCT: below}
    linked = "id" if field.type.base in (Base.COMPANY, Base.PERSON, Base.RECORD) else ""
    inner = known.get(field.type.base, linked)
    return f"{name or field.name} {{ {inner} }}" if inner else name or field.name


def shown(kind: Kind, row: Projected, fields: Mapping[str, tuple[Field, ...]]) -> dict[str, Any]:
    """A record as `selection` gives it."""
    found: dict[str, Any] = {"id": row["id"], "createdAt": row["created"], "updatedAt": row["updated"]}
    found["owner"] = {"id": row["owner"]}
    for field in fields["joint"]:
        value = _shown(field.type, row["joint"][field.name])
        found[field.name] = {field.key: value} if field.group else value
    found["participants"] = [
        {"company": {"id": c}, "role": role, "status": status, "message": message}
        for c, role, status, message in row["participants"]
    ]
    own = row["mine"]
    found["mine"] = own and {
        "updatedAt": own["updated"],
        **{f.name: _shown(f.type, own["values"][f.name]) for f in fields["side"]},
        "customFields": _custom(own),
        "sharing": [{"field": n, "audience": {"kind": a.kind.upper()}} for n, a in own["sharing"].items()],
    }
    found["partners"] = [
        {
            "company": {"id": side["company"]},
            "updatedAt": side["updated"],
            "version": None,
            **{f.name: _shown(f.type, side["values"][f.name]) for f in fields["side"]},
            "customFields": _custom(side),
        }
        for side in row["partners"]
    ]
    return found


def _custom(side: Projected) -> list[dict[str, Any]]:
    return [{"key": k, "label": label, "type": t, "value": given_as(v)} for k, label, t, v in side["custom"]]


def _shown(type_: FieldType, value: Any) -> Any:
    if value is None:
        return None
    if value == () and type_.base in (Base.COMPANY, Base.PERSON, Base.RECORD):
        return None  # a list of no links is shown as one never set
    if isinstance(value, tuple):
        return [_shown(type_, item) for item in value]
    if type_.base in (Base.COMPANY, Base.PERSON, Base.RECORD):
        return {"id": value}
    if type_.base is Base.STRUCT:
        return {name: value.get(name) for name, _ in type_.members}
    return given_as(value)
