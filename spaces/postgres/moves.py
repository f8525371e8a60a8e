"""How companies move out of a database and into it: the part of `PostgresSpaces` that is about that.

Each move is one transaction. Sharing classes stay when their company goes: they hold ids alone, and what other
processes have read of them stays true. What was deleted is out of reach at once and out of the tables' pages after the
`VACUUM` that ends an erasure; logs and backups of the server keep it for as long as they are kept.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

import psycopg

from schema.errors import Fault
from schema.kind import Kind
from schema.names import CompanyId
from spaces.parcel import Misfit, Parcel, Piece, Taken
from spaces.postgres.connections import Connections
from spaces.postgres.definitions import number
from spaces.postgres.store import STORE, side_words
from spaces.postgres.writer import code_of, keep_participants, lock
from spaces.postgres.written import WriteConnection
from spaces.sql import erasing
from spaces.sql.arriving import Arriving
from spaces.sql.leaving import pieces
from spaces.write_queue import WriteQueue

T = TypeVar("T")

_BATCH = 200
_TRIES = 40  # a twentieth of a second each
_OTHERS = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'multiway'
    AND pid <> ALL (CAST(? AS integer[]))"""


class PostgresMoves:
    """See `spaces.parcel.Moves`. `PostgresSpaces` holds what it reads and writes."""

    _address: str
    _kinds: Mapping[str, Kind]
    _written: WriteConnection
    _queue: WriteQueue
    _reads: Connections

    async def held(self, company: CompanyId) -> AsyncIterator[Piece]:
        """See `Moves`."""
        connection = WriteConnection(self._address)
        loop = asyncio.get_running_loop()

        def read() -> Generator[Piece, None, None]:
            with connection.snapshot():
                yield from pieces(STORE, connection, self._kinds, company)

        found = read()
        with ThreadPoolExecutor(1, thread_name_prefix="leaving") as thread:
            try:
                while batch := await loop.run_in_executor(thread, lambda: list(islice(found, _BATCH))):
                    for piece in batch:
                        yield piece
            finally:
                thread.submit(found.close).result()
                thread.submit(connection.close).result()

    async def take_in(self, parcel: Parcel, *, older: bool = False) -> Taken | None:
        """See `Moves`. Refused where another process has the database open."""

        def work() -> Taken | None:
            arriving = self._arriving(parcel)
            if arriving.is_empty():
                return arriving.take_in(older=older)
            if arriving.is_known():
                return None
            raise Misfit("The company's space is not empty.")

        return await self._queue.run(lambda: self._alone(work))

    async def bring_back(self, parcel: Parcel) -> int:
        """See `Moves`. Refused as above."""

        def work() -> int:
            self._empty(parcel.company.id)
            return self._arriving(parcel).bring_back()

        return await self._queue.run(lambda: self._alone(work))

    async def erase(self, company: CompanyId) -> None:
        """See `Moves`. Refused as above."""

        def work() -> bool:
            versions = [row for kind in self._kinds for row in self._versions(company, kind)]
            was_there = erasing.erase(STORE, self._written, self._kinds, company, versions, self._has_side)
            if was_there:
                self._empty(company)
            return was_there

        if await self._queue.run(lambda: self._alone(work)):
            await self._queue.run(lambda: self._written.execute("VACUUM") and None)

    def _arriving(self, parcel: Parcel) -> Arriving:
        written = self._written
        return Arriving(STORE, written, written, parcel, lambda kind, id_: keep_participants(written, kind.name, id_))

    def _alone(self, work: Callable[[], T]) -> T:
        """Does some work in one transaction, where no other process may have read what it changes. Raises Misfit."""
        self._wait_for_others()
        try:
            with self._written.transaction():
                lock(self._written, [("companies",)], definitions=True)
                done = work()
                number(self._written)
                return done
        except psycopg.Error as error:
            raise Fault(f"PostgreSQL refused a statement with the code {code_of(error)}") from None

    def _wait_for_others(self) -> None:
        """Waits a moment for connections that are about to end. Raises Misfit where some do not."""
        own = [*self._reads.pids(), self._written.driver().info.backend_pid]
        for _ in range(_TRIES):
            (others,) = self._written.execute(_OTHERS, (own,)).fetchone()
            if not others:
                return
            time.sleep(0.05)
        raise Misfit("The database is in use by another process: stop the gateways first.")

    def _empty(self, company: CompanyId) -> None:
        """Takes away a company's sides with their words and history, and its receipts."""
        tables = [f"side_{kind}" for kind in self._kinds] + ["history_side", "receipt"]
        tables += [words.name for kind in self._kinds.values() if (words := side_words(kind)).texts]
        for table in tables:
            self._written.execute(f"DELETE FROM {table} WHERE company_id = ?", (company,))

    def _versions(self, company: CompanyId, kind: str) -> list[tuple[str, int]]:
        sql = f"SELECT record_id, version FROM side_{kind} WHERE company_id = ?"
        return self._written.execute(sql, (company,)).fetchall()

    def _has_side(self, company: CompanyId, kind: str, record: str) -> bool:
        if kind not in self._kinds:
            return False
        sql = f"SELECT 1 FROM side_{kind} WHERE company_id = ? AND record_id = ?"
        return bool(self._written.execute(sql, (company, record)).fetchall())
