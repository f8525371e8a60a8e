"""The in-memory reference keeps the contract."""

from collections.abc import AsyncIterator

import pytest

from spaces.contract import Spaces
from spaces.memory import MemorySpaces
from tests.spaces.contract import SpaceContract
from tests.spaces.world import with_companies


class TestMemory(SpaceContract):
    @pytest.fixture
    async def spaces(self) -> AsyncIterator[Spaces]:
        made = MemorySpaces()
        await with_companies(made)
        yield made
        await made.close()
