"""Sharing classes as a company's file keeps them, see `spaces.sql.sharings`."""

import sqlite3

from schema.sharing import NO_OVERRIDES, Sharing
from spaces.sql.question import Writing
from spaces.sql.sharings import content_of, parsed_sharing


def class_id(connection: Writing, company: str, kind: str, sharing: Sharing) -> int:
    """See `Store`."""
    if sharing == NO_OVERRIDES:
        return 0
    content = content_of(sharing)
    connection.execute("INSERT OR IGNORE INTO sharing_class (kind, content) VALUES (?, ?)", (kind, content))
    found = connection.execute("SELECT id FROM sharing_class WHERE kind = ? AND content = ?", (kind, content))
    return int(found.fetchone()[0])


def sharing_of(connection: Writing, company: str, kind: str, id_: int) -> Sharing:
    """See `Store`."""
    row = connection.execute("SELECT content FROM sharing_class WHERE id = ?", (id_,)).fetchone()
    return parsed_sharing(row[0]) if row else NO_OVERRIDES


def load_classes(connection: sqlite3.Connection, known: list[tuple[int, Sharing]], kind: str) -> None:
    """Adds to `known` the classes of a kind that are newer than the last of them, in the order in which they came.
    One statement whatever there is; classes never change and never go, so what is known stays true."""
    sql = "SELECT id, content FROM sharing_class WHERE kind = ? AND id > ? ORDER BY id"
    known += [(id_, parsed_sharing(content)) for id_, content in connection.execute(sql, (kind, known[-1][0]))]
