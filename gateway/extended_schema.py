"""The schema of a caller whose company has custom fields: the base schema, with the types that differ made anew.

1. Which types differ: those whose shape changed, and every type that comes to one of them, for a type object names
   the types of its fields. An interface differs with those that implement it, and the other way round.
2. Those are made straight from their shapes, by graphql-core: a few milliseconds, where Strawberry takes a hundred.
   All others (scalars, most enumerations and filters) are the very objects of the base schema, so a hundred schemas
   cost little more memory than what is different in them.

A test holds a schema that is made anew as a whole equal to Strawberry's, in print.
"""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    Undefined,
)

from schema.shape import MISSING, EnumShape, FieldShape, InputShape, ObjectShape, Shapes

_Shape = EnumShape | InputShape | ObjectShape


def extended_schema(base: GraphQLSchema, of_base: Shapes, shapes: Shapes) -> tuple[GraphQLSchema, frozenset[str]]:
    """The schema of these shapes, and the names of the types that were made anew. `base` is the schema of `of_base`;
    its types are taken where they do not differ."""
    before, now = _by_name(of_base), _by_name(shapes)
    anew = _differing(before, now)
    return _Maker(base, now, anew).schema(), anew


def whole_schema(base: GraphQLSchema, shapes: Shapes) -> GraphQLSchema:
    """The same with every type but scalars made anew."""
    now = _by_name(shapes)
    return _Maker(base, now, frozenset(now)).schema()


def _by_name(shapes: Shapes) -> dict[str, _Shape]:
    every: tuple[_Shape, ...] = (*shapes.enums, *shapes.inputs, *shapes.objects)
    return {shape.name: shape for shape in every}


def _named(type_: str) -> str:
    return type_.strip("[]!")


def _types_named_by(shape: _Shape) -> Iterable[str]:
    """The names of the types that a shape names."""
    if isinstance(shape, InputShape):
        yield from (_named(field.type) for field in shape.fields)
    elif isinstance(shape, ObjectShape):
        yield from shape.interfaces
        for field in shape.fields:
            yield _named(field.type)
            yield from (_named(argument.type) for argument in field.arguments)


def _differing(before: Mapping[str, _Shape], now: Mapping[str, _Shape]) -> frozenset[str]:
    found = {name for name, shape in now.items() if before.get(name) != shape}
    leading: dict[str, list[str]] = {}
    for name, shape in now.items():
        for other in _types_named_by(shape):
            leading.setdefault(other, []).append(name)
        for interface in shape.interfaces if isinstance(shape, ObjectShape) else ():
            leading.setdefault(name, []).append(interface)
    waiting = list(found)
    while waiting:
        for name in leading.get(waiting.pop(), ()):
            if name not in found:
                found.add(name)
                waiting.append(name)
    return frozenset(found)


class _Maker:
    def __init__(self, base: GraphQLSchema, shapes: Mapping[str, _Shape], anew: frozenset[str]) -> None:
        self._base = base
        self._shapes = shapes
        self._types: dict[str, GraphQLNamedType] = {
            name: type_ for name, type_ in base.type_map.items() if name not in anew
        }
        for name in anew:
            self._types[name] = self._made(shapes[name])

    def schema(self) -> GraphQLSchema:
        objects = [shape for shape in self._shapes.values() if isinstance(shape, ObjectShape)]
        return GraphQLSchema(
            query=self._types["Query"],  # type: ignore[arg-type] # shapes say that it is an object
            mutation=self._types["Mutation"],  # type: ignore[arg-type] # shapes say that it is an object
            types=[self._types[shape.name] for shape in objects if not shape.interface],
            directives=self._base.directives,
        )

    def _made(self, shape: _Shape) -> GraphQLNamedType:
        if isinstance(shape, EnumShape):
            return GraphQLEnumType(shape.name, {value: value for value in shape.values}, description=shape.doc)
        if isinstance(shape, InputShape):
            return GraphQLInputObjectType(shape.name, partial(self._inputs, shape), description=shape.doc)
        of = GraphQLInterfaceType if shape.interface else GraphQLObjectType
        interfaces: Any = partial(self._interfaces, shape)
        return of(shape.name, partial(self._fields, shape), interfaces, description=shape.doc)

    def _interfaces(self, shape: ObjectShape) -> list[GraphQLNamedType]:
        return [self._types[name] for name in reversed(shape.interfaces)]  # the order in which Strawberry prints them

    def _fields(self, shape: ObjectShape) -> dict[str, GraphQLField]:
        return {field.name: self._field(field) for field in shape.fields}

    def _field(self, field: FieldShape) -> GraphQLField:
        arguments = {
            a.name: GraphQLArgument(
                self._type(a.type),
                default_value=Undefined if a.default is MISSING else a.default,
                description=a.doc or None,
            )
            for a in field.arguments
        }
        extensions = {"source": field.source}
        return GraphQLField(self._type(field.type), arguments, description=field.doc or None, extensions=extensions)

    def _inputs(self, shape: InputShape) -> dict[str, GraphQLInputField]:
        return {
            field.name: GraphQLInputField(
                self._type(field.type),
                default_value=Undefined if field.default is MISSING else field.default,
                description=field.doc or None,
            )
            for field in shape.fields
        }

    def _type(self, text: str) -> Any:
        if text.endswith("!"):
            return GraphQLNonNull(self._type(text[:-1]))
        if text.startswith("["):
            return GraphQLList(self._type(text[1:-1]))
        return self._types[text]
