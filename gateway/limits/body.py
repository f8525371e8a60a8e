"""A request's body: JSON within bounds, before anything else looks at it.

1. orjson reads it, which refuses NaN, lone surrogates and nesting beyond its own bound, in C.
2. A walk bounds depth, number of values, length of strings and lists, and refuses U+0000.
3. A second reader refuses duplicate keys, of which orjson would keep the last, and integers beyond 64 bits, which it
   would give as floats.

Rows "variables: deep JSON", "huge numbers, NaN, duplicate keys", "long list inputs" and "unicode" of limits.md.
"""

import json
from collections.abc import Sequence
from typing import Any

import orjson

from gateway.limits.table import Limits
from gateway.refusals import BadRequest
from schema.errors import Refusal
from schema.given import placed

_INT64 = 1 << 63
_LONGEST_KEY = 60
_DIGITS = 20  # of the longest 64-bit integer, with its sign


class ListTooLong(Refusal):
    """A list of the input has too many items."""

    code = "LIST_TOO_LONG"


def read_json(body: bytes, limits: Limits) -> Any:
    """The body's value. Raises BadRequest and ListTooLong."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise BadRequest("The body is not valid JSON.") from None
    _bound(value, limits)
    try:
        _STRICT.decode(body.decode())
    except (ValueError, RecursionError):  # deep only in what a later duplicate hides
        raise BadRequest("The body is not valid JSON.") from None
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadRequest("The body has an object with the same key twice.")
    return found


def _integer(digits: str) -> int:
    if len(digits) <= _DIGITS and -_INT64 <= (found := int(digits)) < _INT64:
        return found
    raise BadRequest("The body has a number beyond 64 bits.")


_STRICT = json.JSONDecoder(object_pairs_hook=_unique, parse_int=_integer)


def _bound(value: Any, limits: Limits) -> None:
    """Level by level, the body itself at level 0: its variables, at level 1, may be `json_depth` levels deep."""
    level: list[Any] = [value]
    document = value.get("query") if type(value) is dict else None  # its tokens are counted first (tokens.py)
    seen = 0
    for depth in range(limits.json_depth + 2):
        seen += len(level)
        if seen > limits.json_values:
            raise BadRequest("The body has too many values.")
        below: list[Any] = []
        for item in level:
            if type(item) is str:
                if item is not document:
                    _text(item, limits)
            elif type(item) is dict:
                for key in item:
                    _text(key, limits)
                below += item.values()
            elif type(item) is list:
                if len(item) > limits.list_items:
                    raise ListTooLong(too_long(_place(value, item)))
                below += item
            else:
                continue
            if depth > limits.json_depth and type(item) is not str:
                raise BadRequest("The body is nested too deeply.")
        if not below:
            return
        level = below


def too_long(place: Sequence[str]) -> str:
    """What is told of a list: where it stands in the input, but for names that nobody has."""
    return placed(tuple(key[:_LONGEST_KEY] for key in place), "This list has too many items.")


def _place(body: Any, wanted: list[Any]) -> tuple[str, ...]:
    """Where in the body the list stands that was found to be too long: all before it are within bounds."""
    level: list[tuple[tuple[str, ...], Any]] = [((), body)]
    while True:
        below: list[tuple[tuple[str, ...], Any]] = []
        for path, item in level:
            if item is wanted:
                return path
            if type(item) is dict:
                below += [((*path, key), each) for key, each in item.items()]
            elif type(item) is list:
                below += [((*path, str(place)), each) for place, each in enumerate(item)]
        level = below


def _text(text: str, limits: Limits) -> None:
    if len(text) * 4 > limits.string_bytes and len(text.encode()) > limits.string_bytes:
        raise BadRequest("The body has a string that is too long.")
    if "\x00" in text:
        raise BadRequest("The body has a string with U+0000.")
