"""`Spaces`: the contract that every backend keeps. Its conformance suite is `tests/spaces/contract.py`."""

from collections.abc import Sequence
from typing import Protocol

from schema.kind import Kind
from schema.names import CompanyId, PersonId, RecordId
from schema.sharing import Sharing
from schema.viewer import Attributes
from spaces.change import Associations, Change, Done
from spaces.definition import Definition, VersionsAsked, VersionsPage
from spaces.fetch import (
    CompanyRow,
    GroupFetch,
    Groups,
    HistoryFetch,
    Page,
    PageFetch,
    ParticipantFetch,
    ParticipantRow,
    PersonRow,
    SideFetch,
    SideRow,
    SignedIn,
)
from spaces.history import HistoryPage


class Spaces(Protocol):
    """All companies' spaces and the shared plane, behind one door.

    Order: results come in the order asked for; where a docstring names an order, that one. Durability: a method
    that returns has made its effect durable (it survives kill -9 and loss of power). Atomicity: a `Change`
    happens wholly or not at all, for readers that begin after it returned and after any crash; a reader that
    runs at the same time may see the side before the joint part. Changes of one record are serialised. Errors:
    those named; anything else is a Fault. A backend never interprets who may see what, beyond projecting
    through the masks that a fetch carries.
    """

    async def page(self, fetch: PageFetch) -> Page:
        """The page, see PageFetch. Companies that do not exist have no records. A Fault for a column that there is
        not, and where related rows are asked for without their masks."""
        ...

    async def groups(self, fetch: GroupFetch) -> Groups:
        """The groups, see GroupFetch. A Fault as for a page, and for a bucket of what is no date or time and a
        measure of what is no number."""
        ...

    async def participants(self, fetch: ParticipantFetch) -> list[ParticipantRow]:
        """All participants of the records, by record in the order asked, then in the order in which they
        accepted, those who have not accepted last, in the order in which they were added."""
        ...

    async def associations(self, records: Sequence[RecordId]) -> list[Associations]:
        """What `Participation.associated` was last given of each record's participants, in the order asked; without
        those of whom it was last None."""
        ...

    async def associated_records(self, company: CompanyId, after: RecordId | None, limit: int) -> list[RecordId]:
        """The records, of any kind, on which some company stands INVITED or ACCEPTED by this company's association
        rules: at most `limit` in order of id, those behind `after`."""
        ...

    async def sides(self, fetches: Sequence[SideFetch]) -> list[list[SideRow]]:
        """For each fetch its sides that exist, in the order of its companies and their records. One statement a place,
        whether or not it holds any."""
        ...

    async def history(self, fetch: HistoryFetch) -> list[HistoryPage]:
        """The history of each record, in the order asked, see HistoryFetch. One statement, whatever there is."""
        ...

    async def sharing_classes(self, company: CompanyId, kind: Kind) -> list[Sharing]:
        """Every sharing that some side of the company's was ever given, NO_OVERRIDES first."""
        ...

    async def companies(self, ids: Sequence[CompanyId]) -> list[CompanyRow | None]:
        """The companies, None for an unknown id."""
        ...

    async def people(self, ids: Sequence[PersonId]) -> list[PersonRow | None]:
        """The people, None for an unknown id."""
        ...

    async def person_by_email(self, email: str) -> PersonRow | None:
        """The person with this e-mail address, in any letter case."""
        ...

    async def companies_by_name(self, names: Sequence[str]) -> list[CompanyRow | None]:
        """The companies of these exact names."""
        ...

    async def add_company(self, company: CompanyRow) -> None:
        """Adds a company with an empty space; one that exists by id keeps its space and takes the new name."""
        ...

    async def put_person(self, person: PersonRow) -> None:
        """Adds or replaces a person. A Fault where another person has the e-mail address."""
        ...

    async def set_hide_private(self, person: PersonId, presenting: tuple[CompanyId, ...], *, on: bool) -> None:
        """Sets whether a person hides private fields from itself, and to whom it shows its screen, whatever else of it
        changes at the same time. Nothing happens where there is no such person."""
        ...

    async def set_attributes(self, person: PersonId, attributes: Attributes) -> None:
        """Sets what a company says of a person, in the same way."""
        ...

    async def done(self, company: CompanyId, person: PersonId, key: str) -> Done | None:
        """What the receipt of this key was for."""
        ...

    async def record_by_natural_key(self, company: CompanyId, kind: Kind, keys: Sequence[str]) -> list[RecordId | None]:
        """The records whose side in the company's space carries these natural keys."""
        ...

    async def commit(self, change: Change) -> None:
        """Commits one change. Raises Stale, VersionMoved, ReceiptExists, NaturalKeyTaken with nothing changed.
        A side's version rises by one where a side field's value or its sharing was named; its `updated_at` and
        the named fields' stamps become `at` (fields whose value was equal before keep their stamp). What really changed
        is kept as history (`spaces.history`), with the change or not at all."""
        ...

    async def commit_all(self, changes: Sequence[Change]) -> list[Exception | None]:
        """Commits many changes in order, grouped for speed: each is atomic, together they are not. For each
        its error, or None. Durable when it returns."""
        ...

    async def signed_in(self, person: PersonId | None, email: str = "") -> SignedIn:
        """The person of this id, else of this e-mail address in any letter case, and the revision: both as they are
        when this is asked, or later."""
        ...

    async def define(self, definition: Definition) -> int:
        """Commits a new version of a definition; its time is at least that of the version before it. Returns the
        revision that it is: each version is a larger one than all that were committed before. Raises Stale, with
        nothing changed, where it is not one more than the newest version (0 where there is none), and where the id is
        another company's or of another sort."""
        ...

    async def definitions(self, after: int = 0) -> list[Definition]:
        """The newest version of every definition of all companies, those taken back included, in the order in which
        they were first made: of those whose newest version is behind the revision `after`."""
        ...

    async def definition_versions(self, company: CompanyId, id: str) -> list[Definition]:
        """All versions of one of the company's definitions, oldest first; none where it has no such."""
        ...

    async def past_versions(self, asked: VersionsAsked) -> list[VersionsPage]:
        """The versions of each definition asked for, in that order, or one page of all the company's. Ids of others,
        and ones never issued, have none."""
        ...

    async def close(self) -> None:
        """Releases files and connections. Idempotent."""
        ...
