"""The fixture worlds: one that tests only read, and one in which each test makes records of its own."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.gateway.world import BACKENDS, World, make_world


def _world(backend: str, folder: Path, crowd: int) -> Iterator[World]:
    world = asyncio.run(make_world(backend, folder, crowd=crowd))
    yield world
    asyncio.run(world.spaces.close())


@pytest.fixture(scope="session", params=BACKENDS)
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The whole network, on each backend. Only for reading."""
    yield from _world(request.param, tmp_path_factory.mktemp("world"), 24)


@pytest.fixture(scope="session", params=BACKENDS)
def live(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A network to change, on each backend. Tests share it: they change records of their own alone."""
    yield from _world(request.param, tmp_path_factory.mktemp("live"), 3)


@pytest.fixture(scope="session")
def twin(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The same network as `world` on the memory backend, to compare with."""
    yield from _world("memory", tmp_path_factory.mktemp("twin"), 24)


@pytest.fixture(params=BACKENDS)
async def bare(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    """The named records alone, on each backend, for one test: what it changes may reach every record of a company."""
    world = await make_world(request.param, tmp_path, crowd=0)
    yield world
    await world.spaces.close()
