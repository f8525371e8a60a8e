"""The catalog: all kinds, picklists and structs, read from TOML declarations.

1. read every file of every folder;
2. picklists, then structs, which use picklists, then kinds, which use both and each other;
3. checks across files: names that two declarations take;
4. the digest.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from schema.declaration import Table, read_table
from schema.errors import BadDeclaration
from schema.field import Base, Field, FieldType
from schema.field_types import BASE_TYPES, Types, read_struct
from schema.kind import Catalog, Kind
from schema.kind_file import kind_name, read_kind
from schema.reserved import OPTION, PREFIXES, QUERIES, TYPE_NAME, TYPE_RULE, TYPES

OWN = Path(__file__).parent


def load_catalog(folders: Sequence[Path] | None = None) -> Catalog:
    """The catalog of the package's own declarations and, on top, those of `folders`.

    A folder holds kinds as `*.toml` or `kinds/*.toml` (one kind a file), picklists as `picklists/*.toml` and
    structs as `structs/*.toml` (tables by name). Raises BadDeclaration: one sentence with file and key.
    """
    places = [OWN, *(folders or ())]
    for place in places:
        if not place.is_dir():
            raise BadDeclaration(f"{place.name}: there is no such folder.")
    kind_tables = _read_files(places, "*.toml", "kinds/*.toml")
    picklists = [_read_picklist(name, t) for name, t in _named(_read_files(places, "picklists/*.toml"))]
    known = {**BASE_TYPES, **{type_.name: type_ for _, type_, _ in picklists}}
    structs: list[tuple[Table, FieldType]] = []
    docs = {type_.name: table.text("doc") for table, type_, _ in picklists}
    for name, table in _named(_read_files(places, "structs/*.toml")):
        struct, member_docs = read_struct(name, table, Types(known))
        structs.append((table, struct))
        docs[name] = table.text("doc")
        docs.update({f"{name}.{member}": doc for member, doc in member_docs.items()})
    known.update({struct.name: struct for _, struct in structs})
    names = [kind_name(table) for table in kind_tables]
    known.update({name: FieldType(name, Base.RECORD, target=name) for name in names})
    kinds = [(table, read_kind(table, Types(known))) for table in kind_tables]
    _check_names([(t, type_.name) for t, type_, _ in picklists] + [(t, s.name) for t, s in structs], kinds)
    return _seal(
        kinds=sorted((kind for _, kind in kinds), key=lambda kind: kind.name),
        picklists=sorted((type_.name, type_.options, labels) for _, type_, labels in picklists),
        structs=sorted(((struct.name, struct) for _, struct in structs), key=lambda pair: pair[0]),
        docs=docs,
    )


def _read_files(places: Sequence[Path], *patterns: str) -> list[Table]:
    paths = [path for place in places for pattern in patterns for path in sorted(place.glob(pattern))]
    return [read_table(path) for path in paths]


def _named(files: Iterable[Table]) -> list[tuple[str, Table]]:
    """The tables of all files by name; refuses a name that is not a type's, or that comes twice."""
    found: dict[str, Table] = {}
    for file in files:
        for name, table in file.tables():
            if not TYPE_NAME.fullmatch(name):
                table.refuse(TYPE_RULE)
            if name in found:
                table.refuse(f"this name is taken by {found[name].source}")
            found[name] = table
    return list(found.items())


def _read_picklist(name: str, table: Table) -> tuple[Table, FieldType, tuple[str, ...]]:
    """One picklist: its table, its type and the labels of its values."""
    table.text("doc")
    options = tuple(key for key in table.keys if key != "doc")
    if not options:
        table.refuse("a picklist needs values")
    for option in options:
        if not OPTION.fullmatch(option):
            table.refuse("a value is written in UPPER_SNAKE letters", option)
    return table, FieldType(name, Base.PICKLIST, options=options), tuple(table.text(option) for option in options)


def _check_names(named: Iterable[tuple[Table, str]], kinds: Sequence[tuple[Table, Kind]]) -> None:
    """Refuses what two declarations, or one and the core of the GraphQL schema, would call by one name."""
    types = {**dict.fromkeys(TYPES, "the core schema"), **dict.fromkeys(BASE_TYPES, "the core schema")}
    queries = dict.fromkeys(QUERIES, "the core schema")
    prefixes = dict.fromkeys(PREFIXES, "the core schema")
    groups: dict[str, tuple[str, list[tuple[str | None, FieldType]]]] = {}
    for table, name in named:
        _take(types, table, name)
    for table, kind in kinds:
        _take(types, table, kind.type_name, "type")
        _take(queries, table, kind.name, "kind")
        _take(queries, table, kind.plural, "plural")
        _take(queries, table, f"{kind.name}Groups", "kind")
        _take(prefixes, table, kind.prefix, "prefix")
    for table, kind in kinds:
        for name, fields in _groups(kind).items():
            shape = [(field.key, field.type) for field in fields]
            type_name = name[0].upper() + name[1:]
            if name not in groups:
                _take(types, table, type_name, "joint", fields[0].name, "group")
                groups[name] = (table.source, shape)
            elif groups[name][1] != shape:
                why = f'the group "{name}" must have the same keys and types as in {groups[name][0]}'
                table.refuse(why, "joint", fields[0].name, "group")


def _take(taken: dict[str, str], table: Table, name: str, *path: str) -> None:
    if name in taken:
        table.refuse(f'the name "{name}" is taken by {taken[name]}', *path)
    taken[name] = table.source


def _groups(kind: Kind) -> dict[str, list[Field]]:
    groups: dict[str, list[Field]] = {}
    for field in kind.joint:
        if field.group is not None:
            groups.setdefault(field.group, []).append(field)
    return groups


def _seal(
    kinds: Iterable[Kind],
    picklists: Iterable[tuple[str, tuple[str, ...], tuple[str, ...]]],
    structs: Iterable[tuple[str, FieldType]],
    docs: dict[str, str],
) -> Catalog:
    """The catalog with the digest of its content, which does not depend on the order of files."""
    picklists = tuple(picklists)
    catalog = Catalog(
        kinds=tuple(kinds),
        picklists=tuple((name, options) for name, options, _ in picklists),
        structs=tuple(structs),
        digest="",
        docs=tuple(sorted(docs.items())),
        labels=tuple((name, labels) for name, _, labels in picklists),
    )
    text = json.dumps(asdict(catalog), sort_keys=True, ensure_ascii=False, default=_base_name)
    return replace(catalog, digest=hashlib.sha256(text.encode()).hexdigest())


def _base_name(base: Base) -> str:
    """Bases are the only values of a catalog that JSON does not know."""
    return base.value
