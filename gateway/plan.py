"""Compiles a document and the schema to a `Plan`: a tree of batched steps that can be printed.

1. Collect the selection (`selection.py`), for one value of each variable that `@skip` or `@include` uses.
2. Below each step that fetches, gather its `Needs`: the declared fields that anything below it reads.
3. Split every selection in leaves, read off the parent, and steps, resolved for a whole level at once.

A plan knows neither viewer nor variables: it is compiled once and kept beside the document. Nothing is ever
written into it.
"""

import time
from collections.abc import Callable, Iterable
from typing import Any, cast

from graphql import (
    ArgumentNode,
    GraphQLError,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    Visitor,
    get_nullable_type,
    is_list_type,
    is_non_null_type,
    visit,
)
from graphql.execution.values import get_argument_values

from gateway.build import compile_builder
from gateway.limits.table import LIMITS
from gateway.plan_values import NOTHING, Needs, Plan, PlanLeaf, PlanSelection, PlanStep
from gateway.selection import Chosen, Document
from schema.errors import Refusal
from schema.field import Field
from schema.kind import Catalog
from schema.shapes_previews import preview_of
from schema.source import Builtin, Column, Group, Leaf, Step

# Steps that fetch nothing: what is read below them is the need of the fetch above. `mine` turns to the own side.
_PASSING = frozenset({"connectionNodes", "edges", "searchEdges", "edgeNode", "mine", "previewSide"})
_FETCHING = frozenset(
    {"page", "record", "node", "nodes", "linked", "payloadRecord", "partners", "search"}
    | {"previewPage", "previewRecord", "previewLinked"}
)
_SEVERAL_KINDS = frozenset({"search"})


class PlanTooLarge(Refusal):
    """The operation takes too many steps."""

    code = "PLAN_TOO_LARGE"


def compile_plan(
    catalog: Catalog,
    schema: GraphQLSchema,
    document: Document,
    operation: OperationDefinitionNode,
    seconds: float = LIMITS.plan_seconds,
) -> Plan:
    """The plan of one operation of a validated document. Raises PlanTooLarge when it takes so many seconds of CPU."""
    compiler = _Compiler(catalog, time.thread_time() + seconds)
    root = cast("GraphQLObjectType", schema.get_root_type(operation.operation))
    chosen = document.choose(root, [operation.selection_set])
    return Plan(operation.operation.value, compiler.selection(root.name, chosen, NOTHING))


def _constant(chosen: Chosen) -> Callable[[], dict[str, Any]] | None:
    """Gives the coerced arguments, where no variable stands in them; None where one does, or where they are refused,
    which is told when they are asked for."""
    if chosen.definition is None or _has_variable(chosen.node.arguments or ()):
        return None
    try:
        found = get_argument_values(chosen.definition, chosen.node, None, hide_suggestions=True)
    except GraphQLError:
        return None
    return found.copy


def _has_variable(arguments: Iterable[ArgumentNode]) -> bool:
    found = False

    class Variables(Visitor):
        def enter_variable(self, *_: Any) -> None:
            nonlocal found
            found = True

    for argument in arguments:
        visit(argument.value, Variables())
    return found


class _Compiler:
    def __init__(self, catalog: Catalog, until: float) -> None:
        self._until = until  # by time.thread_time()
        self._titles = {k.type_name: Column(k.joint_by_name[k.title]) for k in catalog.kinds}
        self._records = self._titles | {preview_of(name): title for name, title in self._titles.items()}
        self._customs = {k.type_name + "Side": k.custom for k in catalog.kinds}
        self._customs |= {preview_of(name): custom for name, custom in self._customs.items()}

    def selection(self, type_name: str, chosen: Iterable[Chosen], needs: Needs) -> PlanSelection:
        if time.thread_time() > self._until:
            raise PlanTooLarge
        entries = tuple(
            self._step(c, c.source, needs) if isinstance(c.source, Step) else self._leaf(type_name, c) for c in chosen
        )
        part = needs.side if type_name in self._customs else needs.joint
        return PlanSelection(type_name, entries, compile_builder(entries, part))

    def _step(self, chosen: Chosen, source: Step, outer: Needs) -> PlanStep:
        output = chosen.definition.type if chosen.definition else None
        nullable = get_nullable_type(output)
        item = nullable.of_type if is_list_type(nullable) else None
        needs = {
            name: self._fetched(source, name, below) if source.name in _FETCHING else outer.of(name)
            for name, below in chosen.children.items()
        }
        return PlanStep(
            chosen.key,
            source,
            cast("GraphQLField", chosen.definition),
            chosen.node,
            tuple(needs.items()) if source.name in _FETCHING else (),
            tuple(self.selection(name, below, needs[name]) for name, below in chosen.children.items()),
            many=item is not None,
            required=is_non_null_type(output),
            required_items=item is not None and is_non_null_type(item),
            constant=_constant(chosen),
        )

    def _leaf(self, type_name: str, chosen: Chosen) -> PlanLeaf:
        if chosen.definition is None:
            return PlanLeaf(chosen.key, type_name, None)
        below = None
        if chosen.children:
            below = tuple(self._leaf(name, c) for name, members in chosen.children.items() for c in members)
        many = is_list_type(get_nullable_type(chosen.definition.type))
        return PlanLeaf(chosen.key, type_name, self._read(type_name, chosen), below, many)

    def _read(self, type_name: str, chosen: Chosen) -> Leaf:
        """The leaf's source; Record.name is the kind's title field, under that field's mask."""
        if chosen.source == Builtin("name") and type_name in self._records:
            return self._records[type_name]
        return cast("Leaf", chosen.source)

    def _fetched(self, source: Step, type_name: str, chosen: Iterable[Chosen]) -> Needs:
        """What a fetching step must bring for children of a type."""
        if source.name not in _SEVERAL_KINDS:
            return self._needs(type_name, chosen)
        kinds = tuple((kind, self._needs(type_name, chosen, kind)) for kind in self._titles)
        return Needs(total=any(needs.total for _, needs in kinds), kinds=kinds)

    def _needs(self, type_name: str, chosen: Iterable[Chosen], kind: str | None = None) -> Needs:
        """What everything below a fetching step reads of its rows, down to the next fetching step. Of records just
        those of the type `kind`, if one is named: fields are told apart within their kind alone."""
        fields: dict[str, dict[int, Field]] = {"joint": {}, "side": {}}
        total = updated = stamps = custom = False

        def walk(type_name: str, chosen: Iterable[Chosen]) -> None:
            nonlocal total, updated, stamps, custom
            for c in chosen:
                source = self._read(type_name, c) if c.definition and not isinstance(c.source, Step) else c.source
                found = source.field if isinstance(source, Column | Step) else None
                if found:
                    fields[found.part][found.index] = found
                if isinstance(source, Builtin):
                    total |= source.name == "totalCount"
                    stamps |= source.name == "updatedAt" and type_name in self._customs
                    updated |= source.name == "updatedAt" and type_name in self._titles
                if isinstance(source, Step) and source.name == "customFields":
                    custom = True
                    fields["side"].update({f.index: f for f in self._customs.get(type_name, ())})
                if isinstance(source, Group) or (isinstance(source, Step) and source.name in _PASSING):
                    for name, members in c.children.items():
                        if kind is None or name == kind or name not in self._titles:
                            walk(name, members)

        walk(type_name, chosen)
        joint, side = (tuple(found[index] for index in sorted(found)) for found in fields.values())
        return Needs(joint, side, total, updated, stamps, custom)
