"""A load generator, in a process of its own: requests at a steady rate, whether or not they are answered, on loopback.

Commands and replies are lines of JSON on standard input and output. A command has `port`, `body`, `tokens` (who asks,
in turns), `seconds`, and one of
- `rate`: so many requests a second (an open loop: the next does not wait for the last one's answer);
- `connections`: so many connections, each asking again once it was answered (a closed loop).

The reply has an entry a request: [second at which it was due, seconds until its answer, status (0: none), whose token].
At most MOST requests and CONNECTIONS connections are made, whatever is asked for.
"""

import asyncio
import json
import sys
import time
from contextlib import suppress
from itertools import count, takewhile
from typing import Any

MOST = 20_000
CONNECTIONS = 400
_PATIENCE = 15.0  # seconds until an answer is given up

Entry = tuple[float, float, int, int]


class Client:
    """Keeps connections open and asks on those that are free."""

    def __init__(self, port: int, body: bytes, tokens: list[str]) -> None:
        self._port = port
        self._tokens = tokens
        self._body = body
        self._free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self._open = 0
        self.found: list[Entry] = []

    async def ask(self, due: float, start: float, who: int) -> None:
        """One request; `due` and `start` in seconds of the monotonic clock, `start` that of the run."""
        status = 0
        with suppress(TimeoutError, ConnectionError, asyncio.IncompleteReadError):
            async with asyncio.timeout(_PATIENCE):
                status = await self._exchange(who)
        self.found.append((due - start, time.monotonic() - due, status, who))

    async def _exchange(self, who: int) -> int:
        if not self._free and self._open >= CONNECTIONS:
            return 0
        if self._free:
            reader, writer = self._free.pop()
        else:
            self._open += 1
            reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        kept = False
        try:
            head = (
                "POST /graphql HTTP/1.1\r\nhost: load\r\ncontent-type: application/json\r\n"
                f"authorization: Bearer {self._tokens[who]}\r\ncontent-length: {len(self._body)}\r\n\r\n"
            )
            writer.write(head.encode() + self._body)
            answer = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = answer.partition(b"content-length:")[2].partition(b"\r\n")[0]
            await reader.readexactly(int(length))
            kept = b"connection: close" not in answer
            return int(answer.split()[1])
        finally:
            if kept:
                self._free.append((reader, writer))
            else:
                self._open -= 1
                writer.close()

    async def close(self) -> None:
        """Closes all connections."""
        for _, writer in self._free:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()


async def run(command: dict[str, Any]) -> list[Entry]:
    """Carries out one command."""
    client = Client(command["port"], command["body"].encode(), command["tokens"])
    who, start, seconds = count(), time.monotonic(), command["seconds"]

    def next_one() -> int:
        return next(who) % len(command["tokens"])

    async def again_and_again() -> None:
        while (now := time.monotonic()) < start + seconds and len(client.found) < MOST:
            await client.ask(now, start, next_one())

    if "rate" in command:
        asked = []
        for number in takewhile(lambda n: n / command["rate"] < seconds and n < MOST, count()):
            due = start + number / command["rate"]
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            asked.append(asyncio.create_task(client.ask(due, start, next_one())))
        await asyncio.gather(*asked)
    else:
        await asyncio.gather(*(again_and_again() for _ in range(min(command["connections"], CONNECTIONS))))
    await client.close()
    return client.found


def main() -> None:
    """Obeys until standard input ends."""
    for line in sys.stdin:
        print(json.dumps(asyncio.run(run(json.loads(line)))), flush=True)


if __name__ == "__main__":
    main()
