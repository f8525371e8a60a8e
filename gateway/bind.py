"""Binds a viewer to steps: its masks for the fetches, and rows to the bits that those masks give them.

The one place where rows meet mask programs. A program reads columns by name: participant statuses and roles from
the row's participation, side columns from the row's own values, columns of the record from its joint ones; where a
policy reads a column, the fetch brings it, whether or not anybody selected it. What masks of partners' sides may read
of the record comes with the record, whoever the partners are.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from gateway.context import Context
from gateway.objects import Fields, OwnSideObject, RecordObject, SideObject, visible
from schema.field import Field
from schema.kind import Kind
from schema.mask import EXISTS, JOINT_PREFIX, RECORD_ID, MaskProgram, SideMasks, joint_column, record_columns
from schema.names import CompanyId, RecordId
from schema.sharing import NO_OVERRIDES, Sharing
from spaces.fetch import PageRow, SideRow


def bits(program: MaskProgram, facts: Mapping[str, Any]) -> int:
    """The bits of one row, whose columns are `facts`; a column that is not there is null."""
    if not program.columns:
        return program.always
    found: int = program.evaluate(*[facts.get(column) for column in program.columns])
    return found


def with_policy_columns(kind: Kind, fields: tuple[Field, ...], masks: SideMasks) -> tuple[Field, ...]:
    """The fields to fetch: those selected, then those of the owner's kind whose columns the policy reads besides."""
    if not masks.columns:
        return fields
    known = {field.ident for field in fields}
    return fields + tuple(f for f in kind.side if f.ident not in known and not masks.columns.isdisjoint(f.columns))


def with_record_columns(kind: Kind, fields: tuple[Field, ...], columns: frozenset[str]) -> tuple[Field, ...]:
    """The joint fields to fetch: those selected, then those of which masks read these columns of the record."""
    read = {joint_column(column) for column in columns}
    if not read:
        return fields
    known = {field.ident for field in fields}
    return fields + tuple(f for f in kind.joint if f.ident not in known and not read.isdisjoint(f.columns))


def record_facts(columns: Collection[str], id_: RecordId, fields: Fields, values: Sequence[Any]) -> dict[str, Any]:
    """These columns of a record, by the names of schema.mask, from the raw values of its joint fields."""
    if not columns:
        return {}
    facts: dict[str, Any] = {RECORD_ID: id_}
    for field in fields.tuple:
        place = fields.places[field.ident]
        facts.update({JOINT_PREFIX + column: values[place + i] for i, column in enumerate(field.columns)})
    return facts


def side_bits(program: MaskProgram, fields: Fields, values: tuple[Any, ...], facts: dict[str, Any]) -> int:
    """The bits of a side from `facts`, which are the statuses of viewer and owner on the record and its columns, and
    from the side's own columns, which go into them."""
    if values and not facts.keys() >= set(program.columns):
        for field in fields.tuple:
            place = fields.places[field.ident]
            facts.update(zip(field.columns, values[place : place + len(field.columns)], strict=True))
    return bits(program, facts)


class RecordBinder:
    """Turns page rows into records and own sides, masked for the viewer."""

    def __init__(self, ctx: Context, kind: Kind, joint: tuple[Field, ...], own: tuple[Field, ...]) -> None:
        viewer = ctx.viewer
        self.joint_mask = ctx.decisions.joint(viewer, kind)
        self.own_masks: SideMasks = ctx.decisions.sides(viewer, kind, viewer.company)
        self.own = with_policy_columns(kind, own, self.own_masks)
        self._tested = record_columns(self.joint_mask.columns)
        self._tested_of_own = record_columns(self.own_masks.columns)
        read = self._tested | self._tested_of_own | ctx.decisions.record_columns(kind)
        self.joint = with_record_columns(kind, joint, read)
        self._ctx = ctx
        self._joint_fields = Fields(kind, self.joint)
        self._own_fields = Fields(kind, self.own)
        self._memo: dict[tuple[str, str], int] = {}
        self._side_memo: dict[tuple[Sharing, str], int] = {}

    def bind(self, rows: Iterable[PageRow]) -> list[RecordObject]:
        """The records that exist for the viewer, in the order of the rows."""
        records = []
        for row in rows:
            key = (row.status, row.role)
            mask = None if self._tested else self._memo.get(key)
            if mask is None:
                facts = record_facts(self._tested, row.record, self._joint_fields, row.joint)
                mask = bits(self.joint_mask, {**facts, "viewer_status": row.status, "viewer_role": row.role})
                self._memo[key] = mask
            if mask & EXISTS:
                records.append(RecordObject(row, mask, self._joint_fields, self._mine(row)))
        return records

    def _mine(self, row: PageRow) -> OwnSideObject | None:
        if row.own is None or row.sharing is None:
            return None
        key = (row.sharing, row.status)
        mask = None if self.own_masks.columns else self._side_memo.get(key)
        if mask is None:
            program = self.own_masks.program(row.sharing)
            facts = record_facts(self._tested_of_own, row.record, self._joint_fields, row.joint)
            facts |= {"viewer_status": row.status, "owner_status": row.status}
            mask = side_bits(program, self._own_fields, row.own, facts)
            self._side_memo[key] = mask
        if not visible(mask):
            return None
        return OwnSideObject(self._ctx.viewer.company, mask, row, self._own_fields, self._ctx.services.seal)


class PartnerBinder:
    """Turns side rows of companies with the same masks into sides masked for the viewer."""

    def __init__(
        self, kind: Kind, of_owner: Kind, masks: SideMasks, fields: tuple[Field, ...], *, custom: bool = False
    ) -> None:
        """`kind` is the viewer's, in whose bits the answer is built; `of_owner` the owners', in whose bits the masks
        are. `custom` says that every custom field of theirs is wanted."""
        self.masks = masks
        wanted = fields + tuple(f for f in of_owner.custom if custom and f not in fields)
        self.fields = with_policy_columns(of_owner, wanted, masks)
        self._fields = Fields(kind, self.fields, of_owner)
        theirs = of_owner.side_by_ident
        self._shared = [(theirs[f.ident].bit, f.bit) for f in kind.custom if f.ident in theirs]
        self._own = (1 << (len(kind.side) - len(kind.custom) + 1)) - 1
        self._memo: dict[tuple[Sharing, str, str], tuple[int, int]] = {}
        self._tested = record_columns(masks.columns)

    def _as_viewers(self, mask: int) -> int:
        """A mask of the owner's kind in the bits of the viewer's: of custom fields those that both have."""
        found = mask & self._own
        for theirs, ours in self._shared:
            if mask & theirs:
                found |= ours
        return found

    def bind(self, company: CompanyId, row: SideRow | None, record: RecordObject, owner: str) -> SideObject | None:
        """The side of a record, whose owner has this status there, or None where it does not exist for the viewer. A
        side without a row has no values."""
        sharing = row.sharing if row else NO_OVERRIDES
        viewer = record.row.status
        key = (sharing, viewer, owner)
        found = None if self.masks.columns else self._memo.get(key)
        if found is None:
            values = row.values if row else ()
            facts = record_facts(self._tested, record.id, record.fields, record.values)
            facts |= {"viewer_status": viewer, "owner_status": owner}
            mask = side_bits(self.masks.program(sharing), self._fields, values, facts)
            found = self._memo[key] = (mask, self._as_viewers(mask))
        mask, as_viewers = found
        if not mask & EXISTS:
            return None
        if row is None:
            return SideObject(company, EXISTS, EXISTS, (), self._fields, None)
        return SideObject(company, as_viewers, mask, row.values, self._fields, row.stamps)


class PartnerBinders:
    """The binders of one step. Companies between whom the policies cannot tell share one; so do companies with
    templates, where nobody asks for anything of theirs."""

    def __init__(
        self, ctx: Context, kind: Kind, fields: tuple[Field, ...], *, custom: bool = False, stamps: bool = False
    ) -> None:
        """`custom` and `stamps` say that every custom field of theirs is wanted, and the stamps of all that is seen."""
        self._ctx = ctx
        self._kind = kind
        self._fields = fields
        self._custom = custom
        self._whole = custom or stamps
        self._by_masks: dict[int, PartnerBinder] = {}  # by identity; the binder holds its masks
        self._usual: PartnerBinder | None = None  # of companies under the policy that most share
        self._templates = ctx.models.templates.by_company
        self._mine = frozenset(template.id for template in self._templates.get(ctx.viewer.company, ()))

    def of(self, owner: CompanyId) -> PartnerBinder:
        """The binder of this company's sides."""
        alone = owner in self._ctx.viewer.presenting  # where the screen is for just this one, its masks differ
        if alone or not self._ctx.decisions.is_usual(owner) or self._has_more(owner):
            return self._made(owner, self._ctx.models.kind(owner, self._kind.name))
        if self._usual is None:
            self._usual = self._made(owner, self._ctx.models.base(self._kind.name))
        return self._usual

    def _has_more(self, owner: CompanyId) -> bool:
        """Whether the owner's sides have custom fields that may be seen here: all of theirs, or those of templates
        that the viewer's company has, too."""
        theirs = self._templates.get(owner)
        return theirs is not None and (self._whole or any(template.id in self._mine for template in theirs))

    def _made(self, owner: CompanyId, of_owner: Kind) -> PartnerBinder:
        masks = self._ctx.decisions.sides(self._ctx.viewer, of_owner, owner)
        binder = self._by_masks.get(id(masks))
        if binder is None:
            binder = PartnerBinder(self._kind, of_owner, masks, self._fields, custom=self._custom)
            self._by_masks[id(masks)] = binder
        return binder
