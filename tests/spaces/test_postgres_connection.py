"""Reads on PostgreSQL: what is asked together travels together, and whose the read is never stays behind."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import pytest

from schema.errors import Fault
from schema.names import CompanyId
from spaces.deadline import DEADLINE, OutOfTime
from spaces.postgres.address import address_of
from spaces.postgres.connection import StatementFailed
from spaces.postgres.connections import Connections
from spaces.postgres.placeholders import numbered
from spaces.postgres.sent import sent
from tests.postgres import database, server
from tests.spaces.world import CATALOG, A, B

WHO = "SELECT current_setting('multiway.company', true), current_setting('transaction_isolation')"
BUSY = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT ''old''%' AND state = 'active'"


@pytest.fixture
def address() -> Iterator[str]:
    with database(CATALOG) as found:
        yield found


@pytest.fixture
async def connections(address: str) -> AsyncIterator[Connections]:
    made = Connections(address_of(address), 2)
    yield made
    made.close()


async def one(connections: Connections, sql: str, company: CompanyId | None = A) -> object:
    ((found, *_),) = await connections.rows(company, sql)
    return found


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    token = DEADLINE.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        DEADLINE.reset(token)


async def test_values_go_there_and_come_back(connections: Connections) -> None:
    values = {"a": "x'ü\"\\", "b": ['q"\\', "", None], "c": 2**62, "d": 1.1, "e": True, "f": None, "g": b"\0a"}
    asked = "SELECT :a::text, :b::text[], :c::bigint, :d::double precision, :e::boolean, :f::text, :g::bytea, :a::text"
    ((*found, again),) = await connections.rows(A, asked, values)
    assert (found, again) == ([*values.values()], values["a"])


async def test_whole_sums_are_whole_and_json_is_its_text(connections: Connections) -> None:
    asked = (
        "SELECT sum(x), sum(x::numeric) + 0.5, '{\"b\":  1e16}'::json FROM unnest(ARRAY[9223372036854775807, 2]) AS x"
    )
    ((whole, half, text),) = await connections.rows(A, asked)
    assert (whole, type(whole), half, text) == (2**63 + 1, int, 2.0**63, '{"b":  1e16}')


async def test_much_goes_there_and_comes_back(connections: Connections) -> None:
    text = "x" * 20_000_000
    ((back,),) = await connections.rows(A, "SELECT ?::text", (text,))
    assert back == text


async def test_a_read_is_its_companys_and_the_next_one_is_not(connections: Connections) -> None:
    assert await connections.rows(A, WHO) == [("co_a", "read committed")]
    async with connections.reading(B) as reading:
        assert await reading.fetch(WHO) == [("co_b", "repeatable read")]
        assert await reading.fetch_many([(WHO, ()), ("SELECT 1 WHERE false", ())]) == [
            [("co_b", "repeatable read")],
            [],
        ]
    assert await connections.rows(None, WHO) == [("*", "read committed")]
    async with connections.reading(A):
        pass  # nothing was asked
    assert await connections.rows(B, WHO) == [("co_b", "read committed")]


async def test_a_reading_is_of_one_moment(connections: Connections, address: str) -> None:
    async with connections.reading(A) as reading:
        before = await reading.fetch("SELECT count(*) FROM company")
        with server().connect(address.split("@/")[1].split("?")[0]) as other:
            other.execute("INSERT INTO multiway.company VALUES ('co_x', 'X', 1)")
        assert await reading.fetch("SELECT count(*) FROM company") == before == [(0,)]
    assert await one(connections, "SELECT count(*) FROM company") == 1


async def test_a_failure_names_no_value_and_the_next_read_works(connections: Connections) -> None:
    for sql in ("SELECT ?::bigint", "SELECT nothing FROM nowhere WHERE ? = ''"):
        with pytest.raises(StatementFailed) as failed:
            await connections.rows(A, sql, ("secret",))
        assert "secret" not in str(failed.value)
        assert "SELECT" not in str(failed.value)
    with pytest.raises(StatementFailed):
        async with connections.reading(A) as reading:
            await reading.fetch("SELECT 1 / 0")
    assert await one(connections, "SELECT 1") == 1


async def test_a_read_ends_with_its_request(connections: Connections) -> None:
    started = time.monotonic()
    with deadline(0.05), pytest.raises(OutOfTime):
        await connections.rows(A, "SELECT pg_sleep(60)")
    with deadline(-1), pytest.raises(OutOfTime):
        await connections.rows(A, "SELECT 1")
    assert time.monotonic() - started < 30
    assert await one(connections, "SELECT current_setting('statement_timeout')") == "1min"


async def test_a_read_that_is_stopped_leaves_nothing_to_the_next(connections: Connections) -> None:
    for _ in range(5):  # more than there are connections
        task = asyncio.create_task(connections.rows(A, "SELECT 'old', pg_sleep(60)"))
        await asyncio.sleep(0.02)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await one(connections, "SELECT 'new'") == "new"
    for _ in range(1_000):  # and the server leaves off
        if await one(connections, BUSY) == 0:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("the server is still at it")


async def test_many_reads_share_few_connections(connections: Connections) -> None:
    found = await asyncio.gather(*[connections.rows(A, "SELECT ?::bigint", (i,)) for i in range(200)])
    assert [rows[0][0] for rows in found] == [*range(200)]
    assert len(connections.idle) == 2


async def test_more_statements_than_a_connection_keeps(connections: Connections) -> None:
    for turn in range(2):
        found = [await one(connections, f"SELECT {turn} + {number}") for number in range(600)]
        assert found == [turn + number for number in range(600)]
    assert int(str(await one(connections, "SELECT count(*) FROM pg_prepared_statements"))) <= 2 * 513


async def test_a_lost_connection_is_replaced(connections: Connections) -> None:
    assert await one(connections, "SELECT 1") == 1
    with server().connect("postgres") as other:
        other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'multiway'")
    for _ in range(100):
        await asyncio.sleep(0.01)  # until it is known to be lost
    assert await one(connections, "SELECT 1") == 1


def test_placeholders_are_numbered() -> None:
    assert numbered("a = :a AND b = ':b' || x::text AND c = :c AND :a") == (
        "a = $1 AND b = ':b' || x::text AND c = $2 AND $1",
        ("a", "c"),
    )
    assert numbered("VALUES (?, '?', ?, ?)") == ("VALUES ($1, '?', $2, $3)", (0, 1, 2))
    assert numbered("?2 + ?1 + ?2") == ("$1 + $2 + $1", (1, 0))


def test_a_text_that_cannot_be_held_is_never_cut_short() -> None:
    for value in ("co_a\0x", ["co_a\0x"]):
        with pytest.raises(Fault):
            sent(value)
