"""All backends keep what is said of companies that move."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from spaces.memory import MemorySpaces
from spaces.parcel import HeldRecord, Misfit, Moves
from spaces.postgres.spaces import PostgresSpaces
from spaces.sqlite.spaces import SqliteSpaces
from spaces.sqlite.writer import Writer
from tests.postgres import database
from tests.spaces.moves import MovesContract, lived_in, packed
from tests.spaces.world import CATALOG, A, B, change, creation, with_companies


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


async def test_what_is_read_while_others_write_is_of_one_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each change writes one number to both files; what reads them looks in between, as another process would."""
    served = SqliteSpaces.open(tmp_path, CATALOG)
    await with_companies(served)
    await served.commit(creation("r1", A, "t000", B, joint={"name": "000"}, side={"stage": "000"}))
    await served.commit(creation("r2", A, "t000", B, joint={"name": "000"}, side={"stage": "000"}))
    apply = Writer._apply

    def slowly(*given: Any) -> None:
        time.sleep(0.002)
        apply(*given)

    monkeypatch.setattr(Writer, "_apply", slowly)

    async def writing() -> None:
        for number in range(1, 80):
            told = f"{number:03}"
            both = [
                change(record, A, "t" + told, joint={"name": told}, side={"stage": told}, touched=(A, B))
                for record in ("r1", "r2")
            ]
            assert await served.commit_all(both) == [None, None]

    writes = asyncio.create_task(writing())
    moments = set()
    looking = SqliteSpaces.observe(tmp_path, CATALOG)
    while not writes.done():
        one, other = [piece async for piece in looking.held(A) if isinstance(piece, HeldRecord)]
        assert one.side is not None
        assert other.side is not None
        told = one.cells["name"]
        assert (one.side.cells["stage"], one.touched_at, one.side.updated_at) == (told, "t" + told, "t" + told)
        assert [len(one.side.history), len(one.history)] == [int(told) + 1] * 2
        # both records of one batch share its transactions
        assert (other.cells["name"], other.side.cells["stage"]) == (told, told)
        moments.add(told)
        await asyncio.sleep(0.001)
    await writes
    assert len(moments) > 1, "nothing was written meanwhile"
    await looking.close()
    await served.close()


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

    async def test_no_row_of_any_table_holds_a_word_of_an_erased_company(self) -> None:
        words = ("zed", "three", "four", "hash", '"version"', "held", "n1")
        with database(CATALOG) as address:
            made = PostgresSpaces.open(address, CATALOG)
            await with_companies(made)
            await lived_in(made)
            assert held_words(address, words) == list(words)
            await made.erase(A)
            assert held_words(address, words) == []
            await made.close()


def held_words(address: str, words: tuple[str, ...]) -> list[str]:
    """Which of these words lie in some row of some table."""
    with psycopg.connect(address) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'multiway'").fetchall()
        connection.execute("SELECT set_config('multiway.company', '*', false)")
        rows = [
            str(row).lower()
            for (table,) in tables
            for row in connection.execute(f"SELECT t::text FROM multiway.{table} AS t".encode()).fetchall()
        ]
    return [word for word in words if any(word in row.replace('""', '"') for row in rows)]
