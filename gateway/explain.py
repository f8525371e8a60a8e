"""`multiway explain`: for the owner of a side, who reads each of its fields and by which rule.

The answer is asked of the policy, viewer by viewer, not derived from the sharing: what is printed is what a read
would show.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.auth import eyes_of
from gateway.bind import record_facts
from gateway.context import Context
from gateway.mutations.reading import own_sharing, record_of
from gateway.mutations.touching import standings
from gateway.objects import RecordObject
from schema.errors import NotFound
from schema.mask import RECORD_ID
from schema.names import CompanyId, PersonId
from schema.viewer import Viewer

ACCEPTED = "ACCEPTED"


@dataclass(frozen=True, slots=True)
class Sight:
    """One reader of one field: a company (everybody in it) or a person, and the rules that let it."""

    field: str
    reader: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """The side's record and company, and who reads what; `unseen` are fields that nobody else reads."""

    record: str
    company: str
    sights: tuple[Sight, ...]
    unseen: tuple[str, ...]


async def explain(ctx: Context, record_id: str) -> Explanation:
    """Who reads which field of the viewer's own side of a record. Raises NotFound, in one's own words
    for a record that the viewer sees and its company has no side of."""
    record = await record_of(ctx, record_id, "record")
    if record.row.own is None:
        raise NotFound("Your company has no side of this record yet.", field=("record",))
    kind, owner = record.kind, ctx.viewer.company
    rows = await standings(ctx, record.id)
    sharing = own_sharing(record)
    people = {person for _, audience in sharing.overrides for person in audience.people}
    people |= {person for rule in ctx.pinned.of(owner).rules for person in rule.audience.people}
    named = await ctx.loaders.people.load(tuple(sorted(people)))
    companies = await ctx.loaders.companies.load(tuple(rows))
    readers = [(companies[c].name, Viewer(PersonId(""), c), row.status) for c, row in rows.items() if c != owner]
    for person in named.values():
        status = rows[person.company].status if person.company in rows else "NONE"
        readers.append((f"{person.name} <{person.email}>", eyes_of(person), status))
    values = stored_columns(record)
    sights: list[Sight] = []
    by_company: dict[CompanyId, set[tuple[str, str]]] = {}
    for name, viewer, status in readers:
        found = ctx.decisions.explain(viewer, kind, owner, sharing, status, rows[owner].status, values)
        if not viewer.person:
            by_company[viewer.company] = set(found)
        else:
            found = [entry for entry in found if entry not in by_company.get(viewer.company, set())]
        reasons: dict[str, list[str]] = {}
        for field, reason in found:
            reasons.setdefault(field, []).append(reason)
        fields = kind.side_by_ident
        sights += [Sight(fields[field].name, name, tuple(why)) for field, why in reasons.items() if field in fields]
    order = {f.name: f.index for f in kind.side}
    sights.sort(key=lambda sight: order[sight.field])
    seen = {sight.field for sight in sights}
    title = kind.joint_by_name[kind.title]
    return Explanation(
        f"{kind.type_name} {record.id}, {record.values[record.fields.places[title.ident]]}",
        companies[owner].name,
        tuple(sights),
        tuple(f.name for f in kind.side if f.name not in seen),
    )


def stored_columns(record: RecordObject) -> Mapping[str, Any]:
    """The columns of the viewer's company's own side by name, raw, of a record that was read with all of its side
    fields; none where there is no side. For decisions, never for answers."""
    columns = [column for field in record.kind.side for column in field.columns]
    of_record = record_facts((RECORD_ID,), record.id, record.fields, record.values)
    return of_record if record.row.own is None else {**dict(zip(columns, record.row.own, strict=True)), **of_record}


def print_explanation(found: Explanation) -> str:
    """The explanation as text, a field and reader a line."""
    lines = [
        f"{found.record}",
        f"The side of {found.company}; its own people see what its policies leave them.",
    ]
    widths = [max((len(getattr(s, part)) for s in found.sights), default=0) for part in ("field", "reader")]
    lines += [
        f"  {s.field:<{widths[0]}}  seen by {s.reader:<{widths[1]}}  {'; '.join(s.reasons)}" for s in found.sights
    ]
    if found.unseen:
        lines.append(f"  Seen by nobody else: {', '.join(found.unseen)}.")
    return "\n".join(lines)
