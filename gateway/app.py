"""The ASGI application: POST /graphql with JSON, and in demo mode GraphiQL at the root. It only assembles."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from gateway.limits.body import read_json
from gateway.limits.http import read_body
from gateway.limits.table import Limits
from gateway.pipeline import Answer, Pipeline, Request, refused
from gateway.refusals import BadRequest
from schema.errors import Refusal

_HEADERS = {"Cache-Control": "private, no-store", "Vary": "Authorization", "X-Content-Type-Options": "nosniff"}
_JSON = "application/json; charset=utf-8"


def application(
    pipeline: Pipeline,
    extra: Sequence[BaseRoute] = (),
    lifespan: Callable[[Starlette], AbstractAsyncContextManager[None]] | None = None,
) -> Starlette:
    """The application. `extra` are routes of demo mode."""

    async def graphql(http: HttpRequest) -> Response:
        try:
            request = read_request(await read_body(http, pipeline.limits), pipeline.limits)
        except Refusal as refusal:
            return _response(refused(refusal))
        return _response(await pipeline.answer(bearer(http.headers), request))

    return Starlette(routes=[Route("/graphql", graphql, methods=["POST"]), *extra], lifespan=lifespan)


def _response(answer: Answer) -> Response:
    headers = _HEADERS
    if answer.status == 401:
        headers = {**_HEADERS, "WWW-Authenticate": "Bearer"}
    elif answer.retry_after is not None:
        headers = {**_HEADERS, "Retry-After": str(answer.retry_after)}
    return Response(answer.body, answer.status, headers, media_type=_JSON)


def bearer(headers: Mapping[str, str]) -> str | None:
    """The bearer token of the Authorization header."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def read_request(body: bytes, limits: Limits) -> Request:
    """The GraphQL request of an HTTP body. Raises BadRequest and ListTooLong."""
    found: Any = read_json(body, limits)
    if not isinstance(found, dict) or not isinstance(found.get("query"), str):
        raise BadRequest("The body must be a JSON object with the document in `query`.")
    variables, name = found.get("variables"), found.get("operationName")
    if variables is not None and not isinstance(variables, dict):
        raise BadRequest("`variables` must be a JSON object.")
    if name is not None and not isinstance(name, str):
        raise BadRequest("`operationName` must be a string.")
    return Request(found["query"], variables or {}, name)


def closing(close: Callable[[], Any]) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    """A lifespan that awaits `close()` at the end."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        await close()

    return lifespan
