"""defineTemplate, shareTemplate and retireTemplate: what a company's admins declare at run time.

1. An idempotency key used before: the same request is answered again, another is refused.
2. The new version is read and checked as a whole, beside the company's other templates and the values there are.
3. It is committed as a definition, and holds for every request that begins from now on.

One at a time in this process, so that what was checked still holds when it commits.
"""

from dataclasses import replace
from typing import Any, TypeAlias

from gateway.context import Context
from gateway.definitions import definition_of
from gateway.importing.stored import WholeSides, everything
from gateway.level import Resolver
from gateway.mutations.defining import Decide, one_at_a_time
from gateway.mutations.reading import check_companies
from gateway.mutations.settling import settle_all
from schema.errors import BadInput, Conflict, NotFound, Refusal
from schema.names import CompanyId
from schema.shapes_search import kinds_by_value
from schema.template import Template
from schema.template_read import Loss, changed, check_beside, define, losses, losses_of_others, shared
from schema.where import Comparison, Where
from spaces.fetch import PageFetch

_MOST_TEMPLATES = 50

Decided: TypeAlias = tuple[Template, bool]
"""The new version of a template, and whether it is in force; false where it is taken away."""


class TemplateInUse(Refusal):
    """Sides hold values that this change would lose."""

    code = "IN_USE"


def template_mutation(decide: Decide[Template]) -> Resolver:
    """The step's resolver of a mutation of templates that decides so."""
    return one_at_a_time(definition_of, lambda services: services.models, decide, _settle)


async def _settle(ctx: Context) -> None:
    """Association rules may test what is a field no more."""
    await settle_all(ctx.services)


async def define_template(ctx: Context, given: dict[str, Any]) -> Decided:
    """A new template, or a new version of one of the company's own."""
    given = dict(given)
    id_, version = given.pop("templateId", None), given.pop("ifVersion", None)
    kinds = kinds_by_value(ctx.catalog)
    content = {name: value for name, value in given.items() if value is not None}
    content["kind"] = kinds[given["kind"]].name
    base = ctx.services.models.base.catalog.by_name
    own = [t for t in ctx.models.templates.by_company.get(ctx.viewer.company, ()) if t.company == ctx.viewer.company]
    if id_ is None:
        if version is not None:
            raise BadInput("A new template has no version.", field=("ifVersion",))
        if len(own) >= _MOST_TEMPLATES:
            raise BadInput(f"A company has at most {_MOST_TEMPLATES} templates.", field=())
        template = define(content, base, ctx.services.new_id("tpl"), ctx.viewer.company, ctx.services.new_id)
    else:
        before = _own(ctx, id_)
        if version not in (None, before.version):
            raise Conflict("The template has changed since you read it; read it again.", field=("ifVersion",))
        template = changed(before, content, base, ctx.services.new_id)
        await _check_losses(ctx, before, template)
    check_beside(template, own)
    ctx.services.rules.check_kinds(
        ctx.viewer.company, ctx.catalog, ctx.models.catalog_with(ctx.viewer.company, template)
    )
    return template, True


async def share_template(ctx: Context, given: dict[str, Any]) -> Decided:
    """The same template, for these companies' sides."""
    before = _own(ctx, given["templateId"])
    companies = sorted({CompanyId(i) for i in given["companies"]})
    if ctx.viewer.company in companies:
        raise BadInput("It is your own company's already.", field=("companies",))
    await check_companies(ctx, given["companies"], ("companies",))
    return shared(before, companies), True


async def retire_template(ctx: Context, given: dict[str, Any]) -> Decided:
    """The template no more."""
    before = _own(ctx, given["templateId"])
    return replace(before, version=before.version + 1), False


def _own(ctx: Context, id_: str) -> Template:
    """The template of this id. Another company's is not found, in the words of one never made."""
    found = ctx.models.templates.by_id.get(id_)
    if found is None or found.company != ctx.viewer.company:
        raise NotFound("No such template.", field=("templateId",))
    return found


async def _check_losses(ctx: Context, before: Template, after: Template) -> None:
    """Of a template that was ever shared nothing is lost, be it in use or not: other companies' sides are not asked."""
    if before.lent:
        for loss in losses_of_others(before, after):
            raise loss.refusal_of_lent()
        return
    for loss in losses(before, after):
        if await _in_use(ctx, before.company, before.kind, loss):
            raise TemplateInUse(loss.refusal().message, field=loss.path)


async def _in_use(ctx: Context, company: CompanyId, kind_name: str, loss: Loss) -> bool:
    """Whether some side of the admin's own company holds what would be lost."""
    kind = ctx.models.kind(company, kind_name)
    field = kind.side_by_ident.get(loss.ident)
    if field is None:
        return False
    column = f"mine.{field.columns[0]}"
    if loss.option is None:
        test = Comparison(column, "null", False)
    else:
        test = Comparison(column, "has" if field.type.many else "eq", loss.option)
    masks = everything(kind), WholeSides(kind)
    fetch = PageFetch(kind, company, *masks, (), (), where=Where(((test,),)), limit=1)
    return bool((await ctx.services.spaces.page(fetch)).rows)


TEMPLATE_STEPS = {
    "defineTemplate": template_mutation(define_template),
    "shareTemplate": template_mutation(share_template),
    "retireTemplate": template_mutation(retire_template),
}
"""Which resolver serves which step."""
