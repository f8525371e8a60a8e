"""The ASGI application: POST /graphql with JSON, and in demo mode GraphiQL at the root. It only assembles."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from gateway.pipeline import Answer, Pipeline, Request
from gateway.refusals import BadRequest, error_of
from schema.errors import Refusal

MOST_BODY = 256 * 1024
"""The most bytes of a request's body (limits.md)."""

_HEADERS = {"Cache-Control": "private, no-store", "Vary": "Authorization", "X-Content-Type-Options": "nosniff"}
_JSON = "application/json; charset=utf-8"


class TooLarge(Refusal):
    """The request is too large."""

    code = "REQUEST_TOO_LARGE"


class WrongType(Refusal):
    """Send the request as application/json, uncompressed."""

    code = "UNSUPPORTED_MEDIA_TYPE"


def application(
    pipeline: Pipeline,
    extra: Sequence[BaseRoute] = (),
    lifespan: Callable[[Starlette], AbstractAsyncContextManager[None]] | None = None,
) -> Starlette:
    """The application. `extra` are routes of demo mode."""

    async def graphql(http: HttpRequest) -> Response:
        try:
            request = read_request(http.headers, await _body(http))
        except TooLarge as refusal:
            return _response(Answer(413, orjson.dumps({"errors": [error_of(refusal)]})))
        except WrongType as refusal:
            return _response(Answer(415, orjson.dumps({"errors": [error_of(refusal)]})))
        except Refusal as refusal:
            return _response(Answer(400, orjson.dumps({"errors": [error_of(refusal)]})))
        return _response(await pipeline.answer(bearer(http.headers), request))

    return Starlette(routes=[Route("/graphql", graphql, methods=["POST"]), *extra], lifespan=lifespan)


def _response(answer: Answer) -> Response:
    headers = _HEADERS if answer.status != 401 else {**_HEADERS, "WWW-Authenticate": "Bearer"}
    return Response(answer.body, answer.status, headers, media_type=_JSON)


def bearer(headers: Mapping[str, str]) -> str | None:
    """The bearer token of the Authorization header."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


async def _body(http: HttpRequest) -> bytes:
    declared = http.headers.get("content-length", "")
    if declared.isdecimal() and (len(declared) > 9 or int(declared) > MOST_BODY):
        raise TooLarge
    body = bytearray()
    try:
        async for chunk in http.stream():
            body += chunk
            if len(body) > MOST_BODY:
                raise TooLarge
    except ClientDisconnect:
        raise BadRequest from None
    return bytes(body)


def read_request(headers: Mapping[str, str], body: bytes) -> Request:
    """The GraphQL request of an HTTP body. Raises WrongType and BadRequest."""
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json" or "content-encoding" in headers:
        raise WrongType
    try:
        found: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise BadRequest("The body is not valid JSON.") from None
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
