"""Sharing classes as they are stored: canonical JSON, addressed by content, the id 0 for no overrides."""

from functools import lru_cache

import orjson

from schema.names import CompanyId, PersonId
from schema.sharing import NO_OVERRIDES, Audience, Sharing
from schema.values import canonical_json


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
