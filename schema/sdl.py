"""Shapes to Strawberry: the only file of this room that knows it.

1. Enums, inputs and objects become Strawberry types in one namespace, in which annotations look each other up.
2. Each field carries its `Source` in its metadata, for the gateway's planner (`source_of`).
3. `strawberry.Schema` (or a subclass that the gateway gives) is built over them.
"""

import re
from enum import Enum
from keyword import iskeyword
from typing import Any, TypeVar

import strawberry
from graphql import GraphQLField
from strawberry.annotation import StrawberryAnnotation
from strawberry.schema.config import StrawberryConfig
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from schema.kind import Catalog
from schema.shape import MISSING, EnumShape, FieldShape, InputShape, ObjectShape, Shapes
from schema.shapes_access_policies import ACCESS_ENUMS
from schema.shapes_history import HISTORY_ENUMS
from schema.shapes_in import enum_shapes, input_shapes, mutation_shapes
from schema.shapes_out import BUILTIN_ENUMS, output_shapes
from schema.shapes_previews import preview_objects
from schema.shapes_query import query_shape
from schema.shapes_search import kind_enum
from schema.shapes_sharing_rules import RULE_ENUMS
from schema.shapes_templates import TEMPLATE_ENUMS
from schema.source import Source

S = TypeVar("S", bound=strawberry.Schema)

_SCALARS = {
    "ID": strawberry.ID,
    "String": str,
    "Int": int,
    "Float": float,
    "Boolean": bool,
}
_CUSTOM = {
    "Date": "ISO 8601 date, `YYYY-MM-DD`.",
    "DateTime": "ISO 8601 date and time in UTC, `YYYY-MM-DDTHH:MM:SS.ffffffZ`.",
    "Decimal": "Decimal number as a string, e.g. `1250.00`.",
}


def derive(catalog: Catalog) -> Shapes:
    """The whole schema of a catalog, as plain values."""
    outputs = output_shapes(catalog)
    previews = preview_objects(catalog, outputs)
    return Shapes(
        (*outputs, *previews, query_shape(catalog), *mutation_shapes(catalog)),
        input_shapes(catalog),
        (
            *(*BUILTIN_ENUMS, *TEMPLATE_ENUMS, *RULE_ENUMS, *ACCESS_ENUMS, *HISTORY_ENUMS),
            kind_enum(catalog),
            *enum_shapes(catalog),
        ),
    )


def source_of(field: GraphQLField) -> Source | None:
    """The Source that a field of the built schema carries, by itself or in Strawberry's definition; None for
    introspection's own."""
    plain: Source | None = field.extensions.get("source")
    if plain is not None:
        return plain
    definition = field.extensions.get("strawberry-definition")
    found: Source | None = definition.metadata.get("source") if definition else None
    return found


def build(catalog: Catalog, schema_class: type[S]) -> S:
    """The executable schema of a catalog. Raises ValueError where the derived types contradict each other."""
    shapes = derive(catalog)
    namespace: dict[str, Any] = dict(_SCALARS)
    scalars: dict[object, Any] = {}
    for name, doc in _CUSTOM.items():
        marker = type(name, (str,), {})
        namespace[name] = marker
        scalars[marker] = strawberry.scalar(name=name, description=doc, serialize=str, parse_value=_text)
    namespace["JSON"] = type("JSON", (str,), {})
    scalars[namespace["JSON"]] = strawberry.scalar(name="JSON", description="A JSON value.")
    for enum in shapes.enums:
        namespace[enum.name] = _enum(enum)
    for shape in shapes.inputs:
        namespace[shape.name] = _input(shape, namespace)
    for shape_ in (*(s for s in shapes.objects if s.interface), *(s for s in shapes.objects if not s.interface)):
        namespace[shape_.name] = _object(shape_, namespace)
    return schema_class(
        query=namespace["Query"],
        mutation=namespace["Mutation"],
        types=[namespace[s.name] for s in shapes.objects if not s.interface],
        config=StrawberryConfig(auto_camel_case=False, disable_field_suggestions=True, scalar_map=scalars),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("must be a string")
    return value


def _annotation(text: str, namespace: dict[str, Any]) -> StrawberryAnnotation:
    """An SDL type as a Python annotation: "[Participant!]!" -> list[Participant]."""
    nullable = not text.endswith("!")
    inner = text.removesuffix("!")
    python = f"list[{_python(inner[1:-1])}]" if inner.startswith("[") else _name(inner)
    return StrawberryAnnotation(f"{python} | None" if nullable else python, namespace=namespace)


def _python(text: str) -> str:
    name = _name(text.removesuffix("!"))
    return name if text.endswith("!") else f"{name} | None"


def _name(text: str) -> str:
    if not re.fullmatch(r"\w+", text, re.ASCII):
        raise ValueError(f"not a type that can be derived: {text!r}")
    return text


def _enum(shape: EnumShape) -> Any:
    return strawberry.enum(Enum(shape.name, {v: v for v in shape.values}), name=shape.name, description=shape.doc)  # type: ignore[call-overload] # members are data


def _class(name: str, fields: dict[str, StrawberryField], bases: tuple[type, ...] = ()) -> type:
    return type(name, bases, {**fields, "__annotations__": dict.fromkeys(fields, object), "__module__": __name__})


def _retyped(cls: type, annotations: dict[str, StrawberryAnnotation]) -> type:
    """Gives each own field its annotation back, which dataclasses replaced by the class's `object`."""
    for field in cls.__strawberry_definition__.fields:  # type: ignore[attr-defined] # Strawberry put it there
        field.type_annotation = annotations[field.python_name]
    return cls


def _input(shape: InputShape, namespace: dict[str, Any]) -> type:
    fields = {}
    for f in shape.fields:
        default = strawberry.UNSET if f.default is MISSING else namespace[f.type.removesuffix("!")][f.default]
        fields[f.name + "_"] = StrawberryField(
            python_name=f.name + "_",  # `in`, `and`, `not` are no Python names
            graphql_name=f.name,
            description=f.doc or None,
            default=default,
        )
    cls = strawberry.input(_class(shape.name, fields), name=shape.name, description=shape.doc)
    return _retyped(cls, {f.name + "_": _annotation(f.type, namespace) for f in shape.fields})


def _object(shape: ObjectShape, namespace: dict[str, Any]) -> type:
    fields = {_attribute(f.name): _field(f, namespace) for f in shape.fields}
    bases = tuple(namespace[name] for name in reversed(shape.interfaces))
    if "Record" in shape.interfaces:
        bases = (namespace["Record"],)  # itself a Node
    cls = _class(shape.name, fields, bases)
    decorate = strawberry.interface if shape.interface else strawberry.type
    decorate(cls, name=shape.name, description=shape.doc)
    return _retyped(cls, {_attribute(f.name): _annotation(f.type, namespace) for f in shape.fields})


def _attribute(name: str) -> str:
    """The name of a field as Python takes it: `from` is a keyword."""
    return name + "_" if iskeyword(name) else name


def _field(shape: FieldShape, namespace: dict[str, Any]) -> StrawberryField:
    field = StrawberryField(
        python_name=_attribute(shape.name),
        graphql_name=shape.name,
        description=shape.doc or None,
        default=None,
        metadata={"source": shape.source},
    )
    field.arguments = [
        StrawberryArgument(
            a.name,
            a.name,
            _annotation(a.type, namespace),
            description=a.doc or None,
            default=strawberry.UNSET if a.default is MISSING else a.default,
        )
        for a in shape.arguments
    ]
    return field
