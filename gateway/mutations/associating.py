"""What association rules make of a record's participants, where a write changes what the rules test.

- The rules of the company that writes are asked of its own side and the record as they will be: those whom they name
  and who are not on the record yet are invited; those who stand there by them alone, and whom none names any more, are
  taken off.
- Of other companies' rules just the conditions on the record are asked, for their sides are not this write's to read:
  who stands there by rules of which none can hold any more is taken off.
- Whose rules somebody stands by must hold the right to invite; who loses it, loses those guests as well.

Whom somebody invited by hand is never touched, nor is who declined or left by itself: it stands by nobody's rules. Who
was taken off keeps the mark, so a rule may bring it back.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from gateway.bind import bits
from gateway.context import Context
from gateway.mutations.touching import ANYBODY, Standing
from schema.association_rule import AssociationRule, Cells
from schema.kind import Kind
from schema.mask import EXISTS
from schema.names import CompanyId
from spaces.change import Participation
from spaces.fetch import ParticipantRow

ACCEPTED, INVITED, WITHDRAWN = "ACCEPTED", "INVITED", "WITHDRAWN"
MOST_PARTICIPANTS = 100
"""Of one record that rules invite to: beyond it nobody is invited by a rule."""

Rules: TypeAlias = tuple[AssociationRule, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A company on a record: its standing, what its invitation says, and whose rules alone brought it there."""

    standing: Standing
    message: str | None = None
    by: CompanyId | None = None

    @property
    def is_live(self) -> bool:
        """Whether it takes part or is invited."""
        return self.standing.status in (INVITED, ACCEPTED)


Places: TypeAlias = dict[CompanyId, Place]


@dataclass(frozen=True, slots=True)
class Held:
    """What the rules are asked of: the record's columns, by the names of schema.mask, and where the own company writes,
    its side's."""

    record: Cells
    side: Cells | None = None


def places_of(rows: Mapping[CompanyId, ParticipantRow], associations: Iterable[tuple[CompanyId, CompanyId]]) -> Places:
    """The places as they were read."""
    by = dict(associations)
    return {c: Place(Standing(row.role, row.status), row.message, by.get(c)) for c, row in rows.items()}


def rules_of(ctx: Context, company: CompanyId, kind: str) -> Rules:
    """The company's rules for this kind, in force now."""
    return tuple(rule for rule in ctx.services.rules.associations(company) if rule.kind == kind)


async def associated(
    ctx: Context, kind: Kind, own: CompanyId, places: Places, held: Held, *, invites: bool = True
) -> Places:
    """The places as the rules want them, where `places` are those without the rules' doing. Without `invites` nobody is
    brought in."""
    found = dict(places)
    companies = dict.fromkeys((*(() if held.side is None else (own,)), *_whose(places)))
    for company in companies:
        side = held.side if company == own else None
        named = _named(ctx, company, kind.name, Held(held.record, side)) if _invites(ctx, kind, found, company) else {}
        _take_off(found, company, named)
        if company == own and side is not None:
            _give_roles(found, company, named)
            if invites:
                await _bring(ctx, found, company, named)
    return without_their_guests(ctx, kind, found)


def without_their_guests(ctx: Context, kind: Kind, places: Places) -> Places:
    """The places without those who stand by the rules of companies that may not invite any more."""
    found = dict(places)
    while any(_take_off(found, by, {}) for by in _whose(found) if not _invites(ctx, kind, found, by)):
        pass  # whoever has gone may have had guests of its own
    return found


def moved(before: Places, after: Places) -> tuple[Participation, ...]:
    """The participations that make the places out of those."""
    return tuple(
        Participation(company, place.standing.role, place.standing.status, place.message, place.by)
        for company, place in after.items()
        if before.get(company) != place
    )


def standings_of(places: Places) -> dict[CompanyId, Standing]:
    """Roles and statuses alone."""
    return {company: place.standing for company, place in places.items()}


def associations_of(places: Places) -> tuple[tuple[CompanyId, CompanyId], ...]:
    """Who stands by whose rules, as a Change expects it."""
    return tuple(sorted((company, place.by) for company, place in places.items() if place.by is not None))


def tested(ctx: Context, kind: Kind, companies: Iterable[CompanyId]) -> set[str]:
    """The joint fields on which these companies' rules hang."""
    rules = (rule for company in companies for rule in rules_of(ctx, company, kind.name))
    named = {condition.field for rule in rules for condition in rule.conditions if condition.of == "record"}
    return named & kind.joint_by_name.keys()


def _whose(places: Places) -> list[CompanyId]:
    return sorted({place.by for place in places.values() if place.by is not None and place.is_live})


def _invites(ctx: Context, kind: Kind, places: Places, company: CompanyId) -> bool:
    """Whether the company may invite to the record, by its role there; what its access policies leave to which of its
    people binds people, not its rules."""
    if company not in places:
        return False
    standing = places[company].standing
    facts: dict[str, Any] = {"viewer_status": standing.status, "viewer_role": standing.role}
    return bool(bits(ctx.decisions.joint(ANYBODY, kind, "invite"), facts) & EXISTS)


def _named(ctx: Context, company: CompanyId, kind: str, held: Held) -> dict[CompanyId, AssociationRule]:
    """Whom the company's rules want on the record, each with the first rule that does."""
    named: dict[CompanyId, AssociationRule] = {}
    own_kind = ctx.services.models.pin().catalog(company).by_name[kind]
    for rule in rules_of(ctx, company, kind):
        if rule.matches(own_kind, held.record, held.side):
            for each in rule.companies:
                named.setdefault(each, rule)
    return named


def _take_off(places: Places, by: CompanyId, named: Mapping[CompanyId, AssociationRule]) -> bool:
    """Takes off who stands by these rules and is not named; gives whether there was anybody."""
    gone = [c for c, place in places.items() if place.by == by and place.is_live and c not in named]
    for company in gone:
        place = places[company]
        places[company] = replace(place, standing=Standing(place.standing.role, WITHDRAWN), message=None)
    return bool(gone)


async def _bring(ctx: Context, places: Places, by: CompanyId, named: Mapping[CompanyId, AssociationRule]) -> None:
    """Invites whom the rules name, as far as there is room."""
    new = [c for c in named if c not in places or (places[c].by is not None and not places[c].is_live)]
    known = await ctx.loaders.companies.load(tuple(new)) if new else {}
    room = MOST_PARTICIPANTS - sum(place.is_live for company, place in places.items() if company != by)
    for company in [c for c in new if c in known and known[c].name][: max(room, 0)]:
        rule = named[company]
        places[company] = Place(Standing(rule.role, INVITED), rule.message, by)


def _give_roles(places: Places, by: CompanyId, named: Mapping[CompanyId, AssociationRule]) -> None:
    """Gives those who stand by the rules the role that these say today."""
    for company, rule in named.items():
        place = places.get(company)
        if place is not None and place.by == by and place.is_live:
            places[company] = replace(place, standing=Standing(rule.role, place.standing.status))
