"""How much text one search may look for: characters before anything else is done with them, then words.

Both are checked with the cost, from plan and variables alone, for each search of the operation.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from graphql import StringValueNode, ValueNode, VariableNode

from gateway.limits.table import Limits
from gateway.plan_values import PlanStep
from schema.errors import Refusal
from schema.words import words


class BadSearchText(Refusal):
    """The text to search for needs a letter or a digit, and may be neither too long nor have too many words."""

    code = "SEARCH_TEXT"


def searched_texts(steps: Iterable[PlanStep]) -> tuple[ValueNode, ...]:
    """The texts that the steps search for, as they stand in the document."""
    return tuple(
        argument.value
        for step in steps
        if step.source.name == "search"
        for argument in step.node.arguments or ()
        if argument.name.value == "text"
    )


def check_text(node: ValueNode, variables: Mapping[str, Any], limits: Limits) -> None:
    """Raises BadSearchText. A variable that has no text is left to execution, which says so."""
    text = variables.get(node.name.value) if isinstance(node, VariableNode) else None
    if isinstance(node, StringValueNode):
        text = node.value
    if text is None:
        return
    if len(text) > limits.search_characters or not 1 <= len(words(text)) <= limits.search_words:
        raise BadSearchText(field=("text",))
