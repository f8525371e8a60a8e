"""A request's body: JSON within bounds, before anything else looks at it.

1. orjson reads it, which refuses NaN, lone surrogates and nesting beyond its own bound, in C.
2. A walk bounds depth, number of values, length of strings, and refuses integers beyond 64 bits and U+0000.
3. A second, slower reader refuses duplicate keys, of which orjson would keep the last.

Rows "variables: deep JSON", "huge numbers, NaN, duplicate keys" and "unicode" of limits.md.
"""

import json
from typing import Any

import orjson

from gateway.refusals import BadRequest

MOST_DEPTH = 32
MOST_VALUES = 5_000
MOST_STRING = 64 * 1024
_INT64 = 1 << 63


def read_json(body: bytes) -> Any:
    """The body's value. Raises BadRequest."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise BadRequest("The body is not valid JSON.") from None
    _bound(value)
    json.loads(body, object_pairs_hook=_unique)
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadRequest("The body has an object with the same key twice.")
    return found


def _bound(value: Any) -> None:
    level: list[Any] = [value]
    seen = 0
    for _ in range(MOST_DEPTH + 1):
        seen += len(level)
        if seen > MOST_VALUES:
            raise BadRequest("The body has too many values.")
        below: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                for key in item:
                    _text(key)
                below.extend(item.values())
            elif isinstance(item, list):
                below.extend(item)
            elif isinstance(item, str):
                _text(item)
            elif type(item) is int and not -_INT64 <= item < _INT64:
                raise BadRequest("The body has a number beyond 64 bits.")
            elif type(item) is float and abs(item) >= 2.0**63 and item.is_integer():
                raise BadRequest("The body has a number beyond 64 bits.")  # orjson reads huge integers as floats
        if not below:
            return
        level = below
    raise BadRequest("The body is nested too deeply.")


def _text(text: str) -> None:
    if len(text) > MOST_STRING:
        raise BadRequest("The body has a string that is too long.")
    if "\x00" in text:
        raise BadRequest("The body has a string with U+0000.")
