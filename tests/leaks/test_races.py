"""A short form of `make races`: each sort of revocation on each backend, and a fault that they must find."""

import asyncio
import os
from typing import Any
from unittest.mock import patch

import pytest

from policies.authority import Policies
from tests.leaks.races import SORTS, races

RACES = int(os.environ.get("MULTIWAY_EXAMPLES", "12"))
"""Of each sort on each backend."""


@pytest.mark.parametrize("backend", ["memory", "sqlite"])
@pytest.mark.parametrize("name", SORTS)
async def test_no_answer_that_began_after_the_acknowledgement_shows_the_field(backend: str, name: str) -> None:
    found = await races(SORTS[name], backend, RACES)
    assert found.leaks == ()
    assert found.after == RACES * 3
    assert found.before > RACES  # there was something to be seen


async def test_a_planted_delay_is_found() -> None:
    """What a company defined is in force a little later than it is acknowledged."""
    plain = Policies.replace_rules

    def replace_rules(self: Policies, *given: Any) -> None:
        asyncio.get_running_loop().call_later(0.2, plain, self, *given)

    with patch.object(Policies, "replace_rules", replace_rules):
        assert (await races(SORTS["policy about partners"], "memory", 4)).leaks
