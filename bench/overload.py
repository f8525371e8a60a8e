"""`make overload`: what `multiway serve` does when more is asked than it can answer.

A gateway in a process of its own, a load generator in another (`load.py`), loopback between them, the page of
`page.graphql` over the small network. In turns:

1. peak: closed loops find how many pages a second it answers; that is taken as its capacity;
2. overload: three times that, at a steady rate, by all viewers alike;
3. recovery: half of the capacity, at once after it. These three a second at a time, in turns, so that what else the
   machine does falls on all alike;
4. greed: one viewer asks for twice the capacity, the others together for a quarter of it.

It prints what it found. On a busy machine figures in milliseconds are the machine's.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import quantiles
from typing import Any

from bench.contestants import QUERY
from bench.data import SMALL, Network, kept_network
from bench.load import Entry
from gateway.credentials import DevelopmentIssuer

_ROOT = Path(__file__).parents[1]
_RUSH = 3.0
_LEVELS = (16, 8, 32)  # connections of the closed loops


@dataclass(frozen=True, slots=True)
class Overload:
    """What was found. Rates a second, times in seconds; of refusals the time until their answer."""

    peak: float
    asked: float
    page_cpu: float
    refusal_cpu: float
    """Seconds of the gateway's CPU for a page, when half of the capacity is asked, and for a refusal: what the overload
    took beyond its pages."""
    goodput: float
    refused: int
    others: int
    """Answers that are neither a page nor a refusal, and requests without one."""
    refusal_p50: float
    refusal_p99: float
    refusal_most: float
    answer_p50: float
    answer_p99: float
    least_share: float
    """Of the viewers, the pages of the one that got fewest, as a part of an equal share."""
    most_share: float
    after: float
    """Of what was asked right after the overload, how much was answered."""
    recovery: float
    """Seconds after the overload until all that is asked is answered."""
    modest: float
    """Of what modest viewers asked beside a greedy one, how much was answered."""

    @property
    def kept(self) -> float:
        """Goodput under overload as a part of the peak. The load generator needs CPU, too: where it and others take it
        from the gateway, this is less than the gateway's doing."""
        return self.goodput / self.peak

    @property
    def refusal_cost(self) -> float:
        """CPU of a refusal, as a part of that of a page."""
        return self.refusal_cpu / self.page_cpu

    @property
    def kept_of_cpu(self) -> float:
        """The same, by what a refusal costs: where a page takes 1 of CPU and three times as much is asked as there is,
        g + refusal_cost * (3 - g) = 1."""
        return (1 - _RUSH * self.refusal_cost) / (1 - self.refusal_cost)


class Load:
    """The generator's process."""

    def __init__(self, port: int, tokens: list[str]) -> None:
        self._about = {"port": port, "body": json.dumps({"query": QUERY.read_text(encoding="utf-8")})}
        self.tokens = tokens
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.load"], cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, seconds: float, tokens: list[str] | None = None, **loop: float) -> list[Entry]:
        """What became of the requests of one command."""
        command = {**self._about, "tokens": tokens or self.tokens, "seconds": seconds, **loop}
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        return [(due, took, status, who) for due, took, status, who in json.loads(self._process.stdout.readline())]

    def close(self) -> None:
        """Lets it end."""
        self._process.communicate(timeout=30)


@contextmanager
def served(network: Network, settings: str = "") -> Iterator[tuple[int, int]]:
    """The port of a gateway over this network, in a process of its own, and that process's id."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "settings.toml"
        config.write_text(
            f"data = {json.dumps(str(network.folder))}\nport = 0\ndevelopment_issuer = true\ncost_per_minute = 0\n"
            + settings
        )
        command = [sys.executable, "-m", "gateway", "serve", "--config", str(config)]
        with subprocess.Popen(command, cwd=_ROOT, stderr=subprocess.PIPE, text=True) as process:
            try:
                assert process.stderr
                said = process.stderr.readline()
                rest = threading.Thread(target=process.stderr.read, daemon=True)  # or a full pipe would hold it up
                rest.start()
                yield int(said.rpartition("/graphql")[0].rpartition(":")[2]), process.pid
            finally:
                process.terminate()
                process.wait(timeout=30)


def measure(network: Network, seconds: float, settings: str = "") -> Overload:
    """Runs all four, each so long."""
    issuer, now = DevelopmentIssuer(network.folder), time.time()
    tokens = [issuer.token(people[0], now) for people in network.people]
    rounds = max(2, round(seconds))
    part = seconds / rounds
    rush: list[Entry] = []
    after: list[Entry] = []
    peak = in_time = rush_cpu = after_cpu = 0.0
    with served(network, settings) as (port, pid):
        load = Load(port, tokens)
        try:
            load.run(0.2, connections=1)
            for number in range(rounds):
                found = _good(load.run(part, connections=_LEVELS[number % len(_LEVELS)])) / part
                before = _cpu(pid)
                more = load.run(part, rate=_RUSH * found)
                between = _cpu(pid)
                after += load.run(part, rate=0.5 * found)
                rush, rush_cpu, after_cpu = rush + more, rush_cpu + between - before, after_cpu + _cpu(pid) - between
                peak += found / rounds
                in_time += sum(status == 200 and due + took <= part for due, took, status, _ in more)
            crowd = [tokens[0]] * 8 * (len(tokens) - 1)  # of nine requests eight are the greedy one's
            greedy = load.run(seconds, [*crowd, *tokens[1:]], rate=2.25 * peak)
        finally:
            load.close()
    good = [entry for entry in rush if entry[2] == 200]
    refused = [entry for entry in rush if entry[2] == 503]
    shares = [sum(entry[3] == who for entry in good) * len(tokens) / max(1, len(good)) for who in range(len(tokens))]
    modest = [entry for entry in greedy if entry[3] >= len(crowd)]
    page = after_cpu / max(1, _good(after))
    refusal = max(0.0, rush_cpu - page * len(good)) / max(1, len(refused))
    return Overload(
        peak,
        len(rush) / seconds,
        page,
        refusal,
        in_time / seconds,
        len(refused),
        len(rush) - len(good) - len(refused),
        *_times(refused),
        max((took for _, took, _, _ in refused), default=0.0),
        *_times(good),
        min(shares),
        max(shares),
        _good(after) / max(1, len(after)),
        _recovery(after),
        _good(modest) / max(1, len(modest)),
    )


def _cpu(pid: int) -> float:
    """Seconds of CPU that a process has had. Linux alone has this file."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _good(entries: list[Entry]) -> int:
    return sum(status == 200 for _, _, status, _ in entries)


def _times(entries: list[Entry]) -> tuple[float, float]:
    """The median and the 99th percentile."""
    if len(entries) < 2:
        return 0.0, 0.0
    cuts = quantiles([took for _, took, _, _ in entries], n=100)
    return cuts[49], cuts[98]


def _recovery(entries: list[Entry]) -> float:
    """When the last request was due that was not answered."""
    bad = [due for due, _, status, _ in entries if status != 200]
    return max(bad, default=0.0)


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(prog="python -m bench.overload", description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0, help="how long each part takes (5)")
    parser.add_argument("--settings", default="", help="further settings of the gateway, as TOML")
    parser.add_argument("--json", action="store_true", help="numbers alone")
    options = parser.parse_args()
    found = measure(kept_network(SMALL), options.seconds, options.settings)
    print(json.dumps(asdict(found)) if options.json else told(found))


def told(found: Overload) -> str:
    """What was found, in words."""

    def ms(seconds: float) -> str:
        return f"{seconds * 1000:.1f} ms"

    rows: list[tuple[str, Any]] = [
        ("peak, pages a second", f"{found.peak:.1f}"),
        ("asked, requests a second", f"{found.asked:.1f}"),
        ("goodput, pages a second", f"{found.goodput:.1f} ({found.kept:.0%} of the peak)"),
        (
            "CPU of a page, of a refusal",
            f"{ms(found.page_cpu)}, {found.refusal_cpu * 1000:.2f} ms ({found.refusal_cost:.1%})",
        ),
        ("goodput that this allows at three times the CPU there is", f"{found.kept_of_cpu:.0%} of the peak"),
        ("refused", found.refused),
        ("neither answered nor refused", found.others),
        ("refusals, p50 / p99 / most", " / ".join(map(ms, (found.refusal_p50, found.refusal_p99, found.refusal_most)))),
        ("answers, p50 / p99", " / ".join(map(ms, (found.answer_p50, found.answer_p99)))),
        ("shares of viewers, of an equal one", f"{found.least_share:.2f} to {found.most_share:.2f}"),
        ("answered right after, and all of it from", f"{found.after:.0%}, {found.recovery:.1f} s on"),
        ("answered of modest viewers beside a greedy one", f"{found.modest:.0%}"),
    ]
    width = max(len(name) for name, _ in rows)
    return "\n".join(f"{name:<{width}}  {value}" for name, value in rows)


if __name__ == "__main__":
    main()
