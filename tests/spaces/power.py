"""A disk whose power can be cut: it keeps what was synced, and of the rest what chance will have.

`recording` puts a VFS of apsw's SQLite under `SqliteSpaces` and notes each write, truncation, deletion and sync of each
file, and what `Disk.note` says meanwhile. `Disk.cut` makes the folder as it may be found after a loss of power at any
place of those notes: of a file all that its last sync covers; of what came later each write by chance, the last of
these by chance in part, in sectors; a file that was never synced by chance not at all.
"""

import random
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import apsw
import pytest

from spaces.sqlite import connections

SECTOR = 512
_LOGS = ("-wal", "-journal")  # when one is first synced, SQLite syncs its folder, and with that what was deleted there
_FLAGS = apsw.SQLITE_OPEN_URI | apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
_VFS = "multiway-power"


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to a file: write (at an offset, the bytes), truncate (to a size), sync, delete; or a note."""

    what: str
    path: str
    at: int = 0
    data: bytes = b""


@dataclass(slots=True)
class Disk:
    """All that happened below a folder, in order."""

    folder: Path
    events: list[Event] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def happened(self, what: str, path: str, at: int = 0, data: bytes = b"") -> None:
        """Notes an event of a file; of files elsewhere nothing."""
        if Path(path).is_relative_to(self.folder):
            with self._lock:
                self.events.append(Event(what, str(Path(path).relative_to(self.folder)), at, data))

    def note(self, said: str) -> None:
        """Notes what was acknowledged by now."""
        with self._lock:
            self.events.append(Event("note", said))

    def noted(self, until: int) -> list[str]:
        """What was noted within the first so many events."""
        return [event.path for event in self.events[:until] if event.what == "note"]

    def cut(self, until: int, into: Path, rng: random.Random) -> None:
        """Makes the folder as it may be after so many events and a loss of power."""
        into.mkdir(parents=True)
        by_path: dict[str, list[Event]] = {}
        for event in self.events[:until]:
            if event.what == "note":
                continue
            events = by_path.setdefault(event.path, [])
            if event.what == "sync" and event.path.endswith(_LOGS) and not any(e.what == "sync" for e in events):
                _sync_deletions(Path(event.path).parent, by_path)
            events.append(event)
        for path, events in by_path.items():
            content = _after(events, rng)
            if content is not None:
                (into / path).parent.mkdir(parents=True, exist_ok=True)
                (into / path).write_bytes(content)


def _sync_deletions(folder: Path, by_path: dict[str, list[Event]]) -> None:
    for path, events in by_path.items():
        if Path(path).parent == folder and events and events[-1].what == "delete":
            events.append(Event("sync", path))


def _after(events: list[Event], rng: random.Random) -> bytes | None:
    """What a file holds; None where it is not there."""
    synced = max((i + 1 for i, event in enumerate(events) if event.what == "sync"), default=0)
    content: bytearray | None = None
    for event in events[:synced]:
        content = _with(content, event)
    share = rng.choice((0.0, 0.5, 0.9, 1.0))
    kept = [event for event in events[synced:] if rng.random() < share]
    for event in kept[:-1]:
        content = _with(content, event)
    for event in kept[-1:]:
        content = _with(content, _torn(event, rng))
    return None if content is None else bytes(content)


def _with(content: bytearray | None, event: Event) -> bytearray | None:
    if event.what == "delete":
        return None
    held = bytearray() if content is None else content
    if event.what == "truncate":
        del held[event.at :]
    elif event.what == "write":
        held.extend(bytes(max(0, event.at + len(event.data) - len(held))))
        held[event.at : event.at + len(event.data)] = event.data
    return held


def _torn(event: Event, rng: random.Random) -> Event:
    """The beginning of a write, to the end of a sector."""
    if event.what != "write" or rng.random() < 0.5:
        return event
    end = (event.at // SECTOR + rng.randrange(1, len(event.data) // SECTOR + 2)) * SECTOR - event.at
    return Event("write", event.path, event.at, event.data[:end])


class _File(apsw.VFSFile):
    def __init__(self, name: Any, flags: list[int], disk: Disk) -> None:
        self._path = name if isinstance(name, str) else name.filename()
        self._disk = disk
        super().__init__("", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:  # SQLite's name
        self._disk.happened("write", self._path, offset, bytes(data))
        super().xWrite(data, offset)

    def xTruncate(self, newsize: int) -> None:  # SQLite's name
        self._disk.happened("truncate", self._path, newsize)
        super().xTruncate(newsize)

    def xSync(self, flags: int) -> None:  # SQLite's name
        super().xSync(flags)
        self._disk.happened("sync", self._path)


class _Vfs(apsw.VFS):
    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        super().__init__(_VFS, "")

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:  # SQLite's name
        return _File(name, flags, self._disk)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # SQLite's name and order
        super().xDelete(filename, syncdir)
        self._disk.happened("delete", filename)
        if syncdir:
            self._disk.happened("sync", filename)


class _Cursor:
    """A cursor of apsw's as sqlite3 has it."""

    def __init__(self, cursor: Any, connection: apsw.Connection) -> None:
        self._cursor = cursor
        self.lastrowid = connection.last_insert_rowid()
        self.rowcount = connection.changes()

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return iter(self._cursor)

    def fetchall(self) -> list[tuple[Any, ...]]:
        return list(self._cursor)

    def fetchone(self) -> tuple[Any, ...] | None:
        return next(iter(self._cursor), None)


class _Connection:
    """A connection of apsw's as sqlite3 has it, as far as `spaces.sqlite` needs it."""

    def __init__(self, address: str, synchronous: str) -> None:
        self._connection = apsw.Connection(address, flags=_FLAGS, vfs=_VFS)
        self._synchronous = synchronous
        self._connection.set_busy_timeout(10_000)

    @property
    def in_transaction(self) -> bool:
        return self._connection.in_transaction

    def execute(self, sql: str, values: Any = ()) -> _Cursor:
        sql = sql.replace("synchronous = FULL", f"synchronous = {self._synchronous}")
        with _errors():
            return _Cursor(self._connection.execute(sql, values), self._connection)

    def executemany(self, sql: str, values: Any) -> None:
        with _errors():
            self._connection.executemany(sql, values)

    def create_function(self, name: str, count: int, function: Callable[..., Any]) -> None:
        self._connection.create_scalar_function(name, function, count)

    def create_aggregate(self, name: str, count: int, made: Any) -> None:
        self._connection.create_aggregate_function(
            name, lambda: (made(), lambda one, *cells: one.step(*cells), lambda one: one.finalize()), count
        )

    def set_progress_handler(self, handler: Callable[[], bool], every: int) -> None:
        self._connection.set_progress_handler(handler, every)

    def close(self) -> None:
        self._connection.close()


@contextmanager
def _errors() -> Iterator[None]:
    try:
        yield
    except apsw.ConstraintError as error:
        raise sqlite3.IntegrityError(str(error)) from error
    except apsw.Error as error:
        raise sqlite3.OperationalError(str(error)) from error


@contextmanager
def recording(disk: Disk, synchronous: str = "FULL") -> Iterator[None]:
    """Whatever `SqliteSpaces` opens meanwhile lies on this disk; `synchronous` is SQLite's setting in the place of what
    it asks for."""
    vfs = _Vfs(disk)
    names = {name: getattr(sqlite3, name) for name in ("Error", "OperationalError", "IntegrityError", "DatabaseError")}

    def connect(address: str, **_: Any) -> _Connection:
        return _Connection(address, synchronous)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connections, "sqlite3", SimpleNamespace(connect=connect, Connection=_Connection, **names))
        yield
    vfs.unregister()
