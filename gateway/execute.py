"""Executes a plan breadth-first: a level at a time, every step once for all its parents.

1. The steps of a level run together, whatever their parents are: what they fetch in one tick from one place is one
   fetch (`loaders.py`).
2. What each step brought is built by its selection's generated builder, an object that many parents share once,
   with null where a step fills in later, and linked into the parents' dicts.
3. The steps of what was built are the next level, until there are none.

A Refusal is the error of the root field under which it was raised, and null spreads to where the schema allows it.
Anything else is a fault of the whole request: nothing partial leaves, and the caller learns "internal". Root fields
of a mutation run one after the other, in the order of the document.
"""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any, NamedTuple

from graphql import GraphQLError
from graphql.execution.values import VariableValues, get_argument_values

from gateway.context import Context
from gateway.level import Level, Resolver
from gateway.plan_values import Plan, PlanSelection, PlanStep
from gateway.refusals import BadVariables
from schema.errors import Refusal


class Work(NamedTuple):
    """One step to be done: for which objects, into which dicts of theirs, and below which root field."""

    step: PlanStep
    objects: Sequence[Any]
    answers: Sequence[dict[str, Any]]
    root: str


class Bound:
    """A plan with variables and viewer: what is different in each request. Plans are shared and never written."""

    def __init__(self, ctx: Context, variables: VariableValues, resolvers: Mapping[str, Resolver]) -> None:
        self._ctx = ctx
        self._variables = variables
        self._resolvers = resolvers

    async def levels(self, level: Sequence[Work]) -> tuple[list[Level | Refusal | None], BaseException | None]:
        """What each step brought, or why it was refused. Cut short, it gives what had come by then, None for the
        rest, and what cut it short, for the caller to raise."""
        found: list[Any] = [self._start(work) for work in level]
        waiting = [place for place, each in enumerate(found) if not isinstance(each, Level | Refusal)]
        cut: BaseException | None = None
        if len(waiting) == 1:  # a task of its own would gain nothing
            try:
                found[waiting[0]] = await found[waiting[0]]
            except Refusal as refusal:
                found[waiting[0]] = refusal
            except BaseException as error:
                found[waiting[0]], cut = None, error
        elif waiting:
            tasks = [asyncio.ensure_future(found[place]) for place in waiting]
            try:
                brought = await asyncio.gather(*tasks, return_exceptions=True)
            except asyncio.CancelledError as error:
                brought = [each.result() if each.done() and not _failed(each) else error for each in tasks]
            for place, each in zip(waiting, brought, strict=True):
                if isinstance(each, BaseException) and not isinstance(each, Refusal):
                    found[place], cut = None, each
                else:
                    found[place] = each
        return found, cut

    def _start(self, work: Work) -> Level | Refusal | Awaitable[Level]:
        step = work.step
        arguments: dict[str, Any] = {}
        try:
            if step.constant is not None:
                arguments = step.constant()
            elif step.definition.args:
                arguments = get_argument_values(step.definition, step.node, self._variables, hide_suggestions=True)
            return self._resolvers[step.source.name](work.objects, arguments, self._ctx, step)
        except GraphQLError as error:  # a variable that may be null, given as null where no null may stand
            return BadVariables(error.message)
        except Refusal as refusal:
            return refusal


def _failed(task: asyncio.Future[Any]) -> bool:
    return task.cancelled() or task.exception() is not None


class Execution:
    """One run of a plan. It may be cut off at any time: `outcome` tells what is whole by then."""

    def __init__(self, plan: Plan, bound: Bound) -> None:
        self._bound = bound
        self._answer = plan.root.build([None])[0]
        self._refusals: dict[str, Refusal] = {}
        self._roots = [Work(step, [None], [self._answer], step.key) for step in plan.root.steps]
        self._one_by_one = plan.operation == "mutation"
        self._unfinished = {root.root for root in self._roots}

    async def run(self) -> None:
        """Runs to the end. Faults are raised."""
        for first in [[root] for root in self._roots] if self._one_by_one else [self._roots]:
            await self._walk(first)

    @property
    def has_begun(self) -> bool:
        """Whether any root field is whole, or was refused."""
        return len(self._unfinished) < len(self._roots)

    def outcome(self, late: Refusal | None = None) -> tuple[dict[str, Any] | None, list[tuple[str, Refusal]]]:
        """The answer's `data` and the refusals of root fields by response key; `late` is that of what has not come."""
        if late is not None:
            self._refusals.update(dict.fromkeys(self._unfinished - self._refusals.keys(), late))
        for key in self._refusals:
            self._answer[key] = None
        refused = [root.step for root in self._roots if root.root in self._refusals]
        errors = [(step.key, self._refusals[step.key]) for step in refused]
        return (None if any(step.required for step in refused) else self._answer), errors

    async def _walk(self, level: list[Work]) -> None:
        """Does the work of a level, then of those below it. Below a root field that is refused nothing more is done."""
        roots = {work.root for work in level}
        while level:
            below: list[Work] = []
            missing: set[str] = set()
            brought, cut = await self._bound.levels(level)
            for work, found in zip(level, brought, strict=True):
                if found is None:
                    missing.add(work.root)
                elif isinstance(found, Refusal):
                    self._refusals.setdefault(work.root, found)
                else:
                    _link(work, found, _build(work, found.objects, below))
            level = [work for work in below if work.root not in self._refusals]
            self._unfinished -= roots - missing.union(work.root for work in level)
            if cut is not None:
                raise cut


def _build(work: Work, objects: list[Any], below: list[Work]) -> list[dict[str, Any]]:
    """The dicts of what a step brought, each built as what it turned out to be. Adds the steps on them to `below`."""
    selections = work.step.selections
    if len(selections) == 1:
        return _built(selections[0], objects, work.root, below)
    built: list[Any] = [None] * len(objects)
    for selection in selections:
        places = [place for place, item in enumerate(objects) if item.type_name == selection.type_name]
        answers = _built(selection, [objects[place] for place in places], work.root, below)
        for place, answer in zip(places, answers, strict=True):
            built[place] = answer
    return built


def _built(selection: PlanSelection, objects: list[Any], root: str, below: list[Work]) -> list[dict[str, Any]]:
    answers = selection.build(objects)
    if objects:
        below += [Work(step, objects, answers, root) for step in selection.steps]
    return answers


def _link(work: Work, level: Level, built: list[dict[str, Any]]) -> None:
    """Puts what was built into the dicts of its parents; where there is no link, null stands there already."""
    key = work.step.key
    for answer, link in zip(work.answers, level.links, strict=True):
        if type(link) is list:
            answer[key] = [None if at is None else built[at] for at in link]
        elif link is not None:
            answer[key] = built[link]  # one of them, or a slice
