"""One database that scenarios fill anew, with all statements counted that are sent to it, and all round trips."""

import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any

from spaces.contract import Spaces
from spaces.fetch import CompanyRow, PersonRow
from spaces.postgres.connection import Asked, Connection
from spaces.postgres.spaces import PostgresSpaces
from tests.leaks.cast import BASE, NAMES
from tests.postgres import database

_TABLES = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'multiway'"
_KEPT = ("company", "layout")


class PostgresStore:
    """Keeps one database and empties its tables."""

    def __init__(self, counts: Counter[str]) -> None:
        self._counts = counts
        self._database = contextlib.ExitStack()
        self._spaces: PostgresSpaces | None = None

    async def fresh(self, people: Iterable[PersonRow]) -> Spaces:
        """Empty spaces of this cast."""
        if self._spaces is None:
            self._spaces = PostgresSpaces.open(self._database.enter_context(database(BASE)), BASE, readers=2)
            for company, name in NAMES.items():
                await self._spaces.add_company(CompanyRow(company, name))
            self._watch(self._spaces)
        self._spaces._listing._classes._kept.clear()  # ids of classes begin anew
        written = self._spaces._written
        with written.transaction():
            for (table,) in written.execute(_TABLES).fetchall():
                if table not in _KEPT:
                    written.execute(f"DELETE FROM {table}")
            written.execute("UPDATE layout SET revision = 0")
        for row in people:
            await self._spaces.put_person(row)
        return self._spaces

    def _watch(self, spaces: PostgresSpaces) -> None:
        """Counts from now on."""
        plain_one, plain_execute, counts = spaces._reads._one, spaces._written.execute, self._counts
        watched: set[Connection] = set()

        @contextlib.asynccontextmanager
        async def one() -> AsyncIterator[Connection]:
            async with plain_one() as connection:
                if connection not in watched:
                    watched.add(connection)
                    _count(connection, counts)
                yield connection

        def execute(*given: Any) -> Any:
            counts["sql written"] += 1
            return plain_execute(*given)

        vars(spaces._reads)["_one"] = one
        vars(spaces._written)["execute"] = execute

    async def close(self) -> None:
        """Closes what is open, and gives the database back."""
        if self._spaces is not None:
            await self._spaces.close()
        self._database.close()


def _count(connection: Connection, counts: Counter[str]) -> None:
    plain = connection._send

    def send(asked: Sequence[Asked]) -> None:
        counts["round trips"] += 1
        counts["sql"] += len(asked)
        plain(asked)

    vars(connection)["_send"] = send
