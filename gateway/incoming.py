"""The GraphQL request in an HTTP request, as GraphQL over HTTP has it: the body of a POST, the address of a GET."""

from collections.abc import Mapping
from typing import Any

from gateway.limits.body import read_json
from gateway.limits.table import Limits
from gateway.persisted.documents import persisted
from gateway.pipeline import Request
from gateway.refusals import BadRequest


def read_post(body: bytes, limits: Limits) -> Request:
    """The request of a body. Raises BadRequest and ListTooLong."""
    found: Any = read_json(body, limits)
    if not isinstance(found, dict):
        raise BadRequest("The body must be a JSON object with the document in `query`.")
    return _request(found)


def read_get(parameters: Mapping[str, str], limits: Limits) -> Request | None:
    """The request of an address's parameters; None where its document is not persisted. Raises BadRequest and
    ListTooLong."""
    document = persisted(parameters)
    if document is None:
        return None
    found: dict[str, Any] = {"query": document, "operationName": parameters.get("operationName")}
    for name in ("variables", "extensions"):
        if text := parameters.get(name):
            found[name] = read_json(text.encode("utf-8", "surrogatepass"), limits)
    return _request(found)


def _request(found: Mapping[str, Any]) -> Request:
    if not isinstance(found.get("query"), str):
        raise BadRequest("The body must be a JSON object with the document in `query`.")
    variables, name, extensions = found.get("variables"), found.get("operationName"), found.get("extensions")
    if variables is not None and not isinstance(variables, dict):
        raise BadRequest("`variables` must be a JSON object.")
    if name is not None and not isinstance(name, str):
        raise BadRequest("`operationName` must be a string.")
    if extensions is not None and not isinstance(extensions, dict):
        raise BadRequest("`extensions` must be a JSON object.")
    return Request(found["query"], variables or {}, name)
