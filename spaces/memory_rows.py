"""What the in-memory reference holds: records with their participants, and sides."""

from dataclasses import dataclass, field

from schema.names import CompanyId, RecordId
from schema.sharing import NO_OVERRIDES, Sharing


@dataclass(frozen=True, slots=True)
class Participant:
    """A company on a record. `added` and `accepted` are places in the record's sequence of events."""

    role: str
    status: str
    added: int
    touched_at: str
    accepted: int | None = None
    message: str | None = None
    associated: CompanyId | None = None

    def place(self) -> tuple[bool, int, int]:
        """Sorts those who accepted first, in that order, then the others as they were added."""
        return (self.accepted is None, self.accepted or 0, self.added)


@dataclass(frozen=True, slots=True)
class Record:
    """The shared part of a record. `cells` are the joint columns."""

    id: RecordId
    kind: str
    owner: CompanyId
    created_at: str
    cells: dict[str, object] = field(default_factory=dict)
    participants: dict[CompanyId, Participant] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Side:
    """One company's own side. `cells` are its columns, `stamps` the times of its fields by their idents."""

    kind: str
    version: int = 0
    updated_at: str = ""
    sharing: Sharing = NO_OVERRIDES
    natural_key: str | None = None
    cells: dict[str, object] = field(default_factory=dict)
    stamps: dict[str, str] = field(default_factory=dict)
