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
    (revision,) = network.execute("UPDATE layout SET revision = revision + 1 RETURNING revision").fetchone()
    sql = "UPDATE definition SET revision = ? WHERE id = ? AND version = ?"
    network.execute(sql, (revision, new.id, new.version))
    return int(revision)
