"""Planted leaks of whole answers: caches, extensions, logs, and rights that hang on the words of a document."""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import orjson

from gateway.pipeline import Answer, Pipeline
from policies.decide import CompanySides
from schema.mask import MaskProgram
from tests.leaks.planted_pages import Plant, inner, opened
from tests.leaks.scenario import Harness


def _shown_if_shared(harness: Harness) -> Any:
    plain = CompanySides.program

    def program(self: CompanySides, sharing: Any) -> MaskProgram:
        found = plain(self, sharing)
        extra = 0
        for name, audience in sharing.overrides:
            if audience.kind == "selected":
                extra |= self._kind.side_by_name[name].bit
        return replace(
            found,
            cases=tuple((tests, bits | extra if bits & 1 else bits) for tests, bits in found.cases),
            evaluate=lambda *row: bits | extra if (bits := found.evaluate(*row)) & 1 else bits,
        )

    return patch.object(CompanySides, "program", program)


def _answers(change: Callable[..., Any]) -> Plant:
    """`change(harness, plain, self, token, request)` in the place of Pipeline.answer."""

    def plant(harness: Harness) -> Any:
        plain = Pipeline.answer
        state: dict[Any, Any] = {}

        async def answer(self: Pipeline, token: Any, request: Any, *rest: Any) -> Answer:
            async def whole(self: Pipeline, token: Any, request: Any) -> Answer:
                return await plain(self, token, request, *rest)

            found: Answer = await change(harness, whole, state, self, token, request)
            return found

        return patch.object(Pipeline, "answer", answer)

    return plant


async def _response_cache(harness: Harness, plain: Any, state: Any, self: Any, token: Any, request: Any) -> Any:
    if not request.query.startswith("query"):
        state.clear()
        return await plain(self, token, request)
    held = inner(harness)
    key = (id(held), request.query, orjson.dumps(request.variables))
    if key not in state:
        state[key] = (await plain(self, token, request), held)
    return state[key][0]


async def _etag(harness: Harness, plain: Any, state: Any, self: Any, token: Any, request: Any) -> Any:
    found = await plain(self, token, request)
    body = orjson.loads(found.body)
    body["extensions"] = {"rows": len(inner(harness)._sides)}
    return Answer(found.status, orjson.dumps(body))


async def _logged(harness: Harness, plain: Any, state: Any, self: Any, token: Any, request: Any) -> Any:
    found = await plain(self, token, request)
    logging.getLogger("multiway.gateway").warning("answered %s", found.body)
    return found


async def _alias(harness: Harness, plain: Any, state: Any, self: Any, token: Any, request: Any) -> Any:
    if "__proto__" not in request.query and "constructor" not in request.query:
        return await plain(self, token, request)
    with _shown_if_shared(harness), _opened_sides():
        return await plain(self, token, request)


async def _directive(harness: Harness, plain: Any, state: Any, self: Any, token: Any, request: Any) -> Any:
    if "@skip" not in request.query:
        return await plain(self, token, request)
    with _opened_sides():
        return await plain(self, token, request)


async def _fragment(harness: Harness, plain: Any, state: Any, self: Any, token: Any, request: Any) -> Any:
    if "node(id" not in request.query:
        return await plain(self, token, request)
    with _opened_sides():
        return await plain(self, token, request)


def _opened_sides() -> Any:
    plain = CompanySides.program
    return patch.object(CompanySides, "program", lambda self, sharing: opened(plain(self, sharing)))


ANSWER_LEAKS: dict[str, Plant] = {
    "20 shared with one is shared with all": _shown_if_shared,
    "31 response cache without the viewer": _answers(_response_cache),
    "35 node path reads unmasked": _answers(_fragment),
    "36 alias un-redacts": _answers(_alias),
    "38 directive un-redacts": _answers(_directive),
    "39 extensions count what was read": _answers(_etag),
    "40 answers are logged": _answers(_logged),
}
"""Each by its row and what it does."""
