"""defineSharingRule and retireSharingRule: what a company's admins say once of all its sides.

1. An idempotency key used before: the same request is answered again, another is refused.
2. The new version is read, and checked together with the company's other rules.
3. It is committed as a definition, and compiled into the company's policy before anybody is told.

One at a time in this process, also with changes of templates, whose fields rules name.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

import orjson

from gateway.context import Context
from gateway.definitions import definition_of_rule
from gateway.filters import plain
from gateway.level import Level, Resolver, one_each
from gateway.mutations.reading import check_companies, check_people
from gateway.plan_values import PlanStep
from gateway.rule_objects import SharingRulePayloadObject
from gateway.sharing_rules import Rules
from schema.errors import BadInput, Conflict, Forbidden, IdempotencyMismatch, NotFound, Refusal
from schema.shapes_search import kinds_by_value
from schema.sharing_rule import SharingRule
from schema.sharing_rule_read import define
from spaces.change import Stale
from spaces.definition import Definition

_MOST_KEY = 200
MOST_RULES = 100
"""Of one company."""
RULE_PREFIX = "shr"

Decided: TypeAlias = tuple[SharingRule, bool]
"""The new version of a rule, and whether it stands; false where it is taken away."""
Decide: TypeAlias = Callable[[Context, dict[str, Any]], Awaitable[Decided]]


def rule_mutation(decide: Decide) -> Resolver:
    """The step's resolver of a mutation of sharing rules that decides so."""

    async def resolve(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
        given = plain(args["input"])
        key = given.pop("clientMutationId", None)
        type_name = step.selections[0].type_name
        try:
            async with ctx.services.models.changing:
                ctx.pin_anew()
                rule = await _carry_out(ctx, step.source.name, given, decide, key)
            payload = SharingRulePayloadObject(type_name, key, rule)
        except Refusal as refusal:
            payload = SharingRulePayloadObject(type_name, key, None, [refusal])
        ctx.pin_anew()
        ctx.forget()
        return one_each(payload for _ in parents)

    return resolve


async def _carry_out(ctx: Context, verb: str, given: dict[str, Any], decide: Decide, key: str | None) -> str:
    if not ctx.decisions.may_define(ctx.viewer):
        raise Forbidden
    services, viewer = ctx.services, ctx.viewer
    receipt: tuple[str, str, str] | None = None
    if key is not None:
        if not 0 < len(key) <= _MOST_KEY:
            raise BadInput(f"A key has 1 to {_MOST_KEY} characters.", field=("clientMutationId",))
        request = hashlib.sha256(orjson.dumps([verb, given], option=orjson.OPT_SORT_KEYS)).hexdigest()
        receipt = (viewer.person, key, request)
        done = services.rules.done(viewer.company, viewer.person, key)
        if done is not None:
            if done[1] != request:
                raise IdempotencyMismatch(field=("clientMutationId",))
            return done[0]
    rule, stands = await decide(ctx, given)
    definition = definition_of_rule(rule, viewer.person, services.now(), receipt, in_force=stands)
    await _to_its_end(_commit(ctx, definition))
    return rule.id


async def _commit(ctx: Context, definition: Definition) -> None:
    try:
        await ctx.services.spaces.define(definition)
    except Stale:
        raise Conflict(field=("ruleId",)) from None
    ctx.services.rules.take(definition)


async def _to_its_end(work: Awaitable[None]) -> None:
    """Does the work, also where the request is stopped meanwhile: what is kept and what is in force stay one."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise


async def define_rule(ctx: Context, given: dict[str, Any]) -> Decided:
    """A new rule, or a new version of one of the company's own."""
    rule = await next_version(ctx, given)
    mine = placed(ctx.pinned.rules.get(ctx.viewer.company, ()), rule)
    if len(mine) > MOST_RULES:
        raise BadInput(f"A company has at most {MOST_RULES} sharing rules.")
    ctx.services.rules.check(ctx.viewer.company, mine, ctx.catalog)
    return rule, True


async def retire_rule(ctx: Context, given: dict[str, Any]) -> Decided:
    """The rule no more."""
    before = _own(ctx, given["ruleId"], given.get("ifVersion"))
    return replace(before, version=before.version + 1), False


async def next_version(ctx: Context, given: dict[str, Any]) -> SharingRule:
    """The rule that an input says, as the next version of the one that it names. Raises the Refusals of a wrong one."""
    given = {name: value for name, value in given.items() if name != "clientMutationId"}
    id_, version = given.pop("ruleId", None), given.pop("ifVersion", None)
    if id_ is None and version is not None:
        raise BadInput("A new rule has no version.", field=("ifVersion",))
    before = None if id_ is None else _own(ctx, id_, version)
    given["kind"] = kinds_by_value(ctx.catalog)[given["kind"]].name
    new_id = before.id if before else ctx.services.new_id(RULE_PREFIX)
    company = ctx.viewer.company
    rule = define(given, ctx.catalog.by_name, new_id, company, before.version + 1 if before else 1)
    await check_companies(ctx, list(rule.audience.companies), ("audience", "companies"))
    await check_people(ctx, list(rule.audience.people), ("audience", "people"))
    return rule


def placed(rules: Rules, rule: SharingRule) -> Rules:
    """The rules with this one in the place of its former version, or behind them."""
    if all(each.id != rule.id for each in rules):
        return (*rules, rule)
    return tuple(rule if each.id == rule.id else each for each in rules)


def _own(ctx: Context, id_: str, version: int | None) -> SharingRule:
    """The rule of this id. Another company's is not found, in the words of one never made."""
    for rule in ctx.pinned.rules.get(ctx.viewer.company, ()):
        if rule.id == id_:
            if version not in (None, rule.version):
                raise Conflict("The rule has changed since you read it; read it again.", field=("ifVersion",))
            return rule
    raise NotFound("No such sharing rule.", field=("ruleId",))


RULE_STEPS = {"defineSharingRule": rule_mutation(define_rule), "retireSharingRule": rule_mutation(retire_rule)}
"""Which resolver serves which step."""
