"""The viewer: who asks."""

from dataclasses import dataclass

from schema.names import CompanyId, PersonId


@dataclass(frozen=True, slots=True)
class Viewer:
    """Person or integration behind one request, of exactly one company. Facts for the policy, nothing else."""

    person: PersonId
    company: CompanyId
    roles: tuple[str, ...] = ()  # sorted
    hide_private: bool = False
