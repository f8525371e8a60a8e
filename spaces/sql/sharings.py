"""Sharing classes as they are stored: canonical JSON, addressed by content, the id 0 for no overrides; and how each
side was shared last, as the network remembers it, whatever becomes of the side."""

from functools import lru_cache

import orjson

from schema.names import CompanyId, PersonId
from schema.sharing import NO_OVERRIDES, Audience, Sharing
from schema.values import canonical_json
from spaces.sql.question import Writing


def content_of(sharing: Sharing) -> str:
    """The content of a sharing."""
    return canonical_json([[name, a.kind, a.companies, a.people] for name, a in sharing.overrides])


@lru_cache(8_192)
def parsed_sharing(content: str) -> Sharing:
    """The sharing of a content: one object for all companies that hold it, so that finding the mask of a side compares
    by identity."""
    overrides = orjson.loads(content)
    if not overrides:
        return NO_OVERRIDES
    return Sharing(
        tuple(
            (name, Audience(kind, tuple(map(CompanyId, companies)), tuple(map(PersonId, people))))
            for name, kind, companies, people in overrides
        )
    )


def keep_last_sharing(network: Writing, company: str, record: str, content: str) -> None:
    """Remembers how a side is shared, by the content of that."""
    network.execute(
        "INSERT INTO last_sharing (company_id, record_id, content) VALUES (?, ?, ?)"
        " ON CONFLICT (company_id, record_id) DO UPDATE SET content = excluded.content",
        (company, record, content),
    )


def last_sharing(network: Writing, company: str, record: str) -> Sharing | None:
    """How a side was last shared; None where that was never set."""
    row = network.execute(
        "SELECT content FROM last_sharing WHERE company_id = ? AND record_id = ?", (company, record)
    ).fetchone()
    return parsed_sharing(row[0]) if row else None
