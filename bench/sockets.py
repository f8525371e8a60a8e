"""A tiny client over sockets: connections that stay open, each asking again as soon as it was answered."""

import asyncio
import time
from itertools import cycle


async def latencies(port: int, tokens: list[str], body: bytes, requests: int, connections: int) -> list[float]:
    """The seconds of each request, of `requests` that so many connections share."""
    waiting = iter(range(requests))
    who = cycle(tokens)
    found: list[float] = []

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in waiting:
            head = (
                "POST /graphql HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\n"
                f"authorization: Bearer {next(who)}\r\ncontent-length: {len(body)}\r\n\r\n"
            )
            start = time.perf_counter()
            writer.write(head.encode() + body)
            answer = (await reader.readuntil(b"\r\n\r\n")).lower()
            if b" 200 " not in answer.split(b"\r\n")[0]:
                raise RuntimeError(answer.decode())
            length = answer.partition(b"content-length:")[2].partition(b"\r\n")[0]
            await reader.readexactly(int(length))
            found.append(time.perf_counter() - start)
        writer.close()
        await writer.wait_closed()

    await asyncio.gather(*(one() for _ in range(connections)))
    return found
