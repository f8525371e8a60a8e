"""Who takes part in a record before and after a write of the viewer's company to its joint fields or its own side."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.context import Context
from gateway.importing.stored import WholeSides
from gateway.mutations.associating import (
    Held,
    Places,
    associated,
    associations_of,
    moved,
    places_of,
    standings_of,
    tested,
)
from gateway.mutations.reading import columns_of
from gateway.mutations.touching import Standing, standings
from gateway.objects import RecordObject
from schema.kind import Kind
from schema.names import CompanyId
from schema.values import flatten, unflatten
from schema.where import Scalar
from spaces.change import Associations, Participation
from spaces.fetch import SideFetch, SideRow


@dataclass(frozen=True, slots=True)
class Participants:
    """The places as they were read and as they will be, and what a change that was decided so wants still to be:
    `expect_…` as in `Change`, `version` of the own side. All empty where nothing of it had to be read."""

    before: Places = field(default_factory=dict)
    after: Places = field(default_factory=dict)
    expect: tuple[tuple[CompanyId, str | None], ...] = ()
    expect_roles: tuple[tuple[CompanyId, str], ...] = ()
    expect_joint: tuple[tuple[str, Any], ...] = ()
    expect_associations: Associations | None = None
    version: int | None = None

    @property
    def moves(self) -> tuple[Participation, ...]:
        """What makes the ones of the others."""
        return moved(self.before, self.after)

    @property
    def standings(self) -> tuple[dict[CompanyId, Standing], dict[CompanyId, Standing]]:
        """Roles and statuses before and after."""
        return standings_of(self.before), standings_of(self.after)


async def participants_after(
    ctx: Context,
    record: RecordObject,
    joint: Mapping[str, Any],
    side: Mapping[str, Any] | None,
    facts: Mapping[str, Any],
) -> Participants:
    """What a write of these stored values comes to, with the record's columns `facts` after it. Who writes joint fields
    reads the participants in any case: whether rules of others hang on these is not to be told by what is read."""
    kind, own = record.kind, ctx.viewer.company
    ruled = own in ctx.services.rules.associating
    if not joint and not ruled:
        return Participants()
    rows = await standings(ctx, record.id)
    (associations,) = await ctx.services.spaces.associations([record.id])
    before = places_of(rows, associations)
    row = await _own_side(ctx, record) if ruled else None
    cells = {**(side_cells(kind, row.values) if row else {}), **written_cells(kind, side or {})} if ruled else None
    after = await associated(ctx, kind, own, before, Held(facts, cells))
    return participants(ctx, kind, before, after, record.row.joint, row.version if row else None)


def participants(
    ctx: Context, kind: Kind, before: Places, after: Places, joint: tuple[Any, ...] | None, version: int | None
) -> Participants:
    """These places, with what they were decided by: the record's joint columns as they were read, if they were, and the
    version of the own side."""
    own = ctx.viewer.company
    places = [(c, before.get(c)) for c in {own} | {each.company for each in moved(before, after)}]
    held = columns_of(kind.joint, joint) if joint is not None else {}
    whose = {own} | {place.by for place in before.values() if place.by is not None}
    named = sorted(tested(ctx, kind, whose) & held.keys())
    return Participants(
        before,
        after,
        tuple((c, place.standing.status if place else None) for c, place in places),
        tuple((c, place.standing.role) for c, place in places if place),
        tuple((name, unflatten(kind.joint_by_name[name], held[name])) for name in named),
        associations_of(before),
        version,
    )


async def _own_side(ctx: Context, record: RecordObject) -> SideRow | None:
    """The viewer's company's own side, whole: its rules are asked of it, whatever policies leave to who writes."""
    kind, own = record.kind, ctx.viewer.company
    fetch = SideFetch(kind, own, {own: (record.id,)}, kind.side, WholeSides(kind))
    (rows,) = await ctx.loaders.sides.load((fetch,))
    return rows[0] if rows else None


def side_cells(kind: Kind, values: tuple[Any, ...]) -> dict[str, Scalar | None]:
    """The columns of a side that was read with all its fields."""
    names = [column for each in kind.side for column in each.columns]
    return dict(zip(names, values, strict=True))


def written_cells(kind: Kind, side: Mapping[str, Any]) -> dict[str, Scalar | None]:
    """The columns of stored values by name."""
    named = kind.side_by_name
    return {
        column: cell
        for name, value in side.items()
        for column, cell in zip(named[name].columns, flatten(named[name], value), strict=True)
    }
