"""inviteCompanies, respondToInvitation, withdraw: who takes part in a record."""

from typing import Any

from gateway.context import Context
from gateway.mutations.commit import Decision
from gateway.mutations.reading import check_companies, expected_joint, joint_bits, record_of, require
from gateway.mutations.records import ACCEPTED, INVITED, MOST_INVITED, OWNER
from gateway.mutations.touching import Standing, as_standings, standings, touched
from gateway.objects import RecordObject
from gateway.plan_values import PlanStep
from schema.errors import BadInput, Refusal
from schema.field import Base, FieldType
from schema.mask import EXISTS
from schema.names import CompanyId
from schema.values import parse
from spaces.change import Change, Participation
from spaces.fetch import SideFetch

DECLINED, WITHDRAWN = "DECLINED", "WITHDRAWN"
_MESSAGE = FieldType("Text", Base.TEXT, max_length=1_000)


class AlreadyParticipant(Refusal):
    """This company takes part already."""

    code = "ALREADY_PARTICIPANT"


class NotInvited(Refusal):
    """There is no open invitation for your company."""

    code = "NOT_INVITED"


async def invite(ctx: Context, given: dict[str, Any], step: PlanStep) -> Decision:
    """Invites companies; those whose open invitation says just this stay as they are."""
    record = await record_of(ctx, given["recordId"], "recordId")
    require(joint_bits(ctx, record, "invite"), EXISTS, ("recordId",))
    ids = list(dict.fromkeys(CompanyId(i) for i in given["companyIds"]))
    if not 1 <= len(ids) <= MOST_INVITED:
        raise BadInput(f"Invite 1 to {MOST_INVITED} companies at once.", field=("companyIds",))
    role, message = given["role"], parse(_MESSAGE, given.get("message"), ("message",))
    if role == OWNER:
        raise BadInput("A record has one owner, who opened it.", field=("role",))
    await check_companies(ctx, list(ids), ("companyIds",))
    rows = await standings(ctx, record.id)
    before = as_standings(rows)
    for place, company in enumerate(ids):
        if company in before and before[company].status == ACCEPTED:
            raise AlreadyParticipant(field=("companyIds", str(place)))
    said = {c for c in ids if message is not None and c in rows and rows[c].message != message}
    new = {c: Standing(role, INVITED) for c in ids if c in said or before.get(c) != Standing(role, INVITED)}
    return _decide(ctx, "invite", record, before, new, message=message)


async def respond(ctx: Context, given: dict[str, Any], step: PlanStep) -> Decision:
    """Accepts or declines the open invitation of the viewer's company."""
    record = await record_of(ctx, given["recordId"], "recordId")
    if record.row.status != INVITED:
        raise NotInvited(field=("recordId",))
    require(joint_bits(ctx, record, "respond"), EXISTS, ("recordId",))
    before = as_standings(await standings(ctx, record.id))
    status = ACCEPTED if given["accept"] else DECLINED
    new = {ctx.viewer.company: Standing(record.row.role, status)}
    opens_side = status == ACCEPTED and not await _has_side(ctx, record)
    side = dict(record.kind.starts("side")) if opens_side else None
    return _decide(ctx, "respond", record, before, new, side=side)


async def _has_side(ctx: Context, record: RecordObject) -> bool:
    """Whether the viewer's company kept a side from an earlier time; the record shows none before it accepts."""
    own = ctx.viewer.company
    masks = ctx.decisions.sides(ctx.viewer, record.kind, own)
    (rows,) = await ctx.loaders.sides.load((SideFetch(record.kind, own, (record.id,), (), masks),))
    return bool(rows)


async def withdraw(ctx: Context, given: dict[str, Any], step: PlanStep) -> Decision:
    """The viewer's company leaves the record; its side stays in its space, seen by nobody else."""
    record = await record_of(ctx, given["recordId"], "recordId")
    require(joint_bits(ctx, record, "withdraw"), EXISTS, ("recordId",))
    before = as_standings(await standings(ctx, record.id))
    return _decide(ctx, "withdraw", record, before, {ctx.viewer.company: Standing(record.row.role, WITHDRAWN)})


def _decide(
    ctx: Context,
    action: str,
    record: RecordObject,
    before: dict[CompanyId, Standing],
    new: dict[CompanyId, Standing],
    *,
    side: dict[str, Any] | None = None,
    message: str | None = None,
) -> Decision:
    if not new:
        return Decision(record.kind, record.id, None)
    after = before | new
    own = ctx.viewer.company
    expected = {own: record.row.status} | {c: before[c].status if c in before else None for c in new}
    change = Change(
        record.kind,
        record.id,
        own,
        ctx.viewer.person,
        ctx.services.now(),
        side=side,
        participants=tuple(Participation(c, s.role, s.status, message) for c, s in new.items()),
        touched=touched(ctx, record.kind, before, after),
        expect=tuple(expected.items()),
        expect_roles=tuple((c, before[c].role) for c in {own, *new} if c in before),
        expect_joint=expected_joint(ctx, record, action),
    )
    return Decision(record.kind, record.id, change)
