"""Steps that bring companies, people and the viewer."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from gateway.context import Context
from gateway.level import Level, Resolver, one_each, shared, shared_lists
from gateway.objects import CompanyObject, PersonObject, ViewerObject, person_object
from gateway.plan_values import PlanStep
from gateway.steps.records import link_ids, visible_values
from schema.names import CompanyId, PersonId

K = TypeVar("K")
_new = tuple.__new__  # makes a named row in half the time, where there are hundreds a page


async def companies_of(ctx: Context, ids: Iterable[CompanyId | None]) -> dict[CompanyId, CompanyObject]:
    """The companies of these ids."""
    wanted = _once(ids)
    rows = await ctx.loaders.companies.load(wanted) if wanted else {}
    return {row.id: _new(CompanyObject, row) for row in rows.values()}


async def people_of(ctx: Context, ids: Iterable[PersonId | None]) -> dict[PersonId, PersonObject]:
    """The people of these ids."""
    wanted = _once(ids)
    rows = await ctx.loaders.people.load(wanted) if wanted else {}
    return {row.id: person_object(row, ctx.viewer) for row in rows.values()}


def _once(ids: Iterable[K | None]) -> tuple[K, ...]:
    """The ids that are one, without repeats."""
    found = dict.fromkeys(ids)
    found.pop(None, None)
    return tuple(found)  # type: ignore[arg-type]  # None is gone


def company_step(read: Callable[[Any], CompanyId]) -> Resolver:
    """The resolver of a step that gives the one company that `read` finds on a parent."""

    async def resolve(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
        ids = [read(parent) for parent in parents]
        return shared(await companies_of(ctx, ids), ids)

    return resolve


async def company(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """The company or companies of a link field."""
    field = step.source.field
    if not step.many:
        ids = visible_values(parents, field)
        return shared(await companies_of(ctx, ids), ids)
    keys = [[CompanyId(i) for i in link_ids(parent, field)] for parent in parents]
    return _lists(await companies_of(ctx, [i for group in keys for i in group]), keys)


async def person(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """The person or people of a link field."""
    field = step.source.field
    if not step.many:
        ids = visible_values(parents, field)
        return shared(await people_of(ctx, ids), ids)
    keys = [[PersonId(i) for i in link_ids(parent, field)] for parent in parents]
    return _lists(await people_of(ctx, [i for group in keys for i in group]), keys)


def _lists(found: dict[Any, Any], keys: list[list[Any]]) -> Level:
    level = shared_lists(found, keys)
    return Level(level.objects, [link if group else None for link, group in zip(level.links, keys, strict=True)])


async def company_by_id(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """A company by id."""
    found = await companies_of(ctx, [CompanyId(args["id"])])
    return shared(found, [CompanyId(args["id"])] * len(parents))


async def audience_companies(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """The companies that an audience names."""
    keys = [list(audience.companies) for audience in parents]
    return shared_lists(await companies_of(ctx, [i for group in keys for i in group]), keys)


async def audience_people(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """The people that an audience names."""
    keys = [list(audience.people) for audience in parents]
    return shared_lists(await people_of(ctx, [i for group in keys for i in group]), keys)


def viewer(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """Who asks."""
    return one_each(viewer_object(ctx) for _ in parents)


def viewer_object(ctx: Context) -> ViewerObject:
    """The viewer of the request."""
    person = ctx.person
    return ViewerObject(person.id, person.company, person.email, ctx.viewer.hide_private, ctx.viewer.presenting)


def viewer_person(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """The viewer's person."""
    return one_each(person_object(ctx.person, ctx.viewer) for _ in parents)


async def presented_companies(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """The companies that the viewer presents to."""
    keys = [list(viewer.presenting) for viewer in parents]
    return shared_lists(await companies_of(ctx, [i for group in keys for i in group]), keys)
