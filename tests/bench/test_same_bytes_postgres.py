"""On PostgreSQL, too, the gateway and the floor give the same bytes, whatever the network: `bench.scale` asserts it of
every viewer before it measures. On small networks; nothing is held of the times."""

import asyncio

import pytest

from bench.data import Size
from bench.scale import loaded, measure, table

SMALL = Size(companies=8, people=2, records=200, classes=0)


@pytest.mark.parametrize(("custom", "members"), [(0, 3), (20, 6)])
def test_gateway_and_floor_give_the_same_page(custom: int, members: int) -> None:
    size = Size(SMALL.companies, SMALL.people, SMALL.records, 0, custom=custom)
    with loaded(size, members) as (network, address):
        row = asyncio.run(measure("a small network", network, address, rounds=1))
    assert row.sides == 50 * members
    assert "a small network" in table([row])
