"""What a parcel may do in a network: the rules that every backend keeps."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from schema.kind import Kind
from schema.names import CompanyId
from schema.sharing import PARTICIPANTS, PRIVATE, Audience, Sharing
from spaces.columns import ACCEPTED, INVITED
from spaces.history import PARTICIPANT
from spaces.parcel import HeldRecord, Misfit, Standing

OWNER, COLLABORATOR = "OWNER", "COLLABORATOR"


class There(NamedTuple):
    """What the network has of a record: its kind and (role, status) of its participants, that of the company that
    arrives as it will be."""

    kind: str
    standings: Mapping[CompanyId, tuple[str, str]]


class Arrival(NamedTuple):
    """How a record arrives: whether the parcel brings it, which participants it adds, and whether it may say what open
    invitations say."""

    brings: bool
    adds: tuple[Standing, ...]
    tells: bool


def arrival(
    record: HeldRecord, own: CompanyId, there: There | None, has_people: Callable[[CompanyId], bool]
) -> Arrival | None:
    """How a record arrives; None where it is left out. Who has people in the network speaks for itself: where the
    parcel says that such a company has accepted, it is invited. Raises Misfit."""
    mine = next((each for each in record.participants if each.company == own), None)
    if mine is None:
        raise Misfit(f"{record.id}: the company takes no part in it.")
    others = tuple(
        each._replace(status=INVITED)
        if each.company != own and each.status == ACCEPTED and has_people(each.company)
        else each
        for each in record.participants
    )
    if there is None:
        return Arrival(True, others, True) if mine.status == ACCEPTED else None
    if there.kind != record.kind:
        raise Misfit(f"{record.id}: the network has a record of another kind with this id.")
    if own not in there.standings:
        raise Misfit(
            f"{record.id}: the network has this record and nothing of the company's part in it; "
            "first take in the company that owns it."
        )
    role, status = there.standings[own]
    owns, accepted = role == OWNER, status == ACCEPTED
    lacking = tuple(each for each in others if each.company not in there.standings)
    return Arrival(False, lacking if owns and accepted else (), accepted and role in (OWNER, COLLABORATOR))


def touched_since(record: HeldRecord, company: CompanyId) -> str:
    """When what another participant may see of a record surely changed last, as far as the one that arrives knows."""
    moves = [row.at for row in record.history if row.what == PARTICIPANT and row.key == company]
    return max(moves, default=record.created_at)


def kept_closed(kind: Kind, then: Sharing, now: Sharing | None) -> Sharing:
    """The sharing `then` without what is not shared `now`; `now` None where nothing is known of it."""
    if now is None or now == then:
        return then
    were, are = dict(then.overrides), dict(now.overrides)
    found = {}
    for ident in sorted(were.keys() | are.keys()):
        usual = _usual(kind, ident)
        was, is_ = were.get(ident, usual), are.get(ident, usual)
        # Nobody knows here how a custom field is shared where nobody set it: what one of both left open may be closed.
        audience = PRIVATE if was is None or is_ is None else _both(was, is_)
        if audience != usual or ident in were:
            found[ident] = audience
    return Sharing(tuple(sorted(found.items())))


def _usual(kind: Kind, ident: str) -> Audience | None:
    field = kind.side_by_ident.get(ident)
    if field is None:
        return None
    return PARTICIPANTS if field.audience == "participants" else PRIVATE


def _both(one: Audience, other: Audience) -> Audience:
    """Whom both audiences have."""
    if one == other or other.kind == "participants":
        return one
    if one.kind == "participants":
        return other
    companies = tuple(each for each in one.companies if each in other.companies)
    people = tuple(each for each in one.people if each in other.people)
    return Audience("selected", companies, people) if companies or people else PRIVATE
