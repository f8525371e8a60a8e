"""Definitions: what a company declares at run time (templates, rules, policies), kept with all its versions."""

from dataclasses import dataclass
from typing import Any, NamedTuple

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

    @property
    def position(self) -> tuple[str, str, int]:
        """Where it lies among all versions of its company's definitions: the newest has the largest."""
        return (self.at, self.id, self.version)


@dataclass(frozen=True, slots=True)
class VersionsAsked:
    """Which versions of one company's definitions are asked for, newest first: those of each of `ids`, or of all its
    definitions together. `after` and `before` are positions; the page is the `limit` versions just behind or before
    it; with `backwards` the last `limit`, still newest first."""

    company: CompanyId
    ids: tuple[str, ...] | None = None
    limit: int = 50
    after: tuple[Any, ...] | None = None
    before: tuple[Any, ...] | None = None
    backwards: bool = False


class VersionsPage(NamedTuple):
    """Some versions, each with the one before it of the same definition; whether older and newer ones lie beyond; how
    many there are in all."""

    rows: list[tuple[Definition, Definition | None]]
    has_next: bool
    has_previous: bool
    total: int
