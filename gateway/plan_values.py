"""The values of a plan: a tree of batched steps, frozen. Compiled by `plan.py`, walked by `execute.py`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from graphql import FieldNode, GraphQLField

from schema.field import Field
from schema.source import Leaf, Step

Build: TypeAlias = Callable[[list[Any]], list[dict[str, Any]]]
"""Builds the answer of a whole level: one dict a parent, keys in response order, null where a step fills in."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What one fetch must bring: joint fields and side fields, each in order of declaration; whether the total,
    the visible time of change, and a side's stamps are read, and whether all custom fields of sides are. Where a step
    fetches records of several kinds, `kinds` has what each must bring, by type."""

    joint: tuple[Field, ...] = ()
    side: tuple[Field, ...] = ()
    total: bool = False
    updated: bool = False
    stamps: bool = False
    custom: bool = False
    kinds: tuple[tuple[str, "Needs"], ...] = ()

    def of(self, type_name: str) -> "Needs":
        """What is needed of objects of this type below."""
        return dict(self.kinds).get(type_name, self)


NOTHING = Needs()


@dataclass(frozen=True, slots=True)
class PlanLeaf:
    """A response key read off the parent. `below` are the members chosen of an object value: Money, a struct, a
    group; None for a scalar, empty where directives leave out all of them. `source` None is __typename, whose value
    is `type_name`, the parent's type."""

    key: str
    type_name: str
    source: Leaf | None
    below: tuple["PlanLeaf", ...] | None = None
    many: bool = False


@dataclass(frozen=True, slots=True)
class PlanSelection:
    """What is built of one object type: its keys in response order, as leaves or steps."""

    type_name: str
    entries: tuple["PlanLeaf | PlanStep", ...]
    build: Build = field(compare=False, repr=False)
    steps: tuple["PlanStep", ...] = field(init=False, compare=False, repr=False)
    """The entries that are steps."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "steps", tuple([e for e in self.entries if isinstance(e, PlanStep)]))


@dataclass(frozen=True, slots=True)
class PlanStep:
    """A batch step. `needs` are those of a step that fetches, by the type of its children. `many` tells a list;
    `required` that null must not stand here, `required_items` that it must not in the list."""

    key: str
    source: Step
    definition: GraphQLField = field(compare=False, repr=False)
    node: FieldNode = field(compare=False, repr=False)
    needs: tuple[tuple[str, Needs], ...]
    selections: tuple[PlanSelection, ...]
    many: bool
    required: bool
    required_items: bool
    constant: Callable[[], dict[str, Any]] | None = field(default=None, compare=False, repr=False)
    """Gives the coerced arguments, where no variable stands in them."""

    def needs_of(self, type_name: str) -> Needs:
        """What a fetch must bring for children of this type."""
        return dict(self.needs).get(type_name, NOTHING)


@dataclass(frozen=True, slots=True)
class Plan:
    """A compiled operation: "query", "mutation" or "subscription", and its root selection."""

    operation: str
    root: PlanSelection

    @property
    def size(self) -> int:
        """How many entries it has, on all levels."""
        return _size(self.root.entries)


def _size(entries: tuple[PlanLeaf | PlanStep, ...]) -> int:
    found = len(entries)
    for entry in entries:
        if isinstance(entry, PlanLeaf):
            found += _size(entry.below or ())
        else:
            found += sum(_size(selection.entries) for selection in entry.selections)
    return found
