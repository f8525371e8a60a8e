"""Reads recipes: what a mapping writes behind the name of a field, checked against the field's type."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Literal

from gateway.importing.paths import Reference, parse_column, parse_path
from gateway.importing.recipes import CompanyRecipe, Composite, Listed, PersonRecipe, Plain, Recipe
from gateway.importing.templates import Template, parse_template
from schema.codes import MINOR_DIGITS
from schema.declaration import Table
from schema.errors import BadInput
from schema.field import Base, FieldType
from schema.field_types import BASE_TYPES
from schema.values import parse

_TEXT = BASE_TYPES["Text"]
_EMAIL = BASE_TYPES["Email"]
_FORMATTED = {Base.DATE, Base.DATETIME}
_SAMPLE = datetime(2026, 1, 2, 3, 4, 5, 678901, UTC)
_PLAIN_KEYS = ("value", "first", "map", "otherwise", "format", "split", "alias")
_CURRENCY = FieldType("Currency", Base.PICKLIST, options=tuple(MINOR_DIGITS))
_MONEY = (("amount", FieldType("Amount", Base.TEXT)), ("currency", _CURRENCY))


class RecipeReader:
    """Reads the recipes of one mapping. `roots` are the names that references may begin with so far; `found`
    collects every reference with the key that holds it."""

    def __init__(self, format_: Literal["csv", "json"]) -> None:
        self.roots: set[str] = set()
        self.found: list[tuple[Reference, str]] = []
        self._parse = parse_column if format_ == "csv" else parse_path

    def reference(self, table: Table, key: str, text: str) -> Reference:
        """One reference that stands under `key`. Raises BadDeclaration."""
        try:
            reference = self._parse(text, self.roots)
        except ValueError as error:
            table.refuse(str(error), key)
        self.found.append((reference, ".".join((*table.path, key))))
        return reference

    def recipe(self, table: Table, key: str, type_: FieldType) -> Recipe:
        """The recipe under `key` for a value of this type. Raises BadDeclaration."""
        written = table.keys[key]
        if type_.base is Base.RECORD:
            table.refuse("a link to another record cannot be imported", key)
        if type_.many and isinstance(written, list):
            places = Table(table.source, (*table.path, key), {str(i): item for i, item in enumerate(written)})
            single = replace(type_, many=False)
            return Listed(tuple(self.recipe(places, index, single) for index in places.keys))
        if type_.base is Base.PERSON:
            return self._person(table, key, type_)
        if type_.base is Base.COMPANY:
            return CompanyRecipe(self.plain(table, key, replace(_TEXT, many=type_.many)))
        if type_.base in (Base.MONEY, Base.STRUCT):
            if type_.many:
                table.refuse("must be a list of tables", key)
            return self._composite(table, key, type_)
        return self.plain(table, key, type_)

    def _person(self, table: Table, key: str, type_: FieldType) -> Recipe:
        if type_.many:
            table.refuse("must be a list", key)
        if not isinstance(table.keys[key], dict):
            return PersonRecipe(self.plain(table, key, _TEXT), None)
        inner = table.table(key)
        inner.allow("name", "email")
        email = self.plain(inner, "email", _EMAIL) if "email" in inner.keys else None
        return PersonRecipe(self.plain(inner, "name", _TEXT), email)

    def _composite(self, table: Table, key: str, type_: FieldType) -> Composite:
        inner = table.table(key)
        money = type_.base is Base.MONEY
        members = dict(_MONEY if money else type_.members)
        inner.allow(*members)
        for name in tuple(members) if money else type_.required:
            if name not in inner.keys:
                inner.refuse("is needed", name)
        for name in inner.keys:
            if members[name].base is Base.MONEY:
                inner.refuse("money inside an object cannot be imported", name)
        return Composite(type_, tuple((name, self.plain(inner, name, members[name])) for name in inner.keys))

    def plain(self, table: Table, key: str, type_: FieldType) -> Plain:
        """A plain value: a template, a constant, or a table of `value` or `first` and what is done with it."""
        written = table.keys.get(key)
        if not isinstance(written, dict):
            template = self._template(table, key, written, type_, lasting=True)
            return Plain(type_, (template,))
        inner = table.table(key)
        inner.allow(*_PLAIN_KEYS)
        if ("value" in inner.keys) is ("first" in inner.keys):
            inner.refuse('needs either "value" or "first"')
        lasting = "map" not in inner.keys and "format" not in inner.keys and "split" not in inner.keys
        if "first" in inner.keys:
            texts = inner.texts("first")
            templates = tuple(self._template(inner, "first", text, type_, lasting=lasting) for text in texts)
        else:
            templates = (self._template(inner, "value", inner.keys["value"], type_, lasting=lasting),)
        map_, otherwise = self._map(inner, type_)
        format_, split = self._format(inner, type_), self._split(inner, type_)
        return Plain(type_, templates, map_, otherwise, format_, split, self._alias(inner))

    def _template(self, table: Table, key: str, written: object, type_: FieldType, *, lasting: bool) -> Template:
        """`lasting` tells that the text stays as it is, so that a constant can be checked at once."""
        if isinstance(written, bool | int | float):
            template = Template((written,))
        elif isinstance(written, str) and written.strip():
            try:
                template = parse_template(written, lambda text: self.reference(table, key, text))
            except ValueError as error:
                table.refuse(str(error), key)
        else:
            table.refuse("must be a text, a number, true or false, or a table", key)
        if lasting and not template.references:
            _check(table, key, type_, template.parts[0])
        return template

    def _map(self, table: Table, type_: FieldType) -> tuple[Mapping[str, Any] | None, tuple[Any, ...]]:
        if "map" not in table.keys:
            if "otherwise" in table.keys:
                table.refuse('stands only beside "map"', "otherwise")
            return None, ()
        inner = table.table("map")
        map_ = {key: _target(inner, key, type_) for key in inner.keys}
        return map_, (_target(table, "otherwise", type_),) if "otherwise" in table.keys else ()

    def _alias(self, table: Table) -> Mapping[str, str] | None:
        if "alias" not in table.keys:
            return None
        inner = table.table("alias")
        return {key: inner.text(key) for key in inner.keys}

    def _format(self, table: Table, type_: FieldType) -> str | None:
        if "format" not in table.keys:
            return None
        if type_.base not in _FORMATTED:
            table.refuse("only a date or time has one", "format")
        format_ = table.text("format")
        try:
            datetime.strptime(_SAMPLE.strftime(format_), format_)
        except (ValueError, re.error):
            table.refuse("must be a form like %d/%m/%Y", "format")
        return format_

    def _split(self, table: Table, type_: FieldType) -> str | None:
        if "split" not in table.keys:
            return None
        if not type_.many:
            table.refuse("only a list is split", "split")
        split = table.keys["split"]
        if not isinstance(split, str) or not split:
            table.refuse("must be a text", "split")
        return split


def _target(table: Table, key: str, type_: FieldType) -> Any:
    """A value that a map leads to; "" leaves the field empty."""
    value = table.keys[key]
    if value == "":
        return None
    _check(table, key, type_, value)
    return value


def _check(table: Table, key: str, type_: FieldType, value: object) -> None:
    """Refuses a constant that the field's type does not take."""
    try:
        parse(replace(type_, many=False), value, ())
    except BadInput as error:
        table.refuse(error.message.rstrip("."), key)
