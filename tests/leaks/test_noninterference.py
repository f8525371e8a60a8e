"""A short form of `make prove`: pairs of worlds, and a few of the planted leaks; the long one runs by itself."""

from collections.abc import AsyncIterator

import pytest

from tests.leaks.boxes import count_decisions
from tests.leaks.planted import PLANTED, find
from tests.leaks.scenario import Harness

count_decisions()

QUICK = (
    "1 filter compares the raw value",
    "3 filter looks at partners' raw values",
    "5 cursor not bound to the viewer",
    "7 groups of raw values",
    "8 totalCount counts hidden records",
    "9 refusal names the hidden record",
    "10 FORBIDDEN for what is hidden",
    "39 extensions count what was read",
    "40 answers are logged",
    "11 customFields shows what is not shared",
    "12 templates lists those of others",
    "48 what is retired or dropped lives on",
)
"""Planted leaks that are found within a few scenarios."""


@pytest.fixture
async def memory() -> AsyncIterator[Harness]:
    harness = Harness("memory")
    yield harness
    await harness.close()


@pytest.mark.parametrize(("backend", "number"), [("memory", 120), ("sqlite", 30), ("postgres", 10)])
async def test_what_is_hidden_makes_no_difference(backend: str, number: int) -> None:
    harness = Harness(backend)
    found = [d for seed in range(number) if (d := await harness.scenario(seed))]
    await harness.close()
    assert not found, "\n".join(map(str, found))
    assert harness.varied > number * 0.8  # nearly every pair is one of two different worlds
    assert harness.operations > number * 3


async def test_planted_leaks_are_found(memory: Harness) -> None:
    for name in QUICK:
        assert await find(memory, name, 50_000, most=400), name
    assert len(PLANTED) > 20
