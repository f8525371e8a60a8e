"""How a company's file comes into the folder and leaves it, so that a crash at any moment leaves it whole or not there.

The network's file decides: in the transaction that takes a company in or out it notes which way the company goes. Then
the file, which was written aside, takes its place, or is taken away, and the note goes. Opening a folder finishes what
is noted, before anything else is read, and takes away what was written aside for nothing.
"""

import os
import sqlite3
from pathlib import Path

from schema.errors import Fault
from schema.names import CompanyId
from spaces.sqlite.folder import Folder

IN, OUT = "in", "out"
_BESIDE = ("", "-wal", "-shm", "-journal")


def aside(folder: Folder, company: CompanyId) -> Path:
    """Where a company's file is written before it takes its place."""
    return folder.company(company).with_suffix(".arriving")


def note(network: sqlite3.Connection, company: CompanyId, way: str) -> None:
    """Notes which way a company goes, in the transaction that is open. Its file's outbox begins anew with the file."""
    network.execute("INSERT OR REPLACE INTO moving (company_id, way) VALUES (?, ?)", (company, way))
    network.execute("DELETE FROM applied WHERE company_id = ?", (company,))


def finish(network: sqlite3.Connection, folder: Folder) -> None:
    """Does what is noted. Nobody has a file of these companies open."""
    moving = network.execute("SELECT company_id, way FROM moving").fetchall()
    for company, way in moving:
        if way == OUT or aside(folder, company).exists():
            remove(folder.company(company))
        if way == IN and aside(folder, company).exists():
            os.replace(aside(folder, company), folder.company(company))
    for left in folder.companies.glob("*.arriving*"):
        left.unlink()
    sync(folder.companies)
    if any(way == OUT for _, way in moving):
        _forget(network)
    if moving:
        network.execute("DELETE FROM moving")


def remove(path: Path) -> None:
    """Takes away a file of SQLite's and what lies beside it."""
    for ending in _BESIDE:
        path.with_name(path.name + ending).unlink(missing_ok=True)


def _forget(network: sqlite3.Connection) -> None:
    """Makes the network's file anew of what is in it, so that nothing deleted is left in it or in its log."""
    network.execute("VACUUM")
    busy, _, _ = network.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise Fault("the network's file is being read: what was erased is not out of its log yet")


def sync(folder: Path) -> None:
    """Makes what the folder lists durable."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
