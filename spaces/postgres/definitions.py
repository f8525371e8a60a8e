"""Definitions on PostgreSQL: each version has a number, given out one after another behind a lock.

Whoever defines holds the lock alone; whoever commits a change holds it with others (`writer.py`). So what a change was
decided by is in force until the change is committed, and whoever was told of a new version finds every change that was
decided before it.
"""

from spaces.definition import Definition
from spaces.postgres.dialect import POSTGRES
from spaces.sql.definitions import DefinitionStatements
from spaces.sql.question import Writing

DEFINITIONS = DefinitionStatements(POSTGRES)


def define(network: Writing, new: Definition) -> int:
    """Adds a version of a definition, and gives its revision. The caller holds the lock. Raises Stale."""
    DEFINITIONS.define(network, new)
    return number(network)


def number(network: Writing) -> int:
    """Gives the versions that were just added the next revision, and says which that is. The caller holds the lock."""
    network.execute("UPDATE definition SET revision = (SELECT revision + 1 FROM layout) WHERE revision IS NULL")
    (revision,) = network.execute("UPDATE layout SET revision = revision + 1 RETURNING revision").fetchone()
    return int(revision)
