"""Compiles a company's access policies to a policy text, and to what an epoch knows of them.

1. A DENY becomes rules that close its fields to those whom it means.
2. An ALLOW takes its fields out of what is open, and becomes rules that let in those whom it means; a field that tells
   of others is let in where all of them are, by one rule for each choice of ways.
3. Who may not read a field may neither write nor share it: DENY READ closes that, too, and the network's rules ask for
   both.
"""

from collections.abc import Iterator, Mapping, Sequence
from math import prod

from policies.access import Access
from policies.access_ways import (
    MOST_WAYS,
    Way,
    Ways,
    joint_fields,
    joint_ways,
    of_record,
    reason_of,
    side_fields,
    side_ways,
    tests_in,
    told,
)
from policies.rules_text import Line, check_lines, chunks, literal, value_text, written_test
from schema.access_policy import ON_FIELDS, ON_RECORD, AccessAction, AccessPolicy
from schema.errors import BadInput
from schema.kind import Kind
from schema.mask import RECORD_ID
from schema.names import CompanyId
from schema.people_filter import people_where
from schema.where import Comparison

CLOSED_OWN = """\
deny_side_field(_viewer, _action, side, _field, "access policies that cannot be read") if side.own = true;
deny_joint_field(_viewer, _action, _record, _field, "access policies that cannot be read");
"""
"""In the place of policies that cannot be compiled: nobody of the company sees a record. Who defines may mend them."""

MOST_ELSEWHERE = 50
"""Records on which a field may be restricted, where it is not on all: so many tests go into one rule."""
_FIELDS_IN_RULE = 25
_RECORDS_IN_RULE = 25
_JOINT: tuple[AccessAction, ...] = ("READ", "UPDATE", *ON_RECORD)


def access_text(policies: Sequence[AccessPolicy], kinds: Mapping[str, Kind]) -> str:
    """The policy text of these policies of one company, whose kinds these are by name. Raises BadDeclaration for a text
    that cannot be written."""
    return "".join(line for kind in kinds.values() for line in _of_kind(policies, kind))


def access_of(company: CompanyId, policies: Sequence[AccessPolicy], kinds: Mapping[str, Kind]) -> Access:
    """What these policies leave open, and whom they mean."""
    side: dict[tuple[str, str], frozenset[str]] = {}
    joint: dict[tuple[str, str], frozenset[str]] = {}
    for kind in kinds.values():
        side |= {(kind.name, a.lower()): frozenset(side_ways(policies, kind, a)) for a in ON_FIELDS}
        joint |= {(kind.name, a.lower()): frozenset(joint_ways(policies, kind, a)) for a in _JOINT}
    own = [policy for policy in policies if policy.people is not None]
    people = tuple((policy.id, people_where(policy.people or "{}")) for policy in own)
    return Access(company, people, frozenset(p.id for p in own if p.effect == "DENY"), side, joint)


def lines_about(policies: Sequence[AccessPolicy], kinds: Mapping[str, Kind]) -> list[Line]:
    """What these policies say of sides, to be bounded."""
    found: list[Line] = []
    for policy in policies:
        for kind in kinds.values():
            tests, fields = tests_in(policy, kind), tuple(sorted(side_fields(policy, kind)))
            if tests is not None and fields:
                found.append((kind.name, policy.effect, fields, tests))
    return found


def check_policies(policies: Sequence[AccessPolicy], kinds: Mapping[str, Kind]) -> None:
    """Raises BadInput where these of one company, be they in force at once, come to too much for one of its people."""
    check_lines(lines_about([each for each in policies if each.people is not None], kinds), kinds, "access policies")
    for kind in kinds.values():
        for action in ON_FIELDS:
            if any(prod(map(len, parts)) > MOST_WAYS for _, parts in told(policies, kind, action)):
                raise BadInput("Your access policies say too much of the fields that a formula reads.")
        found = [*(side_ways(policies, kind, a) for a in ON_FIELDS), *(joint_ways(policies, kind, a) for a in _JOINT)]
        elsewhere = [way for ways in found for each in ways.values() for way in each if not way.meant]
        if any(len(way.tests) > MOST_ELSEWHERE for way in elsewhere):
            raise BadInput(f"Your ALLOW policies restrict a field on at most {MOST_ELSEWHERE} records, or on all.")


def _of_kind(policies: Sequence[AccessPolicy], kind: Kind) -> Iterator[str]:
    for policy in policies:
        if policy.effect == "DENY":
            yield from _denied(policy, kind)
    for action in ON_FIELDS:
        yield from _let_in(
            "allow_own_field", "side", ["side.own = true"], side_ways(policies, kind, action), kind, action
        )
    for action in _JOINT:
        yield from _let_in("allow_joint_field", "record", [], joint_ways(policies, kind, action), kind, action)


def _denied(policy: AccessPolicy, kind: Kind) -> Iterator[str]:
    way = Way(reason_of(policy), (policy.id,), tests_in(policy, kind) or ())
    side = side_fields(policy, kind)
    if policy.people is None:
        # as with a sharing rule: who hides what nobody else sees does not see this either
        for who in (["side.own = false"], ["side.own = true", "viewer.hide_private = true"]):
            yield from _rules("deny_side_field", "side", kind, ["read"], who, side, Way(way.reason, (), way.tests))
        return
    taken = ON_FIELDS if "READ" in policy.actions else tuple(a for a in ON_FIELDS if a in policy.actions)
    of_sides = [action.lower() for action in taken]
    yield from _rules("deny_side_field", "side", kind, of_sides, ["side.own = true"], side, way)
    of_joint = [action for action in of_sides if action != "share"]
    yield from _rules("deny_joint_field", "record", kind, of_joint, [], joint_fields(policy, kind), way)
    on_record = [action.lower() for action in ON_RECORD if action in policy.actions]
    yield from _rules("deny_joint_field", "record", kind, on_record, [], of_record(policy, kind), way)


def _let_in(
    predicate: str, subject: str, about: Sequence[str], ways: Ways, kind: Kind, action: AccessAction
) -> Iterator[str]:
    by_way: dict[Way, list[str]] = {}
    for field, found in ways.items():
        for way in found:
            by_way.setdefault(way, []).append(field)
    for way, fields in by_way.items():
        yield from _rules(predicate, subject, kind, [action.lower()], about, frozenset(fields), way)


def _rules(
    predicate: str,
    subject: str,
    kind: Kind,
    actions: Sequence[str],
    about: Sequence[str],
    fields: frozenset[str],
    way: Way,
) -> Iterator[str]:
    """Polar rules of this head about the fields, each within the bounds of a rule."""
    if not fields or not actions:
        return
    who = [*about, *(f"{literal(id_)} in viewer.meets" for id_ in way.meant)]
    viewer = "viewer" if any("viewer." in test for test in who) else "_viewer"
    head = f"{predicate}({viewer}, action, {subject}, field, {literal(way.reason)}) if\n  "
    for tests in _listing_less(way.tests):
        written = [written_test(subject, test) for test in tests]
        for names in chunks(sorted(fields), _FIELDS_IN_RULE):
            body = [f"action in {value_text(tuple(actions))}", f"{subject}.kind = {literal(kind.name)}", *who]
            yield head + " and ".join([*body, f"field in {value_text(names)}", *written]) + ";\n"


def _listing_less(tests: Sequence[Comparison]) -> Iterator[list[Comparison]]:
    """The tests, once for each part of a long list of records."""
    for at, test in enumerate(tests):
        if test.column == RECORD_ID and isinstance(test.value, tuple) and len(test.value) > _RECORDS_IN_RULE:
            for ids in chunks([str(each) for each in test.value], _RECORDS_IN_RULE):
                yield from _listing_less([*tests[:at], Comparison(RECORD_ID, "in", ids), *tests[at + 1 :]])
            return
    yield list(tests)
