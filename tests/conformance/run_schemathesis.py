"""Asks a gateway random queries and mutations by schemathesis; runs in the tools' own venv, not in ours.

`run_schemathesis.py SDL_FILE URL EXAMPLES SEED`, with JSON on stdin: the `tokens` that ask in turn, the `codes` that
the gateway may answer, and `ids` of records. Prints JSON: how often each outcome came, and what was found.

1. For each root field in turn schemathesis makes documents, from the SDL alone; a fifth of them do not fit it.
2. Half of those that fit are aimed: their pages are asked as they should be, and their ids are ids of records that
   exist, which chance would never hit.
3. schemathesis judges the answer. Its word on an error that is one of `codes` is not taken: it calls every error of a
   document that fits the schema a failure, as it cannot know of rules beyond the schema.
"""

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import cycle
from typing import Any

import graphql
import schemathesis  # type: ignore[import-not-found] # it is in the tools' venv
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from requests import Session  # type: ignore[import-untyped] # the same
from schemathesis import GenerationMode
from schemathesis.core.failures import FailureGroup  # type: ignore[import-not-found] # the same
from schemathesis.graphql import nodes  # type: ignore[import-not-found] # the same

TEXTS = st.text(max_size=9).map(nodes.String)
SCALARS = {
    "Date": st.dates().map(lambda found: nodes.String(found.isoformat())),
    "DateTime": st.datetimes().map(lambda found: nodes.String(found.isoformat() + "Z")),
    "Decimal": st.decimals(-(10**9), 10**9, places=2).map(lambda found: nodes.String(str(found))),
    "JSON": TEXTS,
}
PAGE = {"first", "last", "after", "before"}


class Aim(graphql.Visitor):
    """Asks each page as it should be asked, and puts the ids of records in the place of made-up ones."""

    def __init__(self, ids: Iterator[str]) -> None:
        super().__init__()
        self._ids = ids

    def enter_field(self, node: graphql.FieldNode, *_: Any) -> graphql.FieldNode:
        """Leaves `first: 2` of a page's arguments."""
        if any(argument.name.value in PAGE for argument in node.arguments or ()):
            kept = [argument for argument in node.arguments or () if argument.name.value not in PAGE]
            first = graphql.ArgumentNode(name=graphql.NameNode(value="first"), value=nodes.Int(2))
            return replace(node, arguments=(*kept, first))
        return node

    def enter_argument(self, node: graphql.ArgumentNode, *_: Any) -> Any:
        """An id."""
        return self._aimed(node)

    def enter_object_field(self, node: graphql.ObjectFieldNode, *_: Any) -> Any:
        """An id in an input."""
        return self._aimed(node)

    def _aimed(self, node: Any) -> Any:
        if node.name.value in ("id", "recordId") and isinstance(node.value, graphql.StringValueNode):
            return replace(node, value=nodes.String(next(self._ids)))
        return node


def findings(case: Any, answer: Any, codes: set[str]) -> list[str]:
    """What schemathesis finds wrong with an answer, but for refusals that the gateway may give."""
    try:
        case.validate_response(answer)
    except FailureGroup as group:
        found = []
        for failure in group.exceptions:
            errors = getattr(failure, "errors", None)
            told = {(error.get("extensions") or {}).get("code") for error in errors or ()}
            if not errors or not told <= codes:
                found.append(f"{type(failure).__name__}: {failure}\n{answer.content.decode()}\n{case.body}")
        return found
    return []


def outcome(answer: Any) -> str:
    """The status, and the codes of the errors or whether there are data."""
    told = answer.json()
    codes = sorted({error["extensions"]["code"] for error in told.get("errors", ())})
    return " ".join([str(answer.status_code), *codes, *(["data"] if told.get("data") is not None else [])])


def main(sdl: str, url: str, examples: int, number: int, given_: dict[str, Any]) -> None:
    """Asks, and prints what came of it."""
    for name, strategy in SCALARS.items():
        schemathesis.graphql.scalar(name, strategy | TEXTS)
    schema = schemathesis.graphql.from_path(sdl)
    tokens, ids, codes = cycle(given_["tokens"]), cycle(given_["ids"]), set(given_["codes"])
    seen: Counter[str] = Counter()
    found: list[str] = []

    def asking(operation: Any, mode: GenerationMode, count: int) -> Callable[[], None]:
        @seed(number)
        @settings(
            max_examples=count,
            phases=[Phase.generate],
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(operation.as_strategy(mode), st.booleans())
        def ask(case: Any, aimed: bool) -> None:
            if aimed and mode is GenerationMode.POSITIVE:
                case.body = graphql.print_ast(graphql.visit(graphql.parse(case.body), Aim(ids)))
            answer = case.call(base_url=url, session=session, headers={"Authorization": f"Bearer {next(tokens)}"})
            seen[outcome(answer)] += 1
            found.extend(findings(case, answer, codes))

        return ask

    operations = [each.ok() for each in schema.get_all_operations()]
    count = -(-examples * 21 // (20 * len(operations)))  # some more, as a few root fields have but few documents
    with Session() as session:
        session.trust_env = False
        for operation in operations:
            asking(operation, GenerationMode.POSITIVE, count - count // 5)()
            if count // 5:
                asking(operation, GenerationMode.NEGATIVE, count // 5)()
    print(json.dumps({"operations": len(operations), "seen": seen, "found": found}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), json.load(sys.stdin))
