"""Connections under uvicorn: who is slow to ask, or to listen, is let go.

1. A connection beyond the bound is closed at once.
2. A request's head must be whole in time, from the connection's or the head's first byte; else 408. A head that is
   too large is 431.
3. A client that does not take its answer is cut off: a write buffer that does not empty in time.
4. A body that was refused before it was read is thrown away for a moment, so that the client can read why.

5. Where more is asked than can be done, a request that came whole is refused before it is parsed (`glance.py`).

Rows slow-loris, slow reader, headers and connections of limits.md. WebSockets are not offered: an upgrade is answered
as the plain request that it also is.
"""

import asyncio
import sys
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from gateway.limits.glance import Glance
from gateway.limits.http import HeadersTooLarge, TooSlow
from gateway.limits.table import LIMITS, Limits
from gateway.refusals import BadRequest, error_body, status_of
from schema.errors import Refusal

_LINGER = 2.0  # seconds


class BoundedProtocol(H11Protocol):
    """uvicorn's HTTP protocol with time limits. Subclass it to set `limits` and `glance`."""

    limits: Limits = LIMITS
    glance: Glance | None = None

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._head: asyncio.TimerHandle | None = None
        self._stalled: asyncio.TimerHandle | None = None
        self._lingering: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's own
        """Begins to wait for a head, or closes what is one too many."""
        super().connection_made(transport)
        transport.set_write_buffer_limits(0)  # so that anything unsent is seen
        if len(self.connections) > self.limits.connections:
            transport.abort()
        else:
            self._wait_for_head()

    def data_received(self, data: bytes) -> None:
        """Reads, and looks at how far the head has come."""
        if self.glance is not None and self._is_at_rest() and (answer := self.glance(data, self._default_headers())):
            self.transport.write(answer)
            self._rest()
            return
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        """Goes on to the next request, or throws away what is left of this one."""
        super().on_response_complete()
        if self.conn.their_state is h11.SEND_BODY and self._lingering is None:
            self._lingering = self.loop.call_later(_LINGER, self.transport.close)
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stops all clocks."""
        super().connection_lost(exc)
        for timer in (self._head, self._stalled, self._lingering):
            if timer is not None:
                timer.cancel()
        self._head = self._stalled = self._lingering = None

    def pause_writing(self) -> None:
        """The client does not keep up."""
        super().pause_writing()
        if self._stalled is None:
            self._stalled = self.loop.call_later(self.limits.stall_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """The client has taken all."""
        super().resume_writing()
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None

    def send_400_response(self, msg: str) -> None:
        """What is no HTTP is refused in our words."""
        hint = getattr(sys.exception(), "error_status_hint", 400)
        self._refuse(HeadersTooLarge() if hint == status_of(HeadersTooLarge()) else BadRequest("This is not HTTP."))

    def _is_at_rest(self) -> bool:
        """Whether a request may begin with what comes next, and nothing is under way or waits to be sent."""
        conn = self.conn
        return (
            conn.their_state is h11.IDLE
            and conn.our_state is h11.IDLE
            and not conn.trailing_data[0]
            and not self.flow.write_paused
            and not self.transport.is_closing()
        )

    def _default_headers(self) -> bytes:
        return b"".join([b"%s: %s\r\n" % header for header in self.server_state.default_headers])

    def _rest(self) -> None:
        """A request was refused at a glance: the clocks go as they do after any other."""
        if self._head is not None:
            self._head.cancel()
            self._head = None
        self._unset_keepalive_if_required()
        self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)

    def _look(self) -> None:
        if self._lingering is not None and self.conn.their_state is not h11.SEND_BODY:
            self._lingering.cancel()
            self._lingering = None
        if self.conn.their_state is h11.IDLE and self.conn.trailing_data[0]:
            self._wait_for_head()
        elif self._head is not None:
            self._head.cancel()
            self._head = None

    def _wait_for_head(self) -> None:
        if self._head is None:
            self._head = self.loop.call_later(self.limits.header_seconds, self._too_slow)

    def _too_slow(self) -> None:
        if not self.transport.is_closing():
            self._refuse(TooSlow())

    def _refuse(self, refusal: Refusal) -> None:
        body = error_body(refusal)
        headers = [
            (b"content-type", b"application/json; charset=utf-8"),
            (b"cache-control", b"private, no-store"),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
        ]
        for event in (
            h11.Response(status_code=status_of(refusal), headers=headers),
            h11.Data(data=body),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()


def protocol(limits: Limits, glance: Glance | None = None) -> type[BoundedProtocol]:
    """The protocol with these limits, and what is refused at a glance."""
    found = staticmethod(glance) if glance else None
    return type("LimitedProtocol", (BoundedProtocol,), {"limits": limits, "glance": found})
