"""shareFields, and the viewer's own setting to hide private fields."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from gateway.context import Context
from gateway.level import Level, one_each
from gateway.mutations.commit import Decision
from gateway.mutations.reading import (
    check_companies,
    check_people,
    expected_joint,
    own_bits,
    own_sharing,
    record_of,
    require,
)
from gateway.plan_values import PlanStep
from gateway.presenting import MOST_PRESENTED, presented, seeing
from gateway.steps.directory import viewer_object
from schema.errors import BadInput, Forbidden, Refusal
from schema.names import CompanyId, PersonId
from schema.sharing import PARTICIPANTS, PRIVATE, Audience
from spaces.change import Change

_MOST_NAMED = 250  # companies and people of one audience (limits.md, list inputs)


class UnknownField(Refusal):
    """There is no such side field."""

    code = "UNKNOWN_FIELD"


async def share(ctx: Context, given: dict[str, Any], step: PlanStep) -> Decision:
    """Sets the audience of fields of the viewer's company's own side of one record."""
    record = await record_of(ctx, given["recordId"], "recordId")
    kind = record.kind
    if not given["fields"]:
        raise BadInput("Name at least one field.", field=("fields",))
    wanted = 0
    idents: list[str] = []
    for place, name in enumerate(given["fields"]):
        field = kind.side_by_name.get(name)
        if field is None:
            raise UnknownField(field=("fields", str(place)))
        wanted |= field.bit
        idents.append(field.ident)
    if record.mine is None:  # no side yet, or one that is hidden from the viewer
        raise Forbidden(field=("recordId",))
    require(own_bits(ctx, record, "share"), wanted, ("fields",))
    audience = await _audience(ctx, given["audience"])
    before = own_sharing(record)
    after = before.changed(dict.fromkeys(idents, audience))
    if after == before:
        return Decision(kind, record.id, None)
    change = Change(
        kind,
        record.id,
        ctx.viewer.company,
        ctx.viewer.person,
        ctx.services.now(),
        side={},
        sharing=after,
        expect=((ctx.viewer.company, record.row.status),),
        expect_joint=expected_joint(ctx, record, "share"),
        if_version=record.row.own_version,  # the other fields' audiences were read with it
    )
    return Decision(kind, record.id, change)


async def _audience(ctx: Context, given: dict[str, Any]) -> Audience:
    companies = sorted({CompanyId(i) for i in given.get("companies") or ()})
    people = sorted({PersonId(i) for i in given.get("people") or ()})
    if given["kind"] != "SELECTED":
        if companies or people:
            raise BadInput("Companies and people go with SELECTED only.", field=("audience", "kind"))
        return PRIVATE if given["kind"] == "PRIVATE" else PARTICIPANTS
    if not 1 <= len(companies) + len(people) <= _MOST_NAMED:
        raise BadInput(f"Select 1 to {_MOST_NAMED} companies and people.", field=("audience", "companies"))
    await check_companies(ctx, given.get("companies") or (), ("audience", "companies"))
    await check_people(ctx, given.get("people") or (), ("audience", "people"))
    return Audience("selected", tuple(companies), tuple(people))


async def set_hide_private(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """Keeps the viewer's settings, and answers as the viewer now is."""
    companies = presented(args.get("presentingTo") or ())
    if ctx.viewer.company in companies or len(companies) > MOST_PRESENTED:
        raise BadInput(f"Name at most {MOST_PRESENTED} companies, besides your own.", field=("presentingTo",))
    await check_companies(ctx, args.get("presentingTo") or (), ("presentingTo",))
    person = ctx.person._replace(hide_private=bool(args["on"]), presenting=companies)
    await ctx.services.spaces.set_hide_private(person.id, companies, on=person.hide_private)
    ctx.person = person
    ctx.viewer = seeing(replace(ctx.viewer, hide_private=person.hide_private, presenting=companies), ctx.forced)
    ctx.forget()
    return one_each(viewer_object(ctx) for _ in parents)
