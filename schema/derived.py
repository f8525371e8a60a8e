"""Side fields whose values tell of other fields: formulas, the logs of what a field held before, and picklists that
refine another."""

from collections.abc import Mapping
from functools import lru_cache

from schema.field import Field
from schema.formula_fields import fields_read
from schema.kind import Kind


@lru_cache(4_096)
def sources_of(kind: Kind) -> Mapping[str, frozenset[str]]:
    """For each such field of a side, by ident, the idents of the stored fields that it tells of."""
    found = {field.ident: _sources(kind, field) for field in kind.side}
    return {ident: sources for ident, sources in found.items() if sources}


def _sources(kind: Kind, field: Field) -> frozenset[str]:
    if field.history_of is not None:
        return frozenset({field.history_of})
    custom = field.custom
    if custom and custom.refines is not None:
        return frozenset({custom.refines})
    if custom and custom.formula is not None:
        stored = fields_read(kind, field)
        own = {read.ident for read in stored}
        return frozenset(own.union(*(_sources(kind, read) for read in stored)))
    return frozenset()


def telling_of(kind: Kind, idents: frozenset[str]) -> frozenset[str]:
    """These side fields, and those that tell of any of them."""
    return idents | {ident for ident, sources in sources_of(kind).items() if sources & idents}
