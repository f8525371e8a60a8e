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
from gateway.filters import plain
from gateway.level import Level, Resolver, one_each
from gateway.objects import PayloadObject
from gateway.plan_values import PlanStep
from schema.errors import BadInput, Conflict, Fault, IdempotencyMismatch, Refusal
from schema.kind import Kind
from schema.names import RecordId, prefix_of
from spaces.change import Change, Done, NaturalKeyTaken, Receipt, ReceiptExists, Stale, VersionMoved

_TRIES = 5
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
    name = f"{step.source.name} {step.source.kind or ''}"
    receipt = None
    if key is not None:
        if not 0 < len(key) <= _MOST_KEY:
            raise BadInput(f"A key has 1 to {_MOST_KEY} characters.", field=("clientMutationId",))
        receipt = Receipt(key, hashlib.sha256(orjson.dumps([name, given], option=orjson.OPT_SORT_KEYS)).hexdigest())
        done = await ctx.services.spaces.done(ctx.viewer.company, ctx.viewer.person, key)
        if done:
            return _again(ctx, receipt, done)
    for _ in range(_TRIES):
        decision = await decide(ctx, given, step)
        if decision.change is None:
            return decision.kind, decision.record
        try:
            await ctx.services.spaces.commit(replace(decision.change, receipt=receipt))
        except Stale:
            ctx.forget()
        except VersionMoved:
            if given.get("ifVersion") is not None:
                raise Conflict(field=("ifVersion",)) from None
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
    kind = ctx.services.catalog.by_prefix.get(prefix_of(done.record) or "")
    if kind is None:
        raise Fault("a receipt names a record of no kind")
    return kind, done.record
