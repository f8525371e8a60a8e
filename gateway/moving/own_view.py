"""What a company may see of its own records: an export is a read by the company, under the network's rules.

Its own sides are its own, whole: no access policy closes the company's data to the company. Of the shared part it gets
what its admins would see: the joint fields, participants, messages and history that `network.polar` opens to a company
of its standing.
"""

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

import orjson

from policies.authority import Policies
from schema.field import Base, Field
from schema.kind import Catalog, Kind
from schema.mask import EXISTS, MESSAGE, MaskProgram
from schema.names import CompanyId, PersonId, RecordId
from schema.viewer import Viewer
from spaces.columns import ACCEPTED
from spaces.contract import Spaces
from spaces.fetch import HistoryFetch, HistoryOf, ParticipantFetch
from spaces.history import JOINT, HistoryRow
from spaces.memory_history import KeptHistory, memory_history
from spaces.memory_rows import Participant, Record
from spaces.parcel import HeldRecord, Standing

Links: TypeAlias = Mapping[RecordId, Record]
_ALL = 10**9


class OwnView:
    """The eyes of one company."""

    def __init__(self, catalog: Catalog, spaces: Spaces, company: CompanyId) -> None:
        decisions = Policies(catalog).pin()
        viewer = Viewer(PersonId(""), company)
        self._spaces = spaces
        self._company = company
        self._kinds = catalog.by_name
        self._participants = decisions.participants(viewer)
        self._joint = {kind.name: decisions.network_joint(viewer, kind) for kind in catalog.kinds}

    async def of(self, held: HeldRecord) -> HeldRecord:
        """The record as the company may see it. Whom a company may not know is not there, or named by nothing."""
        kind = self._kinds[held.kind]
        mine = next(each for each in held.participants if each.company == self._company)
        facts = {"viewer_status": mine.status, "viewer_role": mine.role}
        joint = _bits(self._joint[kind.name], facts)
        seen = [field for field in kind.joint if joint & field.bit]
        links = await self._links(kind, held)
        exists = bool(joint & EXISTS)
        return held._replace(
            owner=held.owner if exists else CompanyId(""),
            created_at=held.created_at if exists else "",
            cells={column: cell for field in seen for column, cell in self._cells(field, held, links)},
            participants=tuple(found for each in held.participants if (found := self._standing(each, facts))),
            history=self._history(kind, held, mine, joint, links) if exists and mine.status == ACCEPTED else (),
        )

    def _cells(self, field: Field, held: HeldRecord, links: Links) -> Iterator[tuple[str, Any]]:
        """The columns of a joint field that are set; of links to records those that exist for the company."""
        for column in field.columns:
            cell = held.cells.get(column)
            if field.type.base is Base.RECORD and cell is not None:
                kept = [each for each in _ids(field, cell) if self._exists(links.get(each))]
                one = kept[0] if kept else None
                cell = orjson.dumps(kept).decode() if kept and field.type.many else one
            if cell is not None:
                yield column, cell

    async def _links(self, kind: Kind, held: HeldRecord) -> Links:
        """The records that joint fields of this one link to or linked to, with the company's own standing there."""
        wanted: dict[RecordId, str] = {}
        targets = {field.ident: field.type.target for field in kind.joint if field.type.target is not None}
        for field in kind.joint:
            cell = held.cells.get(field.column)
            if field.ident in targets and cell is not None:
                wanted.update(dict.fromkeys(_ids(field, cell), targets[field.ident]))
        for row in held.history if targets else ():
            if row.what == JOINT and row.key in targets and row.part:
                wanted[RecordId(row.part)] = targets[row.key]
        if not wanted:
            return {}
        rows = await self._spaces.participants(ParticipantFetch(tuple(wanted), self._participants))
        own = [row for row in rows if row.company == self._company]
        mine = {row.record: {self._company: _participant(row.role, row.status)} for row in own}
        return {id_: Record(id_, wanted[id_], CompanyId(""), "", {}, inside) for id_, inside in mine.items()}

    def _exists(self, record: Record | None) -> bool:
        if record is None or record.kind not in self._joint:
            return False
        mine = record.participants[self._company]
        return bool(_bits(self._joint[record.kind], {"viewer_status": mine.status, "viewer_role": mine.role}) & EXISTS)

    def _standing(self, each: Standing, facts: Mapping[str, str]) -> Standing | None:
        own = each.company == self._company
        seen = _bits(self._participants, {**facts, "own": own, "status": each.status, "role": each.role})
        if not seen & EXISTS:
            return Standing(each.company, each.role, each.status) if own else None
        return each._replace(
            message=each.message if seen & MESSAGE else None,
            associated=each.associated if each.associated == self._company else None,
        )

    def _history(
        self, kind: Kind, held: HeldRecord, mine: Standing, joint: int, links: Links
    ) -> tuple[HistoryRow, ...]:
        if not held.history:
            return ()
        inside = {each.company: _participant(each.role, each.status) for each in held.participants}
        record = Record(held.id, held.kind, held.owner, held.created_at, dict(held.cells), inside)
        fetch = HistoryFetch(
            kind,
            self._company,
            (HistoryOf(held.id, mine.role, mine.status, joint, 0),),
            self._participants,
            tuple((self._kinds[name], mask) for name, mask in self._joint.items()),
            limit=_ALL,
        )
        kept = KeptHistory({}, {held.id: list(held.history)})
        (page,) = memory_history(fetch, kept, {**links, held.id: record})
        return tuple(reversed(page.rows))


def _ids(field: Field, cell: Any) -> list[RecordId]:
    return [RecordId(each) for each in (orjson.loads(cell) if field.type.many else [cell])]


def _participant(role: str, status: str) -> Participant:
    return Participant(role, status, 0, "")


def _bits(program: MaskProgram, facts: Mapping[str, object]) -> int:
    found: int = program.evaluate(*[facts.get(column) for column in program.columns])
    return found
