"""The run over the large network: what the company that has all records asks, as `measure.py` does for the page.

Of each query: the same bytes from gateway and floor, for all people of the company; then the CPU of an answer, both in
turns, without sockets: of each person the least of the rounds, of that the mean.
"""

import json
import time
from collections.abc import Callable
from typing import TypeAlias

from bench.contestants import LARGE_QUERIES
from bench.data import CENTRE, Network
from bench.measure import Effort, Process
from gateway.credentials import DevelopmentIssuer

Large: TypeAlias = dict[str, dict[str, list[list[float]]]]
"""CPU seconds by operation and contestant, then by round and person."""


def measure_large(network: Network, effort: Effort, say: Callable[[str], None]) -> Large:
    """Measures gateway and floor. `say` is told how far it is."""
    issuer, now = DevelopmentIssuer(network.folder), time.time()
    tokens = [issuer.token(person, now) for person in network.people[CENTRE]]
    processes = {name: Process(name, network.folder) for name in ("gateway", "floor")}
    found: Large = {}
    try:
        for name, file in LARGE_QUERIES.items():
            text = json.dumps({"query": file.read_text(encoding="utf-8"), "operationName": name})
            for token in tokens:
                ours, floor = (process.do("body", tokens=[token], body=text) for process in processes.values())
                assert ours[0] == 200, ours
                assert ours == floor, "gateway and floor differ"
            found[name] = {contestant: [] for contestant in processes}
            for number in range(effort.rounds):
                say(f"{name}, round {number + 1} of {effort.rounds}")
                for contestant, process in processes.items():
                    found[name][contestant].append(process.do("cpu", tokens=tokens, body=text))
    finally:
        for process in processes.values():
            process.close()
    return found
