"""Companies that move in or out of a folder: the network's transaction, the file beside it, and what finishes both."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from schema.kind import Kind
from schema.names import CompanyId
from spaces.parcel import Misfit, Parcel, Taken
from spaces.sql import erasing
from spaces.sql.arriving import Arriving
from spaces.sqlite.connections import FilePool, open_file
from spaces.sqlite.folder import Folder
from spaces.sqlite.layout import Layout
from spaces.sqlite.moving import IN, OUT, aside, finish, note, remove, sync
from spaces.sqlite.store import STORE

T = TypeVar("T")


class Removals:
    """Moves companies. Belongs to the thread that writes, which has no change half done."""

    def __init__(
        self, network: sqlite3.Connection, files: FilePool, folder: Folder, layout: Layout, kinds: Mapping[str, Kind]
    ) -> None:
        self._network = network
        self._files = files
        self._folder = folder
        self._layout = layout
        self._kinds = kinds

    def finish(self) -> None:
        """Finishes what a crash left half done."""
        finish(self._network, self._folder)

    def take_in(self, parcel: Parcel, *, older: bool) -> Taken | None:
        """See `spaces.parcel.Moves`."""
        company = parcel.company.id
        if self._folder.company(company).exists():
            before = Arriving(STORE, self._network, self._files.take(company).connection, parcel)
            if not before.is_empty():
                if before.is_known():
                    return None
                raise Misfit("The company's space is not empty.")

        def write(arriving: Arriving) -> Taken:
            if not arriving.is_empty():
                raise Misfit("The company's space is not empty.")
            return arriving.take_in(older=older)

        return self._in(parcel, write)

    def bring_back(self, parcel: Parcel) -> int:
        """See `spaces.parcel.Moves`."""
        return self._in(parcel, Arriving.bring_back)

    def _in(self, parcel: Parcel, write: Callable[[Arriving], T]) -> T:
        """Writes the company's file aside and the network's part, then lets the file take its place."""
        company = parcel.company.id
        path = aside(self._folder, company)
        remove(path)
        file = open_file(path, self._layout, read_only=False)
        try:
            self._network.execute("BEGIN IMMEDIATE")
            try:
                file.execute("BEGIN IMMEDIATE")
                found = write(Arriving(STORE, self._network, file, parcel))
                note(self._network, company, IN)
                file.execute("COMMIT")
                file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                file.close()
                sync(self._folder.companies)
                self._network.execute("COMMIT")
            except BaseException:
                self._network.execute("ROLLBACK")
                raise
        except BaseException:
            file.close()
            remove(path)
            raise
        self._files.forget(company)
        self.finish()
        return found

    def erase(self, company: CompanyId) -> None:
        """See `spaces.parcel.Moves`."""
        self._network.execute("BEGIN IMMEDIATE")
        try:
            versions = list(self._versions(company))
            was_there = erasing.erase(STORE, self._network, self._kinds, company, versions, self._has_side)
            if was_there:
                note(self._network, company, OUT)
            self._network.execute("COMMIT")
        except BaseException:
            self._network.execute("ROLLBACK")
            raise
        if was_there:
            self._files.forget(company)
            self.finish()

    def _versions(self, company: CompanyId) -> Iterator[tuple[str, int]]:
        if self._folder.company(company).exists():
            connection = self._files.take(company).connection
            for kind in self._kinds:
                yield from connection.execute(f"SELECT record_id, version FROM side_{kind}").fetchall()

    def _has_side(self, company: CompanyId, kind: str, record: str) -> bool:
        if kind not in self._kinds or not self._folder.company(company).exists():
            return False
        connection = self._files.take(company).connection
        sql = f"SELECT 1 FROM side_{kind} WHERE company_id = ? AND record_id = ?"
        return connection.execute(sql, (company, record)).fetchone() is not None
