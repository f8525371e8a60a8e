"""The transport's bounds, before a byte of the body is read as JSON.

1. Headers: how many, how long; 2. content type and encoding; 3. the body's length, declared or found, and the time it
takes to come. The first holds for every request, the others for POST. Rows body size, headers, CSRF, compression
bomb and slow body of limits.md.
"""

import asyncio

from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest

from gateway.limits.table import Limits
from gateway.refusals import BadRequest
from schema.errors import Refusal


class HeadersTooLarge(Refusal):
    """The request has too many headers, or too long ones."""

    code = "HEADERS_TOO_LARGE"


class WrongType(Refusal):
    """Send the request as application/json, uncompressed."""

    code = "UNSUPPORTED_MEDIA_TYPE"


class TooLarge(Refusal):
    """The request is too large."""

    code = "REQUEST_TOO_LARGE"


class TooSlow(Refusal):
    """The request took too long to arrive."""

    code = "REQUEST_TIMEOUT"


def check_head(http: HttpRequest, limits: Limits) -> None:
    """Raises HeadersTooLarge. What an address asks counts as a header's value."""
    raw, asked = http.scope["headers"], len(http.scope["query_string"])
    if len(raw) > limits.headers or asked + sum([len(name) + len(value) for name, value in raw]) > limits.header_bytes:
        raise HeadersTooLarge


async def read_body(http: HttpRequest, limits: Limits) -> bytes:
    """The bytes of a JSON body. Raises WrongType, TooLarge, TooSlow and BadRequest."""
    raw = http.scope["headers"]
    kind, encoding, declared = b"", False, b""
    for name, value in raw:
        if name == b"content-type":
            kind = value
        elif name == b"content-encoding":
            encoding = True
        elif name == b"content-length":
            declared = value
    if kind.partition(b";")[0].strip().lower() != b"application/json" or encoding:
        raise WrongType
    if declared.isdigit() and (len(declared) > 9 or int(declared) > limits.body_bytes):
        raise TooLarge
    try:
        async with asyncio.timeout(limits.body_seconds):
            return await _bytes(http, limits.body_bytes)
    except ClientDisconnect:
        raise BadRequest from None
    except TimeoutError:
        raise TooSlow from None


async def _bytes(http: HttpRequest, most: int) -> bytes:
    body = bytearray()
    async for chunk in http.stream():
        body += chunk
        if len(body) > most:
            raise TooLarge
    return bytes(body)
