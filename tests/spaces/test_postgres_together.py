"""Two gateways on one database write the same: nothing is lost, nothing happens twice, nobody waits for ever."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from schema.names import CompanyId, RecordId
from schema.sharing import PARTICIPANTS, PRIVATE, Sharing
from spaces.change import Change, Participation, Receipt, ReceiptExists, Stale, VersionMoved
from spaces.definition import Definition
from spaces.fetch import CompanyRow, ParticipantFetch
from spaces.postgres.spaces import PostgresSpaces
from tests.postgres import database, server
from tests.spaces.world import (
    ALL_JOINT,
    ANN,
    CATALOG,
    DEAL,
    OPEN,
    SHUT,
    A,
    B,
    C,
    change,
    creation,
    sides,
    with_companies,
)

Both = tuple[PostgresSpaces, PostgresSpaces]


@pytest.fixture
async def both() -> AsyncIterator[Both]:
    with database(CATALOG) as address:
        made = tuple(PostgresSpaces.open(address, CATALOG, readers=2) for _ in range(2))
        await with_companies(made[0])
        yield made[0], made[1]
        for each in made:
            await each.close()


async def errors(both: Both, *changes_of_each: list[Change]) -> list[Exception | None]:
    """What became of changes, written by both at the same time."""
    pairs = zip(both, changes_of_each, strict=True)
    found = await asyncio.gather(*[each.commit_all(changes) for each, changes in pairs])
    return [error for each in found for error in each]


def kinds_of(found: list[Exception | None]) -> list[str]:
    return sorted(type(error).__name__ for error in found if error is not None)


async def test_no_update_is_lost(both: Both) -> None:
    await both[0].commit(creation(side={"chance": 0}))

    async def add(spaces: PostgresSpaces) -> int:
        moved = 0
        for _ in range(25):
            while True:
                ((row,),) = await spaces.sides([sides(A, "r1")])
                try:
                    await spaces.commit(change(side={"chance": row.values[3] + 1}, if_version=row.version))
                except VersionMoved:
                    moved += 1
                else:
                    break
        return moved

    moved = await asyncio.gather(*[add(each) for each in both for _ in range(2)])
    ((row,),) = await both[1].sides([sides(A, "r1")])
    assert (row.values[3], row.version) == (100, 101)
    assert sum(moved) > 0


async def test_one_of_each(both: Both) -> None:
    twice = [[creation(f"r{n}") for n in range(20)] for _ in both]
    found = await errors(both, *twice)
    assert kinds_of(found) == ["Stale"] * 20
    keyed = [[change(f"r{n}", natural_key="one") for n in (first, 5, 6)] for first in (1, 2)]
    assert kinds_of(await errors(both, *keyed)) == ["NaturalKeyTaken"] * 5
    with_receipt = [change(f"r{n}", side={"stage": "x"}, receipt=Receipt("k", "h")) for n in (3, 4)]
    found = await errors(both, [with_receipt[0]], [with_receipt[1]])
    (exists,) = [error for error in found if isinstance(error, ReceiptExists)]
    done = await both[0].done(A, ANN, "k")
    assert exists.done == done
    written = await both[0].sides([sides(A, "r3", "r4")])
    assert [row.record for row in written[0] if row.version == 2] == [done and done.record]


async def test_batches_that_cross_end(both: Both) -> None:
    names = [f"r{n}" for n in range(150)]
    await both[0].commit_all([creation(name, A, "t1", B) for name in names])
    one = [change(name, side={"stage": "one"}, sharing=OPEN) for name in names]
    other = [change(name, B, side={"stage": "other"}, sharing=SHUT) for name in reversed(names)]
    assert await errors(both, one, other) == [None] * 300
    assert [len(rows) for rows in await both[0].sides([sides(A, *names), sides(B, *names)])] == [150, 150]


async def test_classes_are_counted_by_one(both: Both) -> None:
    await both[0].commit_all([creation(f"r{n}") for n in range(40)])
    sharings = [Sharing((("stage", PRIVATE), (name, PARTICIPANTS))) for name in ("amount", "chance", "closes", "score")]
    given = [[change(f"r{n}", sharing=sharings[n % 4]) for n in places] for places in (range(40), range(39, -1, -1))]
    assert await errors(both, *given) == [None] * 80
    classes = await both[0].sharing_classes(A, DEAL)
    assert (len(classes), set(classes[1:])) == (5, set(sharings))


async def test_a_definition_has_each_version_once(both: Both) -> None:
    made = Definition(A, "template", "tp_1", 1, ANN, "t1", "{}")
    for version in range(1, 6):
        found = await asyncio.gather(
            *[each.define(replace(made, version=version, at=f"t{version}")) for each in both], return_exceptions=True
        )
        assert sorted(type(each).__name__ for each in found) == ["Stale", "int"]
    assert [each.version for each in await both[1].definitions()] == [5]


async def test_companies_come_in_one_order(both: Both) -> None:
    rows = [CompanyRow(CompanyId(f"co_{n}"), "Same") for n in range(10)]
    await asyncio.gather(*[each.add_company(row) for each in both for row in rows])
    assert await both[0].companies_by_name(["Same"]) == await both[1].companies_by_name(["Same"])


async def test_participants_meet_whole(both: Both) -> None:
    await both[0].commit(creation())
    invited = [[change(participants=(Participation(c, "VIEWER", "INVITED"),), expect=((c, None),))] for c in (B, C)]
    assert await errors(both, *invited) == [None, None]
    assert kinds_of(await errors(both, *invited)) == ["Stale", "Stale"]
    rows = await both[1].participants(ParticipantFetch((RecordId("r1"),), ALL_JOINT))
    assert {row.company for row in rows} == {A, B, C}


async def test_a_lost_connection_fails_the_change_or_keeps_it(both: Both) -> None:
    await both[0].commit(creation())
    with server().connect("postgres") as other:
        other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'multiway'")
    outcomes = [await attempt(both[0], n) for n in range(4)]
    ((row,),) = await both[1].sides([sides(A, "r1")])
    assert row.version == 1 + outcomes.count(True) > 3


async def attempt(spaces: PostgresSpaces, n: int) -> bool:
    try:
        await spaces.commit(change(side={"chance": n}))
    except Stale:
        raise
    except Exception:
        return False
    return True
