"""The frame of the mutations by which a company's admins define something: sharing rules, access policies, association
rules.

1. An idempotency key used before: the same request is answered again, another is refused.
2. The new version is read, and checked together with all else that the company defined.
3. It is committed as a definition, and compiled into the company's policy before anybody is told; what else follows
   from it is done.

One at a time in this process, also with changes of templates, whose fields are named.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Protocol, TypeAlias, TypeVar

import orjson

from gateway.context import Context, Services
from gateway.definitions import Made, Receipt, Sort, definition_made
from gateway.filters import plain
from gateway.level import Level, Resolver, one_each
from gateway.mutations.commit import check_key
from gateway.plan_values import PlanStep
from gateway.rule_objects import MadePayloadObject
from schema.access_policy import AccessPolicy
from schema.association_rule import AssociationRule
from schema.errors import BadInput, Conflict, Forbidden, IdempotencyMismatch, NotFound, Refusal
from schema.given import refusal
from schema.names import CompanyId, PersonId
from schema.sharing_rule import SharingRule
from schema.viewer import Viewer
from spaces.change import Stale
from spaces.definition import Definition

D = TypeVar("D", SharingRule, AccessPolicy, AssociationRule)
_WORDS = {"rule": "sharing rule", "policy": "access policy"}

M = TypeVar("M", bound=Made)
_K = TypeVar("_K", contravariant=True)

Decide: TypeAlias = Callable[[Context, dict[str, Any]], Awaitable[tuple[M, bool]]]
"""Gives the new version, and whether it stands; false where it is taken away."""

Follow: TypeAlias = Callable[[Context], Awaitable[None]]
"""Does what follows from a new version, once that is in force."""


class Keep(Protocol[_K]):
    """Makes of a new version the definition that keeps it; of one that does not stand, that it was taken away."""

    def __call__(self, made: _K, person: PersonId, at: str, receipt: Receipt | None, *, stands: bool) -> Definition:
        """See the class."""
        ...


class Books(Protocol):
    """What is in force of one sort or several."""

    def done(self, company: CompanyId, person: PersonId, key: str) -> tuple[str, str] | None:
        """What a company's person made with an idempotency key: its id, and the hash of the request."""
        ...

    def take(self, definition: Definition) -> None:
        """Takes a new version: it holds for whoever pins from now on."""
        ...


async def nothing(ctx: Context) -> None:
    """Nothing follows."""


def defining(sort: Sort[D], decide: Decide[D], follow: Follow = nothing) -> Resolver:
    """The step's resolver of a mutation that decides so."""
    return one_at_a_time(partial(definition_made, sort), lambda services: services.rules, decide, follow)


def one_at_a_time(
    keep: Keep[M], books_of: Callable[[Services], Books], decide: Decide[M], follow: Follow = nothing
) -> Resolver:
    """The same, of what is kept so, and holds by these books."""

    async def carry_out(ctx: Context, verb: str, given: dict[str, Any], key: str | None) -> str:
        if not ctx.decisions.may_define(ctx.viewer):
            raise Forbidden
        books, viewer = books_of(ctx.services), ctx.viewer
        receipt = _receipt(viewer, verb, given, key)
        done = _done_before(receipt, books, viewer)
        if done is not None:
            return done
        made, stands = await decide(ctx, given)
        definition = keep(made, viewer.person, ctx.services.now(), receipt, stands=stands)
        await _to_its_end(_commit(ctx, definition, books, follow))
        return made.id

    async def resolve(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
        given = plain(args["input"])
        key = given.pop("clientMutationId", None)
        type_name = step.selections[0].type_name
        try:
            async with ctx.services.models.changing:
                ctx.pin_anew()
                made = await carry_out(ctx, step.source.name, given, key)
            payload = MadePayloadObject(type_name, key, made)
        except Refusal as refusal:
            payload = MadePayloadObject(type_name, key, None, [refusal])
        ctx.pin_anew()
        ctx.forget()
        return one_each(payload for _ in parents)

    return resolve


def _receipt(viewer: Viewer, verb: str, given: Mapping[str, Any], key: str | None) -> Receipt | None:
    """The receipt of a request with this idempotency key, None without one. Raises BadInput for a bad key."""
    if key is None:
        return None
    check_key(key)
    request = hashlib.sha256(orjson.dumps([verb, given], option=orjson.OPT_SORT_KEYS)).hexdigest()
    return viewer.person, key, request


def _done_before(receipt: Receipt | None, books: Books, viewer: Viewer) -> str | None:
    """The id of what this request made when it came before. Raises IdempotencyMismatch where another came with its
    key."""
    found = None if receipt is None else books.done(viewer.company, viewer.person, receipt[1])
    if receipt is None or found is None:
        return None
    if found[1] != receipt[2]:
        raise IdempotencyMismatch(field=("clientMutationId",))
    return found[0]


async def _commit(ctx: Context, definition: Definition, books: Books, follow: Follow) -> None:
    try:
        revision = await ctx.services.spaces.define(definition)
    except Stale:
        raise Conflict("It has changed since you read it; read it again.") from None
    books.take(definition)
    ctx.services.current.took(revision)
    await follow(ctx)


async def _to_its_end(work: Awaitable[None]) -> None:
    """Does the work, also where the request is stopped meanwhile: what is kept and what is in force stay one."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise


def before(held: Iterable[D], given: dict[str, Any], id_key: str, what: str) -> D | None:
    """The version that an input changes, None where it makes something new; takes `id_key` and `ifVersion` out of the
    input. Another company's is not found, in the words of one never made; `what` is the word for it."""
    id_, version = given.pop(id_key, None), given.pop("ifVersion", None)
    if id_ is None:
        if version is not None:
            raise BadInput(f"A new {what} has no version.", field=("ifVersion",))
        return None
    for each in held:
        if each.id == id_:
            if version not in (None, each.version):
                raise Conflict(f"The {what} has changed since you read it; read it again.", field=("ifVersion",))
            return each
    raise NotFound(f"No such {_WORDS.get(what, what)}.", field=(id_key,))


def retired(held: Iterable[D], given: dict[str, Any], id_key: str, what: str) -> tuple[D, bool]:
    """The version by which something is taken away."""
    was = before(held, dict(given), id_key, what)
    assert was is not None  # noqa: S101 # the schema demands the id
    return replace(was, version=was.version + 1), False


def not_past(ctx: Context, until: str | None) -> None:
    """Refuses a last day after which nothing would come into force."""
    if until is not None and until < ctx.services.now()[:10]:
        raise refusal(("until",), "This day is past (UTC).")


def placed(held: tuple[D, ...], made: D) -> tuple[D, ...]:
    """All of these with this one in the place of its former version, or behind them."""
    if all(each.id != made.id for each in held):
        held += (made,)
    return tuple(made if each.id == made.id else each for each in held)
