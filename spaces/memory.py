"""`MemorySpaces`: the reference of `Spaces`, in plain dicts. Nothing is durable, everything is obvious."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from schema.errors import Fault
from schema.field import Field
from schema.kind import Kind
from schema.names import CompanyId, PersonId, RecordId
from schema.sharing import NO_OVERRIDES, Sharing
from schema.values import flatten
from schema.viewer import Attributes
from spaces.change import (
    Associations,
    Change,
    Done,
    NaturalKeyTaken,
    Participation,
    ReceiptExists,
    Stale,
    VersionMoved,
)
from spaces.columns import ACCEPTED, INVITED
from spaces.definition import Definition, VersionsAsked, VersionsPage
from spaces.effect import writes_side
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
from spaces.history import (
    FIELD,
    JOINT,
    OPENED,
    SIDE,
    Entry,
    HistoryPage,
    field_entries,
    participant_entries,
    sharing_entries,
)
from spaces.memory_history import memory_history
from spaces.memory_moving import MemoryMoves
from spaces.memory_page import memory_groups, memory_page
from spaces.memory_rows import Participant, Record, Side
from spaces.memory_view import Seen, see
from spaces.placed import page_of


class MemorySpaces(MemoryMoves):
    """See `Spaces`. No method waits for anything, so each happens at once."""

    async def page(self, fetch: PageFetch) -> Page:
        """See `Spaces`."""
        return memory_page(fetch, self._seen(fetch))

    async def groups(self, fetch: GroupFetch) -> Groups:
        """See `Spaces`."""
        return memory_groups(fetch, self._seen(fetch))

    def _seen(self, fetch: PageFetch | GroupFetch) -> list[Seen]:
        """The records of the fetch's kind in which its company takes part, as far as they exist for the viewer."""
        found = []
        for record in self._records.values():
            if record.kind == fetch.kind.name and fetch.company in record.participants:
                held = {company: self._sides.get((company, record.id)) for company in record.participants}
                sides = {company: side for company, side in held.items() if side is not None}
                if seen := see(fetch, record, sides):
                    found.append(seen)
        return found

    async def participants(self, fetch: ParticipantFetch) -> list[ParticipantRow]:
        """See `Spaces`."""
        found = []
        for id_ in fetch.records:
            if record := self._records.get(id_):
                inside = sorted(record.participants.items(), key=lambda item: item[1].place())
                found += [ParticipantRow(id_, company, p.role, p.status, p.message) for company, p in inside]
        return found

    async def associations(self, records: Sequence[RecordId]) -> list[Associations]:
        """See `Spaces`."""
        return [_associations(self._records.get(each)) for each in records]

    async def associated_records(self, company: CompanyId, after: RecordId | None, limit: int) -> list[RecordId]:
        """See `Spaces`."""
        live = (ACCEPTED, INVITED)
        found = [
            record.id
            for record in self._records.values()
            if any(p.associated == company and p.status in live for p in record.participants.values())
        ]
        return sorted(each for each in found if after is None or each > after)[:limit]

    async def sides(self, fetches: Sequence[SideFetch]) -> list[list[SideRow]]:
        """See `Spaces`."""
        return [self._sides_of(fetch) for fetch in fetches]

    def _sides_of(self, fetch: SideFetch) -> list[SideRow]:
        found = []
        for company, record in ((company, record) for company, ids in fetch.records.items() for record in ids):
            side = self._sides.get((company, record))
            if side is not None and side.kind == fetch.kind.name:
                values = tuple(side.cells.get(c) for f in fetch.fields for c in f.columns)
                stamps = dict(side.stamps) if fetch.stamps else None
                found.append(SideRow(record, company, side.sharing, side.version, values, stamps))
        return found

    async def history(self, fetch: HistoryFetch) -> list[HistoryPage]:
        """See `Spaces`."""
        return memory_history(fetch, self._history, self._records)

    async def sharing_classes(self, company: CompanyId, kind: Kind) -> list[Sharing]:
        """See `Spaces`."""
        return [NO_OVERRIDES, *self._classes.get((company, kind.name), ())]

    async def companies(self, ids: Sequence[CompanyId]) -> list[CompanyRow | None]:
        """See `Spaces`."""
        return [CompanyRow(id_, self._companies[id_]) if id_ in self._companies else None for id_ in ids]

    async def people(self, ids: Sequence[PersonId]) -> list[PersonRow | None]:
        """See `Spaces`."""
        return [self._people.get(id_) for id_ in ids]

    async def person_by_email(self, email: str) -> PersonRow | None:
        """See `Spaces`."""
        return next((person for person in self._people.values() if person.email == email.lower()), None)

    async def companies_by_name(self, names: Sequence[str]) -> list[CompanyRow | None]:
        """See `Spaces`."""
        rows = [CompanyRow(id_, name) for id_, name in self._companies.items() if name]
        return [next((row for row in rows if row.name == name), None) for name in names]

    async def add_company(self, company: CompanyRow) -> None:
        """See `Spaces`."""
        self._companies[company.id] = company.name

    async def put_person(self, person: PersonRow) -> None:
        """See `Spaces`."""
        person = person._replace(email=person.email.lower())
        if any(other.email == person.email and other.id != person.id for other in self._people.values()):
            raise Fault("another person has this e-mail address")
        self._people[person.id] = person

    async def set_hide_private(self, person: PersonId, presenting: tuple[CompanyId, ...], *, on: bool) -> None:
        """See `Spaces`."""
        if person in self._people:
            self._people[person] = self._people[person]._replace(hide_private=on, presenting=presenting)

    async def set_attributes(self, person: PersonId, attributes: Attributes) -> None:
        """See `Spaces`."""
        if person in self._people:
            self._people[person] = self._people[person]._replace(attributes=attributes)

    async def done(self, company: CompanyId, person: PersonId, key: str) -> Done | None:
        """See `Spaces`."""
        return self._receipts.get((company, person, key))

    async def record_by_natural_key(self, company: CompanyId, kind: Kind, keys: Sequence[str]) -> list[RecordId | None]:
        """See `Spaces`."""
        return [self._by_natural_key(company, kind.name, key) for key in keys]

    def _by_natural_key(self, company: CompanyId, kind: str, key: str) -> RecordId | None:
        for (owner, record), side in self._sides.items():
            if owner == company and side.kind == kind and side.natural_key == key:
                return record
        return None

    async def commit(self, change: Change) -> None:
        """See `Spaces`."""
        self._check(change)
        joint = _cells(change.kind.joint_by_name, change.joint)
        side = _cells(change.kind.side_by_name, change.side or {})
        if change.creates:
            self._records[change.record] = Record(change.record, change.kind.name, change.company, change.at)
        record = self._records[change.record]
        entries = [Entry(OPENED)] if change.creates else list(_changed(record, change, joint))
        self._history.keep_shared(change.company, change.record, change.person, change.at, entries)
        for values in joint.values():
            record.cells.update(values)
        for each in change.participants:
            self._participate(record, each, change.at)
        for company in change.touched:
            if company in record.participants:
                record.participants[company] = replace(record.participants[company], touched_at=change.at)
        if writes_side(change):
            self._write_side(change, side)
        if change.receipt is not None:
            key = (change.company, change.person, change.receipt.key)
            self._receipts[key] = Done(change.record, change.receipt.request)

    def _check(self, change: Change) -> None:
        if change.company not in self._companies:
            raise Fault("no such company")
        if change.receipt is not None:
            done = self._receipts.get((change.company, change.person, change.receipt.key))
            if done is not None:
                raise ReceiptExists(done)
        record = self._records.get(change.record)
        if (record is not None) is change.creates:
            raise Stale("the record exists" if change.creates else "no such record")
        inside = record.participants if record else {}
        sort, known = change.decided_by or ("", 0)
        if any(each == sort for each, _ in self._defined[known:]):
            raise Stale("definitions have changed")
        for company, status in change.expect:
            if (inside[company].status if company in inside else None) != status:
                raise Stale("a participant's status has changed")
        for company, role in change.expect_roles:
            if company not in inside or inside[company].role != role:
                raise Stale("a participant's role has changed")
        if change.expect_associations not in (None, _associations(record)):
            raise Stale("the record's associations have changed")
        expected = _cells(change.kind.joint_by_name, dict(change.expect_joint))
        held = record.cells if record else {}
        if any(held.get(column) != value for values in expected.values() for column, value in values.items()):
            raise Stale("the record has changed")
        joins = any(p.company == change.company for p in change.participants)
        if writes_side(change) and not joins and change.company not in inside:
            raise Stale("the company takes no part in the record")
        side = self._sides.get((change.company, change.record))
        if change.if_version is not None and (side is None or side.version != change.if_version):
            raise VersionMoved
        if change.natural_key:
            carrier = self._by_natural_key(change.company, change.kind.name, change.natural_key)
            if carrier not in (None, change.record):
                raise NaturalKeyTaken

    def _participate(self, record: Record, new: Participation, at: str) -> None:
        following = 1 + max((max(p.added, p.accepted or 0) for p in record.participants.values()), default=0)
        before = record.participants.get(new.company, Participant(new.role, new.status, following, at))
        accepted = (before.accepted or following) if new.status == ACCEPTED else None
        record.participants[new.company] = replace(
            before,
            role=new.role,
            status=new.status,
            message=new.message,
            accepted=accepted,
            associated=new.associated,
        )

    def _write_side(self, change: Change, named: dict[str, dict[str, Any]]) -> None:
        side = self._sides.get((change.company, change.record), Side(change.kind.name))
        entries: list[Entry] = []
        stamps, held = dict(side.stamps), dict(side.cells)
        for ident, values in named.items():
            old = [held.get(column) for column in values]
            if old != list(values.values()):
                stamps[ident] = change.at
                entries += field_entries(FIELD, change.kind.side_by_ident[ident], old, list(values.values()))
            held.update(values)
        if change.sharing is not None:
            entries += sharing_entries(change.kind, side.sharing, change.sharing)
        kept = entries if side.version else [Entry(SIDE)]
        self._history.keep_side(change.company, change.record, change.person, change.at, kept)
        if side.version == 0 or named or change.sharing is not None:
            side = replace(side, version=side.version + 1, updated_at=change.at, stamps=stamps, cells=held)
        if change.sharing is not None:
            self._last_sharing[change.company, change.record] = change.sharing
            side = replace(side, sharing=change.sharing)
            classes = self._classes.setdefault((change.company, change.kind.name), [])
            if change.sharing != NO_OVERRIDES and change.sharing not in classes:
                classes.append(change.sharing)
        if change.natural_key is not None:
            side = replace(side, natural_key=change.natural_key or None)
        self._sides[(change.company, change.record)] = side

    async def commit_all(self, changes: Sequence[Change]) -> list[Exception | None]:
        """See `Spaces`."""
        errors: list[Exception | None] = []
        for change in changes:
            try:
                await self.commit(change)
            except Exception as error:
                errors.append(error)
            else:
                errors.append(None)
        return errors

    async def signed_in(self, person: PersonId | None, email: str = "") -> SignedIn:
        """See `Spaces`."""
        row = await self.person_by_email(email) if person is None else self._people.get(person)
        return SignedIn(row, len(self._defined))

    async def define(self, definition: Definition) -> int:
        """See `Spaces`."""
        versions = self._definitions.get(definition.id, [])
        owners = {(each.company, each.sort) for each in versions}
        if definition.version != len(versions) + 1 or owners - {(definition.company, definition.sort)}:
            raise Stale("the definition has changed")
        at = max([definition.at, *(each.at for each in versions[-1:])])
        self._definitions[definition.id] = [*versions, replace(definition, at=at)]
        self._defined.append((definition.sort, definition.id))
        return len(self._defined)

    async def definitions(self, after: int = 0) -> list[Definition]:
        """See `Spaces`."""
        moved = {id_ for _, id_ in self._defined[after:]}
        return [versions[-1] for id_, versions in self._definitions.items() if id_ in moved]

    async def definition_versions(self, company: CompanyId, id: str) -> list[Definition]:
        """See `Spaces`."""
        return [each for each in self._definitions.get(id, ()) if each.company == company]

    async def past_versions(self, asked: VersionsAsked) -> list[VersionsPage]:
        """See `Spaces`."""
        by_id = {
            id_: [v for v in versions if v.company == asked.company] for id_, versions in self._definitions.items()
        }
        groups = list(by_id.values()) if asked.ids is None else [by_id.get(id_, []) for id_ in asked.ids]
        pairs = [[*zip(versions, [None, *versions], strict=False)] for versions in groups]
        if asked.ids is None:
            pairs = [[pair for group in pairs for pair in group]]
        limits = (asked.after, asked.before, asked.limit)
        return [
            VersionsPage(*page_of(group, lambda pair: pair[0].position, *limits, backwards=asked.backwards))
            for group in pairs
        ]

    async def close(self) -> None:
        """See `Spaces`. What is held stays readable."""


def _changed(record: Record, change: Change, joint: Mapping[str, Mapping[str, Any]]) -> Iterator[Entry]:
    """What a change is going to alter of a record that is there."""
    for ident, values in joint.items():
        old = [record.cells.get(column) for column in values]
        yield from field_entries(JOINT, change.kind.joint_by_name[ident], old, list(values.values()))
    for each in change.participants:
        before = record.participants.get(each.company)
        held = (before.role, before.status) if before else None
        yield from participant_entries(each.company, held, (each.role, each.status))


def _associations(record: Record | None) -> Associations:
    inside = record.participants.items() if record else ()
    return tuple(sorted((company, p.associated) for company, p in inside if p.associated is not None))


def _cells(fields: dict[str, Field], named: Mapping[str, object]) -> dict[str, dict[str, Any]]:
    """The named fields' columns and values, by the fields' idents. Raises KeyError for an unknown field."""
    return {
        fields[name].ident: dict(zip(fields[name].columns, flatten(fields[name], value), strict=True))
        for name, value in named.items()
    }
