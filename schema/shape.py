"""The GraphQL schema as plain values: what `shapes_out.py` and `shapes_in.py` derive from a catalog and
`sdl.py` hands to Strawberry. Types of fields are written as in SDL, e.g. "[Participant!]!"."""

from dataclasses import dataclass

from schema.source import Source

MISSING = object()


@dataclass(frozen=True, slots=True)
class ArgumentShape:
    """An argument of a field. `default` is a plain value or MISSING."""

    name: str
    type: str
    doc: str = ""
    default: object = MISSING


@dataclass(frozen=True, slots=True)
class FieldShape:
    """A field of an object or interface and the source of its value."""

    name: str
    type: str
    doc: str
    source: Source
    arguments: tuple[ArgumentShape, ...] = ()


@dataclass(frozen=True, slots=True)
class ObjectShape:
    """An object type, or an interface. An object repeats the fields of its interfaces."""

    name: str
    doc: str
    fields: tuple[FieldShape, ...]
    interfaces: tuple[str, ...] = ()
    interface: bool = False


@dataclass(frozen=True, slots=True)
class InputField:
    """A field of an input object. `default` is a GraphQL enum value's name or MISSING."""

    name: str
    type: str
    doc: str = ""
    default: object = MISSING


@dataclass(frozen=True, slots=True)
class InputShape:
    """An input object type."""

    name: str
    doc: str
    fields: tuple[InputField, ...]


@dataclass(frozen=True, slots=True)
class EnumShape:
    """An enumeration; each value's name is also its stored value."""

    name: str
    doc: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shapes:
    """A whole schema. The root types are the objects named Query and Mutation."""

    objects: tuple[ObjectShape, ...]
    inputs: tuple[InputShape, ...]
    enums: tuple[EnumShape, ...]
