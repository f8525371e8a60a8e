"""Connections: how one is opened, and a bounded pool of those that stay open.

A pool belongs to one thread, which takes a connection and is done with it before it takes the next one. So the
one that is in use is always the newest of the pool, and is never closed under its user.
"""

import resource
import sqlite3
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from schema.names import CompanyId
from schema.sharing import NO_OVERRIDES, Sharing
from spaces.sqlite.folder import named
from spaces.sqlite.layout import Layout

_RESERVED_DESCRIPTORS = 96  # sockets, logs, the network's own connections
DESCRIPTORS = 3  # of an open file: itself, its log, its index of the log
ATTACHED_DESCRIPTORS = 2  # of the network's file, attached; all share one index of the log


def open_file(path: Path, layout: Layout, *, read_only: bool, observed: bool = False) -> sqlite3.Connection:
    """A connection in autocommit mode, its file made or grown to the layout; one that is `observed` stays as it is,
    and must have that layout. Raises FileUnreadable."""
    with named(path):
        address = f"{path.absolute().as_uri()}?mode={'rw' if observed else 'rwc'}"
        connection = sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False, timeout=10)
        try:
            if observed:
                connection.execute("PRAGMA query_only = ON")
            else:
                connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA cache_size = -512")  # KiB: there are hundreds of connections
            layout.bring(connection)
            if read_only:
                connection.execute("PRAGMA query_only = ON")
        except BaseException:
            connection.close()
            raise
    return connection


@dataclass(slots=True)
class CompanyFile:
    """An open file of a company. `sharings` are its sharing classes met so far, by id; `attached` whether the network's
    file is attached as `net`."""

    path: Path
    connection: sqlite3.Connection
    sharings: dict[int, Sharing] = field(default_factory=lambda: {0: NO_OVERRIDES})
    attached: bool = False

    def attach(self, network: Path) -> None:
        """Attaches the network's file, once."""
        if not self.attached:
            with named(network):
                self.connection.execute("ATTACH ? AS net", (str(network),))
            self.attached = True

    @property
    def descriptors(self) -> int:
        """How many file descriptors it holds."""
        return DESCRIPTORS + ATTACHED_DESCRIPTORS * self.attached


class FilePool:
    """Open files of companies; the least recently used is closed first. At most `files` are open, and fewer where
    they would hold more than `descriptors` file descriptors, but always the one that is in use."""

    def __init__(self, open_company: Callable[[CompanyId], CompanyFile], files: int, descriptors: int) -> None:
        self._open = open_company
        self._files: OrderedDict[CompanyId, CompanyFile] = OrderedDict()
        self._limit = files
        self._descriptors = descriptors
        self._held = 0

    def take(self, company: CompanyId, attach: Path | None = None) -> CompanyFile:
        """The open file of a company, valid until the next call of `take`; with the network's file attached where
        `attach` names that. Raises FileUnreadable."""
        file = self._files.get(company)
        if file is None:
            while self._files and self._over(files=1, descriptors=DESCRIPTORS):
                self._close_oldest()
            file = self._files[company] = self._open(company)
            self._held += DESCRIPTORS
        self._files.move_to_end(company)
        if attach is not None and not file.attached:
            file.attach(attach)
            self._held += ATTACHED_DESCRIPTORS
            while len(self._files) > 1 and self._over():
                self._close_oldest()
        return file

    def _over(self, *, files: int = 0, descriptors: int = 0) -> bool:
        return len(self._files) + files > self._limit or self._held + descriptors > self._descriptors

    def _close_oldest(self) -> None:
        _, file = self._files.popitem(last=False)
        self._held -= file.descriptors
        file.connection.close()

    def __len__(self) -> int:
        return len(self._files)

    def close(self) -> None:
        """Closes all. Idempotent."""
        while self._files:
            self._close_oldest()


def affordable_descriptors() -> int:
    """How many descriptors the process may spend on companies' files, by its limit at this time."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return 1 << 30
    return max(soft - _RESERVED_DESCRIPTORS, DESCRIPTORS + ATTACHED_DESCRIPTORS)
