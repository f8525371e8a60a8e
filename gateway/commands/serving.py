"""Runs an application on uvicorn until it is told to stop."""

import asyncio
import gc
import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

import uvicorn
from starlette.applications import Starlette

from gateway.limits.connection import protocol
from gateway.limits.glance import Glance
from gateway.limits.table import LIMITS
from gateway.operations.health import Readiness
from schema.errors import Refusal


class PortTaken(Refusal):
    """The address cannot be listened on."""

    code = "ADDRESS_UNUSABLE"


def bind(host: str, port: int) -> socket.socket:
    """A listening socket; who connects before it is served waits. Raises PortTaken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sends without delay only on what says to be TCP; else an answer on a kept connection is 40 ms late.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)  # at once: two that are just bound could share the port, and the later would fail late
    except (OSError, ValueError) as error:  # ValueError: a text that can be no name of a host
        listener.close()
        reason = error.strerror if isinstance(error, OSError) else "this is no name of a host"
        raise PortTaken(f"{host}:{port} cannot be listened on: {reason}.") from None
    return listener


def address(listener: socket.socket) -> str:
    """The socket's address as the beginning of a URL."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@dataclass(frozen=True, slots=True)
class Stopping:
    """How long, in seconds, a process that is to stop says so before it takes no more requests, and how long those
    under way are given then."""

    notice: float = 0.0
    grace: float = 10.0


async def run_until_stopped(
    app: Starlette,
    listener: socket.socket,
    announce: Callable[[], None],
    readiness: Readiness,
    stopping: Stopping = Stopping(),
    glance: Glance | None = None,
) -> None:
    """Serves on the socket; calls `announce` once requests are accepted. At SIGINT or SIGTERM it is ready no more,
    takes no new connection and no new request, lets those under way end, cuts off what does not end in time, and
    returns. A second signal ends the process at once, as `kill -9` would: no acknowledged write is lost by that.
    `glance` refuses what needs no parsing."""

    class Server(uvicorn.Server):
        stops = False

        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            # uvicorn's own raises the signal again when it is done, which would end us before the spaces are closed
            loop = asyncio.get_running_loop()
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, self.handle_exit, number, None)
            yield  # the handlers stay: closing the spaces may take a while, too

        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            if self.stops:
                os._exit(128 + sig)
            self.stops = True
            readiness.drain()
            asyncio.get_running_loop().call_later(stopping.notice, setattr, self, "should_exit", True)

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            announce()

    config = uvicorn.Config(
        app,
        log_config=None,  # what it says goes where all does
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,  # nobody's word for whom a request comes from is taken
        timeout_graceful_shutdown=stopping.grace,  # type: ignore[arg-type] # it waits for any number of seconds
        http=protocol(LIMITS, glance),
        ws="none",
        h11_max_incomplete_event_size=LIMITS.header_bytes,
    )
    gc.collect()
    gc.freeze()  # what is there by now stays: looking for garbage in it again and again would stop all for 0.1 s
    await Server(config).serve(sockets=[listener])
