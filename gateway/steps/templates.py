"""Steps that bring templates, and the values of custom fields."""

from collections.abc import Sequence
from typing import Any

from gateway.context import Context
from gateway.filters import plain
from gateway.level import Level, lists, one_each
from gateway.objects import SideObject, TemplateObject
from gateway.plan_values import PlanStep
from gateway.steps.directory import companies_of
from schema.effective import key_with_id
from schema.kind import Kind
from schema.names import CompanyId
from schema.queryable import upper_snake
from schema.template import type_word
from schema.values import wire


def templates(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """The templates that apply to the viewer's company's sides."""
    applying = ctx.models.templates.by_company.get(ctx.viewer.company, ())
    kind = plain(args.get("kind"))
    found = [TemplateObject(t, ctx.viewer.company) for t in applying if kind in (None, upper_snake(t.kind))]
    return lists([found for _ in parents])


def payload_template(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """The template that a mutation made or changed, as it is now; null where it was refused or is retired."""
    pinned = ctx.models.templates.by_id
    found = [pinned.get(parent.made) if parent.made else None for parent in parents]
    return one_each(template and TemplateObject(template, ctx.viewer.company) for template in found)


async def shared_with(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """The companies that a template of the viewer's own is shared with; null for another's."""
    wanted = [parent.template.shared_with if parent.own else () for parent in parents]
    found = await companies_of(ctx, [company for group in wanted for company in group])
    objects = list(found.values())
    place = {company: at for at, company in enumerate(found)}
    links = [
        [place[c] for c in group if c in place] if parent.own else None
        for parent, group in zip(parents, wanted, strict=True)
    ]
    return Level(objects, links)


def custom_fields(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """The visible values of a side's custom fields: a hidden one and one that is not set are both left out."""
    groups = []
    known: dict[tuple[CompanyId, int], dict[str, str]] = {}
    for side in parents:
        kind = side.fields.of_owner
        keys = known.get((side.company, id(kind)))
        if keys is None:
            keys = known[side.company, id(kind)] = _keys(ctx, side.company, kind, side.fields.kind)
        mask = side.seen if isinstance(side, SideObject) else side.mask
        group: list[dict[str, Any]] = []
        for field in kind.custom if side.values else ():
            if not mask & field.bit or field.custom is None:
                continue
            place = side.fields.places[field.ident]
            value = wire(field.type, tuple(side.values[place : place + len(field.columns)]))
            if value is not None:
                label = field.custom.label
                group.append({"key": keys[field.ident], "label": label, "type": type_word(field), "value": value})
        groups.append(group)
    return lists(groups)


def _keys(ctx: Context, owner: CompanyId, kind: Kind, viewers: Kind) -> dict[str, str]:
    """The key of each custom field of the owner's sides, by its ident: the name that the viewer's own kind has for it;
    else the key in its template, with a part of the id where that is a name of the viewer's kind or the template is
    not the owner's. Not its name in the owner's kind: whether that had to give way tells of keys that the viewer may
    not know of."""
    typed = viewers.side_by_ident
    keys: dict[str, str] = {}
    for field in kind.custom:
        if field.ident in typed:
            keys[field.ident] = typed[field.ident].name
        elif field.custom is not None:
            template = ctx.models.templates.by_id[field.custom.template]
            key = next(each.name for each in template.fields if each.ident == field.ident)
            is_own = template.company == owner and key not in viewers.side_by_name
            keys[field.ident] = key if is_own else key_with_id(key, field.ident)
    return keys
