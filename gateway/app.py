"""The ASGI application: POST /graphql with JSON, and in demo mode GraphiQL at the root. It only assembles.

GET is for the few persisted documents alone; all else is 405.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.requests import Request as HttpRequest
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.accept import media_type, wants_ok
from gateway.incoming import HIDE_PRIVATE, PRESENTING_TO, hides_private, presents_to, read_get, read_post
from gateway.limits.admission import Overloaded
from gateway.limits.glance import Glance, answer_of, bearer_of, plain_headers
from gateway.limits.http import check_head, read_body
from gateway.limits.table import Limits
from gateway.operations.seen import Seen, Watch
from gateway.pipeline import Answer, Pipeline, Request, refused
from gateway.presenting import Forced
from gateway.refusals import error_of
from schema.errors import Refusal

_HEADERS = {
    "Cache-Control": "private, no-store",
    "Vary": f"Authorization, Accept, {HIDE_PRIVATE}, {PRESENTING_TO}",
    "X-Content-Type-Options": "nosniff",
}
GRAPHQL = "/graphql"


class ShuttingDown(Refusal):
    """The gateway stopped before this request was done."""

    code = "SHUTTING_DOWN"
    retry_after = 1


_SEEN = "multiway.seen"  # where in the scope of a request who watches it is found
_OVERLOADED = refused(Overloaded())


def application(
    pipeline: Pipeline,
    extra: Sequence[BaseRoute] = (),
    lifespan: Callable[[Starlette], AbstractAsyncContextManager[None]] | None = None,
    watch: Watch | None = None,
) -> Starlette:
    """The application. `extra` are routes beside `/graphql`; `watch` sees each request there."""

    async def graphql(http: HttpRequest) -> Response:
        seen: Seen | None = http.scope.get(_SEEN)
        accept = ", ".join(http.headers.getlist("accept"))
        token = bearer(http.headers)
        try:
            request = await _request(http, pipeline.limits)
            if request is None:
                return PlainTextResponse("Method Not Allowed", 405, {**_HEADERS, "Allow": "POST"})
            return _response(await pipeline.answer(token, request, seen), accept)
        except Refusal as refusal:
            return _response(_refused(refusal, seen), accept)
        except asyncio.CancelledError:  # by the server alone, when it stops and this has taken too long
            return _response(_refused(ShuttingDown(), seen), accept)

    every = Route(GRAPHQL, graphql, methods=())  # no list of methods stands for all: what is not taken is told here
    return Starlette(routes=[every, *extra], middleware=[Middleware(Gate, pipeline, watch)], lifespan=lifespan)


def glance_of(pipeline: Pipeline, watch: Watch | None = None) -> Glance:
    """What the server may refuse before it parses it: the requests that `Gate` would refuse, in the same words."""
    headers = {**_HEADERS, "Retry-After": str(_OVERLOADED.retry_after)}

    def glance(data: bytes, more: bytes) -> bytes | None:
        if not pipeline.admission.is_full:
            return None
        asked = plain_headers(data, pipeline.limits)
        if asked is None or not pipeline.refuses(bearer_of(asked)):
            return None
        if watch:
            seen = Seen()
            seen.status, seen.size = _OVERLOADED.status, len(_OVERLOADED.body)
            seen.failed([error_of(Overloaded())])
            watch.end(seen)
        return answer_of(headers, b"503 Service Unavailable", _OVERLOADED.body, asked, more)

    return glance


class Gate:
    """Stands before all else. It refuses what would be refused as too much is asked: the body is not read, and the
    refusal costs a small part of an answer, so that answers go on under it. And who watches sees each request."""

    def __init__(self, app: ASGIApp, pipeline: Pipeline, watch: Watch | None) -> None:
        self._app = app
        self._pipeline = pipeline
        self._watch = watch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http" or scope["path"] != GRAPHQL:
            await self._app(scope, receive, send)
        elif self._watch is None:
            await self._let_in(scope, receive, send, None)
        else:
            seen = Seen()
            scope[_SEEN] = seen

            async def sent(message: Message) -> None:
                if message["type"] == "http.response.start":
                    seen.status = message["status"]
                else:
                    seen.size += len(message.get("body", b""))
                await send(message)

            try:
                await self._let_in(scope, receive, sent, seen)
            finally:
                self._watch.end(seen)

    async def _let_in(self, scope: Scope, receive: Receive, send: Send, seen: Seen | None) -> None:
        headers = Headers(scope=scope)
        if self._pipeline.refuses(bearer(headers)):
            answer = _response(_OVERLOADED, ", ".join(headers.getlist("accept")))
            if seen:
                seen.failed([error_of(Overloaded())])
            await answer(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def _refused(refusal: Refusal, seen: Seen | None) -> Answer:
    if seen:
        seen.failed([error_of(refusal)])
    return refused(refusal)


async def _request(http: HttpRequest, limits: Limits) -> Request | None:
    """The GraphQL request; None where its method, or its document by this method, is not taken."""
    check_head(http, limits)
    if http.method == "POST":
        found: Request | None = read_post(await read_body(http, limits), limits)
    else:
        found = read_get(http.query_params, limits) if http.method == "GET" else None
    hides, presenting = http.headers.getlist(HIDE_PRIVATE), http.headers.getlist(PRESENTING_TO)
    return found and replace(found, forced=Forced(hides_private(hides), presents_to(presenting)))


def _response(answer: Answer, accept: str) -> Response:
    headers = _HEADERS
    if answer.status == 401:
        headers = {**_HEADERS, "WWW-Authenticate": "Bearer"}
    elif answer.retry_after is not None:
        headers = {**_HEADERS, "Retry-After": str(answer.retry_after)}
    status = 200 if answer.wrong_document and wants_ok(accept) else answer.status
    return Response(answer.body, status, headers, media_type=media_type(accept))


def bearer(headers: Mapping[str, str]) -> str | None:
    """The bearer token of the Authorization header."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def closing(close: Callable[[], Any]) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    """A lifespan that awaits `close()` at the end."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        await close()

    return lifespan
