"""Collects what a document selects into a tree that needs no document any more.

1. Fields of one response key are merged, across fragments and type conditions (GraphQL spec, CollectFields).
2. `@skip` and `@include` are decided by the boolean variables that the plan is compiled for.
3. A field whose type is abstract keeps one list of children for each object type that it may turn out to be.

The document has been validated against the schema before; nothing is checked again here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    InlineFragmentNode,
    NamedTypeNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_abstract_type,
    is_object_type,
)

from schema.sdl import source_of
from schema.source import Source

TYPENAME = "__typename"
INTROSPECTION = frozenset({"__schema", "__type"})


@dataclass(frozen=True, slots=True)
class Chosen:
    """One response key of one object type: what to read, and what to read below it, by object type."""

    key: str
    name: str
    definition: GraphQLField | None  # None for __typename
    node: FieldNode  # carries the arguments
    source: Source | None
    children: dict[str, list["Chosen"]] = field(default_factory=dict)

    @property
    def output(self) -> GraphQLOutputType | None:
        """The declared type of the field."""
        return self.definition.type if self.definition else None


@dataclass(frozen=True, slots=True)
class Document:
    """What collecting needs to know of the parsed document."""

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    flags: Mapping[str, object]  # values of the variables that @skip and @include use

    def choose(self, parent: GraphQLObjectType, selections: list[SelectionSetNode]) -> list[Chosen]:
        """The fields that these selection sets choose of an object type, in response order."""
        grouped: dict[str, list[FieldNode]] = {}
        for selection_set in selections:
            self._collect(parent, selection_set, grouped, set())
        # what introspects is answered by graphql-core, and has no plan
        return [
            self._field(parent, k, nodes) for k, nodes in grouped.items() if nodes[0].name.value not in INTROSPECTION
        ]

    def _collect(
        self,
        parent: GraphQLObjectType,
        selections: SelectionSetNode,
        grouped: dict[str, list[FieldNode]],
        seen: set[str],
    ) -> None:
        for selection in selections.selections:
            node = cast("FieldNode | InlineFragmentNode | FragmentSpreadNode", selection)
            if not self._included(node):
                continue
            if isinstance(node, FieldNode):
                grouped.setdefault(node.alias.value if node.alias else node.name.value, []).append(node)
                continue
            fragment: InlineFragmentNode | FragmentDefinitionNode
            if isinstance(node, FragmentSpreadNode):
                name = node.name.value
                if name in seen:
                    continue
                seen.add(name)
                fragment = self.fragments[name]
            else:
                fragment = node
            if self._applies(fragment.type_condition, parent):
                self._collect(parent, fragment.selection_set, grouped, seen)

    def _included(self, node: FieldNode | InlineFragmentNode | FragmentSpreadNode) -> bool:
        for directive in node.directives or ():
            if directive.name.value in ("skip", "include"):
                value = cast("Any", directive.arguments)[0].value
                given = self.flags[value.name.value] if isinstance(value, VariableNode) else value.value
                if bool(given) is (directive.name.value == "skip"):
                    return False
        return True

    def _applies(self, condition: NamedTypeNode | None, parent: GraphQLObjectType) -> bool:
        if condition is None or condition.name.value == parent.name:
            return True
        type_ = self.schema.type_map[condition.name.value]
        return is_abstract_type(type_) and self.schema.is_sub_type(type_, parent)

    def _field(self, parent: GraphQLObjectType, key: str, nodes: list[FieldNode]) -> Chosen:
        name = nodes[0].name.value
        if name == TYPENAME:
            return Chosen(key, name, None, nodes[0], None)
        definition = parent.fields[name]
        below = [node.selection_set for node in nodes if node.selection_set]
        children: dict[str, list[Chosen]] = {}
        if below:
            named = get_named_type(definition.type)
            possible = [named] if is_object_type(named) else self.schema.get_possible_types(cast("Any", named))
            children = {type_.name: self.choose(type_, below) for type_ in possible}
        return Chosen(key, name, definition, nodes[0], source_of(definition), children)
