"""The backend of a server keeps the contract."""

from collections.abc import AsyncIterator

import pytest

from spaces.contract import Spaces
from spaces.postgres.spaces import PostgresSpaces
from tests.postgres import database
from tests.spaces.contract import SpaceContract
from tests.spaces.world import CATALOG, with_companies


class TestPostgres(SpaceContract):
    @pytest.fixture
    async def spaces(self) -> AsyncIterator[Spaces]:
        with database(CATALOG) as address:
            made = PostgresSpaces.open(address, CATALOG, readers=2)
            await with_companies(made)
            yield made
            await made.close()
