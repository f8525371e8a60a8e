"""Refusals of a request as a whole, and how errors look on the wire."""

from collections.abc import Mapping
from typing import Any

import orjson

from schema.errors import Refusal


class BadRequest(Refusal):
    """The request is not a GraphQL request."""

    code = "BAD_REQUEST"


class ParseFailed(Refusal):
    """The document is not valid GraphQL."""

    code = "PARSE_FAILED"


class ValidationFailed(Refusal):
    """The document does not fit the schema."""

    code = "VALIDATION_FAILED"


class BadVariables(Refusal):
    """The variables do not fit the operation."""

    code = "BAD_VARIABLES"


INTERNAL = "INTERNAL"
_STATUSES: Mapping[str, int] = {
    "UNAUTHENTICATED": 401,
    "REQUEST_TIMEOUT": 408,
    "REQUEST_TOO_LARGE": 413,
    "UNSUPPORTED_MEDIA_TYPE": 415,
    "RATE_LIMITED": 429,
    "TOO_MANY_REQUESTS": 429,
    "HEADERS_TOO_LARGE": 431,
    "OVERLOADED": 503,
    "SHUTTING_DOWN": 503,
    "DEADLINE_EXCEEDED": 504,
}


def status_of(refusal: Refusal) -> int:
    """The HTTP status of a request that is refused as a whole."""
    return _STATUSES.get(refusal.code, 400)


def error_of(refusal: Refusal, path: list[str | int] | None = None) -> dict[str, Any]:
    """A GraphQL error: message, path, and `extensions` with the stable code and the input's path."""
    extensions: dict[str, Any] = {"code": refusal.code}
    if refusal.field:
        extensions["field"] = list(refusal.field)
    found: dict[str, Any] = {"message": refusal.message}
    if path is not None:
        found["path"] = path
    found["extensions"] = extensions
    return found


def error_body(refusal: Refusal) -> bytes:
    """The body of an answer that is this error alone."""
    return orjson.dumps({"errors": [error_of(refusal)]})


def internal_error(fault_id: str) -> dict[str, Any]:
    """What a caller learns of a fault: nothing but an id to quote."""
    return {"message": "Something failed on our side.", "extensions": {"code": INTERNAL, "id": fault_id}}
