"""Binds a viewer and somebody else with whose eyes it looks: what both see of the viewer's own records and sides.

Only the viewer's company's rules and the network's are asked of the other one: what its own company lets it see is
that company's to know. Of a decision that was made by columns of the side, the viewer is told only where it sees those
columns for sure (policies/sure.py); else the field is as one that nobody opened.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property

from gateway.bind import RecordBinder, bits, side_bits, with_policy_columns
from gateway.context import Context
from gateway.objects import Fields, RecordObject, visible
from gateway.presence import takes_part
from gateway.preview_objects import PreviewObject, RecordPreviewObject, SidePreviewObject
from gateway.related import related_to
from gateway.steps.sides import known_participants
from policies.narrow import intersection
from policies.sure import sure_bits, told_bits
from schema.field import Field
from schema.kind import Kind
from schema.mask import EXISTS, MaskProgram
from schema.matching import both
from schema.names import RecordId
from schema.sharing import NO_OVERRIDES, Sharing
from schema.where import Where
from spaces.fetch import PageFetch, PageRow, ParticipantRow

_JOINT_COLUMNS = ("viewer_status", "viewer_role")
_INSIDE = ("ACCEPTED", "INVITED")


class PreviewBinder:
    """Of one kind, for one reader: a partner, one of its people, or a colleague."""

    def __init__(
        self, ctx: Context, kind: Kind, preview: PreviewObject, joint: tuple[Field, ...], own: tuple[Field, ...]
    ) -> None:
        reader, company = preview.reader, ctx.viewer.company
        self._ctx = ctx
        self._kind = kind
        self._preview = preview
        self._colleague = reader.company == company
        self._masks = ctx.decisions.sides(reader, kind, company)
        self._records = RecordBinder(ctx, kind, joint, with_policy_columns(kind, own, self._masks))
        self._fields = Fields(kind, self._records.own)
        self._joint = joint
        self._told: dict[tuple[Sharing, str], int] = {}

    @cached_property
    def _joint_mask(self) -> MaskProgram:
        """What the reader sees of joint fields: a colleague under the company's policy, a partner under the network's
        rules alone."""
        decisions, reader = self._ctx.decisions, self._preview.reader
        return decisions.joint(reader, self._kind) if self._colleague else decisions.network_joint(reader, self._kind)

    def fetch(self, fetch: PageFetch) -> PageFetch:
        """A fetch of the viewer's, of such records alone as exist for the reader, too, with what is to be bound."""
        fetch = replace(fetch, joint=self._joint, own=self._records.own)
        if self._colleague:
            return replace(fetch, joint_mask=intersection(fetch.joint_mask, self._joint_mask, _JOINT_COLUMNS))
        there = Where(((takes_part(self._preview.company, _INSIDE),),))
        return replace(fetch, where=both(fetch.where, there), related=related_to(self._ctx, self._kind))

    @property
    def masks(self) -> RecordBinder:
        """The viewer's own masks, for a fetch."""
        return self._records

    async def bind(self, rows: Iterable[PageRow]) -> list[RecordPreviewObject]:
        """The records that exist for both, in the order of the rows."""
        records = self._records.bind(rows)
        found = []
        standing = {} if self._colleague else await self._standing(records)
        for record in records:
            row = record.row
            place = (row.status, row.role) if self._colleague else standing.get(record.id)
            if place is None:
                continue
            status, role = place
            mask = record.mask & bits(self._joint_mask, {"viewer_status": status, "viewer_role": role})
            if visible(mask):
                found.append(RecordPreviewObject(record, mask, status, self._preview, self._side(record, status)))
        return found

    async def _standing(self, records: list[RecordObject]) -> Mapping[RecordId, tuple[str, str]]:
        known: list[list[ParticipantRow]] = await known_participants(records, self._ctx)
        return {p.record: (p.status, p.role) for group in known for p in group if p.company == self._preview.company}

    def _side(self, record: RecordObject, status: str) -> SidePreviewObject | None:
        row = record.row
        sharing, values, own = row.sharing or NO_OVERRIDES, row.own or (), row.status
        mine, theirs = self._records.own_masks.program(sharing), self._masks.program(sharing)
        mask = side_bits(mine, self._fields, values, own, own) & side_bits(theirs, self._fields, values, status, own)
        mask &= self._may_be_told(sharing, mine, theirs, own)
        if not mask & EXISTS:
            return None
        if row.own is None:
            mask = EXISTS
        return SidePreviewObject(self._ctx.viewer.company, mask, values, self._fields, self._preview)

    def _may_be_told(self, sharing: Sharing, mine: MaskProgram, theirs: MaskProgram, own: str) -> int:
        key = (sharing, own)
        found = self._told.get(key)
        if found is None:
            sure = sure_bits(mine, {"viewer_status": own, "owner_status": own})
            known = frozenset(c for field in self._kind.side if sure & field.bit for c in field.columns)
            found = self._told[key] = told_bits(theirs, known)
        return found
