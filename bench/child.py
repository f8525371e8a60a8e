"""One contestant in a process of its own: it serves on a port of loopback, and does what the parent says.

Commands and replies are lines of JSON on standard input and output:
- first: the first request of this process ever: seconds of wall time and of CPU;
- body: the answer to one token, as status and text;
- cpu: the CPU seconds of a request for each token, without a socket;
- policy: seconds of policy in a page for each token (the gateway alone);
- peak: the most memory that the process ever held, in bytes.
"""

import asyncio
import json
import resource
import socket
import sys
import time
from pathlib import Path
from typing import Any

import uvicorn

from bench.contestants import Contestant, ask, build


async def _do(contestant: Contestant, command: dict[str, Any]) -> Any:
    body, tokens = command.get("body", "").encode(), command.get("tokens", [])
    match command["do"]:
        case "first":
            wall, cpu = time.perf_counter(), time.process_time()
            await ask(contestant.app, tokens[0], body)
            return [time.perf_counter() - wall, time.process_time() - cpu]
        case "body":
            status, text = await ask(contestant.app, tokens[0], body)
            return [status, text.decode()]
        case "cpu":
            return [await _cpu(contestant, token, body) for token in tokens]
        case "policy":
            from bench.policy_time import policy_seconds  # the gateway's alone, so that no other holds it

            return await policy_seconds(lambda token: ask(contestant.app, token, body), tokens)
        case "peak":
            return _peak()
        case other:
            raise ValueError(other)


def _peak() -> int:
    try:  # what getrusage tells on Linux begins with the memory of whoever started the process
        status = Path("/proc/self/status").read_text(encoding="ascii")
        return int(status.partition("VmHWM:")[2].split()[0]) * 1024
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


async def _cpu(contestant: Contestant, token: str, body: bytes) -> float:
    start = time.process_time()
    status, _ = await ask(contestant.app, token, body)
    took = time.process_time() - start
    assert status == 200, "a refusal is no page"
    return took


async def main(name: str, folder: Path) -> None:
    """Serves and obeys until standard input ends."""
    contestant = build(name, folder)
    # Told to be TCP, for asyncio switches the delay of small packets off only where it knows that.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    listening.listen()  # who connects before the server has begun waits
    config = uvicorn.Config(contestant.app, log_level="error", access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve([listening]))
    print(json.dumps(listening.getsockname()[1]), flush=True)
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        print(json.dumps(await _do(contestant, json.loads(line))), flush=True)
    server.should_exit = True  # the connections are closed by now
    await serving
    await contestant.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
