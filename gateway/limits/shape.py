"""How large a document is once its fragments are flattened, in time linear in its text.

1. Each fragment is measured once; a spread adds its fragment's measure. A cycle counts as nothing here: validation,
   which comes later, refuses it.
2. The measures of the document are those of its largest operation, since the walk comes before one is chosen.

Introspection is left out of depth, which its own standard query exceeds; graphql-core bounds its cycles, and height
counts it. Rows depth, height, aliases, root fields, directives and long list inputs of limits.md. No mutation is
auth-like yet; one that takes a secret would be bound to one alias.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
)

from gateway.limits.body import ListTooLong
from gateway.limits.table import Limits
from schema.errors import Refusal

_INTROSPECTION = frozenset({"__schema", "__type"})


class TooDeep(Refusal):
    """The document is nested too deeply."""

    code = "DEPTH"


class TooHigh(Refusal):
    """The document selects too many fields."""

    code = "HEIGHT"


class TooManyAliases(Refusal):
    """The document has too many aliases."""

    code = "ALIASES"


class TooManyRoots(Refusal):
    """The operation has too many root fields."""

    code = "ROOT_FIELDS"


class TooManyDirectives(Refusal):
    """The document has too many directives."""

    code = "DIRECTIVES"


@dataclass(frozen=True, slots=True)
class Shape:
    """Measures of one selection set, flattened. `roots` are the fields of its first level."""

    depth: int = 0
    height: int = 0
    aliases: int = 0
    directives: int = 0
    roots: int = 0

    CAP: ClassVar[int] = 1 << 20  # sums stop here, so that a bomb of fragments makes no huge numbers

    def beside(self, other: "Shape") -> "Shape":
        """Both in one selection set."""
        return Shape(
            max(self.depth, other.depth),
            min(self.height + other.height, self.CAP),
            min(self.aliases + other.aliases, self.CAP),
            min(self.directives + other.directives, self.CAP),
            min(self.roots + other.roots, self.CAP),
        )


def check_shape(document: DocumentNode, limits: Limits) -> None:
    """Raises TooDeep, TooHigh, TooManyAliases, TooManyRoots, TooManyDirectives or ListTooLong."""
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    measure = _Measure(fragments, limits.list_items)
    for definition in document.definitions:
        if not isinstance(definition, OperationDefinitionNode):
            continue
        try:
            shape = measure.selections(definition.selection_set)
        except RecursionError:  # a chain of many fragments, each nested in the next
            raise TooDeep from None
        declared = definition.variable_definitions or ()
        measure.values([node.default_value for node in declared])
        directives = shape.directives + len(definition.directives or ())
        directives += sum([len(node.directives or ()) for node in declared])
        query = definition.operation is OperationType.QUERY
        for refusal, found, most in (
            (TooDeep, shape.depth, limits.depth),
            (TooHigh, shape.height, limits.height),
            (TooManyAliases, shape.aliases, limits.aliases),
            (TooManyRoots, shape.roots, limits.query_roots if query else limits.mutation_roots),
            (TooManyDirectives, directives, limits.directives),
        ):
            if found > most:
                raise refusal


class _Measure:
    def __init__(self, fragments: Mapping[str, FragmentDefinitionNode], most_items: int) -> None:
        self._fragments = fragments
        self._most_items = most_items
        self._known: dict[str, Shape] = {}

    def selections(self, selection_set: SelectionSetNode | None) -> Shape:
        """The measures of a selection set."""
        found = Shape()
        for node in selection_set.selections if selection_set else ():
            found = found.beside(self._one(node))
        return found

    def values(self, values: Iterable[object]) -> None:
        """Raises ListTooLong for a list anywhere in these literals."""
        waiting = list(values)
        while waiting:
            value = waiting.pop()
            if isinstance(value, ListValueNode):
                if len(value.values) > self._most_items:
                    raise ListTooLong
                waiting += value.values
            elif isinstance(value, ObjectValueNode):
                waiting += [field.value for field in value.fields]

    def _one(self, node: object) -> Shape:
        directives = len(getattr(node, "directives", None) or ())
        if isinstance(node, FieldNode):
            self.values([argument.value for argument in node.arguments or ()])
            below = self.selections(node.selection_set)
            depth = 1 if node.name.value in _INTROSPECTION else below.depth + 1
            return Shape(depth, below.height + 1, below.aliases + bool(node.alias), below.directives + directives, 1)
        if isinstance(node, FragmentSpreadNode):
            return self._fragment(node.name.value).beside(Shape(directives=directives))
        inner = self.selections(getattr(node, "selection_set", None))
        return inner.beside(Shape(directives=directives))

    def _fragment(self, name: str) -> Shape:
        known = self._known.get(name)
        if known is None:
            self._known[name] = Shape()  # met again below itself: a cycle
            fragment = self._fragments.get(name)
            if fragment is not None:
                directives = Shape(directives=len(fragment.directives or ()))
                self._known[name] = self.selections(fragment.selection_set).beside(directives)
            known = self._known[name]
        return known
