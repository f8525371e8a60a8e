"""The run with custom fields: the page, in a network where every company has 30 custom fields, against the same network
without; then the first page after a template changed; then many companies' schemas (`many_models.py`).

Two gateways are asked in turns, each over its own folder. The page is asked as it stands, and with all custom fields of
the own side beside it. Both must give the same page, but for the custom fields.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.contestants import CUSTOM_QUERY, QUERY
from bench.data import Network
from bench.measure import Effort, Process
from gateway.credentials import DevelopmentIssuer

_ROOT = Path(__file__).parents[1]


@dataclass(slots=True)
class Custom:
    """CPU seconds of pages by round and viewer: without custom fields, with them but not asked for, and asked for. And
    what `many_models.py` found."""

    without: list[list[float]] = field(default_factory=list)
    beside: list[list[float]] = field(default_factory=list)
    asked: list[list[float]] = field(default_factory=list)
    models: dict[str, float] = field(default_factory=dict)


def measure_custom(
    plain: Network, custom: Network, companies: int, effort: Effort, say: Callable[[str], None]
) -> Custom:
    """Measures the gateway over both networks, then so many companies' models. `say` is told how far it is."""
    now, usual = time.time(), range(2, plain.size.companies)
    chosen = list(usual[:: max(1, len(usual) // effort.viewers)])[: effort.viewers]
    page, with_fields = (json.dumps({"query": each.read_text(encoding="utf-8")}) for each in (QUERY, CUSTOM_QUERY))
    networks = {"plain": plain, "custom": custom}
    tokens = {name: _tokens(network, chosen, now) for name, network in networks.items()}
    processes = {name: Process("gateway", network.folder) for name, network in networks.items()}
    found = Custom()
    try:
        for place in range(len(chosen)):
            say(f"the same page with custom fields, viewer {place + 1} of {len(chosen)}")
            without, beside, asked = (
                _page(processes[name], tokens[name][place], text)
                for name, text in (("plain", page), ("custom", page), ("custom", with_fields))
            )
            assert without == beside, "custom fields changed the page"
            assert _stripped(asked) == without, "custom fields that are asked for changed the page"
        for number in range(effort.rounds):
            say(f"custom fields, round {number + 1} of {effort.rounds}")
            found.without.append(processes["plain"].do("cpu", tokens=tokens["plain"], body=page))
            found.beside.append(processes["custom"].do("cpu", tokens=tokens["custom"], body=page))
            found.asked.append(processes["custom"].do("cpu", tokens=tokens["custom"], body=with_fields))
    finally:
        for process in processes.values():
            process.close()
    say(f"the schemas of {companies:,} companies")
    command = [sys.executable, "-m", "bench.many_models", str(companies)]
    models = json.loads(subprocess.run(command, cwd=_ROOT, stdout=subprocess.PIPE, check=True).stdout)
    found.models = {**models, "companies": companies}
    return found


def _tokens(network: Network, companies: Sequence[int], now: float) -> list[str]:
    issuer = DevelopmentIssuer(network.folder)
    return [issuer.token(network.people[c][c % network.size.people], now) for c in companies]


def _page(process: Process, token: str, text: str) -> Any:
    status, body = process.do("body", tokens=[token], body=text)
    assert status == 200, body
    page = json.loads(body)["data"]["opportunities"]
    page["pageInfo"].pop("endCursor")  # sealed, so never the same
    return page


def _stripped(page: Any) -> Any:
    for node in page["nodes"]:
        for name in [name for name in node["mine"] or () if name.startswith("custom")]:
            del node["mine"][name]
    return page
