"""From a row to what it asks for: stored values of the record and of each participant's side.

1. join the lookups; 2. find the participants; 3. cook and check each field; 4. take the natural keys. Whatever
is wrong is one BadInput that names the field, and quotes what the row holds there.
"""

from collections.abc import Iterator, Sequence
from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass
from typing import Any

from gateway.importing.lookups import LookupTable
from gateway.importing.mapping import Mapping, Recipes
from gateway.importing.paths import Scope, follow
from gateway.importing.recipes import CompanyNamed, PersonNamed, Recipe, cook, shown
from gateway.importing.sources import Row
from schema.errors import BadInput
from schema.field import Field
from schema.field_types import BASE_TYPES
from schema.values import natural_key, parse, parse_field

_TEXT = BASE_TYPES["Text"]
_EMAIL = BASE_TYPES["Email"]


@dataclass(frozen=True, slots=True)
class PlannedSide:
    """One participant: its company's name, the stored values of its side (people and companies still by name),
    and its natural key."""

    company: str
    values: ReadOnly[str, Any]
    key: str


@dataclass(frozen=True, slots=True)
class PlannedRecord:
    """What one row asks for. The first side is the owner's; no company comes twice. `newest` is
    the time that tells which of two rows counts, "" where there is none."""

    line: int
    joint: ReadOnly[str, Any]
    sides: tuple[PlannedSide, ...]
    newest: str


def plan_row(mapping: Mapping, tables: Sequence[LookupTable], row: Row) -> PlannedRecord:
    """What the row asks for. Raises BadInput with a whole sentence, ready to be shown."""
    named: dict[str, Any] = {}
    scope = Scope(row.item, row.parents, named)
    for table in tables:
        named[table.lookup.name] = table.row(scope)
    newest = ""
    if mapping.newest is not None:
        given = _checked("source.newest", cook, mapping.newest, scope)
        newest = _checked("source.newest", parse, mapping.newest.type, given, ()) or ""
    joint = dict(_values("joint", mapping.joint, scope))
    sides: dict[str, PlannedSide] = {}
    for participant in _participants(mapping, scope):
        side = _side(mapping, participant, owner=not sides)
        sides.setdefault(side.company, side)
    if not sides:
        raise BadInput("participants: there are none.")
    return PlannedRecord(row.line, joint, tuple(sides.values()), newest)


def _participants(mapping: Mapping, scope: Scope) -> Iterator[Scope]:
    if mapping.each is None or mapping.alias is None:
        yield scope
        return
    found = follow(mapping.each, scope)
    if not isinstance(found, list | None):
        raise BadInput("participants.each: a list is expected.")
    for each in found or ():
        yield Scope(scope.item, scope.parents, {**scope.named, mapping.alias: each})


def _side(mapping: Mapping, scope: Scope, *, owner: bool) -> PlannedSide:
    company = _checked("participants.company", cook, mapping.company, scope)
    if company is None:
        raise BadInput("participants.company: a company has no name.")
    company = _checked("participants.company", parse, _TEXT, company, ())
    values = dict(_values("side", mapping.side, scope))
    if owner:
        values.update(_values("owner_side", mapping.owner_side, scope))
    key = natural_key(mapping.kind, values)
    if not key:
        raise BadInput(f"side.{mapping.kind.natural_key}: the natural key is empty.")
    return PlannedSide(company, values, key)


def _values(part: str, recipes: Recipes, scope: Scope) -> Iterator[tuple[str, Any]]:
    for field, recipe in recipes:
        yield field.name, _value(part, field, recipe, scope)


def _value(part: str, field: Field, recipe: Recipe, scope: Scope) -> Any:
    place = f"{part}.{field.name}"
    given = _checked(place, cook, recipe, scope)
    if _is_actor(given):
        return _checked(place, _actor, given)
    try:
        return parse_field(field, given, ())
    except BadInput as error:
        found = _dig(given, error.field)
        quoted = "" if found is None else f" The row has {shown(found)}."
        raise BadInput(f"{'.'.join((place, *error.field))}: {error.message}{quoted}") from None


def _checked(place: str, work: Any, *arguments: Any) -> Any:
    try:
        return work(*arguments)
    except BadInput as error:
        raise BadInput(f"{'.'.join((place, *error.field))}: {error.message}") from None


def _is_actor(given: Any) -> bool:
    first = given[0] if isinstance(given, list) and given else given
    return isinstance(first, PersonNamed | CompanyNamed)


def _actor(given: Any) -> Any:
    if isinstance(given, list):
        return tuple(_actor(each) for each in given)
    name = parse(_TEXT, given.name, ("name",))
    if isinstance(given, CompanyNamed):
        return CompanyNamed(name)
    return PersonNamed(name, parse(_EMAIL, given.email, ("email",)))


def _dig(given: Any, path: tuple[str, ...]) -> Any:
    """What stands at the place that a refusal names, None where that is nothing plain."""
    for key in path:
        if isinstance(given, dict):
            given = given.get(key)
        elif isinstance(given, list | tuple) and key.isdigit() and int(key) < len(given):
            given = given[int(key)]
        else:
            return None
    return None if isinstance(given, dict | list | tuple) else given
