"""The step of `explain`: who sees which field of the viewer's own side of a record, and by which rule.

What is told reads columns of side and record, so it is told of a field only where the viewer sees those for sure
(policies/sure.py), and the field itself for sure, or with a value.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.bind import record_facts, side_bits
from gateway.context import Context
from gateway.explain import stored_columns
from gateway.level import Level, shared_lists
from gateway.objects import Fields, RecordObject, visible
from gateway.plan_values import Needs, PlanStep
from gateway.readers import reader_of
from gateway.steps.directory import companies_of
from gateway.steps.records import records_by_id
from gateway.steps.sides import known_participants
from policies.explain import Reason, Verdict
from policies.sure import sure_bits
from schema.field import Field
from schema.kind import Kind
from schema.mask import joint_column
from schema.names import CompanyId, PersonId, RecordId, prefix_of
from schema.sharing import NO_OVERRIDES, Sharing
from schema.viewer import Viewer

ACCEPTED = "ACCEPTED"


@dataclass(frozen=True, slots=True)
class FieldExplanationObject:
    """Whether and why somebody sees a field of the viewer's own side, and which participants do."""

    field: str
    visible: bool
    reasons: list[str]
    closed_by: list[str]
    overridden: bool
    seen_by: tuple[CompanyId, ...]
    type_name: str = "FieldExplanation"


async def explain(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """The explanations of the viewer's own side, null where it sees none."""
    reader = await reader_of(ctx, CompanyId(args["company"]), args.get("person"))
    kind = ctx.catalog.by_prefix.get(prefix_of(args["recordId"]) or "")
    found = await records_by_id(ctx, kind, [RecordId(args["recordId"])], Needs((), kind.side)) if kind else {}
    if reader is None or not found:
        return Level([], [None] * len(parents))
    (record,) = found.values()
    explained = await _explained(ctx, record, reader)
    return Level(explained or [], [None if explained is None else list(range(len(explained)))] * len(parents))


async def _explained(ctx: Context, record: RecordObject, reader: Viewer) -> list[FieldExplanationObject] | None:
    kind, own = record.kind, ctx.viewer.company
    sharing, values = record.row.sharing or NO_OVERRIDES, stored_columns(record)
    told = _told(ctx, record, sharing, values)
    if told is None:
        return None
    (known,) = await known_participants([record], ctx)
    statuses = {row.company: row.status for row in known}
    others = [row.company for row in known if row.status == ACCEPTED and row.company != own]
    overridden = {ident for ident, _ in sharing.overrides}

    def said(viewer: Viewer) -> Mapping[str, Verdict]:
        status = statuses.get(viewer.company)
        return ctx.decisions.verdicts(viewer, kind, own, sharing, status, record.row.status, values)

    to_reader = said(reader)
    to_others = {company: said(Viewer(PersonId(""), company)) for company in others}
    return [
        FieldExplanationObject(
            field.name,
            to_reader[ident].visible,
            [_words(reason, field, ident in overridden) for reason in to_reader[ident].reasons],
            [reason.text for reason in to_reader[ident].closed_by],
            ident in overridden,
            tuple(company for company, verdict in to_others.items() if verdict[ident].visible),
        )
        for ident, field in kind.side_by_ident.items()
        if told.of(field, [to_reader[ident], *(verdict[ident] for verdict in to_others.values())])
    ]


@dataclass(frozen=True, slots=True)
class _Told:
    """Of which fields the viewer may be told: those whose bits `listed` has, decided by columns of those in `sure`, and
    of joint fields in `joint`."""

    kind: Kind
    listed: int
    sure: int
    joint: int

    def of(self, field: Field, verdicts: Sequence[Verdict]) -> bool:
        """Whether it may be told of a field on which these are the verdicts."""
        read = frozenset[str]().union(*(verdict.columns for verdict in verdicts))
        of_record = {joint_column(column) for column in read}
        deciding = [each for each in self.kind.side if not read.isdisjoint(each.columns)]
        joint = [each for each in self.kind.joint if not of_record.isdisjoint(each.columns)]
        known = all(self.sure & each.bit for each in deciding) and all(self.joint & each.bit for each in joint)
        return bool(self.listed & field.bit) and known


def _told(ctx: Context, record: RecordObject, sharing: Sharing, values: Mapping[str, Any]) -> _Told | None:
    """What the viewer may be told; None where its own company's side does not exist for it."""
    kind, row = record.kind, record.row
    program = ctx.decisions.sides(ctx.viewer, kind, ctx.viewer.company).program(sharing)
    statuses = {"viewer_status": row.status, "owner_status": row.status}
    facts = record_facts(program.columns, record.id, record.fields, record.values)
    seen = side_bits(program, Fields(kind, kind.side), row.own or (), {**facts, **statuses})
    sure = sure_bits(program, statuses)
    to_all = {"viewer_status": row.status, "viewer_role": row.role}
    joint = record.mask & sure_bits(ctx.decisions.joint(ctx.viewer, kind), to_all)
    if not visible(seen):
        return None
    filled = sum(field.bit for field in kind.side if values.get(field.columns[0]) is not None)
    return _Told(kind, seen & (sure | filled), sure & seen, joint)


def _words(reason: Reason, field: Field, overridden: bool) -> str:
    if not reason.by_sharing:
        return reason.text
    default = "by default of its template" if field.custom else "by default of the kind"
    return f"{reason.text}, {'set on this record' if overridden else default}"


async def seen_by(parents: Sequence[Any], args: dict[str, Any], ctx: Context, step: PlanStep) -> Level:
    """The companies that see a field."""
    keys = [list(parent.seen_by) for parent in parents]
    return shared_lists(await companies_of(ctx, [i for group in keys for i in group]), keys)
