"""What an operation may cost, from its plan and variables alone: never from data, so that it tells nothing.

Every object that a step may bring costs 1, times the objects that it hangs under. A page is as large as `first` or
`last` asks, a look-up as its ids; other lists are assumed to have two items, or as many as an argument names. A
mutation costs 10 besides. Row cost of limits.md, after the IBM cost specification.
"""

from collections.abc import Mapping
from typing import Any

from graphql.execution.values import VariableValues, get_argument_values

from gateway.plan_values import Plan, PlanSelection, PlanStep
from schema.errors import Refusal

MOST_COST = 1_000
_ASSUMED = 2
_MUTATION = 10
_SIZES = ("first", "last")
_LISTS = ("ids", "companies")


class TooExpensive(Refusal):
    """The operation is too expensive; ask for less at once."""

    code = "COST_ESTIMATED_TOO_EXPENSIVE"


def cost_of(plan: Plan, variables: VariableValues) -> int:
    """The static cost of an operation."""
    base = _MUTATION * len(plan.root.steps) if plan.operation == "mutation" else 0
    return base + _below(plan.root, 1, variables, 0)


def check_cost(plan: Plan, variables: VariableValues) -> int:
    """The cost. Raises TooExpensive beyond the bound."""
    cost = cost_of(plan, variables)
    if cost > MOST_COST:
        raise TooExpensive
    return cost


def _below(selection: PlanSelection, parents: int, variables: VariableValues, page: int) -> int:
    return sum(_step(step, parents, variables, page) for step in selection.steps)


def _step(step: PlanStep, parents: int, variables: VariableValues, page: int) -> int:
    arguments: Mapping[str, Any] = {}
    if step.definition.args:
        arguments = get_argument_values(step.definition, step.node, variables, hide_suggestions=True)
    size = next((int(arguments[name]) for name in _SIZES if arguments.get(name) is not None), 0)
    if size:  # a connection: its items stand one level below
        objects, page = parents, max(size, 0)
    elif step.many:
        named = next((len(arguments[name]) for name in _LISTS if arguments.get(name) is not None), None)
        objects = parents * (page or (_ASSUMED if named is None else named))
        page = 0
    else:
        objects = parents
    inside = max((_below(selection, objects, variables, page) for selection in step.selections), default=0)
    return objects + inside
