"""Connections: how one is opened, and a bounded pool of those that stay open.

A pool belongs to one thread, which takes a connection and is done with it before it takes the next one. So the
one that is in use is always the newest of the pool, and is never closed under its user.
"""

import resource
import sqlite3
from array import array
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from schema.names import CompanyId
from schema.sharing import NO_OVERRIDES, Sharing
from spaces.deadline import passed
from spaces.sqlite.dialect import AGGREGATE, PACKED
from spaces.sqlite.folder import named
from spaces.sqlite.layout import Layout
from spaces.sqlite.sharing_store import load_classes

_INSTRUCTIONS = 20_000  # of SQLite's engine between two looks at the deadline; about a millisecond
_RESERVED_DESCRIPTORS = 96  # sockets, logs, the network's own connections
DESCRIPTORS = 3  # of an open file: itself, its log, its index of the log
ATTACHED_DESCRIPTORS = 2  # of the network's file, attached; all share one index of the log


def open_file(path: Path, layout: Layout, *, read_only: bool, observed: bool = False) -> sqlite3.Connection:
    """A connection in autocommit mode, its file made or grown to the layout; one that is `observed` stays as it is,
    and must have that layout. One that only reads is interrupted at the request's deadline. Raises FileUnreadable."""
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
                connection.set_progress_handler(passed, _INSTRUCTIONS)
        except BaseException:
            connection.close()
            raise
    return connection


class Packed:
    """Collects the numbers of a group as the bytes of their doubles, so that their sum can be exact."""

    def __init__(self) -> None:
        self._values = array("d")

    def step(self, value: float | None) -> None:
        """Takes a number; null is none."""
        if value is not None:
            self._values.append(value)

    def finalize(self) -> bytes:
        """The doubles of the group."""
        return self._values.tobytes()


@dataclass(slots=True)
class CompanyFile:
    """An open file of a company. `sharings` are the sharing classes of the sides met so far, by id; `classes` those of
    a kind, as far as they were read; `attached` whether the network's file is attached as `net`; `aggregates`
    what the function AGGREGATE(place, record) gives at each place."""

    path: Path
    connection: sqlite3.Connection
    sharings: dict[int, Sharing] = field(default_factory=lambda: {0: NO_OVERRIDES})
    classes: dict[str, list[tuple[int, Sharing]]] = field(default_factory=dict)
    attached: bool = False
    aggregates: tuple[Mapping[str, Any], ...] = ()

    def classes_of(self, kind: str) -> list[tuple[int, Sharing]]:
        """The sharing classes of a kind with their ids, 0 first, as of the transaction that is open, if one is."""
        known = self.classes.setdefault(kind, [(0, NO_OVERRIDES)])
        before = len(known)
        load_classes(self.connection, known, kind)
        self.sharings.update(known[before:])
        return known

    def attach(self, network: Path) -> None:
        """Attaches the network's file, once, and what statements over both call."""
        if not self.attached:
            with named(network):
                self.connection.execute("ATTACH ? AS net", (str(network),))
            self.connection.create_function(AGGREGATE, 2, lambda place, record: self.aggregates[place].get(record))
            self.connection.create_aggregate(PACKED, 1, Packed)  # type: ignore[arg-type]  # it takes any value
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
        self._kept: frozenset[CompanyId] = frozenset()

    def take(self, company: CompanyId, attach: Path | None = None) -> CompanyFile:
        """The open file of a company, valid until the next call of `take`; with the network's file attached where
        `attach` names that. Raises FileUnreadable."""
        file = self._files.get(company)
        if file is None:
            while self._closes_one(files=1, descriptors=DESCRIPTORS):
                pass
            file = self._files[company] = self._open(company)
            self._held += DESCRIPTORS
        self._files.move_to_end(company)
        if attach is not None and not file.attached:
            file.attach(attach)
            self._held += ATTACHED_DESCRIPTORS
            with self.holding(company):
                while self._closes_one():
                    pass
        return file

    @contextmanager
    def holding(self, company: CompanyId) -> Iterator[None]:
        """Keeps the open file of a company open meanwhile, whatever else is taken."""
        held_before, self._kept = self._kept, self._kept | {company}
        try:
            yield
        finally:
            self._kept = held_before

    def _over(self, *, files: int = 0, descriptors: int = 0) -> bool:
        return len(self._files) + files > self._limit or self._held + descriptors > self._descriptors

    def _closes_one(self, *, files: int = 0, descriptors: int = 0) -> bool:
        """Closes the oldest file where too many are open, and none must stay so; whether it did."""
        if not self._over(files=files, descriptors=descriptors):
            return False
        oldest = next((company for company in self._files if company not in self._kept), None)
        if oldest is not None:
            self._close(oldest)
        return oldest is not None

    def _close(self, company: CompanyId) -> None:
        file = self._files.pop(company)
        self._held -= file.descriptors
        file.connection.close()

    def forget(self, company: CompanyId) -> None:
        """Closes the file of a company, if it is open."""
        if company in self._files:
            self._close(company)

    def __len__(self) -> int:
        return len(self._files)

    def close(self) -> None:
        """Closes all. Idempotent."""
        for company in list(self._files):
            self._close(company)


def affordable_descriptors() -> int:
    """How many descriptors the process may spend on companies' files, by its limit at this time."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return 1 << 30
    return max(soft - _RESERVED_DESCRIPTORS, DESCRIPTORS + ATTACHED_DESCRIPTORS)
