"""What an operation may cost, from its plan and variables alone: never from data, so that it tells nothing.

Every object that a step may bring costs 1, times the objects that it hangs under. A page is as large as `first` or
`last` asks, a look-up as its ids; other lists are assumed to have two items, or as many as an argument names. A
mutation costs 10 besides, a root field of introspection 100. Row cost of limits.md, after the IBM cost specification.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import IntValueNode, ListValueNode, NullValueNode, ValueNode, VariableNode

from gateway.limits.search import check_text, searched_texts
from gateway.limits.table import Limits
from gateway.plan import PlanTooLarge
from gateway.plan_values import Plan, PlanSelection, PlanStep
from schema.errors import Refusal

_ASSUMED = 2
_MUTATION = 10
_INTROSPECTION = 100
_PAGES = ("first", "last")
_LISTS = ("ids", "companies")
_KEPT = 256


class TooExpensive(Refusal):
    """The operation is too expensive; ask for less at once."""

    code = "COST_ESTIMATED_TOO_EXPENSIVE"


class BadPageSize(Refusal):
    """A page needs either `first` or `last`, a positive number that is not too large."""

    code = "PAGE_SIZE"


class Cost:
    """The cost of one plan. It is the same wherever the sizes in the variables are, so it is kept by those.
    `introspections` are the root fields of introspection, which a plan does not have."""

    def __init__(self, plan: Plan, limits: Limits, introspections: int = 0) -> None:
        """Raises PlanTooLarge."""
        self._plan = plan
        self._limits = limits
        steps = list(_steps(plan.root))
        if len(steps) > limits.plan_steps:
            raise PlanTooLarge
        self._texts = searched_texts(steps)
        self._sizes = tuple(dict.fromkeys(name for step in steps for name in _size_variables(step)))
        mutations = len(plan.root.steps) if plan.operation == "mutation" else 0
        self._base = _MUTATION * mutations + _INTROSPECTION * introspections
        self._kept: dict[tuple[Any, ...], int] = {}

    def check(self, variables: Mapping[str, Any]) -> int:
        """The cost with these coerced variables. Raises BadSearchText, BadPageSize, and TooExpensive beyond the
        bound."""
        for text in self._texts:
            check_text(text, variables, self._limits)
        key = tuple([_length(variables.get(name)) for name in self._sizes])
        cost = self._kept.get(key)
        if cost is None:
            cost = self._base + self._below(self._plan.root, 1, variables, 0)
            if len(self._kept) >= _KEPT:
                self._kept.clear()
            self._kept[key] = cost
        if cost > self._limits.cost:
            raise TooExpensive
        return cost

    def _below(self, selection: PlanSelection, parents: int, variables: Mapping[str, Any], page: int) -> int:
        return sum(self._step(step, parents, variables, page) for step in selection.steps)

    def _step(self, step: PlanStep, parents: int, variables: Mapping[str, Any], page: int) -> int:
        arguments = _sizes(step, variables)
        objects = parents
        if _PAGES[1] in step.definition.args:
            page = self._page(arguments)
        elif _PAGES[0] in step.definition.args:
            page = max(arguments.get(_PAGES[0]) or 1, 1)  # its own bound is the field's business
        if step.many:
            named = next((arguments[name] for name in _LISTS if name in arguments), _ASSUMED)
            objects, page = parents * (page or named), 0
        inside = max((self._below(selection, objects, variables, page) for selection in step.selections), default=0)
        return objects + inside

    def _page(self, arguments: Mapping[str, int]) -> int:
        given = [name for name in _PAGES if name in arguments]
        if len(given) != 1 or not 1 <= arguments[given[0]] <= self._limits.page_size:
            raise BadPageSize(field=(given[0] if len(given) == 1 else _PAGES[0],))
        return arguments[given[0]]


def _steps(selection: PlanSelection) -> Iterator[PlanStep]:
    for step in selection.steps:
        yield step
        for below in step.selections:
            yield from _steps(below)


def _size_variables(step: PlanStep) -> Iterator[str]:
    for argument in step.node.arguments or ():
        if argument.name.value in (*_PAGES, *_LISTS) and isinstance(argument.value, VariableNode):
            yield argument.value.name.value


def _sizes(step: PlanStep, variables: Mapping[str, Any]) -> dict[str, int]:
    """What the step's arguments say of sizes; an argument that is null or not there is left out. Values that fit no
    type, which only lists can hold here, are left to execution, so that the cost never depends on them."""
    found = {}
    given = {argument.name.value: argument.value for argument in step.node.arguments or ()}
    for name in (*_PAGES, *_LISTS):
        if name in step.definition.args:
            size = _size(given.get(name), variables)
            if size is not None:
                found[name] = size
    return found


def _size(value: ValueNode | None, variables: Mapping[str, Any]) -> int | None:
    if isinstance(value, VariableNode):
        return _length(variables.get(value.name.value))
    if isinstance(value, IntValueNode):
        return int(value.value)
    if isinstance(value, ListValueNode):
        return len(value.values)
    return None if value is None or isinstance(value, NullValueNode) else 1


def _length(value: Any) -> int | None:
    if value is None or isinstance(value, int):
        return value
    return len(value) if isinstance(value, list) else 1
