"""A world in each sort of spaces."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.gateway.world import BACKENDS, open_spaces
from tests.importing.world import CATALOG, World


@pytest.fixture(params=BACKENDS)
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    folder = tmp_path / "source"
    folder.mkdir()
    spaces = open_spaces(request.param, tmp_path / "data", CATALOG)
    yield World(folder, spaces)
    await spaces.close()
