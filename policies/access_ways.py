"""What access policies mean in a kind, and the ways by which those that let people in do so.

A policy means the side fields and the joint fields that it names, and those that tell of them: who may not read an
amount reads neither its log nor a formula of it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

from policies.facts import EXISTS_NAME
from policies.rules_text import tests_of
from schema.access_policy import ALL_JOINT, ALL_SIDE, JOINT_PREFIX, ON_RECORD, AccessAction, AccessPolicy
from schema.derived import sources_of, telling_of
from schema.kind import Kind
from schema.mask import RECORD_ID
from schema.where import Comparison

MOST_WAYS = 64
"""By which a field that tells of others may be let in."""


@dataclass(frozen=True, slots=True)
class Way:
    """Whom all policies of these ids mean are let in where all tests hold."""

    reason: str
    meant: tuple[str, ...]
    tests: tuple[Comparison, ...]

    def with_(self, other: "Way") -> "Way":
        """What is let in where both let it in."""
        meant = tuple(dict.fromkeys((*self.meant, *other.meant)))
        return Way(self.reason, meant, tuple(dict.fromkeys((*self.tests, *other.tests))))


Ways = Mapping[str, tuple[Way, ...]]
"""For each field that ALLOW policies restrict for an action the ways by which somebody is let in; none: nobody is."""


def reason_of(policy: AccessPolicy) -> str:
    """What `explain` says of it."""
    return f'access policy "{policy.label}"'


def side_fields(policy: AccessPolicy, kind: Kind) -> frozenset[str]:
    """The idents of the side fields that the policy means in this kind, with those that tell of them; "exists" where it
    means the whole side."""
    if policy.kind not in (None, kind.name):
        return frozenset()
    if ALL_SIDE in policy.fields:
        return frozenset({EXISTS_NAME, *kind.side_by_ident})
    return telling_of(kind, frozenset(policy.fields) & kind.side_by_ident.keys())


def joint_fields(policy: AccessPolicy, kind: Kind) -> frozenset[str]:
    """In the same way the names of joint fields; "exists" where it means the record itself."""
    if policy.kind not in (None, kind.name):
        return frozenset()
    if ALL_JOINT in policy.fields:
        return frozenset({EXISTS_NAME, *kind.joint_by_name})
    named = {name.removeprefix(JOINT_PREFIX) for name in policy.fields if name.startswith(JOINT_PREFIX)}
    logs = {f.name for f in kind.joint if f.history_of in named}
    return frozenset(kind.joint_by_name.keys() & named | logs)


def of_record(policy: AccessPolicy, kind: Kind) -> frozenset[str]:
    """Of the record what an action on it is about: that it exists."""
    return frozenset({EXISTS_NAME}) if policy.kind in (None, kind.name) else frozenset()


def tests_in(policy: AccessPolicy, kind: Kind) -> tuple[Comparison, ...] | None:
    """The tests under which the policy holds, of its records among them; None where it lets nobody in, for it tests a
    field that the kind no longer has."""
    tests = tests_of(policy.conditions, kind, closing=policy.effect == "DENY")
    records = (Comparison(RECORD_ID, "in", policy.records),) if policy.records else ()
    return None if tests is None else (*tests, *records)


def side_ways(policies: Sequence[AccessPolicy], kind: Kind, action: AccessAction) -> Ways:
    """The ways to fields of sides, those that tell of others included."""
    found = _ways(policies, kind, action, side_fields, "the company's own side")
    for ident, parts in told(policies, kind, action):
        many = prod(map(len, parts)) > MOST_WAYS
        found[ident] = () if many else tuple(dict.fromkeys(_joined(choice) for choice in product(*parts)))
    return found


def joint_ways(policies: Sequence[AccessPolicy], kind: Kind, action: AccessAction) -> Ways:
    """The ways to joint fields; for an action on the record to "exists"."""
    meant = of_record if action in ON_RECORD else joint_fields
    return _ways(policies, kind, action, meant, "a record of the company")


def told(
    policies: Sequence[AccessPolicy], kind: Kind, action: AccessAction
) -> Iterator[tuple[str, list[tuple[Way, ...]]]]:
    """Each restricted field that tells of restricted ones, with what has to let it in: for each of these, and for
    itself where a policy names it, one of some ways."""
    if action == "UPDATE":  # nobody writes them
        return
    ways = _ways(policies, kind, action, side_fields, "the company's own side")
    for ident, sources in sources_of(kind).items():
        parts = [ways[source] for source in sorted(sources & ways.keys())]
        if parts:
            named = [policy for policy in policies if {ident, ALL_SIDE} & {*policy.fields}]
            own = _ways(named, kind, action, side_fields, "the company's own side").get(ident)
            yield ident, list(dict.fromkeys(parts if own is None else [*parts, own]))


def _ways(
    policies: Sequence[AccessPolicy],
    kind: Kind,
    action: AccessAction,
    meant: Callable[[AccessPolicy, Kind], frozenset[str]],
    elsewhere: str,
) -> dict[str, tuple[Way, ...]]:
    """`elsewhere` is the reason where a field is restricted on some records alone, and this is none of them."""
    about = [
        (policy, meant(policy, kind)) for policy in policies if policy.effect == "ALLOW" and action in policy.actions
    ]
    tests = {policy.id: tests_in(policy, kind) for policy, _ in about}
    naming = [policy for policy, fields in about if fields]
    by_field: dict[str, list[AccessPolicy]] = {}
    for policy, fields in about:
        for field in fields:
            by_field.setdefault(field, []).append(policy)
    same: dict[tuple[bool, tuple[str, ...]], tuple[Way, ...]] = {}  # most fields are restricted by the same policies
    found: dict[str, tuple[Way, ...]] = {}
    for field, restricting in by_field.items():
        whole = field == EXISTS_NAME and action == "READ"  # who sees a field sees that there is a side, or a record
        key = whole, tuple(policy.id for policy in restricting)
        if key not in same:
            same[key] = tuple(_by(restricting, naming if whole else restricting, tests, elsewhere))
        found[field] = same[key]
    return found


def _by(
    restricting: Sequence[AccessPolicy],
    letting: Sequence[AccessPolicy],
    tests: Mapping[str, tuple[Comparison, ...] | None],
    elsewhere: str,
) -> Iterator[Way]:
    """The ways to a field that these policies restrict: whom some let in, and everybody on other records."""
    for policy in letting:
        found = tests[policy.id]
        if found is not None:
            yield Way(reason_of(policy), (policy.id,), found)
    if all(policy.records for policy in restricting):
        records = sorted({record for policy in restricting for record in policy.records})
        yield Way(elsewhere, (), tuple(Comparison(RECORD_ID, "ne", record) for record in records))


def _joined(choice: Sequence[Way]) -> Way:
    found, *more = choice
    for each in more:
        found = found.with_(each)
    return found
