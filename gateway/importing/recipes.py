"""Recipes: how the value of one field is made of a row. `mapping_file.py` reads them, `cook` follows them.

The result is JSON-like input for `schema.values.parse_field`, except for people and companies, which are not
known by id yet: they are `PersonNamed` and `CompanyNamed`, and `actors.py` finds or makes them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeAlias

from gateway.importing.paths import Scope
from gateway.importing.templates import Template, as_text, render
from schema.errors import BadInput
from schema.field import Base, FieldType

_WHOLE = re.compile(r"[+-]?\d{1,19}", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d{1,300}(\.\d{1,300})?([eE][+-]?\d{1,3})?", re.ASCII)
_TRUTH = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Plain:
    """A plain value: the first of `templates` that finds something, split at `split`, corrected by `alias`, looked
    up in `map` (where there is one; `otherwise` holds what stands for all that it lacks), read by `format`."""

    type: FieldType
    templates: tuple[Template, ...]
    map: Mapping[str, Any] | None = None
    otherwise: tuple[Any, ...] = ()
    format: str | None = None
    split: str | None = None
    alias: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Composite:
    """Money or a struct: a recipe for each given member. Empty where all its references find nothing, so that a
    constant currency alone is no money."""

    type: FieldType
    members: tuple[tuple[str, Plain], ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """A list, element by element; empty elements are left out."""

    elements: "tuple[Recipe, ...]"


@dataclass(frozen=True, slots=True)
class PersonRecipe:
    """Somebody of the side's company: by e-mail address, or by a name from which one is made."""

    name: Plain
    email: Plain | None


@dataclass(frozen=True, slots=True)
class CompanyRecipe:
    """A company by its name."""

    name: Plain


Recipe: TypeAlias = Plain | Composite | Listed | PersonRecipe | CompanyRecipe


@dataclass(frozen=True, slots=True)
class PersonNamed:
    """A person as the source names them; `email` None where the source knows none."""

    name: str
    email: str | None


@dataclass(frozen=True, slots=True)
class CompanyNamed:
    """A company as the source names it."""

    name: str


def cook(recipe: Recipe, scope: Scope) -> Any:
    """The input for one field, None where the row holds nothing. Raises BadInput, whose `field` leads inside."""
    if isinstance(recipe, Plain):
        return _plain(recipe, scope)
    if isinstance(recipe, Composite):
        return _composite(recipe, scope)
    if isinstance(recipe, Listed):
        found = [cook(element, scope) for element in recipe.elements]
        return [value for value in found if value is not None] or None
    name = _plain(recipe.name, scope)
    if isinstance(recipe, CompanyRecipe):
        many = recipe.name.type.many and isinstance(name, list)
        return [CompanyNamed(each) for each in name] if many else None if name is None else CompanyNamed(name)
    return None if name is None else PersonNamed(name, _plain(recipe.email, scope) if recipe.email else None)


def _composite(recipe: Composite, scope: Scope) -> dict[str, Any] | None:
    found: dict[str, Any] = {}
    for name, member in recipe.members:
        try:
            found[name] = _plain(member, scope)
        except BadInput as error:
            raise BadInput(error.message, field=(name, *error.field)) from None
    told = [found[name] for name, member in recipe.members if any(t.references for t in member.templates)]
    return None if told and all(value is None for value in told) else found


def _plain(recipe: Plain, scope: Scope) -> Any:
    value = next((v for template in recipe.templates if (v := render(template, scope)) is not None), None)
    if recipe.split is not None and isinstance(value, str):
        value = [part.strip() for part in value.split(recipe.split) if part.strip()] or None
    if recipe.type.many and isinstance(value, list):
        return [_converted(recipe, each) for each in value]
    return _converted(recipe, value)


def _converted(recipe: Plain, value: Any) -> Any:
    if recipe.alias is not None and value is not None:
        value = recipe.alias.get(as_text(value), value)
    if recipe.map is not None:
        key = "" if value is None else as_text(value)
        if key in recipe.map:
            return recipe.map[key]
        if value is None:
            return None
        if not recipe.otherwise:
            raise BadInput(f"{shown(value)} is not in the map.")
        return recipe.otherwise[0]
    if value is None:
        return None
    if recipe.format is not None:
        return _time(recipe.type, as_text(value), recipe.format)
    return _typed(recipe.type.base, value)


def _typed(base: Base, value: Any) -> Any:
    """The value as JSON would give it for this base type, unchanged where it cannot be: `parse` then says why."""
    if base is Base.INTEGER:
        text = as_text(value) if isinstance(value, str | Decimal) else ""
        whole = text.partition(".")[0] if isinstance(value, Decimal) and value == value.to_integral_value() else text
        return int(whole) if _WHOLE.fullmatch(whole) else value
    if base is Base.NUMBER:
        text = str(value) if isinstance(value, str | Decimal) else ""
        return float(text) if _NUMBER.fullmatch(text) else value
    if base is Base.BOOLEAN:
        return _TRUTH.get(value.lower(), value) if isinstance(value, str) else value
    return as_text(value) if isinstance(value, int | float | Decimal) else value


def _time(type_: FieldType, text: str, format_: str) -> str:
    """A date or time in our own form. A date is the day as written, wherever its offset lies; a time without an
    offset is taken to be UTC."""
    try:
        moment = datetime.strptime(text, format_)
        if type_.base is Base.DATE:
            return moment.date().isoformat()
        moment = moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadInput(f"{shown(text)} is not a time of the form {format_}.") from None
    return moment.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def shown(value: Any) -> str:
    """A value of the source as a refusal quotes it, in at most 60 characters of one line."""
    text = value if isinstance(value, str) else str(value)
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return f'"{text[:57]}..."' if len(text) > 60 else f'"{text}"'
