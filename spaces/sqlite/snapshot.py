"""A company's file and the network's, read as of one moment, also while another process writes them."""

import asyncio
import sqlite3
from pathlib import Path

from schema.names import CompanyId
from spaces.sqlite.folder import FileUnreadable, named
from spaces.sqlite.layout import Layout

_TRIES = 500  # for a moment at which no change is between the two files
_SETTLED = """
SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'outbox'), 0)
    = coalesce((SELECT upto FROM net.applied WHERE company_id = ?), 0)"""


async def snapshot(path: Path | None, layout: Layout, network: Path, company: CompanyId) -> sqlite3.Connection:
    """A connection to a company's file, an empty one in memory where it has none, with the network's file attached and
    a read transaction over both that sees no change by halves. Raises FileUnreadable."""
    connection = _open(path, layout, network)
    try:
        for _ in range(_TRIES):
            connection.execute("BEGIN")
            # What the company's file has handed out and what the network has taken of it: the same number where neither
            # file is ahead of the other, whichever is read first.
            (settled,) = connection.execute(_SETTLED, (company,)).fetchone()
            if settled:
                return connection
            connection.execute("COMMIT")
            await asyncio.sleep(0.01)
        raise FileUnreadable(f"The file {path} waits to be finished: open the network once, or try again.")
    except BaseException:
        connection.close()
        raise


def _open(path: Path | None, layout: Layout, network: Path) -> sqlite3.Connection:
    with named(path or network):
        name = ":memory:" if path is None else f"{path.absolute().as_uri()}?mode=rw"
        connection = sqlite3.connect(name, uri=True, isolation_level=None, timeout=10)
        try:
            if path is None:
                layout.bring(connection)
            connection.execute("PRAGMA query_only = ON")
            connection.execute("ATTACH ? AS net", (f"{network.absolute().as_uri()}?mode=rw",))
        except BaseException:
            connection.close()
            raise
    return connection
