"""Stages 2 and 3: the document's text to a plan, kept by text.

1. Parse, with bounded tokens and depth; 2. validate against the schema, without suggestions; 3. choose the
operation; 4. compile its plan for the values of the variables in `@skip` and `@include` (`plan.py`).

Plans are kept beside the document, at most a few for each: they depend on nothing but those booleans.
"""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    VariableNode,
    Visitor,
    parse,
    specified_rules,
    validate,
    visit,
)

from gateway.plan import compile_plan
from gateway.plan_values import Plan
from gateway.refusals import BadRequest, ParseFailed, ValidationFailed
from gateway.selection import Document
from schema.kind import Catalog

MOST_TOKENS = 2_000
"""The most tokens of a document, comments not counted (limits.md)."""
_DOCUMENTS = 1_000
_PLANS = 32
_INTROSPECTION = frozenset({"__schema", "__type"})


class Operation:
    """One operation of a validated document."""

    def __init__(self, node: OperationDefinitionNode, document: "ParsedDocument") -> None:
        self.node = node
        self.document = document
        self.flags = _flag_names(node, document.fragments)
        self.introspects = _introspects(node, document.fragments)
        self._plans: OrderedDict[tuple[bool, ...], Plan] = OrderedDict()

    def plan(self, catalog: Catalog, schema: GraphQLSchema, variables: Mapping[str, Any]) -> Plan:
        """The plan for these coerced variables, compiled at the first request that needs it."""
        key = tuple(bool(variables.get(name)) for name in self.flags)
        plan = self._plans.get(key)
        if plan is None:
            flags = dict(zip(self.flags, key, strict=True))
            document = Document(schema, self.document.fragments, flags)
            plan = self._plans[key] = compile_plan(catalog, schema, document, self.node)
            if len(self._plans) > _PLANS:
                self._plans.popitem(last=False)
        return plan


class ParsedDocument:
    """A validated document and its operations by name."""

    def __init__(self, node: DocumentNode) -> None:
        self.node = node
        self.fragments = {d.name.value: d for d in node.definitions if isinstance(d, FragmentDefinitionNode)}
        self._operations = {
            d.name.value if d.name else "": Operation(d, self)
            for d in node.definitions
            if isinstance(d, OperationDefinitionNode)
        }

    def operation(self, name: str | None) -> Operation:
        """The operation of this name, or the only one. Raises BadRequest."""
        if name:
            found = self._operations.get(name)
        else:
            found = next(iter(self._operations.values())) if len(self._operations) == 1 else None
        if found is None:
            raise BadRequest("Name one of the document's operations in `operationName`.")
        return found


class Documents:
    """The documents of one schema, kept by text, least recently used out first."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._kept: OrderedDict[str, ParsedDocument] = OrderedDict()

    def read(self, text: str) -> ParsedDocument:
        """The validated document. Raises ParseFailed or ValidationFailed; neither is kept."""
        found = self._kept.get(text)
        if found is not None:
            self._kept.move_to_end(text)
            return found
        try:
            node = parse(text, max_tokens=MOST_TOKENS)
        except (GraphQLError, RecursionError) as error:
            raise ParseFailed(_sentence(error)) from None
        errors = validate(self._schema, node, specified_rules, max_errors=5, hide_suggestions=True)
        if errors:
            raise ValidationFailed(_sentence(errors[0]))
        found = self._kept[text] = ParsedDocument(node)
        if len(self._kept) > _DOCUMENTS:
            self._kept.popitem(last=False)
        return found


def _sentence(error: Exception) -> str:
    if not isinstance(error, GraphQLError):
        return "The document is nested too deeply."
    place = error.locations[0] if error.locations else None
    return error.message + (f" (line {place.line}, column {place.column})" if place else "")


def _flag_names(node: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]) -> tuple[str, ...]:
    names: dict[str, None] = {}

    class Flags(Visitor):
        def enter_directive(self, directive: Any, *_: Any) -> None:
            for argument in directive.arguments or ():
                if isinstance(argument.value, VariableNode):
                    names[argument.value.name.value] = None

    for root in (node, *fragments.values()):
        visit(root, Flags())
    return tuple(names)


def _introspects(node: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]) -> bool:
    found = False

    class Introspection(Visitor):
        def enter_field(self, field: Any, *_: Any) -> None:
            nonlocal found
            found |= field.name.value in _INTROSPECTION

    for root in (node, *fragments.values()):
        visit(root, Introspection())
    return found
