"""The viewer: who asks."""

from dataclasses import dataclass
from typing import TypeAlias

from schema.names import CompanyId, PersonId

Attributes: TypeAlias = tuple[tuple[str, tuple[str, ...]], ...]
"""What a company says of a person: names, each with its values, in order of name. None has no values."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """Person or integration behind one request, of exactly one company. Facts for the policy; what it
    presents to is no fact, but narrows what the policy decides."""

    person: PersonId
    company: CompanyId
    roles: tuple[str, ...] = ()  # sorted
    hide_private: bool = False
    attributes: Attributes = ()
    presenting: tuple[CompanyId, ...] = ()
    """The companies that it shows its screen to, sorted: it sees what each of them may see, too."""
