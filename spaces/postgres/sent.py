"""Values as PostgreSQL reads them: in its text format, of no type of their own, so that statements say the type."""

from collections.abc import Sequence
from typing import Any

from schema.errors import Fault


def sent(value: Any) -> bytes | None:
    """The text of a value: of a str, a bool, a number, bytes, or a list of such; None for null. A Fault for a text that
    PostgreSQL cannot hold: what comes from callers was refused before."""
    if value is None:
        return None
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, bool):
        return b"t" if value else b"f"
    if isinstance(value, int | float):
        return repr(value).encode()
    if isinstance(value, bytes):
        return b"\\x" + value.hex().encode()
    return _list(value)


def _text(value: str) -> bytes:
    if "\0" in value:
        raise Fault("a text holds the character NUL, which PostgreSQL has not")
    return value.encode()


def _list(values: Sequence[Any]) -> bytes:
    return b"{" + b",".join([_element(value) for value in values]) + b"}"


def _element(value: Any) -> bytes:
    if value is None:
        return b"NULL"
    text = sent(value) or b""
    if isinstance(value, str):
        return b'"' + text.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
    return text
