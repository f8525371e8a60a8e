"""Stages 2 and 3: the document's text to a plan, kept by text.

1. Count tokens, parse, measure (`limits/`); 2. validate against the schema, without suggestions; 3. choose the
operation; 4. compile its plan for the values of the variables in `@skip` and `@include` (`plan.py`), and its cost.

Plans are kept beside the document, at most a few for each: they depend on nothing but those booleans.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OverlappingFieldsCanBeMergedRule,
    VariableNode,
    Visitor,
    parse,
    specified_rules,
    validate,
    visit,
)

from gateway.limits.cost import Cost
from gateway.limits.shape import check_shape
from gateway.limits.table import LIMITS, Limits
from gateway.limits.tokens import check_tokens
from gateway.plan import compile_plan
from gateway.plan_values import Plan
from gateway.refusals import BadRequest, ParseFailed, ValidationFailed
from gateway.selection import INTROSPECTION, Document
from gateway.shelf import Shelf
from schema.kind import Catalog

# Comparing all fields of one name with each other is quadratic: it comes last, for documents that are right otherwise.
_DEAR = (OverlappingFieldsCanBeMergedRule,)
_CHEAP = tuple(rule for rule in specified_rules if rule not in _DEAR)
_PLANS = 32


class Operation:
    """One operation of a validated document."""

    def __init__(self, node: OperationDefinitionNode, document: "ParsedDocument") -> None:
        self.node = node
        self.document = document
        self.flags = _flag_names(node, document.fragments)
        self.introspections = _introspections(node, document.fragments)
        self._plans: OrderedDict[tuple[bool, ...], tuple[Plan, Cost]] = OrderedDict()

    def plan(self, catalog: Catalog, schema: GraphQLSchema, variables: Mapping[str, Any]) -> Plan:
        """The plan for these coerced variables. Raises PlanTooLarge."""
        return self.planned(catalog, schema, variables)[0]

    def planned(self, catalog: Catalog, schema: GraphQLSchema, variables: Mapping[str, Any]) -> tuple[Plan, Cost]:
        """The plan and its cost, compiled at the first request that needs them. Raises PlanTooLarge."""
        key = tuple([bool(variables.get(name)) for name in self.flags])
        found = self._plans.get(key)
        if found is None:
            flags = dict(zip(self.flags, key, strict=True))
            document = Document(schema, self.document.fragments, flags)
            plan = compile_plan(catalog, schema, document, self.node, self.document.limits.plan_seconds)
            found = self._plans[key] = plan, Cost(plan, self.document.limits, self.introspections)
            self.document.weighs_more(plan.size)
            if len(self._plans) > _PLANS:
                _, (gone, _) = self._plans.popitem(last=False)
                self.document.weighs_more(-gone.size)
        return found


class ParsedDocument:
    """A validated document and its operations by name."""

    def __init__(self, node: DocumentNode, limits: Limits, weighs_more: Callable[[int], None]) -> None:
        self.node = node
        self.limits = limits
        self.weighs_more = weighs_more
        """Says that more of it is kept by so many units, see Shelf."""
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
    """The documents of one schema, kept by text as long as the shelf has room for them."""

    def __init__(self, schema: GraphQLSchema, limits: Limits = LIMITS, shelf: Shelf | None = None) -> None:
        self._schema = schema
        self._limits = limits
        self._shelf = shelf or Shelf()
        self._keeper = self._shelf.keeper()
        self._kept: dict[str, ParsedDocument] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def close(self) -> None:
        """Keeps nothing more."""
        for text in self._kept:
            self._shelf.remove((self._keeper, text))
        self._kept.clear()

    def _drop(self, text: str) -> None:
        del self._kept[text]

    def read(self, text: str) -> ParsedDocument:
        """The validated document. Raises ParseFailed, ValidationFailed and the limits' refusals; none is kept."""
        key = self._keeper, text
        found = self._kept.get(text)
        if found is not None:
            self._shelf.use(key)
            return found
        tokens = check_tokens(text, self._limits)
        try:
            node = parse(text, max_tokens=self._limits.tokens + 1)  # a second lock
        except (GraphQLError, RecursionError) as error:
            raise ParseFailed(_sentence(error)) from None
        check_shape(node, self._limits)
        for rules in (_CHEAP, _DEAR):
            errors = validate(self._schema, node, rules, max_errors=5, hide_suggestions=True)
            if errors:
                raise ValidationFailed(_sentence(errors[0]))
        found = self._kept[text] = ParsedDocument(node, self._limits, partial(self._shelf.add, key))
        self._shelf.put(key, tokens, partial(self._drop, text))
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


def _introspections(node: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]) -> int:
    """How many fields introspect, or may."""
    found = 0

    class Introspection(Visitor):
        def enter_field(self, field: Any, *_: Any) -> None:
            nonlocal found
            found += field.name.value in INTROSPECTION

    for root in (node, *fragments.values()):
        visit(root, Introspection())
    return found
