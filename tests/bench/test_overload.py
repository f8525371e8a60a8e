"""The load test of `make overload`, in short: real processes, far more asked than can be answered.

What is held here is what holds on a busy machine, too: ratios, and what becomes of each request. The figures are
printed (`pytest -s`); those of docs/operations.md are of the long form.
"""

import asyncio
import sys
from pathlib import Path

import pytest

from bench.data import SMALL, make_network
from bench.overload import measure, told

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads the gateway's CPU from /proc")

FEW = "running_requests = 4\nwaiting_requests = 8\n"
"""So few that a slow machine refuses some in a second, too."""


def test_under_overload_it_refuses_cheaply_goes_on_answering_and_treats_all_alike(tmp_path: Path) -> None:
    found = measure(asyncio.run(make_network(tmp_path, SMALL)), 1.6, FEW)
    print(f"\n{told(found)}")
    assert found.others == 0  # all was answered or refused
    assert found.refused > 0
    assert found.goodput > 0
    assert found.refusal_p50 < found.answer_p50 / 2  # who is refused does not wait as others do
    assert found.refusal_cost < 0.4  # three times the capacity leaves something for answers
    assert 0.6 < found.least_share <= found.most_share < 1.5
    assert found.after > 0.5
    assert found.modest > 0.8
