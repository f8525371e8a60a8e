"""inviteCompanies, respondToInvitation, withdraw: who takes part in a record."""

from typing import Any

from gateway.context import Context
from gateway.mutations.associating import (
    Place,
    Places,
    associations_of,
    moved,
    places_of,
    standings_of,
    without_their_guests,
)
from gateway.mutations.commit import Decision
from gateway.mutations.reading import check_companies, expected_joint, joint_bits, record_of, require
from gateway.mutations.records import ACCEPTED, INVITED, MOST_INVITED, OWNER
from gateway.mutations.touching import Standing, standings, touched
from gateway.objects import RecordObject
from gateway.plan_values import PlanStep
from schema.association_rule_read import MESSAGE
from schema.errors import BadInput, Refusal
from schema.mask import EXISTS
from schema.names import CompanyId
from schema.values import parse
from spaces.change import Change
from spaces.fetch import SideFetch

DECLINED, WITHDRAWN = "DECLINED", "WITHDRAWN"


class AlreadyParticipant(Refusal):
    """This company takes part already."""

    code = "ALREADY_PARTICIPANT"


class NotInvited(Refusal):
    """There is no open invitation for your company."""

    code = "NOT_INVITED"


async def invite(ctx: Context, given: dict[str, Any], step: PlanStep) -> Decision:
    """Invites companies; those whose open invitation says just this stay as they are, save that whom a rule invited is
    invited by somebody from now on."""
    record = await record_of(ctx, given["recordId"], "recordId")
    require(joint_bits(ctx, record, "invite"), EXISTS, ("recordId",))
    ids = list(dict.fromkeys(CompanyId(i) for i in given["companyIds"]))
    if not 1 <= len(ids) <= MOST_INVITED:
        raise BadInput(f"Invite 1 to {MOST_INVITED} companies at once.", field=("companyIds",))
    role, message = given["role"], parse(MESSAGE, given.get("message"), ("message",))
    if role == OWNER:
        raise BadInput("A record has one owner, who opened it.", field=("role",))
    await check_companies(ctx, given["companyIds"], ("companyIds",))
    before = await _places(ctx, record)
    new: Places = {}
    for number, company in enumerate(ids):
        held = before.get(company)
        if held is not None and held.standing.status == ACCEPTED:
            raise AlreadyParticipant(field=("companyIds", str(number)))
        stays = held is not None and held.standing == Standing(role, INVITED) and message is None
        new[company] = Place(Standing(role, INVITED), held.message if held is not None and stays else message)
    return _decide(ctx, "invite", record, before, new)


async def respond(ctx: Context, given: dict[str, Any], step: PlanStep) -> Decision:
    """Accepts or declines the open invitation of the viewer's company."""
    record = await record_of(ctx, given["recordId"], "recordId")
    if record.row.status != INVITED:
        raise NotInvited(field=("recordId",))
    require(joint_bits(ctx, record, "respond"), EXISTS, ("recordId",))
    before = await _places(ctx, record)
    status = ACCEPTED if given["accept"] else DECLINED
    own = ctx.viewer.company
    # who accepts stands by the rules that invited it; who declines has decided by itself
    by = before[own].by if own in before and given["accept"] else None
    new = {own: Place(Standing(record.row.role, status), None, by)}
    opens_side = status == ACCEPTED and not await _has_side(ctx, record)
    side = dict(record.kind.starts("side")) if opens_side else None
    return _decide(ctx, "respond", record, before, new, side=side)


async def _has_side(ctx: Context, record: RecordObject) -> bool:
    """Whether the viewer's company kept a side from an earlier time; the record shows none before it accepts."""
    own = ctx.viewer.company
    masks = ctx.decisions.sides(ctx.viewer, record.kind, own)
    (rows,) = await ctx.loaders.sides.load((SideFetch(record.kind, own, {own: (record.id,)}, (), masks),))
    return bool(rows)


async def withdraw(ctx: Context, given: dict[str, Any], step: PlanStep) -> Decision:
    """The viewer's company leaves the record; its side stays in its space, seen by nobody else."""
    record = await record_of(ctx, given["recordId"], "recordId")
    require(joint_bits(ctx, record, "withdraw"), EXISTS, ("recordId",))
    before = await _places(ctx, record)
    return _decide(ctx, "withdraw", record, before, {ctx.viewer.company: Place(Standing(record.row.role, WITHDRAWN))})


async def _places(ctx: Context, record: RecordObject) -> Places:
    (associations,) = await ctx.services.spaces.associations([record.id])
    return places_of(await standings(ctx, record.id), associations)


def _decide(
    ctx: Context,
    action: str,
    record: RecordObject,
    before: Places,
    new: Places,
    *,
    side: dict[str, Any] | None = None,
) -> Decision:
    after = without_their_guests(ctx, record.kind, before | new)
    moves = moved(before, after)
    if not moves:
        return Decision(record.kind, record.id, None)
    own = ctx.viewer.company
    changed = {own, *(each.company for each in moves)}
    was, is_ = standings_of(before), standings_of(after)
    # The own place was read twice, with the record and with the others: it must be as both times, to its role.
    expected = {c: was[c].status if c in was else None for c in changed} | {own: record.row.status}
    roles = {c: was[c].role for c in changed if c in was} | {own: record.row.role}
    change = Change(
        record.kind,
        record.id,
        own,
        ctx.viewer.person,
        ctx.services.now(),
        side=side,
        participants=moves,
        touched=touched(ctx, record.kind, was, is_),
        expect=tuple(expected.items()),
        expect_roles=tuple(roles.items()),
        expect_joint=expected_joint(ctx, record, action),
        expect_associations=associations_of(before),
    )
    return Decision(record.kind, record.id, change)
