"""`GET /health` and `GET /ready`: whether the process lives, and whether it should be sent requests.

Anybody may ask; the bodies are constants. They are no way round the limits: a request for them is bounded like any
other, has no body, and the spaces are read at most once a second, however many ask.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.limits.http import check_head
from gateway.limits.table import Limits
from gateway.refusals import error_body, status_of
from schema.errors import Refusal
from schema.names import CompanyId
from spaces.contract import Spaces

ALIVE: Final = b'{"status":"alive"}'
READY: Final = b'{"status":"ready"}'
NOT_READY: Final = b'{"status":"not ready"}'
_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_KEPT = 1.0  # seconds for which what was found holds
_PATIENCE = 2.0  # seconds until spaces that do not answer are taken as broken
_NOBODY = CompanyId("co_" + "0" * 26)
log = logging.getLogger("multiway.operations")


class Readiness:
    """Whether requests should be sent here: the spaces can be read, and the process is not about to stop. `clock`
    gives seconds."""

    def __init__(self, spaces: Spaces, clock: Callable[[], float] = time.monotonic) -> None:
        self._spaces = spaces
        self._clock = clock
        self._reading = asyncio.Lock()
        self._until = float("-inf")
        self._readable = True
        self._draining = False

    def drain(self) -> None:
        """From now on it is not ready, for good."""
        self._draining = True

    async def is_ready(self) -> bool:
        """Whether it is ready. Never raises."""
        if self._draining:
            return False
        if self._clock() >= self._until:
            async with self._reading:  # who waited for another's reading takes what that found
                if self._clock() >= self._until:
                    readable = await self._read()
                    if readable != self._readable:
                        log.warning("the spaces can be read again" if readable else "the spaces cannot be read")
                    self._readable, self._until = readable, self._clock() + _KEPT
        return self._readable and not self._draining

    async def _read(self) -> bool:
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._spaces.companies([_NOBODY])
        except Exception:  # whatever is wrong with them: they cannot be read
            return False
        return True


def health_routes(readiness: Readiness, limits: Limits) -> list[Route]:
    """The two routes, for GET and HEAD."""

    def answered(request: Request, status: int, body: bytes) -> Response:
        try:
            check_head(request, limits)
        except Refusal as refusal:
            status, body = status_of(refusal), error_body(refusal)
        return Response(body, status, _HEADERS, media_type="application/json")

    async def health(request: Request) -> Response:
        return answered(request, 200, ALIVE)

    async def ready(request: Request) -> Response:
        return answered(request, *((200, READY) if await readiness.is_ready() else (503, NOT_READY)))

    return [Route("/health", health, methods=["GET"]), Route("/ready", ready, methods=["GET"])]
