"""The embedded backend keeps the contract."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from spaces.contract import Spaces
from spaces.sqlite.spaces import SqliteSpaces
from tests.spaces.contract import SpaceContract
from tests.spaces.world import CATALOG, with_companies


class TestSqlite(SpaceContract):
    @pytest.fixture
    async def spaces(self, tmp_path: Path) -> AsyncIterator[Spaces]:
        made = SqliteSpaces.open(tmp_path, CATALOG)
        await with_companies(made)
        yield made
        await made.close()


class TestSqliteWithOneFileOpen(SpaceContract):
    """Every file is opened anew: nothing hangs on what a connection remembers."""

    @pytest.fixture
    async def spaces(self, tmp_path: Path) -> AsyncIterator[Spaces]:
        made = SqliteSpaces.open(tmp_path, CATALOG, open_files=1)
        await with_companies(made)
        yield made
        await made.close()
