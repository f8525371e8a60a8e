"""The connection for writes: a plain one of the driver, in the thread that writes.

What a change decides, it decides by what it reads in its transaction, statement by statement; the code is the same as
for the embedded engine, and asks as that does.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from spaces.postgres.connection import ConnectionLost, adapted
from spaces.postgres.connections import NETWORK
from spaces.postgres.placeholders import in_order, numbered
from spaces.sql.question import Values, Written

_WHOSE = "SELECT set_config('multiway.company', ?, true)"


class WriteConnection:
    """A connection that is opened when it is needed, and anew where it was lost. Belongs to one thread."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._open: psycopg.Connection[Any] | None = None

    def execute(self, sql: str, values: Values = (), /) -> Written:
        """See `Writing`. Raises psycopg.Error."""
        text, names = numbered(sql)
        cursor = psycopg.RawCursor(self.driver())
        return cursor.execute(text, in_order(names, values))

    def driver(self) -> "psycopg.Connection[Any]":
        """The driver's connection, in autocommit mode. Raises ConnectionLost."""
        if self._open is None or self._open.closed or self._open.broken:
            try:
                self._open = psycopg.connect(self._address, autocommit=True)
            except psycopg.OperationalError as error:
                raise ConnectionLost(f"PostgreSQL cannot be reached: {error}") from None
            adapted(self._open)
        return self._open

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A transaction that reads and writes for the network's own ends; inside one, a part that can be undone by
        itself."""
        with self.driver().transaction() as begun:
            if not begun.savepoint_name:
                self.execute(_WHOSE, (NETWORK,))
            yield

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """A transaction that reads for the network's own ends, all of one moment."""
        with self.driver().transaction():
            self.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            self.execute(_WHOSE, (NETWORK,))
            yield

    def close(self) -> None:
        """Closes it. Idempotent."""
        if self._open is not None:
            self._open.close()
