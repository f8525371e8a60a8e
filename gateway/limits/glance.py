"""The cheapest refusal: of a request that came whole, before HTTP is parsed, where more is asked than can be done.

Under overload most requests are refused, and what each refusal costs is taken from answers. So a request that is plain
in every way is refused by a look at its bytes. It must be all that has come, with one `Content-Length` that is just as
long as what follows the head, and nothing about transfer, upgrade or expectation; else, and whenever there is any
doubt, nothing is said here and the request goes the usual way, which refuses it in the same words (`gateway/app.py`).
"""

import re
from collections.abc import Callable

from gateway.accept import media_type
from gateway.limits.table import Limits

_LINE = b"POST /graphql HTTP/1.1\r\n"
_ONCE = frozenset({b"host", b"authorization", b"content-length", b"content-type"})
_NEVER = frozenset({b"transfer-encoding", b"upgrade", b"expect", b"te", b"trailer", b"http2-settings"})
_NAME = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789-_")
_TEXT = re.compile(rb"[\t\r\n\x20-\x7e\x80-\xff]*")

Glance = Callable[[bytes, bytes], bytes | None]
"""What is sent back to these bytes, the head of an answer ending with these further lines of it; None: go on."""


def plain_headers(data: bytes, limits: Limits) -> dict[bytes, bytes] | None:
    """The headers of a request for `/graphql` that is whole and plain, by their names in lower case; None for any
    other."""
    if not data.startswith(_LINE):
        return None
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")[1:]
    if len(head) > limits.header_bytes or len(lines) > limits.headers or head.count(b"\n") != len(lines):
        return None
    found: dict[bytes, bytes] = {}
    for line in lines:
        name, colon, value = line.partition(b":")
        name, value = name.lower(), value.strip(b" \t")
        if name == b"connection" and value.lower() != b"keep-alive":
            return None
        if not colon or not name or not _NAME.issuperset(name) or name in _NEVER or (name in found and name in _ONCE):
            return None
        found[name] = found[name] + b"," + value if name in found else value
    if not found.keys() >= _ONCE or head.count(b"\r") != len(lines) or not _TEXT.fullmatch(head):
        return None
    length = found[b"content-length"]
    return found if length.isdigit() and length == b"%d" % len(body) and len(body) <= limits.body_bytes else None


def bearer_of(headers: dict[bytes, bytes]) -> str | None:
    """The bearer token, where it is plain."""
    scheme, _, token = headers[b"authorization"].partition(b" ")
    return token.strip().decode("latin-1") if scheme.lower() == b"bearer" else None


def answer_of(head: dict[str, str], status: bytes, body: bytes, headers: dict[bytes, bytes], more: bytes) -> bytes:
    """A whole answer: `head` are its headers besides length, media type and `more`."""
    kind = media_type(headers.get(b"accept", b"").decode("latin-1"))
    lines = "".join(f"{name.lower()}: {value}\r\n" for name, value in head.items())
    return b"HTTP/1.1 %s\r\n%s%scontent-length: %d\r\ncontent-type: %s\r\n\r\n%s" % (
        status,
        more,
        lines.encode("latin-1"),
        len(body),
        kind.encode(),
        body,
    )
