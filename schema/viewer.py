"""The viewer: who asks."""

from dataclasses import dataclass
from typing import TypeAlias

from schema.names import CompanyId, PersonId

Attributes: TypeAlias = tuple[tuple[str, tuple[str, ...]], ...]
"""What a company says of a person: names, each with its values, in order of name. None has no values."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Person or integration behind one request, of exactly one company. Facts for the policy, nothing else."""

    person: PersonId
    company: CompanyId
    roles: tuple[str, ...] = ()  # sorted
    hide_private: bool = False
    attributes: Attributes = ()
