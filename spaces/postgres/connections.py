"""The connections that reads take turns with, and how a read is said to be whose.

The viewer's company, and by when the answer must be there, are settings of the transaction alone (`SET LOCAL`, written
as a function that takes values), and travel with the first statement: so they cost no round trip, and nothing of them
is left on a connection that another read takes. The database's own rules read the company (`row_security.py`).
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from schema.names import CompanyId
from spaces.deadline import DEADLINE, OutOfTime
from spaces.postgres.connection import Asked, Connection, Row, Values

NETWORK = "*"
"""Stands for a company where no company reads, but the network for its own ends: no id is spelled so."""

_LONGEST = 60_000  # milliseconds that a statement may take where no request waits for it
_SET = "SELECT set_config('multiway.company', ?, true), set_config('statement_timeout', ?, true)"
_BEGIN: Asked = ("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", ())


class Reading:
    """A read of several statements, all of one moment."""

    def __init__(self, connection: Connection, company: CompanyId | None) -> None:
        self._connection = connection
        self._company = company
        self.begun = False

    async def fetch(self, sql: str, values: Values = ()) -> list[Row]:
        """The rows of a statement, see `Connection.trip`."""
        (rows,) = await self.fetch_many([(sql, values)])
        return rows

    async def fetch_many(self, asked: Sequence[Asked]) -> list[list[Row]]:
        """The rows of several statements, in one round trip."""
        first = () if self.begun else (_BEGIN,)
        self.begun = True
        return (await self._connection.trip([*first, settings(self._company), *asked]))[1:]


class Connections:
    """At most `limit` open connections for reads to the database at an address, opened as they are needed. Belongs to
    one event loop at a time: another one has connections of its own."""

    def __init__(self, address: str, limit: int) -> None:
        self._address = address
        self._limit = limit
        self._loop: asyncio.AbstractEventLoop | None = None
        self.idle: list[Connection] = []
        self._free = asyncio.Semaphore(limit)
        self._closed = False

    async def rows(self, company: CompanyId | None, sql: str, values: Values = ()) -> list[Row]:
        """The rows of one statement, in one round trip."""
        async with self._one() as connection:
            return (await connection.trip([settings(company), (sql, values)]))[1]

    async def many(self, asked: Sequence[tuple[CompanyId | None, Asked]]) -> list[list[Row]]:
        """The rows of several statements, each with whose it is, in one round trip; each sees what is committed when it
        runs."""
        async with self._one() as connection:
            both = [part for company, each in asked for part in (settings(company), each)]
            return (await connection.trip(both))[1::2]

    @asynccontextmanager
    async def reading(self, company: CompanyId | None) -> AsyncIterator[Reading]:
        """A read of several statements. It begins with the first of them; nobody waits for its end."""
        async with self._one() as connection:
            reading = Reading(connection, company)
            try:
                yield reading
            except BaseException:
                connection.close()  # whatever is open on it ends so, too
                raise
            if reading.begun and not connection.lost:
                connection.tell("COMMIT")

    @asynccontextmanager
    async def _one(self) -> AsyncIterator[Connection]:
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._leave()
            self._loop, self._free = loop, asyncio.Semaphore(self._limit)
        async with self._free:
            connection = self._taken() or await Connection.open(self._address)
            try:
                yield connection
            finally:
                if self._closed:
                    connection.close()
                if not connection.lost:
                    self.idle.append(connection)

    def _taken(self) -> Connection | None:
        while self.idle:
            connection = self.idle.pop()
            if not connection.lost:
                return connection
        return None

    def pids(self) -> list[int]:
        """The server's processes that serve the connections that are idle."""
        return [connection.pid for connection in self.idle]

    def close(self) -> None:
        """Closes what is open; what is in use, when it is done. Idempotent."""
        self._closed = True
        self._leave()

    def _leave(self) -> None:
        while self.idle:
            self.idle.pop().close()


def settings(company: CompanyId | None) -> Asked:
    """What goes before the statements of a read: whose it is, NETWORK for none, and how long each may take. Raises
    OutOfTime."""
    left = DEADLINE.get() - time.monotonic()
    if left <= 0:
        raise OutOfTime("out of time")
    return _SET, (company or NETWORK, str(int(min(left * 1_000 + 1, _LONGEST))))
