"""Entries of histories, and pages of them, as objects of a level."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from gateway.seal import Seal
from schema.field import Field
from schema.kind import Kind
from schema.names import CompanyId
from schema.values import wire
from spaces.history import JOINT, PARTICIPANT, SHARING, HistoryPage, HistoryRow


def name_in_history(field: Field) -> str:
    """What histories call a field: its place in the schema's types."""
    return f"{field.group}.{field.key}" if field.group else field.name


class HistoryEntryObject:
    """An entry of a record's history."""

    __slots__ = ("_field", "row")
    type_name = "HistoryChange"

    def __init__(self, row: HistoryRow, kind: Kind) -> None:
        """`kind` is the viewer's."""
        self.row = row
        fields = kind.joint_by_name if row.what == JOINT else kind.side_by_ident
        self._field = fields[row.key] if row.key and row.what != PARTICIPANT else None

    @property
    def event(self) -> str:
        """What it is about."""
        return self.row.what

    @property
    def at(self) -> str:
        """When."""
        return self.row.at

    @property
    def field(self) -> str | None:
        """Name of the field."""
        return name_in_history(self._field) if self._field else None

    @property
    def participant(self) -> CompanyId | None:
        """The company that the entry is about."""
        return CompanyId(self.row.key) if self.row.what == PARTICIPANT else None

    @property
    def was(self) -> Any:
        """What was before."""
        return self._shown(self.row.before)

    @property
    def became(self) -> Any:
        """What is from then on."""
        return self._shown(self.row.after)

    def _shown(self, text: str | None) -> Any:
        if text is None:
            return None
        if self.row.part:
            return self.row.part
        stored = orjson.loads(text)
        if self.row.what == PARTICIPANT:
            return dict(zip(("role", "status"), stored, strict=True))
        if self.row.what == SHARING:
            kind, companies, people = stored
            return {"kind": kind.upper(), "companies": companies, "people": people}
        return wire(self._field.type, tuple(stored)) if self._field else None


@dataclass(frozen=True, slots=True)
class HistoryConnectionObject:
    """A page of a record's history. `scope` is what a cursor is bound to: viewer, record and fields."""

    records: Sequence[HistoryEntryObject]
    page: HistoryPage
    seal: Seal
    scope: list[Any]
    type_name: str = "HistoryConnection"

    @property
    def total_count(self) -> int:
        """Entries on all pages."""
        return self.page.total

    def cursor_of(self, entry: HistoryEntryObject) -> str:
        """The sealed position of an entry."""
        return self.seal.close(self.scope, entry.row.position)
