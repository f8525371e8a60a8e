"""A network behind the product's own limits."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.limits.table import UNMETERED
from tests.gateway.world import World, make_world


@pytest.fixture(scope="session")
def bounded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The made network on SQLite, with the limits of the product on what one request may cost."""
    folder: Path = tmp_path_factory.mktemp("bounded")
    made = asyncio.run(make_world("sqlite", folder, crowd=3))
    world = World(made.spaces, limits=UNMETERED)
    world.seeds = made.seeds
    yield world
    asyncio.run(world.spaces.close())
