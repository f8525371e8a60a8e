"""The backend of a server keeps the contract."""

import time
from collections.abc import AsyncIterator

import psycopg
import pytest

from spaces.contract import Spaces
from spaces.deadline import DEADLINE, OutOfTime
from spaces.postgres.layout import OPTIONS
from spaces.postgres.spaces import PostgresSpaces
from tests.postgres import database
from tests.spaces.contract import SpaceContract
from tests.spaces.world import CATALOG, page, with_companies


class TestPostgres(SpaceContract):
    @pytest.fixture
    async def spaces(self) -> AsyncIterator[Spaces]:
        with database(CATALOG) as address:
            made = PostgresSpaces.open(address, CATALOG, readers=2)
            await with_companies(made)
            yield made
            await made.close()


async def test_a_page_that_cannot_be_read_in_time_ends_on_the_server_too() -> None:
    with database(CATALOG) as address, psycopg.connect(address, options=OPTIONS) as other:
        spaces = PostgresSpaces.open(address, CATALOG, readers=1)
        await with_companies(spaces)
        other.execute("LOCK TABLE participant")  # until it is rolled back, below
        until = DEADLINE.set(time.monotonic() + 0.1)
        try:
            with pytest.raises(OutOfTime):
                await spaces.page(page())
        finally:
            DEADLINE.reset(until)
        at_work = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active'"
        assert other.execute(at_work).fetchone() == (1,), "but this one"
        other.rollback()
        assert (await spaces.page(page())).rows == []
        await spaces.close()
