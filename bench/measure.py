"""The run: three processes, asked in turns, so that what else the machine does falls on all alike.

1. Each process's first request, cold. 2. The same data from all for many viewers, the same bytes from gateway and
floor; nothing is measured before that holds. 3. CPU of a page, without sockets: of each viewer the least of the rounds,
which other work on the machine cannot lower; of that the mean over the viewers. 4. Policy time of a warm page.
5. The same CPU for the company with a class a side, and for the one beside it. 6. Over sockets: one connection for
the latencies, four for requests a second. 7. Peak memory.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean
from typing import Any

from bench.contestants import NAMES, QUERY
from bench.data import BESIDE_WIDE, WIDE, Network
from bench.sockets import latencies
from gateway.credentials import DevelopmentIssuer

_ROOT = Path(__file__).parents[1]
_CONNECTIONS = 4


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is asked: rounds, and in each so many viewers, of whom the naive way is asked for the first few."""

    rounds: int
    viewers: int
    naive: int


FULL = Effort(rounds=20, viewers=40, naive=2)
QUICK = Effort(rounds=5, viewers=20, naive=1)


@dataclass(slots=True)
class Found:
    """What one contestant took. Seconds and bytes."""

    cold: float = 0.0
    cpu: list[list[float]] = field(default_factory=list)  # by round, then by viewer; so the next two
    wide: list[list[float]] = field(default_factory=list)
    beside: list[list[float]] = field(default_factory=list)
    per_second: list[float] = field(default_factory=list)  # requests, by round
    alone: list[float] = field(default_factory=list)  # seconds of each request of one connection
    peak: int = 0


@dataclass(slots=True)
class Results:
    """What all took, and the gateway's policy time of a warm page, by round and viewer: of usual viewers, and of
    those who meet the many classes."""

    by_name: dict[str, Found]
    policy: list[list[float]]
    policy_wide: list[list[float]]


def least(rounds: list[list[float]]) -> float:
    """The mean over the viewers of the least of their rounds."""
    return fmean(map(min, zip(*rounds, strict=True)))


class Process:
    """A contestant's process."""

    def __init__(self, name: str, folder: Path) -> None:
        command = [sys.executable, "-m", "bench.child", name, str(folder)]
        self._child = subprocess.Popen(command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self._read())

    def do(self, what: str, **more: Any) -> Any:
        """Has it do one command and gives its reply. Raises RuntimeError where it died."""
        assert self._child.stdin
        self._child.stdin.write(json.dumps({"do": what, **more}) + "\n")
        self._child.stdin.flush()
        return self._read()

    def _read(self) -> Any:
        assert self._child.stdout
        line = self._child.stdout.readline()
        if not line:
            raise RuntimeError("a contestant ended; its own words stand above")
        return json.loads(line)

    def close(self) -> None:
        """Lets it end."""
        self._child.communicate(timeout=30)


def measure(network: Network, effort: Effort, say: Callable[[str], None]) -> Results:
    """Measures all three. `say` is told how far it is."""
    issuer = DevelopmentIssuer(network.folder)
    now = time.time()

    def token(company: int, place: int = 0) -> str:
        return issuer.token(network.people[company][place % network.size.people], now)

    usual = range(2, network.size.companies)
    step = max(1, len(usual) // effort.viewers)
    tokens = [token(company, company) for company in usual[::step]][: effort.viewers]
    text = json.dumps({"query": QUERY.read_text(encoding="utf-8")})
    processes = {name: Process(name, network.folder) for name in NAMES}
    try:
        found = {name: Found() for name in NAMES}
        for name, process in processes.items():
            say(f"{name}: the first request")
            found[name].cold = process.do("first", tokens=tokens[:1], body=text)[0]
        _compare(processes, [*tokens, token(WIDE), token(BESIDE_WIDE)], text, say)
        for number in range(effort.rounds):
            say(f"CPU, round {number + 1} of {effort.rounds}")
            for name, process in processes.items():
                asked = tokens[: effort.naive] if name == "naive" else tokens
                found[name].cpu.append(process.do("cpu", tokens=asked, body=text))
                if name != "naive" or number < 2:
                    found[name].wide.append(process.do("cpu", tokens=[token(WIDE)], body=text))
                    found[name].beside.append(process.do("cpu", tokens=[token(BESIDE_WIDE)], body=text))
        say("policy time")
        gateway = processes["gateway"]
        policy = [gateway.do("policy", tokens=tokens, body=text) for _ in range(effort.rounds)]
        many = [token(WIDE), token(BESIDE_WIDE)]
        wide = [gateway.do("policy", tokens=many, body=text) for _ in range(effort.rounds)]
        socket_rounds = max(3, effort.rounds // 2)
        for number in range(socket_rounds):
            say(f"sockets, round {number + 1} of {socket_rounds}")
            for name, process in processes.items():
                slow = name == "naive"
                asking = (process.port, tokens, text.encode())
                found[name].alone += asyncio.run(latencies(*asking, 1 if slow else len(tokens), 1))
                many_requests = _CONNECTIONS if slow else 2 * len(tokens)
                start = time.perf_counter()
                asyncio.run(latencies(*asking, many_requests, _CONNECTIONS))
                found[name].per_second.append(many_requests / (time.perf_counter() - start))
        for name, process in processes.items():
            found[name].peak = process.do("peak")
    finally:
        for process in processes.values():
            process.close()
    return Results(found, policy, wide)


def _compare(processes: dict[str, Process], tokens: list[str], text: str, say: Callable[[str], None]) -> None:
    """Raises AssertionError unless all answer alike: the bytes of gateway and floor, the data of the naive one."""
    for number, token in enumerate(tokens):
        say(f"the same answers, viewer {number + 1} of {len(tokens)}")
        ours, floor = (processes[name].do("body", tokens=[token], body=text) for name in ("gateway", "floor"))
        assert ours[0] == 200, ours
        assert ours == floor, "gateway and floor differ"
        if number % 10 == 0:
            naive = processes["naive"].do("body", tokens=[token], body=text)
            assert json.loads(naive[1]) == json.loads(ours[1]), "gateway and the naive way differ"
