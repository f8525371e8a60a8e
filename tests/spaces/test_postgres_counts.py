"""What is sent to the server tells nothing of what is hidden: in two worlds that differ in hidden things alone, the
same numbers of statements are run, in as many round trips (leaks.md, row 41)."""

from collections.abc import Sequence

import pytest

from spaces.change import Change
from spaces.postgres.connection import Asked, Connection
from spaces.postgres.spaces import PostgresSpaces
from tests.postgres import database
from tests.spaces.counted import BASE, OF_A_STRANGER, PAIRS, STAGES, counts
from tests.spaces.world import CATALOG, ByCompany, Masks, page, with_companies


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Gains what is sent: each statement, and a mark for each round trip."""
    told: list[object] = []
    plain = Connection._send

    def send(self: Connection, asked: Sequence[Asked]) -> None:
        told.extend([*(sql for sql, _ in asked), "a round trip"])
        plain(self, asked)

    monkeypatch.setattr(Connection, "_send", send)
    return told


async def counted(made: list[Change], masks: Masks | ByCompany, seen: list[object]) -> list[int]:
    """How many statements and round trips A's reads take, of spaces just opened."""
    with database(CATALOG) as address:
        spaces = PostgresSpaces.open(address, CATALOG, readers=1)
        await with_companies(spaces)
        assert not any(await spaces.commit_all([*BASE, *made]))
        await spaces.close()
        spaces = PostgresSpaces.open(address, CATALOG, readers=1)
        found = await counts(spaces, masks, seen)
        seen.clear()
        await spaces.page(page())
        found.append(len(seen))
        await spaces.close()
    return found


@pytest.mark.parametrize("pair", PAIRS)
async def test_two_worlds_cost_the_same_statements(pair: str, seen: list[object]) -> None:
    masks, one, other = PAIRS[pair]
    assert await counted(one, masks, seen) == await counted(other, masks, seen)


async def test_looking_at_partners_costs_two_round_trips(seen: list[object]) -> None:
    found = await counted([], STAGES, seen)
    # Of which company has which records, and of their sides: each the settings, a statement, a trip. With the first of
    # these what masks test of the records, and the count.
    assert found[1] == found[-1] + 2 * 3 + 2


async def test_a_strangers_policy_costs_no_statement(seen: list[object]) -> None:
    assert await counted([], STAGES, seen) == await counted([], OF_A_STRANGER, seen)
