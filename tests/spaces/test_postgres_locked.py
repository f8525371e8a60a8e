"""The second lock: even through a gateway that has lost its head, nobody reads a side that its company neither owns nor
takes part in. Each bug that is planted here shows such sides where the lock is taken off."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from schema.names import RecordId
from spaces.change import Participation, Receipt
from spaces.postgres.layout import layout
from spaces.postgres.row_security import protect
from spaces.postgres.spaces import DatabaseUnusable, PostgresSpaces
from spaces.sql import page as compiled_page
from spaces.sql.selection import Selection
from tests.postgres import database, server
from tests.spaces.world import CATALOG, A, B, C, change, creation, page, sides, with_companies

CANARY = "canary"
LOCKED = layout(CATALOG).companies
OF_SIDES = [table for table in LOCKED if table.startswith("side_")]


class Network(PostgresSpaces):
    """Spaces whose lock can be taken off."""

    owner: "psycopg.Connection[Any]"

    @contextmanager
    def unlocked(self) -> Iterator[None]:
        for table in LOCKED:
            self.owner.execute(f"ALTER TABLE multiway.{table} DISABLE ROW LEVEL SECURITY")
        try:
            yield
        finally:
            self.owner.execute("SET search_path = multiway")
            for statement in protect(LOCKED):
                self.owner.execute(statement)


@pytest.fixture
async def network() -> AsyncIterator[Network]:
    """r1 is A's, with B on it; r2 is C's alone."""
    with database(CATALOG) as address, server().connect(address.split("@/")[1].split("?")[0]) as owner:
        made = Network.open(address, CATALOG, readers=1)
        made.owner = owner
        await with_companies(made)
        of_a = creation("r1", A, "t1", B, side={"stage": CANARY, "needs": [CANARY]}, receipt=Receipt("k", CANARY))
        await made.commit(of_a)
        await made.commit(change("r1", A, "t2", side={"stage": CANARY + "!"}))
        await made.commit(creation("r2", C, "t1", side={"stage": "mine"}))
        yield made
        await made.close()


class Careless(Selection):
    """Forgets whose records a page is about."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        assert self.tests.pop(0) == "p.company_id = :company"


async def shown(network: Network, reader: Any) -> list[str]:
    """What the reader gets by each bug and by reading each table whole."""
    found = [await network.page(page(reader)), await network.sides([sides(A, "r1", reader=reader)])]
    found += [await network._reads.rows(reader, f"SELECT * FROM {table}") for table in LOCKED]
    return [str(each) for each in found]


async def test_bugs_show_no_foreign_side(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled_page, "Selection", Careless)
    locked = await shown(network, C)
    assert [CANARY in each for each in locked] == [False] * len(locked)
    assert "mine" in locked[0], locked[0]  # its own side is there
    with network.unlocked():
        assert [CANARY in each for each in await shown(network, C)].count(True) == 6
    assert await shown(network, C) == locked


async def test_who_takes_part_reads_sides_and_nothing_else(network: Network) -> None:
    for reader, tables in ((A, {"side_deal", "side_words_deal", "history_side", "receipt"}), (B, {*OF_SIDES[:2]})):
        seen = {table for table in LOCKED if CANARY in str(await network._reads.rows(reader, f"SELECT * FROM {table}"))}
        assert seen == tables, reader


async def test_who_comes_later_is_let_in(network: Network) -> None:
    asked = [sides(A, "r1", reader=C)]
    assert await network.sides(asked) == [[]]
    await network.commit(change("r1", A, "t3", participants=(Participation(C, "VIEWER", "INVITED"),)))
    ((row,),) = await network.sides(asked)
    assert row.record == RecordId("r1")


async def test_a_read_that_is_nobodys_reads_nothing(network: Network) -> None:
    with psycopg.connect(server().address(network.owner.info.dbname)) as connection:
        for table in LOCKED:
            assert connection.execute(f"SELECT count(*) FROM multiway.{table}").fetchone() == (0,)
            assert connection.execute(f"DELETE FROM multiway.{table}").rowcount == 0


async def test_a_user_whom_the_lock_does_not_bind_is_refused() -> None:
    with database(CATALOG) as address:
        superuser = server().address(address.split("@/")[1].split("?")[0], "postgres")
        for way in (PostgresSpaces.open, PostgresSpaces.observe):
            with pytest.raises(DatabaseUnusable, match="row-level security"):
                way(superuser, CATALOG)
