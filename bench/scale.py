"""`python -m bench.scale`: the page on PostgreSQL, over networks of 100 companies and 10,000 records, 1,000 and
100,000, with --million 10,000 and 1,000,000; then with 2 to 50 participants a record, 0 to 200 custom fields, and
without row-level security. See bench/README.md.

The server is the one of the tests, on this machine; the first size is asked once more without row-level security.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean, median
from typing import Any

import psycopg

from bench.contestants import QUERY, Contestant, ask
from bench.data import Network, Size, describe
from bench.scale_data import Loader, people_of
from bench.scale_floor import ServerFloor
from bench.tokens import Tokens
from gateway.app import application
from gateway.compose import compose
from gateway.credentials import DEV_AUDIENCE, DevelopmentIssuer, seal_key
from schema.catalog import load_catalog
from spaces.postgres.address import address_of
from spaces.postgres.connections import Connections
from spaces.postgres.layout import OPTIONS
from spaces.postgres.spaces import PostgresSpaces
from tests.postgres import server

_VIEWERS = 40
SIZES = (Size(100, 2, 10_000, 0), Size(1_000, 2, 100_000, 0))
MILLION = Size(10_000, 2, 1_000_000, 0)
_NETWORK = Size(100, 2, 5_000, 0)
"""The network of the rows with more participants and custom fields."""


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds of a page: of the median viewer, and of CPU in the contestant's process and in the server."""

    p50: float
    cpu: float
    served: float

    @property
    def whole(self) -> float:
        """Seconds of CPU in both."""
        return self.cpu + self.served


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured of one network; how many sides a page shows."""

    what: str
    gateway: Took
    floor: Took
    sides: float


@contextmanager
def loaded(size: Size, members: int = 3) -> Iterator[tuple[Network, str]]:
    """A network in a database of its own, and the database's URL."""
    name = server().database()
    with tempfile.TemporaryDirectory() as folder:
        network = describe(Path(folder), size)
        Loader(network, members).load(server().address(name))
        yield network, server().address(name)
    with server().connect("postgres") as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def contestants(network: Network, address: str) -> tuple[Contestant, Contestant]:
    """The gateway and the floor over a loaded network."""
    catalog, issuer = load_catalog(), DevelopmentIssuer(network.folder)
    spaces, connections = PostgresSpaces.open(address, catalog), Connections(address_of(address), 10)
    seal, keys = seal_key(network.folder), issuer.issuer()
    gateway = compose(catalog, spaces, seal_key=seal, issuers={keys.name: keys}, audience=DEV_AUDIENCE)
    floor = ServerFloor(connections, Tokens(keys.keys, keys.name, DEV_AUDIENCE), seal)

    async def close() -> None:
        connections.close()

    return Contestant(application(gateway.pipeline), spaces.close), Contestant(floor.app, close)


async def measure(what: str, network: Network, address: str, rounds: int) -> Row:
    """Asks gateway and floor in turns; nothing counts before they have given the same bytes."""
    issuer, body = DevelopmentIssuer(network.folder), json.dumps({"query": QUERY.read_text(encoding="utf-8")}).encode()
    tokens = [issuer.token(person, time.time()) for person in people_of(network, _VIEWERS)]
    gateway, floor = contestants(network, address)
    walls: dict[str, list[list[float]]] = {"gateway": [], "floor": []}
    processed: dict[str, list[list[float]]] = {"gateway": [], "floor": []}
    served = {"gateway": 0.0, "floor": 0.0}
    sides = []
    try:
        for token in tokens:
            answer = await ask(gateway.app, token, body)
            assert answer == await ask(floor.app, token, body), "gateway and floor differ"
            nodes = json.loads(answer[1])["data"]["opportunities"]["nodes"]
            sides.append(sum(1 + len(node["partners"]) for node in nodes))
        for _ in range(rounds):
            for name, contestant in (("gateway", gateway), ("floor", floor)):
                took, cpu, before = [], [], _server_seconds(address)
                for token in tokens:
                    begun, worked = time.perf_counter(), time.process_time()
                    await ask(contestant.app, token, body)
                    took.append(time.perf_counter() - begun)
                    cpu.append(time.process_time() - worked)
                walls[name].append(took)
                processed[name].append(cpu)
                served[name] += (_server_seconds(address) - before) / (rounds * len(tokens))
    finally:
        await gateway.close()
        await floor.close()
    # Of each viewer the least of the rounds, which other work on the machine cannot lower.
    typical = {name: median(map(min, zip(*found, strict=True))) for name, found in walls.items()}
    cpus = {name: fmean(map(min, zip(*found, strict=True))) for name, found in processed.items()}
    gateway_took, floor_took = [Took(typical[name], cpus[name], served[name]) for name in ("gateway", "floor")]
    return Row(what, gateway_took, floor_took, fmean(sides))


def _server_seconds(address: str) -> float:
    """CPU seconds of all the server's processes for this database so far (Linux alone, in hundredths)."""
    with psycopg.connect(address) as connection:
        pids = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ).fetchall()
    ticks = 0
    for (pid,) in pids:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _row_security(address: str, *, on: bool) -> None:
    with psycopg.connect(address, options=OPTIONS, autocommit=True) as connection:
        word = "ENABLE" if on else "DISABLE"
        connection.execute(f"ALTER TABLE side_opportunity {word} ROW LEVEL SECURITY".encode())


def compared(network: Network, address: str, rounds: int) -> list[Row]:
    """The page with and without row-level security, in turns: the least of three times each."""
    found: dict[bool, list[Row]] = {True: [], False: []}
    for _ in range(3):
        for on, rows in found.items():
            _row_security(address, on=on)
            what = f"the same {'with' if on else 'without'} row-level security"
            rows.append(asyncio.run(measure(what, network, address, rounds)))
    return [least(rows) for rows in found.values()]


def least(rows: list[Row]) -> Row:
    """The least of several measurements of the same."""

    def of(took: list[Took]) -> Took:
        return Took(min(t.p50 for t in took), min(t.cpu for t in took), min(t.served for t in took))

    return replace(rows[0], gateway=of([row.gateway for row in rows]), floor=of([row.floor for row in rows]))


def run(sizes: list[Size], rounds: int, members: list[int], customs: list[int]) -> list[Row]:
    """Measures one network after the other."""
    rows = []
    for size in sizes:
        with loaded(size) as (network, address):
            rows.append(_said(f"{size.companies:,} companies, {size.records:,} records", network, address, rounds))
            if size == sizes[0]:
                rows += compared(network, address, max(2, rounds // 3))
    for number in members:
        with loaded(_NETWORK, number) as made:
            rows.append(_said(f"{number} participants a record", *made, rounds))
    for number in customs:
        size = Size(_NETWORK.companies, _NETWORK.people, _NETWORK.records, 0, custom=number)
        with loaded(size) as made:
            rows.append(_said(f"{number} custom fields", *made, rounds))
    return rows


def _said(what: str, network: Network, address: str, rounds: int) -> Row:
    row = asyncio.run(measure(what, network, address, rounds))
    print(f"bench: {_line(row)}", file=sys.stderr, flush=True)
    return row


def _line(row: Row) -> str:
    ours, floor = row.gateway, row.floor
    times = (ours.p50, floor.p50, ours.cpu, ours.served, ours.whole, floor.whole)
    numbers = [*(1e3 * each for each in times), ours.whole / floor.whole, row.sides, ours.whole * 1e6 / row.sides]
    return f"| {row.what} | " + " | ".join(f"{each:,.2f}" for each in numbers) + " |"


def table(rows: list[Row]) -> str:
    """The rows as Markdown."""
    names = (
        "p50, ms",
        "p50 of the floor",
        "CPU of the gateway",
        "CPU of the server",
        "CPU of both",
        "floor's CPU of both",
    )
    head = f"| | {' | '.join(names)} | gateway / floor | sides a page | µs of CPU a side |"
    return "\n".join([head, "| --- |" + " ---: |" * (len(names) + 3), *map(_line, rows)])


def main() -> None:
    """Reads the options, measures, prints."""
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__)
    parser.add_argument("--million", action="store_true", help="also 10,000 companies and 1,000,000 records")
    parser.add_argument("--quick", action="store_true", help="the first size alone, in few rounds")
    asked: Any = parser.parse_args()
    sizes = [SIZES[0]] if asked.quick else [*SIZES, *([MILLION] if asked.million else [])]
    members, customs = ([], []) if asked.quick else ([2, 3, 10, 50], [0, 30, 200])
    print(table(run(sizes, 3 if asked.quick else 12, members, customs)))


if __name__ == "__main__":
    main()
