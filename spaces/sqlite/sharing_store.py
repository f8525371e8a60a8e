"""Sharing classes as a company's file keeps them: canonical JSON, addressed by content, 0 for no overrides."""

import sqlite3
from functools import lru_cache

import orjson

from schema.names import CompanyId, PersonId
from schema.sharing import NO_OVERRIDES, Audience, Sharing
from schema.values import canonical_json


def class_id(connection: sqlite3.Connection, kind: str, sharing: Sharing) -> int:
    """The id of a sharing among the sides of a kind, given out now if it is new."""
    if sharing == NO_OVERRIDES:
        return 0
    content = canonical_json([[name, a.kind, a.companies, a.people] for name, a in sharing.overrides])
    connection.execute("INSERT OR IGNORE INTO sharing_class (kind, content) VALUES (?, ?)", (kind, content))
    found = connection.execute("SELECT id FROM sharing_class WHERE kind = ? AND content = ?", (kind, content))
    return int(found.fetchone()[0])


def load_classes(connection: sqlite3.Connection, known: dict[int, Sharing], kind: str) -> list[tuple[int, Sharing]]:
    """The classes of a kind with their ids, 0 first, in the order in which they came. `known` keeps each content
    parsed once; classes never change, so what is known stays true."""
    found = [(0, NO_OVERRIDES)]
    for (id_,) in connection.execute("SELECT id FROM sharing_class WHERE kind = ? ORDER BY id", (kind,)):
        found.append((id_, sharing_of(connection, known, id_)))
    return found


def sharing_of(connection: sqlite3.Connection, known: dict[int, Sharing], id_: int) -> Sharing:
    """The sharing of a class id."""
    sharing = known.get(id_)
    if sharing is None:
        content = connection.execute("SELECT content FROM sharing_class WHERE id = ?", (id_,)).fetchone()[0]
        sharing = known[id_] = parsed_sharing(content)
    return sharing


@lru_cache(8_192)
def parsed_sharing(content: str) -> Sharing:
    """The sharing of a content: one object for all companies' files that hold it, so that finding the mask of a
    side compares by identity."""
    overrides = orjson.loads(content)
    if not overrides:
        return NO_OVERRIDES
    return Sharing(
        tuple(
            (name, Audience(kind, tuple(map(CompanyId, companies)), tuple(map(PersonId, people))))
            for name, kind, companies, people in overrides
        )
    )
