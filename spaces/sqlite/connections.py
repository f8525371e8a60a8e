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
_ATTACHED_DESCRIPTORS = 2  # of the network's file, attached; all share one index of the log


def open_file(path: Path, layout: Layout, *, read_only: bool) -> sqlite3.Connection:
    """A connection in autocommit mode, its file made or grown to the layout. Raises FileUnreadable."""
    with named(path):
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA cache_size = -1024")
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
        return DESCRIPTORS + _ATTACHED_DESCRIPTORS * self.attached


class FilePool:
    """Open files of companies, least recently used first to be closed. `files` is how many may be open without
    the network attached; fewer where the process may hold fewer descriptors."""

    def __init__(self, open_company: Callable[[CompanyId], CompanyFile], files: int) -> None:
        self._open = open_company
        self._files: OrderedDict[CompanyId, CompanyFile] = OrderedDict()
        self._budget = min(files * DESCRIPTORS, affordable_descriptors())
        self._held = 0

    def take(self, company: CompanyId, attach: Path | None = None) -> CompanyFile:
        """The open file of a company, valid until the next call of `take`. Raises FileUnreadable."""
        file = self._files.get(company)
        if file is not None and (attach is None or file.attached):
            self._files.move_to_end(company)
            return file
        if file is None:
            self._make_room(DESCRIPTORS + (_ATTACHED_DESCRIPTORS if attach else 0))
            file = self._files[company] = self._open(company)
            self._held += file.descriptors
        self._files.move_to_end(company)
        if attach is not None:
            self._held -= file.descriptors
            try:
                file.attach(attach)
            finally:
                self._held += file.descriptors
            self._make_room(0)
        return file

    def _make_room(self, descriptors: int) -> None:
        while self._files and self._held + descriptors > self._budget and (descriptors or len(self._files) > 1):
            _, file = self._files.popitem(last=False)
            self._held -= file.descriptors
            file.connection.close()

    def __len__(self) -> int:
        return len(self._files)

    def close(self) -> None:
        """Closes all. Idempotent."""
        while self._files:
            self._files.popitem()[1].connection.close()
        self._held = 0


def affordable_descriptors() -> int:
    """How many descriptors the process may spend on companies' files."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return 1 << 30
    return max(soft - _RESERVED_DESCRIPTORS, DESCRIPTORS + _ATTACHED_DESCRIPTORS)
