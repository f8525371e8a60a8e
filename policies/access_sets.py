"""Names what access policies mean of sides as sets of fields, which are put in once Oso has answered (decision 004).

So the text that is compiled of policies is as long as what the company wrote, and a question as dear, however many
fields its templates, and those that others share with it, give its sides. What a set holds is known by its name: a
policy, or an action and a way by which policies let somebody in.
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256

from policies.access import Meant
from policies.access_ways import Way, Ways, side_fields, side_ways, told
from policies.facts import EXISTS_NAME, MEANT
from schema.access_policy import ON_FIELDS, AccessAction, AccessPolicy
from schema.kind import Kind


def denied_set(policy: AccessPolicy) -> str:
    """The name of the set of all that a policy means of a side, with what tells of it."""
    return _named("deny", policy.id)


def let_set(action: AccessAction, way: Way) -> str:
    """The name of the set of the fields to which somebody is let in by this way."""
    return _named(action, repr(way))


def fields_by_way(ways: Ways, kind: Kind) -> dict[Way, list[str]]:
    """The fields to which each way leads: the ways in the order of the kind's fields, its own templates' before those
    that are shared with it."""
    found: dict[Way, list[str]] = {}
    for ident in (EXISTS_NAME, *kind.side_by_ident):
        for way in ways.get(ident, ()):
            found.setdefault(way, []).append(ident)
    return found


def written_ways(ways: Ways, policies: Sequence[AccessPolicy], kind: Kind, action: AccessAction) -> frozenset[Way]:
    """Those of the ways that do not come of fields that tell of others: as many as the company wrote."""
    telling = {ident for ident, _ in told(policies, kind, action)}
    return frozenset(way for ident, found in ways.items() if ident not in telling for way in found)


def sets_of(policies: Sequence[AccessPolicy], kinds: Mapping[str, Kind]) -> Meant:
    """All sets of these policies of one company, whose kinds these are by name."""
    return {kind.name: tuple(sorted(_sets(policies, kind).items())) for kind in kinds.values()}


def _sets(policies: Sequence[AccessPolicy], kind: Kind) -> dict[str, tuple[str, ...]]:
    denied = {p: side_fields(p, kind) for p in policies if p.effect == "DENY"}
    found = {denied_set(policy): tuple(sorted(fields)) for policy, fields in denied.items() if fields}
    for action in ON_FIELDS:
        by_way = fields_by_way(side_ways(policies, kind, action), kind)
        found |= {let_set(action, way): tuple(fields) for way, fields in by_way.items()}
    return found


def _named(what: str, of: str) -> str:
    return f"{MEANT}{what.lower()}_{sha256(of.encode()).hexdigest()[:16]}"
