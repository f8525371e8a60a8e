"""Each backend, empty, for tests that hold them against each other."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from spaces.contract import Spaces
from spaces.memory import MemorySpaces
from spaces.postgres.spaces import PostgresSpaces
from spaces.sqlite.spaces import SqliteSpaces
from tests.postgres import database
from tests.spaces.world import CATALOG

STORED = ("sqlite", "postgres")
"""All but the plain reference in memory."""
BACKENDS = ("memory", *STORED)


@contextmanager
def empty(backend: str) -> Iterator[Spaces]:
    """Spaces with nothing in them, which belong to the event loop that first uses them, and are closed there."""
    if backend == "postgres":
        with database(CATALOG) as address:
            yield PostgresSpaces.open(address, CATALOG, readers=2)
    elif backend == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            yield SqliteSpaces.open(Path(folder), CATALOG)
    else:
        yield MemorySpaces()
