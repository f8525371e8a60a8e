"""The reference: the same batch resolvers under graphql-core's own executor, one field of one object at a time.

It reads every leaf by `schema.values.wire`, not by generated code, and asks each step for all fields instead of
those selected; a property test holds its answers equal to `execute.py`'s. It also serves introspection.
"""

import json
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any

from aiodataloader import DataLoader
from graphql import (
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_list_type,
    is_non_null_type,
)
from graphql.type import is_abstract_type, is_object_type

from gateway.build import attribute
from gateway.context import Context
from gateway.filters import plain
from gateway.level import Level, Resolver
from gateway.plan_values import Needs, PlanSelection, PlanStep
from schema.field import Field
from schema.kind import Catalog
from schema.sdl import source_of
from schema.shapes_previews import preview_of
from schema.source import Builtin, Column, Group, Key, Leaf, Step
from schema.values import wire


class ReferenceContext:
    """One request under graphql-core: the request's context, and a loader for each field and its arguments."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.loaders: dict[tuple[str, str, str], DataLoader[Any, Any]] = {}


def attach(
    schema: GraphQLSchema, catalog: Catalog, only: frozenset[str] | None, *, resolvers: Mapping[str, Resolver]
) -> None:
    """Gives every field of the schema its resolver, and abstract types their type resolution; of the types of these
    names alone where they are given, for others may be another schema's, too."""
    for type_ in schema.type_map.values():
        if only is not None and type_.name not in only:
            continue
        if is_abstract_type(type_):
            type_.resolve_type = lambda value, info, abstract: value.type_name
        if not is_object_type(type_) or type_.name.startswith("__"):
            continue
        type_.is_type_of = None
        for name, field in type_.fields.items():
            source = source_of(field)
            if isinstance(source, Step):
                step = _whole_step(schema, catalog, type_, name, source)
                field.resolve = _step_resolver(step, resolvers[source.name], type_.name)
            elif source is not None:
                field.resolve = _leaf_resolver(_titled(catalog, type_.name, source))


def _titled(catalog: Catalog, type_name: str, source: Leaf) -> Leaf:
    kind = next((k for k in catalog.kinds if type_name in (k.type_name, preview_of(k.type_name))), None)
    return Column(kind.joint_by_name[kind.title]) if kind and source == Builtin("name") else source


def _leaf_resolver(source: Leaf) -> Any:
    def resolve(parent: Any, info: GraphQLResolveInfo[Any]) -> Any:
        if isinstance(source, Group):
            return parent
        if isinstance(source, Builtin):
            return getattr(parent, attribute(source.name))
        if isinstance(source, Key):
            return parent[source.name]
        return _column(parent, source.field)

    return resolve


def _column(parent: Any, field: Field) -> Any:
    if not parent.mask & field.bit:
        return None
    place = parent.fields.places[field.ident]
    columns = parent.values[place : place + len(field.columns)]
    if field.type.base.value == "boolean" and not field.type.many and columns[0] is not None:
        return bool(columns[0])
    return wire(field.type, columns)


def _whole_step(schema: GraphQLSchema, catalog: Catalog, type_: GraphQLObjectType, name: str, source: Step) -> PlanStep:
    """The step as if everything below it were selected."""
    field = type_.fields[name]
    named = get_named_type(field.type)
    possible = [named] if is_object_type(named) else list(schema.get_possible_types(named))
    nullable = get_nullable_type(field.type)
    needs = {t.name: _everything(catalog, t.name) for t in possible}
    return PlanStep(
        key=name,
        source=source,
        definition=field,
        node=None,  # type: ignore[arg-type] # arguments come coerced from graphql-core
        needs=tuple(needs.items()),
        selections=tuple(PlanSelection(t.name, (), lambda objects: []) for t in possible),
        many=is_list_type(nullable),
        required=is_non_null_type(field.type),
        required_items=False,
    )


def _everything(catalog: Catalog, type_name: str) -> Needs:
    kinds = []
    for kind in catalog.kinds:
        needs = Needs(kind.joint, kind.side, total=True, updated=True, stamps=True, custom=True)
        name = kind.type_name
        if type_name in {f"{each}{end}" for each in (name, preview_of(name)) for end in ("", "Connection")}:
            return needs
        if type_name in (f"{name}Side", preview_of(f"{name}Side")):
            return needs
        kinds.append((kind.type_name, needs))
    return Needs(total=True, kinds=tuple(kinds))


def _step_resolver(step: PlanStep, resolver: Resolver, type_name: str) -> Any:
    async def resolve(parent: Any, info: GraphQLResolveInfo[Any], **args: Any) -> Any:
        request: ReferenceContext = info.context
        key = (type_name, step.key, json.dumps(plain(args), sort_keys=True, default=str))
        if info.operation.operation.value == "mutation" and info.path.prev is None:
            return (await _links(resolver([parent], args, request.ctx, step)))[0]
        loader = request.loaders.get(key)
        if loader is None:

            async def batch(parents: Sequence[Any]) -> list[Any]:
                return await _links(resolver(parents, args, request.ctx, step))

            loader = request.loaders[key] = DataLoader(batch, get_cache_key=id, cache=False)
        return await loader.load(parent if parent is not None else request)

    return resolve


async def _links(found: Level | Awaitable[Level]) -> list[Any]:
    level = found if isinstance(found, Level) else await found
    objects = level.objects
    return [
        None
        if link is None
        else [None if at is None else objects[at] for at in link]
        if isinstance(link, list)
        else objects[link]
        for link in level.links
    ]
