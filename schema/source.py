"""Where the value of a GraphQL field comes from, as data that travels with the field.

A `Leaf` is read off the parent object; a `Step` is resolved by a batch function of the gateway, named here and
bound there, for all parents of a level at once.
"""

from dataclasses import dataclass
from typing import TypeAlias

from schema.field import Field


@dataclass(frozen=True, slots=True)
class Column:
    """The value of a declared field of the record or side, under its mask bit."""

    field: Field


@dataclass(frozen=True, slots=True)
class Group:
    """An object of several joint fields, e.g. `customer`; its members are Columns of the same parent."""

    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Builtin:
    """An attribute that the parent object carries itself, e.g. "id", "role", "updatedAt"."""

    name: str


@dataclass(frozen=True, slots=True)
class Key:
    """A member of a value object (Money, a struct): the parent is a plain dict."""

    name: str


@dataclass(frozen=True, slots=True)
class Step:
    """A batch step: `name` names the gateway's batch function; `kind` the kind it is about, `field` the declared
    field that holds the link, where the step needs one."""

    name: str
    kind: str | None = None
    field: Field | None = None


Leaf: TypeAlias = Column | Group | Builtin | Key
Source: TypeAlias = Leaf | Step
