"""A filter of people by what their company says of them, in the language of `where`.

What is kept of it is its canonical JSON; what it means is a `Where` over the columns `id`, `roles` and
`attribute.<name>`. Who does not have an attribute has null there, so that just `isNull` matches.
"""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from schema.given import Given, given, refuse
from schema.matching import both, either, matches, negate
from schema.names import PERSON_PREFIX, PersonId, prefix_of
from schema.person_attributes import LONGEST_VALUE, NAME, NAME_RULE
from schema.values import canonical_json
from schema.viewer import Viewer
from schema.where import ALWAYS, NEVER, Comparison, Op, Where

MOST_TESTS = 50
"""Values that one filter compares with."""
_DEEPEST = 8
_NO_CONDITION = "Leave out what is not to be tested; `isNull` tests for no value."


def read_people(value: object, path: tuple[str, ...] = ("people",)) -> str:
    """The canonical JSON of a filter that somebody gives. Raises BadInput: what is wrong, and where."""
    tests = [0]
    found = _read(given(value, path), tests, _DEEPEST)
    if tests[0] > MOST_TESTS:
        refuse(path, f"This compares with more than {MOST_TESTS} values.")
    text = canonical_json(found)
    people_where(text)  # more than a filter may hold is refused here
    return text


@lru_cache(4_096)
def people_where(text: str) -> Where:
    """What the filter of this canonical JSON means."""
    return _where(json.loads(text))


def people_named(text: str) -> tuple[PersonId, ...]:
    """The people whom the filter of this canonical JSON names by id."""
    return tuple(dict.fromkeys(_named(json.loads(text))))


def is_met(where: Where, viewer: Viewer) -> bool:
    """Whether the filter matches this person of the company that wrote it."""
    row: dict[str, Any] = {"id": viewer.person, "roles": canonical_json(viewer.roles)}
    row |= {f"attribute.{name}": canonical_json(values) for name, values in viewer.attributes}
    columns = {test.column for tests in where.any_of for test in tests if isinstance(test, Comparison)}
    return matches(where, dict.fromkeys(columns) | row)


def _read(table: Given, tests: list[int], depth: int) -> dict[str, Any]:
    """The conditions of one object; `tests` counts the values."""
    if depth == 0:
        table.refuse(f"This filter is more than {_DEEPEST} objects deep.")
    table.allow("and", "or", "not", "id", "role", "attribute")
    found: dict[str, Any] = {}
    for key, value in table.keys.items():
        if value is None:
            table.refuse(_NO_CONDITION, key)
        inner = (*table.path, key)
        if key in ("and", "or"):
            found[key] = [_read(each, tests, depth - 1) for each in table.objects(key, MOST_TESTS)]
        elif key == "not":
            found[key] = _read(given(value, inner), tests, depth - 1)
        else:
            found[key] = _tests(given(value, inner), key, tests)
    return found


def _tests(table: Given, of: str, tests: list[int]) -> dict[str, Any]:
    named = ("name",) if of == "attribute" else ()
    table.allow(*named, "eq", "ne", "in", "isNull")
    found: dict[str, Any] = {}
    if named:
        found["name"] = table.matching("name", NAME, NAME_RULE)
    for op, value in table.keys.items():
        if value is None:
            table.refuse(_NO_CONDITION, op)
        if op == "isNull":
            found[op] = table.truth(op)
        elif op == "in":
            items = table.items(op, MOST_TESTS)
            found[op] = [_value(table, of, item, op, str(place)) for place, item in enumerate(items)]
            tests[0] += len(items)
        elif op != "name":
            found[op] = _value(table, of, value, op)
            tests[0] += 1
    if found.keys() == set(named):
        table.refuse("Say what is tested: eq, ne, in or isNull.")
    return found


def _value(table: Given, of: str, value: object, *place: str) -> str:
    text = given({place[-1]: value}, (*table.path, *place[:-1])).text(place[-1], LONGEST_VALUE)
    if of == "id" and prefix_of(text) != PERSON_PREFIX:
        table.refuse("This is not the id of a person.", *place)
    return text


def _where(said: Mapping[str, Any]) -> Where:
    found = ALWAYS
    for key, value in said.items():
        if key == "not":
            part = negate(_where(value))
        elif key in ("and", "or"):
            part = (both if key == "and" else either)(*map(_where, value))
        else:
            part = _condition(key, value)
        found = both(found, part)
    return found


def _condition(of: str, tests: Mapping[str, Any]) -> Where:
    """The tests of the id, of which there is one, of the roles, or of an attribute, of which there may be several."""
    column = {"id": "id", "role": "roles"}.get(of) or f"attribute.{tests['name']}"
    ops: Mapping[str, Op] = {"eq": "eq", "ne": "ne"} if of == "id" else {"eq": "has", "ne": "lacks"}
    found = ALWAYS
    for op, value in tests.items():
        if op == "isNull":
            found = both(found, _one(column, "null", value))
        elif op == "in":
            found = both(found, either(NEVER, *(_one(column, ops["eq"], each) for each in value)))
        elif op in ops:
            found = both(found, _one(column, ops[op], value))
    return found


def _one(column: str, op: Op, value: Any) -> Where:
    return Where(((Comparison(column, op, value),),))


def _named(said: Mapping[str, Any]) -> Sequence[PersonId]:
    found: list[PersonId] = []
    for key, value in said.items():
        if key in ("and", "or"):
            found += [each for inner in value for each in _named(inner)]
        elif key == "not":
            found += _named(value)
        elif key == "id":
            found += [PersonId(each) for op in ("eq", "ne") if (each := value.get(op))]
            found += map(PersonId, value.get("in", ()))
    return found
