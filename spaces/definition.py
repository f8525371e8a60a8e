"""Definitions: what a company declares at run time (templates, rules, policies), kept with all its versions."""

from dataclasses import dataclass

from schema.names import CompanyId, PersonId


@dataclass(frozen=True, slots=True)
class Definition:
    """One version of a company's definition. The newest version is in force; `content` is canonical JSON, or empty
    where the definition was taken back. Versions count from 1 and are never changed."""

    company: CompanyId
    sort: str  # e.g. "template"
    id: str  # public id
    version: int
    person: PersonId  # who made this version
    at: str  # when
    content: str
