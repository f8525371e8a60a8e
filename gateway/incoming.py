"""The GraphQL request in an HTTP request, as GraphQL over HTTP has it: the body of a POST, the address of a GET."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from gateway.limits.body import read_json
from gateway.limits.table import Limits
from gateway.persisted.documents import persisted
from gateway.pipeline import Request
from gateway.presenting import MOST_PRESENTED, presented
from gateway.refusals import BadRequest
from schema.names import CompanyId

HIDE_PRIVATE = "Multiway-Hide-Private"
"""The header that hides private fields for one request."""


PRESENTING_TO = "Multiway-Presenting-To"
"""The header that narrows one request to what some companies may see, too: their ids, with commas."""
_ID = re.compile(r"[a-z]+_[0-9a-z]+", re.ASCII)


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


def hides_private(values: Sequence[str]) -> bool:
    """Whether the caller asks that its company's private fields be hidden from it in this request. A header can hide,
    never show. `values` are all that the header has. Raises BadRequest for what is neither true nor false: a slip must
    not show anything."""
    found = {text.strip().lower() for text in values}
    if not found <= {"true", "false"}:
        raise BadRequest(f"The header {HIDE_PRIVATE} is true or false.")
    return "true" in found


def presents_to(values: Sequence[str]) -> tuple[CompanyId, ...]:
    """The companies that the caller presents to in this request, besides those of its own setting. `values` are all
    that the header has. Raises BadRequest for what is no list of a few ids: a slip must not show anything."""
    found = [text.strip() for value in values for text in value.split(",")]
    if not all(_ID.fullmatch(text) for text in found) or len(set(found)) > MOST_PRESENTED:
        raise BadRequest(f"The header {PRESENTING_TO} is 1 to {MOST_PRESENTED} ids of companies, with commas.")
    return presented(found)


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
