"""A world in each sort of spaces."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from spaces.contract import Spaces
from spaces.memory import MemorySpaces
from spaces.sqlite.spaces import SqliteSpaces
from tests.importing.world import CATALOG, World


@pytest.fixture(params=["memory", "sqlite"])
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    folder = tmp_path / "source"
    folder.mkdir()
    spaces: Spaces = MemorySpaces() if request.param == "memory" else SqliteSpaces.open(tmp_path / "data", CATALOG)
    yield World(folder, spaces)
    await spaces.close()
