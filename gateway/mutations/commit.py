"""The frame of every mutation.

1. An idempotency key used before: the same request is answered again, another is refused.
2. Decide: the mutation reads and checks, and gives the Change and the record it is about, or raises a Refusal.
3. Commit, wholly or not at all. Where what was read no longer holds, decide again.
4. Forget what was read; the payload is then read anew, through the query path.

A refusal is the payload's `userErrors`, and nothing has changed.
"""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import orjson

from gateway.context import Context
from gateway.definitions import ASSOCIATION_RULES
from gateway.filters import plain
from gateway.level import Level, Resolver, one_each
from gateway.objects import PayloadObject
from gateway.plan_values import PlanStep
from schema.errors import BadInput, Fault, IdempotencyMismatch, Refusal
from schema.kind import Kind
from schema.names import RecordId, prefix_of
from spaces.change import Change, Done, NaturalKeyTaken, Receipt, ReceiptExists, Stale, VersionMoved

_TRIES = 32  # each round one of those that contend for a record wins
_MOST_KEY = 200


class KeyTaken(Refusal):
    """Another record of your space has this natural key."""

    code = "NATURAL_KEY_TAKEN"


class Busy(Refusal):
    """The record is being changed by many at once; try again."""

    code = "BUSY"


@dataclass(frozen=True, slots=True)
class Decision:
    """What a mutation decided: the record, its kind, and the change, None where all is as asked already."""

    kind: Kind
    record: RecordId
    change: Change | None


Decide: TypeAlias = Callable[[Context, dict[str, Any], PlanStep], Awaitable[Decision]]


def mutation(decide: Decide) -> Resolver:
    """The step's resolver of a mutation that decides so."""

    async def resolve(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
        given = plain(args["input"])
        key = given.pop("clientMutationId", None)
        type_name = step.selections[0].type_name
        try:
            kind, record = await _carry_out(ctx, given, step, decide, key)
            payload = PayloadObject(type_name, key, record, kind)
        except Refusal as refusal:
            payload = PayloadObject(type_name, key, refusals=[refusal])
        ctx.forget()
        return one_each(payload for _ in parents)

    return resolve


async def _carry_out(
    ctx: Context, given: dict[str, Any], step: PlanStep, decide: Decide, key: str | None
) -> tuple[Kind, RecordId]:
    if key is None:
        return await _decide_and_commit(ctx, given, step, decide, None)
    check_key(key)
    name = f"{step.source.name} {step.source.kind or ''}"
    receipt = Receipt(key, hashlib.sha256(orjson.dumps([name, given], option=orjson.OPT_SORT_KEYS)).hexdigest())
    if done := await _done(ctx, key):
        return _again(ctx, receipt, done)
    try:
        return await _decide_and_commit(ctx, given, step, decide, receipt)
    except Refusal:
        if done := await _done(ctx, key):  # refused because its own twin was carried out meanwhile
            return _again(ctx, receipt, done)
        raise


def check_key(key: str) -> None:
    """Raises BadInput for what is no idempotency key."""
    if not 0 < len(key) <= _MOST_KEY:
        raise BadInput(f"A key has 1 to {_MOST_KEY} characters.", field=("clientMutationId",))
    if "\0" in key:
        raise BadInput("This key has a character that cannot be stored.", field=("clientMutationId",))


async def _done(ctx: Context, key: str) -> Done | None:
    return await ctx.services.spaces.done(ctx.viewer.company, ctx.viewer.person, key)


async def _decide_and_commit(
    ctx: Context, given: dict[str, Any], step: PlanStep, decide: Decide, receipt: Receipt | None
) -> tuple[Kind, RecordId]:
    with ctx.services.writes.one():
        return await _until_it_holds(ctx, given, step, decide, receipt)


async def _until_it_holds(
    ctx: Context, given: dict[str, Any], step: PlanStep, decide: Decide, receipt: Receipt | None
) -> tuple[Kind, RecordId]:
    current = ctx.services.current
    for _ in range(_TRIES):
        decided_by = (ASSOCIATION_RULES.name, current.revision)
        decision = await decide(ctx, given, step)
        change = decision.change
        if change is None:
            if receipt is None:
                return decision.kind, decision.record
            # nothing to do, but the key is used up
            viewer = ctx.viewer
            change = Change(decision.kind, decision.record, viewer.company, viewer.person, ctx.services.now())
        try:
            whole = replace(change, receipt=receipt, decided_by=decided_by)
            await ctx.services.writes.lasting(ctx.services.spaces.commit(whole))
        except (Stale, VersionMoved):  # whether it is still the version that the client expects is decided again
            await current.newest()
            ctx.forget()
        except NaturalKeyTaken:
            raise KeyTaken(field=("mine", decision.kind.natural_key or "")) from None
        except ReceiptExists as error:
            return _again(ctx, receipt, error.done)
        else:
            return decision.kind, decision.record
    raise Busy


def _again(ctx: Context, receipt: Receipt | None, done: Done) -> tuple[Kind, RecordId]:
    if receipt is None or done.request != receipt.request:
        raise IdempotencyMismatch(field=("clientMutationId",))
    kind = ctx.catalog.by_prefix.get(prefix_of(done.record) or "")
    if kind is None:
        raise Fault("a receipt names a record of no kind")
    return kind, done.record
