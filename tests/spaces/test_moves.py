"""All backends keep what is said of companies that move."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from spaces.memory import MemorySpaces
from spaces.parcel import Misfit, Moves
from spaces.postgres.spaces import PostgresSpaces
from spaces.sqlite.spaces import SqliteSpaces
from tests.postgres import database
from tests.spaces.moves import MovesContract, packed
from tests.spaces.world import CATALOG, A, with_companies


class TestMemoryMoves(MovesContract):
    @pytest.fixture
    async def spaces(self) -> Moves:
        made = MemorySpaces()
        await with_companies(made)
        return made

    @pytest.fixture
    def elsewhere(self) -> Moves:
        return MemorySpaces()


class TestSqliteMoves(MovesContract):
    @pytest.fixture
    async def spaces(self, tmp_path: Path) -> AsyncIterator[Moves]:
        made = SqliteSpaces.open(tmp_path / "here", CATALOG)
        await with_companies(made)
        yield made
        await made.close()

    @pytest.fixture
    async def elsewhere(self, tmp_path: Path) -> AsyncIterator[Moves]:
        made = SqliteSpaces.open(tmp_path / "there", CATALOG)
        yield made
        await made.close()


class TestPostgresMoves(MovesContract):
    @pytest.fixture
    async def spaces(self) -> AsyncIterator[Moves]:
        with database(CATALOG) as address:
            made = PostgresSpaces.open(address, CATALOG, readers=2)
            await with_companies(made)
            yield made
            await made.close()

    @pytest.fixture
    async def elsewhere(self) -> AsyncIterator[Moves]:
        with database(CATALOG) as address:
            made = PostgresSpaces.open(address, CATALOG, readers=2)
            yield made
            await made.close()

    async def test_nothing_moves_while_another_process_has_the_database_open(self, monkeypatch: Any) -> None:
        monkeypatch.setattr("spaces.postgres.moves._TRIES", 1)
        with database(CATALOG) as address:
            made, other = (PostgresSpaces.open(address, CATALOG) for _ in range(2))
            await with_companies(made)
            assert len(await packed(made)) == 1
            with pytest.raises(Misfit, match="another process"):
                await made.erase(A)
            await other.close()
            monkeypatch.undo()
            await made.erase(A)
            await made.close()
