"""Clients that are slow or many, over real sockets: header_seconds, body_seconds, stall_seconds, connections."""

import asyncio
import dataclasses
import json
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
import uvicorn

from gateway.app import application
from gateway.limits.connection import protocol
from gateway.limits.glance import Glance
from gateway.limits.table import LIMITS, Limits
from spaces.memory import MemorySpaces
from tests.gateway.world import World, add_people

SHORT = dataclasses.replace(LIMITS, header_seconds=0.3, body_seconds=0.3, stall_seconds=0.3, connections=3)
CHUNKS = b"Transfer-Encoding: chunked\r\n\r\n" + (b"10000\r\n" + b" " * 65_536 + b"\r\n") * 200
ZIPPED = b"Content-Encoding: gzip\r\nContent-Length: 500000\r\n\r\n" + b"x" * 500_000
HEAD = b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


@asynccontextmanager
async def served(limits: Limits = SHORT, app: Any = None, glance: Glance | None = None) -> AsyncIterator[int]:
    """The port of a gateway with these limits, or of another application under them."""
    world = World(MemorySpaces(), limits=limits)
    await add_people(world.spaces)
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    config = uvicorn.Config(
        app or application(world.gateway.pipeline),
        http=protocol(limits, glance),
        ws="none",
        lifespan="off",
        log_level="critical",
        h11_max_incomplete_event_size=limits.header_bytes,
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve([listening]))
    try:
        while not server.started:  # noqa: ASYNC110 # uvicorn offers no event to wait for
            await asyncio.sleep(0.01)
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        server.force_exit = True
        await serving
        listening.close()


async def told(reader: asyncio.StreamReader) -> tuple[int, str]:
    """The status of the answer that comes, and its code."""
    text = await asyncio.wait_for(reader.readuntil(b"}]}"), 3)
    return int(text.split()[1]), json.loads(text.partition(b"\r\n\r\n")[2])["errors"][0]["extensions"]["code"]


async def closes(reader: asyncio.StreamReader, within: float) -> None:
    """The connection ends, by the server's doing."""
    with suppress(ConnectionError):
        assert await asyncio.wait_for(reader.read(), within) == b""


@pytest.mark.parametrize(
    "begin", [b"", b"POST", b"POST /graphql HTTP/1.1\r\nHost: x\r\n", HEAD + b"Content-Length: 2\r\n\r\n{}POST /"]
)
async def test_a_head_that_does_not_come_is_408(begin: bytes) -> None:
    async with served() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        start = time.monotonic()
        writer.write(begin)
        if b"{}" in begin:  # the second request of a connection
            assert await told(reader) == (400, "BAD_REQUEST")
        for _ in range(4):  # a byte now and then does not prolong it
            await asyncio.sleep(0.05)
            writer.write(b"x" if begin else b"")
        assert await told(reader) == (408, "REQUEST_TIMEOUT")
        assert time.monotonic() - start < 1
        await closes(reader, 1)
        writer.close()


@pytest.mark.parametrize("head", [b"Content-Length: 100\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n"])
async def test_a_body_that_does_not_come_is_408(head: bytes) -> None:
    async with served() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        start = time.monotonic()
        writer.write(HEAD + head)
        assert await told(reader) == (408, "REQUEST_TIMEOUT")
        assert 0.25 < time.monotonic() - start < 1
        await closes(reader, 3)
        writer.close()


@pytest.mark.parametrize(
    ("send", "answer"),
    [
        (HEAD + b"Content-Length: 10000000\r\n\r\n" + b" " * 10_000_000, (413, "REQUEST_TOO_LARGE")),
        (HEAD + CHUNKS, (413, "REQUEST_TOO_LARGE")),
        (HEAD + ZIPPED, (415, "UNSUPPORTED_MEDIA_TYPE")),
        (HEAD + b"X: " + b"y" * 40_000, (431, "HEADERS_TOO_LARGE")),
        (HEAD + b"X: " + b"y" * 40_000 + b"\r\nContent-Length: 2\r\n\r\n{}", (431, "HEADERS_TOO_LARGE")),
        (HEAD + b"X: y\r\n" * 200 + b"Content-Length: 2\r\n\r\n{}", (431, "HEADERS_TOO_LARGE")),
        (b"what is this\r\n\r\n", (400, "BAD_REQUEST")),
    ],
)  # fmt: skip # reads better side by side
async def test_what_is_too_large_is_told_before_it_is_read(send: bytes, answer: tuple[int, str]) -> None:
    async with served(dataclasses.replace(LIMITS)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        cpu = time.process_time()
        writer.write(send)
        assert await told(reader) == answer
        assert time.process_time() - cpu < 0.1
        writer.transport.abort()


async def test_one_connection_too_many_is_closed() -> None:
    async with served() as port:
        held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
        await asyncio.sleep(0.05)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await closes(reader, 0.2)
        for _, open_ in held:
            open_.close()
        writer.close()
        await asyncio.sleep(0.05)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HEAD + b"Content-Length: 2\r\n\r\n{}")
        assert await told(reader) == (400, "BAD_REQUEST")
        writer.close()


async def _flood(scope: Any, receive: Callable[[], Any], send: Callable[[Any], Any]) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"x" * 20_000_000, "more_body": False})


async def test_who_does_not_take_the_answer_is_cut_off() -> None:
    async with served(app=_flood) as port:
        client = socket.create_connection(("127.0.0.1", port))
        client.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        await asyncio.sleep(0.8)
        client.settimeout(2)
        taken = 0
        with suppress(ConnectionError):
            while piece := client.recv(1 << 20):  # what the kernel had taken over is still delivered
                taken += len(piece)
        assert taken < 20_000_000
        client.close()
