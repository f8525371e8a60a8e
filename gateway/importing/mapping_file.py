"""Reads a mapping file: each mistake is one sentence with file and key (BadDeclaration).

1. the source and its lookups; 2. participants; 3. the fields of the record and its sides, against the kind;
4. what must not be missing. `docs/examples/README.md` describes every key.
"""

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from gateway.importing.mapping import Lookup, Mapping, Recipes, SourceForm
from gateway.importing.paths import Reference
from gateway.importing.recipe_file import RecipeReader
from gateway.importing.recipes import Recipe
from schema.declaration import Table
from schema.errors import BadDeclaration
from schema.field import Base, Field, FieldType
from schema.field_types import BASE_TYPES
from schema.kind import Catalog, Kind

_ITEMS = re.compile(r"\$((?:\.[^.\[\]^$]+|\[\*\])*)")
_ITEM_STEP = re.compile(r"\.([^.\[\]]+)|\[\*\]")
_NAME = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)
_NAME_RULE = "a name has small letters, digits and _"
_TEXT = BASE_TYPES["Text"]


def read_mapping(path: Path, catalog: Catalog) -> Mapping:
    """The mapping of this file. Raises BadDeclaration, which names the file by `path` as it is given."""
    table = _read(path)
    table.allow("kind", "source", "lookup", "participants", "joint", "side", "owner_side")
    kind = _kind(table, catalog)
    form = _form(table.table("source"))
    reader = RecipeReader(form.format)
    lookups = tuple(_lookup(name, each, reader) for name, each in table.table("lookup").tables())
    newest_type = FieldType("DateTime", Base.DATETIME)
    source = table.table("source")
    newest = reader.plain(source, "newest", newest_type) if "newest" in source.keys else None
    each, alias = _participants(table.table("participants"), form, reader)
    company = reader.plain(table.table("participants"), "company", _TEXT)
    joint = _fields(table.table("joint"), kind, kind.joint_by_name, reader)
    side = _fields(table.table("side"), kind, kind.side_by_name, reader)
    owner_side = _fields(table.table("owner_side"), kind, kind.side_by_name, reader)
    _require(table, "joint", kind.joint, joint)
    _require(table, "side", kind.side, side)
    if kind.natural_key not in [field.name for field, _ in side]:
        why = "is needed: it is the natural key, by which an import finds the record again"
        table.refuse(why, "side", str(kind.natural_key))
    references = tuple(reader.found)
    return Mapping(table.source, kind, form, lookups, each, alias, company, joint, side, owner_side, newest, references)


def _read(path: Path) -> Table:
    try:
        return Table(str(path), (), tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise BadDeclaration(f"{path}: this is not a readable TOML file: {why}.") from error


def _kind(table: Table, catalog: Catalog) -> Kind:
    name = table.text("kind")
    kind = catalog.by_name.get(name)
    if kind is None:
        table.refuse(f'there is no kind "{name}"', "kind")
    if kind.natural_key is None:
        table.refuse("this kind has no natural key, by which an import could find a record again", "kind")
    return kind


def _form(table: Table) -> SourceForm:
    table.allow("format", "file", "encoding", "delimiter", "items", "newest")
    format_ = table.text("format")
    csv = format_ == "csv"
    if not csv and format_ != "json":
        table.refuse('must be "csv" or "json"', "format")
    if csv and "items" in table.keys:
        table.refuse("only JSON has a path to its items", "items")
    if not csv and "delimiter" in table.keys:
        table.refuse("only CSV has one", "delimiter")
    encoding = table.optional_text("encoding") or "utf-8-sig"
    try:
        "x".encode(encoding)
    except LookupError:
        table.refuse("there is no such encoding", "encoding")
    delimiter = table.keys.get("delimiter", ",")
    if not isinstance(delimiter, str) or len(delimiter) != 1 or delimiter in '"\r\n':
        table.refuse("must be one sign", "delimiter")
    file = _file(table, "file") if "file" in table.keys else None
    known: Literal["csv", "json"] = "csv" if csv else "json"
    return SourceForm(known, file, encoding, delimiter, () if csv else _items(table))


def _items(table: Table) -> tuple[str | None, ...]:
    match = _ITEMS.fullmatch(table.text("items"))
    if not match or not match[1].endswith("[*]"):
        table.refuse('must be a path like "$[*].awards[*]", which ends in [*]', "items")
    return tuple(step[1] for step in _ITEM_STEP.finditer(match[1]))


def _file(table: Table, key: str) -> str:
    name = table.text(key)
    if Path(name).is_absolute() or ".." in Path(name).parts:
        table.refuse("must be a file in the source's own folder", key)
    return name


def _lookup(name: str, table: Table, reader: RecipeReader) -> Lookup:
    table.allow("file", "key", "by", "optional")
    if not _NAME.fullmatch(name):
        table.refuse(_NAME_RULE)
    by = reader.plain(table, "by", _TEXT)
    reader.roots.add(name)  # only now: a lookup may stand on those before it
    return Lookup(name, _file(table, "file"), table.text("key"), by, table.truth("optional"))


def _participants(table: Table, form: SourceForm, reader: RecipeReader) -> tuple[Reference | None, str | None]:
    table.allow("each", "as", "company")
    if "each" not in table.keys:
        if "as" in table.keys:
            table.refuse('stands only beside "each"', "as")
        return None, None
    if form.format != "json":
        table.refuse("only a JSON item has a list of participants", "each")
    each = reader.reference(table, "each", table.text("each"))
    alias = table.matching("as", _NAME, _NAME_RULE)
    if alias in reader.roots:
        table.refuse("a lookup has this name", "as")
    reader.roots.add(alias)
    return each, alias


def _fields(table: Table, kind: Kind, known: dict[str, Field], reader: RecipeReader) -> Recipes:
    found: list[tuple[Field, Recipe]] = []
    for name in table.keys:
        field = known.get(name)
        if field is None:
            table.refuse(f'the kind "{kind.name}" has no such field', name)
        if field.history_of is not None:
            table.refuse("the gateway keeps this field itself", name)
        found.append((field, reader.recipe(table, name, field.type)))
    return tuple(found)


def _require(table: Table, part: str, fields: Sequence[Field], mapped: Sequence[tuple[Field, Any]]) -> None:
    names = [field.name for field, _ in mapped]
    for field in fields:
        if field.required and field.name not in names:
            table.refuse("is needed: the kind requires this field", part, field.name)
