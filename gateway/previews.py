"""Binds a viewer and somebody else with whose eyes it looks: what both see of the viewer's own records and sides.

Only the viewer's company's rules and the network's are asked of the other one: what its own company lets it see is
that company's to know. Where the other one's sight is decided by something that the viewer does not see, the field is
as one that nobody opened (policies/narrow.py).
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property

from gateway.bind import RecordBinder, bits, record_facts, side_bits, with_policy_columns, with_record_columns
from gateway.context import Context
from gateway.objects import Fields, RecordObject, visible
from gateway.presence import takes_part
from gateway.preview_objects import PreviewObject, RecordPreviewObject, SidePreviewObject
from gateway.related import related_to
from gateway.steps.sides import known_participants
from policies.facts import COLUMNS
from policies.narrow import NarrowedSides, columns_of_record, narrowed
from schema.field import Field
from schema.kind import Kind
from schema.mask import EXISTS, MaskProgram, record_columns
from schema.matching import both
from schema.names import RecordId
from schema.sharing import NO_OVERRIDES
from schema.where import Where
from spaces.fetch import PageFetch, PageRow, ParticipantRow

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
        if self._colleague:
            joint = with_record_columns(kind, joint, record_columns(ctx.decisions.joint(reader, kind).columns))
        self._records = RecordBinder(ctx, kind, joint, with_policy_columns(kind, own, self._masks))
        self._fields = Fields(kind, self._records.own)
        self._joint = Fields(kind, self._records.joint)
        self._narrowed: dict[str, NarrowedSides] = {}

    @cached_property
    def _joint_mask(self) -> MaskProgram:
        """What the reader sees of joint fields: a partner under the network's rules alone; a colleague under the
        company's policy, as far as the viewer sees them, too."""
        decisions, reader, kind = self._ctx.decisions, self._preview.reader, self._kind
        if not self._colleague:
            return decisions.network_joint(reader, kind)
        mine = self._records.joint_mask
        return narrowed(mine, decisions.joint(reader, kind), columns_of_record(mine, kind), COLUMNS["record"])

    def fetch(self, fetch: PageFetch) -> PageFetch:
        """A fetch of the viewer's, of such records alone as exist for the reader, too, with what is to be bound."""
        fetch = replace(fetch, joint=self._records.joint, own=self._records.own)
        if self._colleague:
            return replace(fetch, joint_mask=self._joint_mask)
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
            facts = record_facts(self._joint_mask.columns, record.id, self._joint, row.joint)
            mask = record.mask & bits(self._joint_mask, {**facts, "viewer_status": status, "viewer_role": role})
            if visible(mask):
                found.append(RecordPreviewObject(record, mask, status, self._preview, self._side(record, status)))
        return found

    async def _standing(self, records: list[RecordObject]) -> Mapping[RecordId, tuple[str, str]]:
        known: list[list[ParticipantRow]] = await known_participants(records, self._ctx)
        return {p.record: (p.status, p.role) for group in known for p in group if p.company == self._preview.company}

    def _side(self, record: RecordObject, status: str) -> SidePreviewObject | None:
        row = record.row
        values = row.own or ()
        masks = self._shown(status)
        facts = record_facts(masks.columns, record.id, self._joint, row.joint)
        facts |= {"viewer_status": row.status, "owner_status": row.status}
        mask = side_bits(masks.program(row.sharing or NO_OVERRIDES), self._fields, values, facts)
        if not mask & EXISTS:
            return None
        if row.own is None:
            mask = EXISTS
        return SidePreviewObject(self._ctx.viewer.company, mask, values, self._fields, self._preview)

    def _shown(self, status: str) -> NarrowedSides:
        """The masks of what both see where the reader's company has this status."""
        found = self._narrowed.get(status)
        if found is None:
            mine = self._records
            found = NarrowedSides(mine.own_masks, (self._masks,), status, mine.joint_mask, self._kind)
            self._narrowed[status] = found
        return found
