"""Takes companies off records on which they stand by association rules alone that hold no more, after a company changed
its rules. Whom new rules would invite waits for the record's next write.

The records are looked up by the mark that a rule's doing leaves, a batch at a time, and each is changed by an ordinary
`Change` of the company. So it can stop anywhere, and be done again: the next change of a rule, or the next start, does
what a crash left undone.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gateway.context import Context, Services
from gateway.importing.stored import WholeSides, everything
from gateway.mutations.associating import Held, Places, associated, places_of
from gateway.mutations.participants_after import participants, side_cells
from gateway.mutations.reading import columns_of, joint_facts
from gateway.mutations.touching import touched
from schema.errors import Fault
from schema.kind import Kind
from schema.names import CompanyId, RecordId, prefix_of
from schema.values import unflatten
from schema.viewer import Viewer
from spaces.change import Change, Stale, VersionMoved
from spaces.deadline import DEADLINE
from spaces.fetch import PageFetch, PageRow, ParticipantFetch, ParticipantRow

log = logging.getLogger("multiway.gateway")

BATCH = 200
"""Records that are read at once."""
_TRIES = 32


async def settle_all(services: Services) -> None:
    """Finishes what an earlier run left half done, for all companies."""
    for company, person in services.rules.associating.items():
        (row,) = await services.spaces.people([person])
        if row is None:
            continue
        try:
            await settle_company(Context(services, Viewer(person, company), row, services.rules.pin()))
        except Fault:  # others are not to wait for it
            log.exception("whom the rules of %s name no more could not all be taken off", company)


async def settle_company(ctx: Context) -> None:
    """Takes off records whom the rules of the viewer's company, as they are now, do not name any more."""
    DEADLINE.set(float("inf"))  # what a rule brought about is taken back whole, also where nobody waits for it any more
    ctx.pin_anew()
    await ctx.services.writes.ended()
    after: RecordId | None = None
    while found := await ctx.services.spaces.associated_records(ctx.viewer.company, after, BATCH):
        by_kind: dict[str, list[RecordId]] = {}
        for record in found:
            by_kind.setdefault(prefix_of(record) or "", []).append(record)
        for prefix, records in by_kind.items():
            kind = ctx.catalog.by_prefix.get(prefix)
            if kind is not None:
                await _settle(ctx, kind, records)
        after = found[-1]


async def _settle(ctx: Context, kind: Kind, records: Sequence[RecordId]) -> None:
    """Settles these records; those that others change meanwhile are looked at again."""
    left = tuple(records)
    for _ in range(_TRIES):
        changes = await _changes(ctx, kind, left)
        errors = await ctx.services.spaces.commit_all(changes)
        failed = [error for error in errors if error is not None]
        if other := [error for error in failed if not isinstance(error, Stale | VersionMoved)]:
            raise other[0]
        left = tuple(change.record for change, error in zip(changes, errors, strict=True) if error is not None)
        if not left:
            return
    raise Fault("records are changed by others too often to take anybody off")


async def _changes(ctx: Context, kind: Kind, records: tuple[RecordId, ...]) -> list[Change]:
    """The changes that these records need, each decided by what is read here."""
    spaces, own = ctx.services.spaces, ctx.viewer.company
    # of the company's own records all are meant, whatever its policies leave to whoever defines
    masks = everything(kind), WholeSides(kind)
    page = await spaces.page(PageFetch(kind, own, *masks, kind.joint, kind.side, limit=len(records), ids=records))
    rows: dict[RecordId, dict[CompanyId, ParticipantRow]] = {record: {} for record in records}
    for each in await spaces.participants(ParticipantFetch(records, ctx.decisions.participants(ctx.viewer))):
        rows[each.record][each.company] = each
    own_rows = {row.record: row for row in page.rows}
    found = []
    for record, marks in zip(records, await spaces.associations(records), strict=True):
        read = _Read(record, places_of(rows[record], marks), own_rows.get(record))
        if change := await _change(ctx, kind, read):
            found.append(change)
    return found


async def _change(ctx: Context, kind: Kind, read: "_Read") -> Change | None:
    row = read.row
    held = Held(_facts(kind, read), side_cells(kind, row.own) if row and row.own else {})
    after = await associated(ctx, kind, ctx.viewer.company, read.places, held, invites=False)
    version = row.own_version if row else None
    inside = participants(ctx, kind, read.places, after, row.joint if row else None, version)
    if not inside.moves:
        return None
    return Change(
        kind,
        read.record,
        ctx.viewer.company,
        ctx.viewer.person,
        ctx.services.now(),
        participants=inside.moves,
        touched=touched(ctx, kind, *inside.standings),
        expect=inside.expect,
        expect_roles=inside.expect_roles,
        expect_joint=inside.expect_joint,
        expect_associations=inside.expect_associations,
        if_version=version,
    )


@dataclass(frozen=True, slots=True)
class _Read:
    """A record as it was read; `row` is None where the company is not on it."""

    record: RecordId
    places: Places
    row: PageRow | None


def _facts(kind: Kind, read: _Read) -> dict[str, Any]:
    columns = columns_of(kind.joint, read.row.joint) if read.row else {}
    named = kind.joint_by_name
    return joint_facts(kind, read.record, {name: unflatten(named[name], cells) for name, cells in columns.items()})
