"""The media type of an answer, by the Accept header, and the status that goes with it, as GraphQL over HTTP has it.

1. `application/graphql-response+json`: the status says what happened. For who names it, and likes it no less.
2. `application/json`: for who names that, a document that was read and found wrong is answered with 200, as older
   clients expect, which look into no answer that has another status.
3. Anything else, such as `*/*`: `application/json`, and the status says what happened.

A refusal of the transport, of signing in and of the limits has its own status in each case.
"""

_GRAPHQL = "application/graphql-response+json"
_JSON = "application/json"


def media_type(accept: str) -> str:
    """The media type of the answer, with its charset."""
    wanted = _wanted(accept)
    chosen = _GRAPHQL if wanted.get(_GRAPHQL, 0) > 0 and wanted[_GRAPHQL] >= wanted.get(_JSON, 0) else _JSON
    return f"{chosen}; charset=utf-8"


def wants_ok(accept: str) -> bool:
    """Whether this caller takes a wrong document's answer with status 200."""
    return _wanted(accept).get(_JSON, 0) > 0 and media_type(accept).startswith(_JSON)


def _wanted(accept: str) -> dict[str, float]:
    """How much each media type that is named is liked, from 0, not at all, to 1. An unreadable weight is 0."""
    found = {}
    for part in accept.lower().split(","):
        name, *parameters = (each.strip() for each in part.split(";"))
        weights = [each[2:] for each in parameters if each.startswith("q=")]
        found[name] = _weight(weights[0]) if weights else 1.0
    return found


def _weight(text: str) -> float:
    try:
        return min(max(float(text), 0.0), 1.0)
    except ValueError:
        return 0.0
