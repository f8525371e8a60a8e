"""Refusals of a request as a whole, and how errors look on the wire."""

from typing import Any

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


def internal_error(fault_id: str) -> dict[str, Any]:
    """What a caller learns of a fault: nothing but an id to quote."""
    return {"message": "Something failed on our side.", "extensions": {"code": INTERNAL, "id": fault_id}}
