"""Which participants may see that something changed: theirs is the `updatedAt` that moves, nobody else's."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.bind import bits
from gateway.context import Context
from schema.kind import Kind
from schema.mask import EXISTS
from schema.names import CompanyId, PersonId, RecordId
from schema.viewer import Viewer
from spaces.fetch import ParticipantFetch, ParticipantRow

ANYBODY = Viewer(PersonId(""), CompanyId(""))
"""Nobody in particular, of no company: what the network's rules alone say."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Role and status of a company on a record."""

    role: str
    status: str


async def standings(ctx: Context, record: RecordId) -> dict[CompanyId, ParticipantRow]:
    """All participants of the record, of any status, whoever asks: for decisions, never for answers."""
    fetch = ParticipantFetch((record,), ctx.decisions.participants(ctx.viewer))
    rows = await ctx.loaders.participants.load(fetch)
    return {row.company: row for row in rows[record]}


def touched(
    ctx: Context,
    kind: Kind,
    before: dict[CompanyId, Standing],
    after: dict[CompanyId, Standing],
    joint: int = 0,
    facts: Sequence[Mapping[str, Any]] = (),
) -> tuple[CompanyId, ...]:
    """The participants (as they stand after the change) who may see one of the joint fields that changed (bits),
    or a participation that changed, as it was or as it is. `facts` are the record's columns as masks test them, before
    and after a change of joint fields."""
    moved = [company for company, standing in after.items() if before.get(company) != standing]
    times = (before, after)
    return tuple(c for c, standing in after.items() if _sees(ctx, kind, c, standing, joint, facts, moved, times))


def _sees(
    ctx: Context,
    kind: Kind,
    company: CompanyId,
    standing: Standing,
    joint: int,
    facts: Sequence[Mapping[str, Any]],
    moved: Iterable[CompanyId],
    times: tuple[dict[CompanyId, Standing], dict[CompanyId, Standing]],
) -> bool:
    viewer = Viewer(PersonId(""), company)
    own = {"viewer_status": standing.status, "viewer_role": standing.role}
    # The network's rules first: a company's own can only close, and are not asked for who is out already, so that
    # how many questions there are says nothing of participants whom the one who writes may not know.
    if _opened(ctx, kind, ANYBODY, own, facts) & joint and _opened(ctx, kind, viewer, own, facts) & joint:
        return True
    mask = ctx.decisions.participants(viewer)
    for other in moved:
        for time in times:
            state = time.get(other)
            known = state and {"own": other == company, "status": state.status, "role": state.role, **own}
            if known and bits(mask, known) & EXISTS:
                return True
    return False


def _opened(
    ctx: Context, kind: Kind, viewer: Viewer, own: Mapping[str, Any], facts: Sequence[Mapping[str, Any]]
) -> int:
    """The joint fields that the viewer sees before or after the change."""
    program, found = ctx.decisions.joint(viewer, kind), 0
    for each in facts:
        found |= bits(program, {**each, **own})
    return found


def as_standings(rows: dict[CompanyId, ParticipantRow]) -> dict[CompanyId, Standing]:
    """The standings of participant rows."""
    return {company: Standing(row.role, row.status) for company, row in rows.items()}
