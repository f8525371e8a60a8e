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
from policies.access_sets import denied_set, fields_by_way, let_set, sets_of, written_ways
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
from policies.facts import EXISTS_NAME
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
MOST_TEXT = 65_536
"""Characters of the text of all policies of a company, without what fields that tell of others add."""
MOST_TELLING = 32_768
"""Characters that these add. They may be another company's, which shares its templates: so they close none but
themselves."""
_FIELDS_IN_RULE = 25
_RECORDS_IN_RULE = 25
_JOINT: tuple[AccessAction, ...] = ("READ", "UPDATE", *ON_RECORD)


def access_text(policies: Sequence[AccessPolicy], kinds: Mapping[str, Kind], room: int = MOST_TELLING) -> str:
    """The policy text of these policies of one company, whose kinds these are by name. For each kind and action so many
    characters are for fields that tell of others; beyond it nobody is let in to them. Raises BadDeclaration for a text
    that cannot be written."""
    return "".join(line for kind in kinds.values() for line in _of_kind(policies, kind, room))


def access_of(company: CompanyId, policies: Sequence[AccessPolicy], kinds: Mapping[str, Kind]) -> Access:
    """What these policies leave open, and whom they mean."""
    side: dict[tuple[str, str], frozenset[str]] = {}
    joint: dict[tuple[str, str], frozenset[str]] = {}
    for kind in kinds.values():
        side |= {(kind.name, a.lower()): frozenset(side_ways(policies, kind, a)) for a in ON_FIELDS}
        joint |= {(kind.name, a.lower()): frozenset(joint_ways(policies, kind, a)) for a in _JOINT}
    own = [policy for policy in policies if policy.people is not None]
    people = tuple((policy.id, people_where(policy.people or "{}")) for policy in own)
    denies = frozenset(policy.id for policy in own if policy.effect == "DENY")
    return Access(company, people, denies, side, joint, sets_of(policies, kinds))


def lines_about(policies: Sequence[AccessPolicy], kinds: Mapping[str, Kind]) -> list[Line]:
    """What these policies say of sides, to be bounded. The fields of one are a set, which Oso answers as one."""
    found: list[Line] = []
    for policy in policies:
        for kind in kinds.values():
            tests, fields = tests_in(policy, kind), tuple(sorted(side_fields(policy, kind)))
            if tests is not None and fields:
                found.append(Line(kind.name, policy.effect, fields, tests, fields_answered=1))
    return found


def check_policies(policies: Sequence[AccessPolicy], kinds: Mapping[str, Kind]) -> None:
    """Raises BadInput where these of one company, be they in force at once, come to too much for one of its people."""
    check_lines(lines_about([each for each in policies if each.people is not None], kinds), kinds, "access policies")
    if len(access_text(policies, kinds, room=0)) > MOST_TEXT:
        raise BadInput(f"Your access policies come to more than {MOST_TEXT:,} characters as rules: say less or fewer.")
    for kind in kinds.values():
        for action in ON_FIELDS:
            if any(prod(map(len, parts)) > MOST_WAYS for _, parts in told(policies, kind, action)):
                raise BadInput("Your access policies say too much of the fields that a formula reads.")
        found = [*(side_ways(policies, kind, a) for a in ON_FIELDS), *(joint_ways(policies, kind, a) for a in _JOINT)]
        elsewhere = [way for ways in found for each in ways.values() for way in each if not way.meant]
        if any(len(way.tests) > MOST_ELSEWHERE for way in elsewhere):
            raise BadInput(f"Your ALLOW policies restrict a field on at most {MOST_ELSEWHERE} records, or on all.")


def _of_kind(policies: Sequence[AccessPolicy], kind: Kind, room: int) -> Iterator[str]:
    for policy in policies:
        if policy.effect == "DENY":
            yield from _denied(policy, kind)
    for action in ON_FIELDS:
        ways = side_ways(policies, kind, action)
        written = written_ways(ways, policies, kind, action)
        left = room
        for way in fields_by_way(ways, kind):
            among = [f"side.{let_set(action, way)}"]
            lines = [*_rules("allow_own_field", "side", kind, [action.lower()], ["side.own = true"], among, way)]
            left -= 0 if way in written else sum(map(len, lines))
            if way in written or left >= 0:
                yield from lines
    for action in _JOINT:
        yield from _let_in(joint_ways(policies, kind, action), kind, action)


def _denied(policy: AccessPolicy, kind: Kind) -> Iterator[str]:
    way = Way(reason_of(policy), (policy.id,), tests_in(policy, kind) or ())
    side = [f"side.{denied_set(policy)}"] if side_fields(policy, kind) else []
    if policy.people is None:
        # as with a sharing rule: who hides what nobody else sees does not see this either
        for who in (["side.own = false"], ["side.own = true", "viewer.hide_private = true"]):
            yield from _rules("deny_side_field", "side", kind, ["read"], who, side, Way(way.reason, (), way.tests))
        return
    taken = ON_FIELDS if "READ" in policy.actions else tuple(a for a in ON_FIELDS if a in policy.actions)
    of_sides = [action.lower() for action in taken]
    yield from _rules("deny_side_field", "side", kind, of_sides, ["side.own = true"], side, way)
    of_joint = [action for action in of_sides if action != "share"]
    joint = _listed(joint_fields(policy, kind), kind)
    yield from _rules("deny_joint_field", "record", kind, of_joint, [], joint, way)
    on_record = [action.lower() for action in ON_RECORD if action in policy.actions]
    record = _listed(of_record(policy, kind), kind)
    yield from _rules("deny_joint_field", "record", kind, on_record, [], record, way)


def _let_in(ways: Ways, kind: Kind, action: AccessAction) -> Iterator[str]:
    by_way: dict[Way, list[str]] = {}
    for field, found in ways.items():
        for way in found:
            by_way.setdefault(way, []).append(field)
    for way, fields in by_way.items():
        among = _listed(frozenset(fields), kind)
        yield from _rules("allow_joint_field", "record", kind, [action.lower()], [], among, way)


def _listed(fields: frozenset[str], kind: Kind) -> list[str]:
    """These joint fields as Polar's lists, none too long for a rule."""
    if fields >= {EXISTS_NAME, *kind.joint_by_name}:
        return ["record.fields"]
    return [value_text(names) for names in chunks(sorted(fields), _FIELDS_IN_RULE)]


def _rules(
    predicate: str,
    subject: str,
    kind: Kind,
    actions: Sequence[str],
    about: Sequence[str],
    among: Sequence[str],
    way: Way,
) -> Iterator[str]:
    """Polar rules of this head about the fields in these sets or lists, each within the bounds of a rule."""
    if not actions:
        return
    who = [*about, *(f"{literal(id_)} in viewer.meets" for id_ in way.meant)]
    viewer = "viewer" if any("viewer." in test for test in who) else "_viewer"
    head = f"{predicate}({viewer}, action, {subject}, field, {literal(way.reason)}) if\n  "
    for tests in _listing_less(way.tests):
        written = [written_test(subject, test) for test in tests]
        for fields in among:
            body = [f"action in {value_text(tuple(actions))}", f"{subject}.kind = {literal(kind.name)}", *who]
            yield head + " and ".join([*body, f"field in {fields}", *written]) + ";\n"


def _listing_less(tests: Sequence[Comparison]) -> Iterator[list[Comparison]]:
    """The tests, once for each part of a long list of records."""
    for at, test in enumerate(tests):
        if test.column == RECORD_ID and isinstance(test.value, tuple) and len(test.value) > _RECORDS_IN_RULE:
            for ids in chunks([str(each) for each in test.value], _RECORDS_IN_RULE):
                yield from _listing_less([*tests[:at], Comparison(RECORD_ID, "in", ids), *tests[at + 1 :]])
            return
    yield list(tests)
