"""One connection for reads: whatever is asked together travels together, in libpq's pipeline mode.

The driver's own pipeline costs three times as much a statement (decision 007), so this is a thin one over its `pq`
layer. Answers come in the order of the questions; those that nobody waits for (of a COMMIT) are passed over by whoever
reads next.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, TypeAlias

import psycopg
from psycopg import pq
from psycopg.adapt import Loader, Transformer
from psycopg.pq.abc import PGcancel, PGconn, PGresult
from psycopg.types.string import TextLoader

from schema.errors import Fault
from spaces.deadline import OutOfTime
from spaces.postgres.placeholders import in_order, numbered
from spaces.postgres.sent import sent

Values: TypeAlias = Mapping[str, Any] | Sequence[Any]
Row: TypeAlias = tuple[Any, ...]
Asked: TypeAlias = tuple[str, Values]
"""A statement with placeholders as in `placeholders.py`, and its values."""

_PREPARED = 512  # statements that the server keeps parsed for a connection
_FAILED = (pq.ExecStatus.FATAL_ERROR, pq.ExecStatus.BAD_RESPONSE)
_CANCELLED = b"57014"


class StatementFailed(Fault):
    """PostgreSQL refused a statement. The message names its error code, and no value."""


class ConnectionLost(Fault):
    """The connection to PostgreSQL is gone, or could not be made."""


class _Numeric(Loader):
    """Sums of whole numbers are of PostgreSQL's type numeric: they come back as whole numbers."""

    def load(self, data: Any) -> int | float:
        text = bytes(data)
        return int(text) if text.lstrip(b"-").isdigit() else float(text)


def adapted(connection: "psycopg.BaseConnection[Any]") -> None:
    """Makes a connection give JSON as its text, and whole sums as whole numbers."""
    connection.adapters.register_loader("numeric", _Numeric)
    for name in ("json", "jsonb"):
        connection.adapters.register_loader(name, TextLoader)


class Connection:
    """An open connection in pipeline mode. Belongs to the event loop that opened it, and to one task at a time."""

    def __init__(self, driver: "psycopg.AsyncConnection[Any]") -> None:
        self._driver = driver  # holds the socket open
        adapted(driver)
        self._pg: PGconn = driver.pgconn
        self._pg.enter_pipeline_mode()
        self._transformer = Transformer(driver)
        self._names: OrderedDict[str, bytes] = OrderedDict()
        self._made = 0
        self._unread = 0  # trips whose answers nobody waits for
        self._waiting: asyncio.Future[None] | None = None
        self._loop = asyncio.get_running_loop()
        self._socket = self._pg.socket
        self._loop.add_reader(self._socket, self._arrived)
        self.lost = False

    @classmethod
    async def open(cls, address: str) -> "Connection":
        """A new connection. Raises ConnectionLost."""
        try:
            return cls(await psycopg.AsyncConnection.connect(address, autocommit=True))
        except psycopg.OperationalError as error:
            raise ConnectionLost(f"PostgreSQL cannot be reached: {type(error).__name__}") from None

    @property
    def pid(self) -> int:
        """The server's process that serves it."""
        return self._pg.backend_pid

    async def trip(self, asked: Sequence[Asked]) -> list[list[Row]]:
        """The rows of each statement; all are one transaction where none is open. Raises StatementFailed with nothing
        done, OutOfTime, ConnectionLost. Whatever is raised, the connection is closed: who asks next has a new one."""
        try:
            self._send(asked)
            results = await self._results()
        except asyncio.CancelledError:
            self._stop()
            raise
        except BaseException:
            self.close()
            raise
        return [self._rows(result) for result in results]

    def tell(self, sql: str) -> None:
        """Sends a statement whose answer nobody waits for."""
        try:
            self._send([(sql, ())])
            self._pg.flush()
        except BaseException:
            self.close()
            raise
        self._unread += 1

    def _send(self, asked: Sequence[Asked]) -> None:
        try:
            for sql, values in asked:
                text, names = numbered(sql)
                bound = [sent(value) for value in in_order(names, values)]
                self._pg.send_query_prepared(self._prepared(text), bound)
            self._pg.pipeline_sync()
        except psycopg.OperationalError:
            raise ConnectionLost("the connection to PostgreSQL is lost") from None

    def _prepared(self, text: str) -> bytes:
        """The name of a statement, which is prepared on the way where it is new."""
        name = self._names.get(text)
        if name is not None:
            self._names.move_to_end(text)
            return name
        self._made += 1
        name = self._names[text] = b"s%d" % self._made
        self._pg.send_prepare(name, text.encode())
        if len(self._names) > _PREPARED:
            _, oldest = self._names.popitem(last=False)
            self._pg.send_query_params(b"DEALLOCATE " + oldest, None)
        return name

    async def _results(self) -> list[PGresult]:
        """What came back of the statements that were sent and give rows or say that they are done."""
        await self._sent()
        found: list[PGresult] = []
        failed: PGresult | None = None
        while self._unread >= 0:
            result = await self._next()
            if result is None:
                continue
            status = result.status
            if status == pq.ExecStatus.PIPELINE_SYNC:
                self._unread -= 1
            elif self._unread == 0:
                if status in _FAILED:
                    failed = failed or result
                elif status == pq.ExecStatus.TUPLES_OK:
                    found.append(result)
        self._unread = 0
        if failed is not None:
            raise self._failure(failed)
        return found

    async def _next(self) -> PGresult | None:
        while self._pg.is_busy():
            if self.lost:
                raise ConnectionLost("the connection to PostgreSQL is lost")
            await self._wait(self._loop.create_future())
        return self._pg.get_result()

    async def _sent(self) -> None:
        """Sends what is to be sent, however much that is."""
        while self._pg.flush():
            room: asyncio.Future[None] = self._loop.create_future()
            self._loop.add_writer(self._socket, _done, room)
            try:
                await self._wait(room)
            finally:
                self._loop.remove_writer(self._socket)

    async def _wait(self, for_what: "asyncio.Future[None]") -> None:
        self._waiting = for_what
        try:
            await for_what
        finally:
            self._waiting = None

    def _arrived(self) -> None:
        """Called by the event loop when there is something to read."""
        try:
            self._pg.consume_input()
        except psycopg.OperationalError:
            self.close()
        if self._waiting is not None and (self.lost or not self._pg.is_busy()):
            _done(self._waiting)

    def _rows(self, result: PGresult) -> list[Row]:
        self._transformer.set_pgresult(result)
        return self._transformer.load_rows(0, result.ntuples, tuple)

    def _failure(self, result: PGresult) -> Fault:
        code = result.error_field(pq.DiagnosticField.SQLSTATE) or b"?"
        if code == _CANCELLED:
            return OutOfTime("out of time")
        return StatementFailed(f"PostgreSQL refused a statement with the code {code.decode()}")

    def _stop(self) -> None:
        """Closes the connection while the server may be at work for it, and tells the server to leave off."""
        if not self.lost:
            cancel = self._pg.get_cancel()
            self.close()
            self._loop.run_in_executor(None, _told, cancel)

    def close(self) -> None:
        """Closes the connection. Idempotent."""
        if not self.lost:
            self.lost = True
            if not self._loop.is_closed():
                self._loop.remove_reader(self._socket)
            self._pg.finish()


def _done(future: "asyncio.Future[None]") -> None:
    if not future.done():
        future.set_result(None)


def _told(cancel: PGcancel) -> None:
    with suppress(psycopg.Error):  # it ends by its deadline then
        cancel.cancel()
