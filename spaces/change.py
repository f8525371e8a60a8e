"""A change: one mutation's whole effect, as a frozen value that a backend commits wholly or not at all."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from schema.errors import Fault
from schema.kind import Kind
from schema.names import CompanyId, PersonId, RecordId
from schema.sharing import Sharing

Associations: TypeAlias = tuple[tuple[CompanyId, CompanyId], ...]
"""Which companies stand on a record by association rules, and whose rules these are; in order of company."""


@dataclass(frozen=True, slots=True)
class Participation:
    """The new state of one company on the record (inserted or replaced). `role` is OWNER, COLLABORATOR, VIEWER or
    PARTICIPANT; `status` INVITED, ACCEPTED, DECLINED or WITHDRAWN; `message` what an open invitation says;
    `associated` the company whose association rules alone brought this about, None where somebody decided it."""

    company: CompanyId
    role: str
    status: str
    message: str | None = None
    associated: CompanyId | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """Idempotency: `key` (unique per company and person) was used with a request of hash `request`."""

    key: str
    request: str


@dataclass(frozen=True, slots=True)
class Change:
    """`company`'s one change of one record, at the time `at`.

    `joint` and `side` map field names to stored values (None clears); only named fields change. `side` None
    leaves the own side alone; an empty one makes sure that it exists. `creates` inserts the record; its id must
    be new. `expect` are participant statuses (None: not a participant) that must still hold when it commits,
    `expect_roles` their roles, `expect_joint` joint fields with the stored values that they must still have,
    `expect_associations` all associations that the record must still have, no more and no fewer; None asks nothing.
    `touched` are the participants whose `touched_at` moves to `at`, because they may see what changed.
    `decided_by` is a sort of definitions and the revision up to which they were known: none of it may be newer.
    `natural_key` is stored with the side and is unique in (company, kind); None leaves it alone, "" takes it away.
    """

    kind: Kind
    record: RecordId
    company: CompanyId
    person: PersonId
    at: str
    creates: bool = False
    joint: Mapping[str, Any] = field(default_factory=dict)
    side: Mapping[str, Any] | None = None
    sharing: Sharing | None = None
    participants: tuple[Participation, ...] = ()
    touched: tuple[CompanyId, ...] = ()
    expect: tuple[tuple[CompanyId, str | None], ...] = ()
    expect_roles: tuple[tuple[CompanyId, str], ...] = ()
    expect_joint: tuple[tuple[str, Any], ...] = ()
    expect_associations: Associations | None = None
    decided_by: tuple[str, int] | None = None
    if_version: int | None = None
    natural_key: str | None = None
    receipt: Receipt | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """A receipt's past effect: the record it was about and the hash of its request."""

    record: RecordId
    request: str


class Stale(Fault):
    """An expected status, association, joint state or definition no longer held; read again and decide again."""


class VersionMoved(Fault):
    """The own side's version is not `if_version`."""


class ReceiptExists(Fault):
    """The receipt's key was used before; `done` tells for what."""

    def __init__(self, done: Done) -> None:
        self.done = done
        super().__init__("receipt exists")


class NaturalKeyTaken(Fault):
    """Another record of this space carries the natural key."""
