"""Requests as a server would hand them over, to the byte, and what they cost in CPU."""

import json
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

import orjson

from gateway.app import application
from tests.gateway.world import World

BUDGET = 0.1
"""Seconds of CPU in which a hostile request is refused (limits.md)."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A response: status, headers in lower case, body, and the seconds of CPU that it took."""

    status: int
    headers: dict[str, str]
    body: Any
    cpu: float
    read: int

    @property
    def code(self) -> str | None:
        """The code of the first error."""
        errors = self.body.get("errors")
        return str(errors[0]["extensions"]["code"]) if errors else None


@dataclass(frozen=True, slots=True)
class Post:
    """A request: its body in pieces, and its headers besides those that every request needs."""

    chunks: tuple[bytes, ...]
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = "application/json"


def post(query: str, variables: Any = None, **more: Any) -> Post:
    """A proper request of a document."""
    return Post((json.dumps({"query": query, "variables": variables or {}}).encode(),), **more)


def headers_of(world: World, request: Post, name: str = "ann") -> list[tuple[bytes, bytes]]:
    """All headers that go with a request."""
    given = [("authorization", f"Bearer {world.token(name)}"), ("content-type", request.content_type)]
    return [(key.encode(), value.encode()) for key, value in (*given, *request.headers)]


async def ask(world: World, request: Post, name: str = "ann") -> Asked:
    """One request to the ASGI application. `read` is how many chunks of the body it took."""
    waiting = list(request.chunks)
    sent: list[Any] = []
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/graphql",
        "query_string": b"",
        "headers": headers_of(world, request, name),
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": waiting.pop(0), "more_body": bool(waiting)}

    async def send(message: Any) -> None:
        sent.append(message)

    app = application(world.gateway.pipeline)
    start = time.process_time()
    await app(scope, receive, send)
    cpu = time.process_time() - start
    headers = {key.decode(): value.decode() for key, value in sent[0]["headers"]}
    return Asked(sent[0]["status"], headers, orjson.loads(sent[1]["body"]), cpu, len(request.chunks) - len(waiting))


async def best_of_three(asked: Callable[[], Awaitable[Asked]]) -> Asked:
    """The answer, with the least CPU of three runs: another process may have taken the caches of one."""
    runs = [await asked() for _ in range(3)]
    assert len({(run.status, str(run.body)) for run in runs}) == 1
    return min(runs, key=lambda run: run.cpu)


async def refused(world: World, request: Post, status: int, code: str, *, numbers: Iterable[int] = ()) -> Asked:
    """The request is refused with this status and code, within the budget, and without these numbers in the text."""
    found = await best_of_three(lambda: ask(world, request))
    assert (found.status, found.code) == (status, code), found.body
    assert "data" not in found.body
    assert found.cpu < BUDGET
    message = found.body["errors"][0]["message"].replace(",", "")
    assert not [number for number in numbers if str(number) in message], message
    return found


async def passes(world: World, request: Post) -> Asked:
    """The request is answered without an error."""
    found = await ask(world, request)
    assert (found.status, found.code) == (200, None), found.body
    return found
