"""The objects of `<kind>Groups`, read by the generated builders (see objects.py)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.dimensions import GroupBy, Measure, drill_down
from gateway.numbers import show_total
from schema.field import Base
from schema.names import CompanyId, PersonId
from spaces.fetch import GroupRow, Groups


@dataclass(frozen=True, slots=True)
class AskedGroups:
    """What a client asked for: its `where`, dimensions and measures; `pairs` where partners' sides are grouped."""

    where: Mapping[str, Any] | None
    keys: tuple[GroupBy, ...]
    measures: tuple[Measure, ...]
    pairs: bool


@dataclass(frozen=True, slots=True)
class GroupsObject:
    """The groups that a fetch brought."""

    asked: AskedGroups
    groups: Groups
    type_name: str = "Groups"

    @property
    def total_count(self) -> int:
        """How many groups there are in all."""
        return self.groups.total


@dataclass(frozen=True, slots=True)
class GroupObject:
    """One group."""

    asked: AskedGroups
    row: GroupRow
    type_name: str = "Group"

    @property
    def count(self) -> int:
        """How many records, or pairs, it has."""
        return self.row.size

    @property
    def totals(self) -> list[dict[str, Any]]:
        """Each measure, by currency."""
        named = zip(self.asked.measures, self.row.totals, strict=True)
        return [show_total(measure.name, total) for measure, totals in named for total in totals]

    @property
    def where(self) -> dict[str, Any]:
        """The filter that lists the group's records."""
        return drill_down(self.asked.where, self.asked.keys, self.row.keys, pairs=self.asked.pairs)


@dataclass(frozen=True, slots=True)
class GroupKeyObject:
    """One value that the members of a group have in common."""

    by: GroupBy
    raw: Any
    type_name: str = "GroupKey"

    @property
    def name(self) -> str:
        """What it is a value of."""
        return self.by.name

    @property
    def value(self) -> str | None:
        """The value as text."""
        return self.by.show(self.raw)

    @property
    def company(self) -> CompanyId | None:
        """The company's id, where the value is one."""
        return CompanyId(self.raw) if self.by.type.base is Base.COMPANY and self.raw is not None else None

    @property
    def person(self) -> PersonId | None:
        """The person's id, where the value is one."""
        return PersonId(self.raw) if self.by.type.base is Base.PERSON and self.raw is not None else None
