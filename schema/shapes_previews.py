"""The GraphQL types of previews: one's own records and sides as somebody else sees them.

They are derived from the types of records and sides, so whatever a kind declares is previewed. What is not the
company's own to show is left out: other sides, participants, and what only its own people read. Where a field names
other records, those are previews, too.
"""

from collections.abc import Iterator

from schema.kind import Catalog, Kind
from schema.shape import ArgumentShape, FieldShape, ObjectShape
from schema.shapes_connection import connection_objects
from schema.shapes_explain import READER
from schema.source import Builtin, Column, Group, Step

_BUILTINS = frozenset({"id", "name", "createdAt"})
_STEPS = frozenset({"recordOwner", "person", "company", "customFields"})


def preview_of(type_name: str) -> str:
    """The type that previews objects of this one."""
    return type_name + "Preview"


PREVIEW_ROOT = FieldShape(
    "previewAs",
    "Preview",
    "Your company's own records and sides as a partner sees them, or one of its people, by your company's rules; and "
    "of those what you may see yourself. Null where there is no such company or person.",
    Step("previewAs"),
    READER,
)


def preview_objects(catalog: Catalog, objects: tuple[ObjectShape, ...]) -> Iterator[ObjectShape]:
    """The previews of the kinds' types, which are among `objects`."""
    named = {shape.name: shape for shape in objects}
    roots = [
        FieldShape("company", "Company!", "With whose eyes this is seen.", Step("previewCompany")),
        FieldShape("person", "Person", "The person, where one was named.", Step("previewPerson")),
    ]
    groups: dict[str, ObjectShape] = {}
    for kind in catalog.kinds:
        roots += _roots(kind)
        record, side = named[kind.type_name], named[f"{kind.type_name}Side"]
        for field in record.fields:
            if isinstance(field.source, Group):
                shape = named[field.type]
                groups[shape.name] = _object(shape, shape.doc, _fields(shape))
        yield _object(
            record,
            f"A {kind.name} as somebody else sees it, without the sides of others.",
            (
                *_fields(record),
                FieldShape("status", "ParticipantStatus!", "How far they have come on it.", Builtin("status")),
                FieldShape(
                    "side",
                    preview_of(side.name),
                    "Your company's own side as they see it; null where they see none.",
                    Step("previewSide", kind.name),
                ),
            ),
        )
        yield _object(side, f"Your company's own side of {kind.noun}, as somebody else sees it.", _fields(side))
        yield from _pages(kind)
    yield from groups.values()
    yield ObjectShape("Preview", "What somebody else sees of your company's own.", tuple(roots))


def _object(of: ObjectShape, doc: str, fields: tuple[FieldShape, ...]) -> ObjectShape:
    return ObjectShape(preview_of(of.name), doc, fields)


def _fields(shape: ObjectShape) -> tuple[FieldShape, ...]:
    return tuple(found for field in shape.fields if (found := _field(field)) is not None)


def _field(field: FieldShape) -> FieldShape | None:
    """The field as a preview has it; None where it has none."""
    source = field.source
    if isinstance(source, Group):
        return FieldShape(field.name, preview_of(field.type), field.doc, source)
    if isinstance(source, Step) and source.name == "linked":
        target = field.type.strip("[]!")
        type_ = field.type.replace(target, preview_of(target))
        return FieldShape(field.name, type_, field.doc, Step("previewLinked", source.kind, source.field))
    if isinstance(source, Builtin):
        return field if source.name in _BUILTINS else None
    if isinstance(source, Step):
        return field if source.name in _STEPS else None
    return field if isinstance(source, Column) else None


def _roots(kind: Kind) -> Iterator[FieldShape]:
    name = preview_of(kind.type_name)
    doc = f"One {kind.name} by id; null where you or they take no part in it."
    yield FieldShape(kind.name, name, doc, Step("previewRecord", kind.name), (ArgumentShape("id", "ID!"),))
    yield FieldShape(
        kind.plural,
        f"{name}Connection!",
        f"The {kind.plural} in which you and they take part, filtered and sorted by what you see yourself. Give "
        "`first` or `last`, 1 to 100.",
        Step("previewPage", kind.name),
        (
            ArgumentShape("where", f"{kind.type_name}Where"),
            ArgumentShape("orderBy", f"[{kind.type_name}Order!]"),
            ArgumentShape("first", "Int"),
            ArgumentShape("after", "String"),
            ArgumentShape("last", "Int"),
            ArgumentShape("before", "String"),
        ),
    )


def _pages(kind: Kind) -> Iterator[ObjectShape]:
    name = preview_of(kind.type_name)
    yield from connection_objects(
        name,
        name,
        f"A page of {kind.plural} as somebody else sees them.",
        f"One of the {kind.plural} in a connection of previews.",
        kind=kind.name,
    )
