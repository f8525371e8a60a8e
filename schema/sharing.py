"""Audiences and sharing: who may read the fields of one side, as its owner stored it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from schema.kind import Kind
from schema.names import CompanyId, PersonId


@dataclass(frozen=True, slots=True)
class Audience:
    """Who may read a side field besides its own company. `companies` and `people` only with kind "selected",
    sorted. Participants means the companies that accepted."""

    kind: Literal["private", "participants", "selected"]
    companies: tuple[CompanyId, ...] = ()
    people: tuple[PersonId, ...] = ()


PRIVATE = Audience("private")
PARTICIPANTS = Audience("participants")


@dataclass(frozen=True, slots=True)
class Sharing:
    """A sharing class: what one side's owner set apart from the kind's defaults, as (field, audience) sorted by field,
    which is named by its `ident`. Sides with equal sharing carry the same Sharing. Content-addressed, so it never
    changes."""

    overrides: tuple[tuple[str, Audience], ...] = ()
    _hash: int = field(init=False, compare=False, repr=False)  # taken once: it is the key of every side's mask

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash(self.overrides))

    def __hash__(self) -> int:
        return self._hash

    def audience(self, kind: Kind, field: str) -> Audience:
        """The audience in force of one side field, by its ident: the override, else the default of the kind."""
        for name, audience in self.overrides:
            if name == field:
                return audience
        return PARTICIPANTS if kind.side_by_ident[field].audience == "participants" else PRIVATE

    def changed(self, audiences: Mapping[str, Audience]) -> "Sharing":
        """This sharing with the given fields' audiences replaced."""
        return Sharing(tuple(sorted({**dict(self.overrides), **audiences}.items(), key=lambda item: item[0])))

    def grants(self, kind: Kind, company: CompanyId, person: PersonId) -> "Grants":
        """What of this sharing names the given viewer: the ground facts for the policy, nothing decided yet."""
        shared: list[str] = []
        participants: list[str] = []
        to_company: list[str] = []
        to_person: list[str] = []
        for ident in kind.side_by_ident:
            audience = self.audience(kind, ident)
            if audience.kind != "private":
                shared.append(ident)
            if audience.kind == "participants":
                participants.append(ident)
            if company in audience.companies:
                to_company.append(ident)
            if person in audience.people:
                to_person.append(ident)
        return Grants(tuple(shared), tuple(participants), tuple(to_company), tuple(to_person))


NO_OVERRIDES = Sharing()


@dataclass(frozen=True, slots=True)
class Grants:
    """Fields of one side by their idents: shared with anybody at all; with every participant; with the viewer's company
    by name; with the viewer by name. Order of declaration."""

    shared: tuple[str, ...]
    participants: tuple[str, ...]
    company: tuple[str, ...]
    person: tuple[str, ...]
