"""Reads one kind from its declaration.

1. the head: names, prefix, doc, title, natural key;
2. the fields of both parts, in order of declaration;
3. what refers to fields: title, natural key, histories, groups, columns;
4. the lifecycles.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from schema.declaration import Table
from schema.field import Base, Field, FieldType, Part
from schema.field_types import Types
from schema.kind import Kind, Lifecycle
from schema.reserved import FIELD_NAME, FIELD_RULE, JOINT_FIELDS, KIND_NAME, PREFIX, SIDE_FIELDS, TYPE_NAME, TYPE_RULE

_USUAL: Mapping[Part, Literal["private", "participants", "invited"]] = {"joint": "participants", "side": "private"}
_OTHER: Mapping[Part, Literal["private", "participants", "invited"]] = {"joint": "invited", "side": "participants"}


def read_kind(table: Table, types: Types) -> Kind:
    """The kind that one file declares. Raises BadDeclaration."""
    table.allow("kind", "plural", "type", "prefix", "doc", "title", "natural_key", "joint", "side", "lifecycle")
    title = table.text("title")
    kind = Kind(
        name=kind_name(table),
        plural=table.matching("plural", KIND_NAME, "must be a camelCase name"),
        type_name=table.matching("type", TYPE_NAME, TYPE_RULE),
        prefix=table.matching("prefix", PREFIX, "must be 2 to 8 lower-case letters"),
        doc=table.text("doc"),
        title=title,
        joint=_read_part(table.table("joint"), "joint", JOINT_FIELDS - ({title} & {"name"}), types),
        side=_read_part(table.table("side"), "side", SIDE_FIELDS, types),
        natural_key=table.optional_text("natural_key"),
    )
    _check_title(table, kind)
    _check_natural_key(table, kind)
    lifecycles = tuple(_read_lifecycle(name, moves, kind) for name, moves in table.table("lifecycle").tables())
    return replace(kind, lifecycles=lifecycles)


def kind_name(table: Table) -> str:
    """The name of the kind, read ahead of the rest, so that other kinds may link to it."""
    return table.matching("kind", KIND_NAME, "must be a camelCase name")


def _read_part(table: Table, part: Part, reserved: frozenset[str], types: Types) -> tuple[Field, ...]:
    fields = []
    for index, (name, keys) in enumerate(table.tables(), start=1):
        if not FIELD_NAME.fullmatch(name):
            keys.refuse(FIELD_RULE)
        if name in reserved:
            keys.refuse("this name is reserved")
        fields.append(_read_field(name, part, index, keys, types))
    _check_groups(table, fields, reserved)
    _check_columns(table, fields)
    _check_histories(table, {field.name: field for field in fields})
    return tuple(fields)


def _read_field(name: str, part: Part, index: int, table: Table, types: Types) -> Field:
    table.allow("type", "doc", "audience", "required", "group", "history_of", "max_length")
    group, key = _read_group(part, table)
    return Field(
        name=name,
        part=part,
        type=types.read(table),
        doc=table.text("doc"),
        index=index,
        audience=_read_audience(part, table),
        required=table.truth("required"),
        group=group,
        key=key,
        history_of=table.optional_text("history_of"),
    )


def _read_audience(part: Part, table: Table) -> Literal["private", "participants", "invited"]:
    written = table.optional_text("audience")
    if written is None:
        return _USUAL[part]
    if written == _USUAL[part]:
        table.refuse("this is the default, leave it out", "audience")
    if written != _OTHER[part]:
        table.refuse(f'must be "{_OTHER[part]}", or be left out', "audience")
    return _OTHER[part]


def _read_group(part: Part, table: Table) -> tuple[str | None, str | None]:
    written = table.optional_text("group")
    if written is None:
        return None, None
    if part == "side":
        table.refuse("only joint fields stand in groups", "group")
    group, _, key = written.partition(".")
    if not FIELD_NAME.fullmatch(group) or not FIELD_NAME.fullmatch(key):
        table.refuse('must be two names, as in "customer.industry"', "group")
    return group, key


def _check_groups(table: Table, fields: list[Field], reserved: frozenset[str]) -> None:
    names = {field.name for field in fields}
    seen: set[tuple[str, str]] = set()
    for field in fields:
        if field.group is None:
            continue
        if field.group in names or field.group in reserved:
            table.refuse("a group may not be named like a field", field.name, "group")
        key = field.key or ""
        if field.group + key[:1].upper() + key[1:] in names - {field.name}:
            table.refuse("a field has this name without the dot, and both would be sorted by it", field.name, "group")
        if (field.group, key) in seen:
            table.refuse("another field has this place in the group", field.name, "group")
        seen.add((field.group, key))


def _check_columns(table: Table, fields: list[Field]) -> None:
    """Two fields may not share a column: money brings `<name>_minor` and `<name>_currency`."""
    seen: set[str] = set()
    for field in fields:
        if not seen.isdisjoint(field.columns):
            table.refuse("another field has a column of this name", field.name)
        seen.update(field.columns)


def _check_histories(table: Table, fields: Mapping[str, Field]) -> None:
    for field in fields.values():
        if field.history_of is None:
            continue
        watched = fields.get(field.history_of)
        if watched is None or watched is field:
            table.refuse("there is no such field to watch", field.name, "history_of")
        if not _records(field.type, watched.type):
            table.refuse("must be a list of structs {at: DateTime, value} of the watched type", field.name, "type")


def _records(history: FieldType, watched: FieldType) -> bool:
    bases = {name: member.base for name, member in history.members}
    return history.many and not watched.many and bases == {"at": Base.DATETIME, "value": watched.base}


def _check_title(table: Table, kind: Kind) -> None:
    """Everybody who may know of a record reads its title, which is why it is required and shown to invitees."""
    field = kind.joint_by_name.get(kind.title)
    if (
        field is None
        or not field.required
        or field.audience != "invited"
        or field.group is not None
        or field.type.base is not Base.TEXT
        or field.type.many
    ):
        table.refuse('must name a required joint field of type Text with the audience "invited"', "title")


def _check_natural_key(table: Table, kind: Kind) -> None:
    if kind.natural_key is None:
        return
    field = kind.side_by_name.get(kind.natural_key)
    if field is None or field.type.many or not (field.type.base is Base.TEXT or field.type.required):
        table.refuse("must name a side field: a text, or a struct with required members", "natural_key")


def _read_lifecycle(name: str, table: Table, kind: Kind) -> Lifecycle:
    table.allow("part", "initial", "moves")
    part = table.optional_text("part") or "side"
    if part not in ("side", "joint") or table.keys.get("part") == "side":
        table.refuse('must be "joint", or be left out', "part")
    field = {f.name: f for f in kind.fields(part)}.get(name)
    if field is None or field.type.base is not Base.PICKLIST or field.type.many:
        table.refuse(f"there is no {part} field of this name with a picklist")
    initial = table.optional_text("initial")
    if initial is not None and initial not in field.type.options:
        table.refuse(f"this is not a value of {field.type.name}", "initial")
    moves = table.table("moves")
    if not moves.keys:
        table.refuse("a lifecycle needs moves", "moves")
    read = []
    for source in moves.keys:
        targets = moves.texts(source)
        for value in (source, *targets):
            if value not in field.type.options:
                moves.refuse(f'"{value}" is not a value of {field.type.name}', source)
        if source in targets:
            moves.refuse("staying is always allowed, leave it out", source)
        read.append((source, targets))
    return Lifecycle(name, part, initial, tuple(read))
