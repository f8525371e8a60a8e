"""How companies move out of the reference and into it, the plain way."""

import copy
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace

from schema.names import CompanyId, PersonId, RecordId
from schema.sharing import NO_OVERRIDES, Sharing
from spaces.arrival import Arrival, There, arrival, kept_closed, touched_since
from spaces.change import Done
from spaces.columns import ACCEPTED, INVITED
from spaces.definition import Definition
from spaces.fetch import CompanyRow, PersonRow
from spaces.history import HistoryRow
from spaces.memory_history import KeptHistory
from spaces.memory_rows import Participant, Record, Side
from spaces.parcel import (
    HeldReceipt,
    HeldRecord,
    HeldSide,
    Misfit,
    Neighbour,
    Parcel,
    Piece,
    Standing,
    Taken,
    fingerprint,
)


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What is left of an erased company: how it stood where it took part, and the versions of its sides there."""

    fingerprint: str
    stood: dict[RecordId, Participant] = field(default_factory=dict)
    versions: dict[RecordId, int] = field(default_factory=dict)


class MemoryMoves:
    """See `spaces.parcel.Moves`. `MemorySpaces` holds what it reads and writes."""

    def __init__(self) -> None:
        self._companies: dict[CompanyId, str] = {}
        self._people: dict[PersonId, PersonRow] = {}
        self._records: dict[RecordId, Record] = {}
        self._sides: dict[tuple[CompanyId, RecordId], Side] = {}
        self._classes: dict[tuple[CompanyId, str], list[Sharing]] = {}
        self._receipts: dict[tuple[CompanyId, PersonId, str], Done] = {}
        self._history = KeptHistory()
        self._definitions: dict[str, list[Definition]] = {}  # by id, the oldest version first
        self._defined: list[tuple[str, str]] = []  # sort and id of each version, as they were committed
        self._last_sharing: dict[tuple[CompanyId, RecordId], Sharing] = {}  # also of sides that are gone
        self._tombstones: dict[CompanyId, Tombstone] = {}
        self._arrived: dict[CompanyId, str] = {}  # the digest of what a company came with

    async def held(self, company: CompanyId) -> AsyncIterator[Piece]:
        """See `Moves`."""
        if not self._companies.get(company):
            raise Misfit("There is no such company.")
        for piece in list(self._pieces(company)):
            yield piece

    def _pieces(self, company: CompanyId) -> Iterator[Piece]:
        yield CompanyRow(company, self._companies[company])
        yield from sorted(person for person in self._people.values() if person.company == company)
        for versions in self._definitions.values():
            yield from [each for each in versions if each.company == company]
        for id_ in sorted(self._records):
            if company in self._records[id_].participants:
                yield self._held_record(company, self._records[id_])
        for (owner, person, key), done in sorted(self._receipts.items()):
            if owner == company:
                yield HeldReceipt(person, key, done.record, done.request)

    def _held_record(self, company: CompanyId, record: Record) -> HeldRecord:
        side, inside = self._sides.get((company, record.id)), record.participants
        placed = sorted(inside.items(), key=lambda item: item[1].place())
        return HeldRecord(
            record.id,
            record.kind,
            record.owner,
            record.created_at,
            inside[company].touched_at,
            _known(record.cells),
            tuple(Standing(c, p.role, p.status, p.message, p.associated) for c, p in placed),
            tuple(self._history.shared.get(record.id, ())),
            self._held_side(company, record.id, side) if side else None,
        )

    def _held_side(self, company: CompanyId, record: RecordId, side: Side) -> HeldSide:
        entries = tuple(self._history.sides.get((company, record), ()))
        cells, stamps = _known(side.cells), dict(side.stamps)
        return HeldSide(side.version, side.updated_at, side.sharing, side.natural_key, cells, stamps, entries)

    async def erase(self, company: CompanyId) -> None:
        """See `Moves`."""
        if not self._companies.get(company):
            return
        people = [person for person in self._people.values() if person.company == company]
        defined = [each for versions in self._definitions.values() for each in versions if each.company == company]
        stone = self._tombstones[company] = Tombstone(fingerprint(people, defined))
        for record in list(self._records.values()):
            if company in record.participants:
                self._leave(company, record, stone)
        for person in people:
            del self._people[person.id]
        for id_ in {each.id for each in defined}:
            del self._definitions[id_]
        self._empty_space(company)
        self._arrived.pop(company, None)
        self._companies[company] = ""

    def _leave(self, company: CompanyId, record: Record, stone: Tombstone) -> None:
        mine, others = record.participants[company], record.participants.keys() - {company}
        live = any(record.participants[each].status in (INVITED, ACCEPTED) for each in others)
        if not live and not any((each, record.id) in self._sides for each in others):
            del self._records[record.id]
            self._history.shared.pop(record.id, None)
            return
        if mine.status in (INVITED, ACCEPTED):
            stone.stood[record.id] = mine
            record.participants[company] = replace(mine, status="WITHDRAWN", accepted=None)
        if (company, record.id) in self._sides:
            stone.versions[record.id] = self._sides[company, record.id].version
        said = record.participants if mine.status == ACCEPTED and mine.role in ("OWNER", "COLLABORATOR") else [company]
        for each in said:
            record.participants[each] = replace(record.participants[each], message=None)
        kept = self._history.shared.get(record.id, [])
        kept[:] = [row._replace(person=PersonId("")) if row.company == company else row for row in kept]

    def _empty_space(self, company: CompanyId) -> None:
        self._sides = {key: side for key, side in self._sides.items() if key[0] != company}
        self._classes = {key: known for key, known in self._classes.items() if key[0] != company}
        self._receipts = {key: done for key, done in self._receipts.items() if key[0] != company}
        for key in [key for key in self._history.sides if key[0] == company]:
            del self._history.sides[key]

    def _is_empty(self, company: CompanyId) -> bool:
        defined = any(versions[0].company == company for versions in self._definitions.values())
        sided = any(owner == company for owner, _ in self._sides)
        return not (defined or sided or self._has_people(company))

    async def take_in(self, parcel: Parcel, *, older: bool = False) -> Taken | None:
        """See `Moves`."""
        company = parcel.company.id
        if not self._is_empty(company):
            if self._arrived.get(company) == parcel.digest:
                return None
            raise Misfit("The company's space is not empty.")
        stone = self._tombstones.get(company)
        if stone is not None and stone.fingerprint != parcel.fingerprint and not older:
            raise Misfit("The company has changed its people or what it defined since, before it was erased.")
        before = copy.deepcopy(vars(self))
        try:
            return self._take_in(parcel, stone or Tombstone(""))
        except BaseException:
            vars(self).update(before)
            raise

    def _take_in(self, parcel: Parcel, stone: Tombstone) -> Taken:
        company = parcel.company.id
        self._companies[company] = parcel.company.name
        counts, sides = {True: 0, False: 0, None: 0}, 0
        for piece in parcel.pieces:
            match piece:
                case Neighbour():
                    self._companies.setdefault(piece.id, piece.name)
                case PersonRow():
                    self._take_person(piece)
                case Definition():
                    self._take_definition(piece)
                case HeldRecord():
                    way = self._take_record(parcel, piece, stone)
                    counts[way and way.brings] += 1
                    sides += way is None and piece.side is not None
                case HeldReceipt():
                    self._take_receipt(company, piece)
                case _:
                    raise Misfit("There are two companies.")
        self._tombstones.pop(company, None)
        self._arrived[company] = parcel.digest
        return Taken(counts[True], counts[False], counts[None], sides)

    def _take_person(self, person: PersonRow) -> None:
        if person.id in self._people or any(other.email == person.email for other in self._people.values()):
            raise Misfit(f"{person.id}: the network has another person of this id or e-mail address.")
        self._people[person.id] = person

    def _take_definition(self, new: Definition) -> None:
        versions = self._definitions.get(new.id, [])
        if new.version != len(versions) + 1 or any(each.company != new.company for each in versions):
            raise Misfit(f"{new.id}: the network has another definition of this id.")
        self._defined.append((new.sort, new.id))
        if versions:
            versions.append(new)
            return
        listed = list(self._definitions.items())
        place = max((i + 1 for i, (_, found) in enumerate(listed) if found[0].at <= new.at), default=0)
        listed.insert(place, (new.id, [new]))
        self._definitions = dict(listed)

    def _take_record(self, parcel: Parcel, new: HeldRecord, stone: Tombstone) -> Arrival | None:
        company, record = parcel.company.id, self._records.get(new.id)
        stood = stone.stood.get(new.id)
        if record is not None and stood is not None:
            record.participants[company] = stood
        there = None
        if record is not None:
            there = There(record.kind, {c: (p.role, p.status) for c, p in record.participants.items()})
        way = arrival(new, company, there, self._has_people)
        if way is None:
            return None
        if record is None:
            record = Record(new.id, new.kind, new.owner, new.created_at, dict(new.cells))
            self._records[new.id] = record
            self._history.shared[new.id] = list(new.history)
        for added in way.adds:
            self._add(record, added, touched_since(new, added.company))
        told = {each.company: each.message for each in new.participants if way.tells or each.company == company}
        for invited, inside in record.participants.items():
            if inside.status == INVITED and inside.message is None:
                record.participants[invited] = replace(inside, message=told.get(invited))
        mine = record.participants[company]
        record.participants[company] = replace(mine, touched_at=max(mine.touched_at, new.touched_at))
        self._sign(company, new)
        if new.side is not None:
            is_same = stone.versions.get(new.id) in (None, new.side.version)
            version = new.side.version if is_same else parcel.fresh
            self._take_side(parcel, new, new.side, version)
        return way

    def _has_people(self, company: CompanyId) -> bool:
        return any(person.company == company for person in self._people.values())

    def _add(self, record: Record, each: Standing, at: str) -> None:
        following = 1 + max((max(p.added, p.accepted or 0) for p in record.participants.values()), default=0)
        accepted = following if each.status == ACCEPTED else None
        record.participants[each.company] = Participant(
            each.role, each.status, following, at, accepted, each.message, each.associated
        )

    def _sign(self, company: CompanyId, new: HeldRecord) -> None:
        """Says again which of its people made the company's own entries."""
        people = {_place(row): row.person for row in new.history if row.company == company}
        kept = self._history.shared.get(new.id, [])
        for place, row in enumerate(kept):
            if row.company == company and not row.person:
                kept[place] = row._replace(person=people.get(_place(row), row.person))

    def _take_receipt(self, company: CompanyId, receipt: HeldReceipt) -> None:
        key = (company, receipt.person, receipt.key)
        if key in self._receipts:
            raise Misfit("there is another receipt of this key.")
        self._receipts[key] = Done(receipt.record, receipt.request)

    def _take_side(self, parcel: Parcel, record: HeldRecord, side: HeldSide, version: int) -> None:
        key, natural_key = (parcel.company.id, record.id), side.natural_key
        same = [side.natural_key for (company, _), side in self._sides.items() if company == key[0]]
        if natural_key is not None and natural_key in same:
            raise Misfit(f"{record.id}: another side has its natural key.")
        sharing = kept_closed(parcel.kinds[record.kind], side.sharing, self._last_sharing.get(key))
        self._last_sharing[key] = sharing
        classes = self._classes.setdefault((parcel.company.id, record.kind), [])
        if sharing != NO_OVERRIDES and sharing not in classes:
            classes.append(sharing)
        self._sides[key] = Side(
            record.kind, version, side.updated_at, sharing, natural_key, dict(side.cells), dict(side.stamps)
        )
        self._history.sides[key] = list(side.history)

    async def bring_back(self, parcel: Parcel) -> int:
        """See `Moves`."""
        company = parcel.company.id
        if not self._companies.get(company):
            raise Misfit("The company is not there any more.")
        before = copy.deepcopy(vars(self))
        try:
            self._empty_space(company)
            for piece in parcel.pieces:
                record = self._records.get(piece.id) if isinstance(piece, HeldRecord) else None
                if isinstance(piece, HeldReceipt):
                    self._take_receipt(company, piece)
                elif isinstance(piece, HeldRecord) and piece.side and record and company in record.participants:
                    self._take_side(parcel, piece, piece.side, parcel.fresh)
        except BaseException:
            vars(self).update(before)
            raise
        return sum(owner == company for owner, _ in self._sides)


def _known(cells: dict[str, object]) -> dict[str, object]:
    return {column: value for column, value in cells.items() if value is not None}


def _place(row: HistoryRow) -> tuple[object, ...]:
    return (row.what, row.key, row.part, row.at, row.turn)
