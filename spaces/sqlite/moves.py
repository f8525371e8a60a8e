"""How companies move out of a folder and into it: the part of `SqliteSpaces` that is about that."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from typing import TypeVar

from schema.errors import Fault
from schema.kind import Kind
from schema.names import CompanyId
from spaces.parcel import Parcel, Piece, Taken
from spaces.sql.leaving import pieces
from spaces.sqlite.connections import FilePool
from spaces.sqlite.folder import Folder
from spaces.sqlite.layout import Layout
from spaces.sqlite.removals import Removals
from spaces.sqlite.snapshot import snapshot
from spaces.sqlite.store import STORE
from spaces.sqlite.writer import Writer
from spaces.write_queue import WriteQueue

T = TypeVar("T")


class SqliteMoves:
    """See `spaces.parcel.Moves`. `SqliteSpaces` holds what it reads and writes."""

    _folder: Folder
    _layout: Layout
    _kinds: Mapping[str, Kind]
    _readers: FilePool
    _writer: Writer
    _queue: WriteQueue
    _removals: Removals
    _with_file: set[CompanyId]

    def _known(self) -> set[CompanyId]:
        """The companies that have a file."""
        return self._with_file

    async def held(self, company: CompanyId) -> AsyncIterator[Piece]:
        """See `spaces.parcel.Moves`."""
        path = self._folder.company(company) if company in self._known() else None
        connection = await snapshot(path, self._layout, self._folder.network, company)
        try:
            for piece in pieces(STORE, connection, self._kinds, company):
                yield piece
                await asyncio.sleep(0)  # others have their turn
        finally:
            connection.close()

    async def take_in(self, parcel: Parcel, *, older: bool = False) -> Taken | None:
        """See `spaces.parcel.Moves`."""
        return await self._moving(parcel.company.id, lambda: self._removals.take_in(parcel, older=older))

    async def bring_back(self, parcel: Parcel) -> int:
        """See `spaces.parcel.Moves`."""
        return await self._moving(parcel.company.id, lambda: self._removals.bring_back(parcel))

    async def erase(self, company: CompanyId) -> None:
        """See `spaces.parcel.Moves`."""
        await self._moving(company, lambda: self._removals.erase(company))

    async def _moving(self, company: CompanyId, move: Callable[[], T]) -> T:
        """Runs what changes a company's file for another, between two batches of writes; none may be half done."""
        if not self._writer.settled:
            raise Fault("a change waits to be finished: open the network once")
        self._readers.forget(company)
        try:
            return await self._queue.run(move)
        finally:
            self._readers.forget(company)
            self._with_file = set(self._folder.company_ids())
