"""Steps that bring past versions of what a company defined, to its admins."""

from collections.abc import Sequence
from typing import Any

from gateway.context import Context
from gateway.definition_history import DefinitionChangeObject, DefinitionHistoryObject, Words, naming_records
from gateway.level import Level, one_each, shared
from gateway.objects import TemplateObject
from gateway.plan_values import PlanStep
from gateway.rule_objects import AccessPolicyObject, AssociationRuleObject, SharingRuleObject
from gateway.steps.directory import people_of
from gateway.steps.records import page_cursor, page_limit
from gateway.steps.sharing_rules import seen_records
from schema.errors import Forbidden
from spaces.definition import VersionsAsked, VersionsPage


async def definition_history(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """The versions of all definitions of the viewer's company, or of one. Raises Forbidden but for its admins."""
    if not ctx.decisions.may_define(ctx.viewer):
        raise Forbidden
    id_ = args.get("id")
    (page,) = await _pages(ctx, args, [id_])
    return one_each(page for _ in parents)


async def versions(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """The versions of each template, rule or policy; null but for admins of the company whose it is."""
    ids = [_own(parent) for parent in parents]
    wanted = list(dict.fromkeys(id_ for id_ in ids if id_ is not None))
    if not wanted or not ctx.decisions.may_define(ctx.viewer):
        return one_each(None for _ in parents)
    found = dict(zip(wanted, await _pages(ctx, args, wanted), strict=True))
    return shared(found, ids)


def _own(parent: TemplateObject | SharingRuleObject | AccessPolicyObject | AssociationRuleObject) -> str | None:
    """The id of what is the viewer's company's own."""
    if isinstance(parent, TemplateObject):
        return parent.template.id if parent.own else None
    return parent.policy.id if isinstance(parent, AccessPolicyObject) else parent.rule.id


async def _pages(ctx: Context, args: dict[str, Any], ids: Sequence[str | None]) -> list[DefinitionHistoryObject]:
    """A page of each definition; of None all together. A cursor opens for its own definition alone."""
    limit, backwards = page_limit(args)
    viewer = ctx.viewer
    scopes = [["definition history", viewer.person, viewer.company, id_] for id_ in ids]
    after = before = None
    for scope in scopes:
        after, before = page_cursor(ctx, scope, args, "after"), page_cursor(ctx, scope, args, "before")
    named = tuple(id_ for id_ in ids if id_ is not None)
    asked = VersionsAsked(viewer.company, named or None, limit, after, before, backwards)
    pages = await ctx.services.spaces.past_versions(asked)
    words = Words(ctx.catalog.by_name, await seen_records(ctx, naming_records(pages)))
    return [_object(ctx, page, scope, words) for page, scope in zip(pages, scopes, strict=True)]


def _object(ctx: Context, page: VersionsPage, scope: list[Any], words: Words) -> DefinitionHistoryObject:
    changes = [DefinitionChangeObject(version, before, words) for version, before in page.rows]
    return DefinitionHistoryObject(changes, page, ctx.services.seal, scope)


async def definition_person(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """Who made each version."""
    ids = [change.person for change in parents]
    return shared(await people_of(ctx, ids), ids)
