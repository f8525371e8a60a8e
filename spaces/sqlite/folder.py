"""The folder of the embedded backend: its paths, its lock, and the clear words for a folder that cannot serve."""

import fcntl
import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from schema.errors import Fault, Refusal
from schema.names import CompanyId

_FILE_NAME = re.compile(r"[A-Za-z0-9_-]{1,100}", re.ASCII)


class FolderBusy(Refusal):
    """Another process already serves this data folder."""

    code = "DATA_FOLDER_BUSY"


class FolderUnusable(Refusal):
    """The data folder cannot be used."""

    code = "DATA_FOLDER_UNUSABLE"


class FileUnreadable(Fault):
    """A file of the folder cannot be read or written; the message names it and the cause."""


class Folder:
    """An open data folder, locked for this process until `close`; just looked at where it is not `locked`."""

    def __init__(self, path: Path, *, locked: bool = True) -> None:
        """Makes the folder where it is missing and locks it. One that is just looked at must hold a network.
        Raises FolderBusy, FolderUnusable."""
        self.path = path
        self.companies = path / "companies"
        self.network = path / "network.db"
        self._lock = -1
        if not locked:
            if not self.network.is_file():
                raise FolderUnusable(f"There is no network in the data folder {path}.")
            return
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)  # what lies in it is nobody else's
            self.companies.mkdir(exist_ok=True)
            self._lock = os.open(path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise FolderUnusable(f"The data folder {path} cannot be used: {error.strerror}.") from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._lock)
            raise FolderBusy(f"The data folder {path} is already served by another process.") from error

    def company(self, company: CompanyId) -> Path:
        """The file of a company. A Fault for an id that cannot name a file."""
        if not _FILE_NAME.fullmatch(company):
            raise Fault("a company's id cannot name a file")
        return self.companies / f"{company}.db"

    def company_ids(self) -> list[CompanyId]:
        """The companies that have a file."""
        return sorted(CompanyId(path.stem) for path in self.companies.glob("*.db"))

    def close(self) -> None:
        """Unlocks the folder. Idempotent."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


@contextmanager
def named(path: Path) -> Iterator[None]:
    """Turns an error of the engine into a FileUnreadable that names the file."""
    try:
        yield
    except sqlite3.Error as error:
        raise FileUnreadable(f"The file {path} cannot be used: {error}.") from error
