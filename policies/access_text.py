"""Compiles a company's access policies to a policy text, and to what an epoch knows of them.

1. A policy becomes, for each kind, the side fields and the joint fields that it means, with those that tell of them:
   who may not read an amount reads neither its log nor a formula of it.
2. A DENY becomes rules that close them to those whom it means, an ALLOW rules that let these in where it restricts.
3. A field that tells of others is let in where all of them are: one rule for each choice of what lets each of them in.
4. Who may not read a field may neither write nor share it: DENY READ closes that, too, and the network's rules ask for
   both.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from math import prod

from policies.access import Access
from policies.facts import EXISTS_NAME
from policies.rules_text import Line, check_lines, chunks, literal, tests_of, value_text, written_test
from schema.access_policy import ALL_JOINT, ALL_SIDE, JOINT_PREFIX, ON_RECORD, AccessAction, AccessPolicy
from schema.derived import sources_of, telling_of
from schema.errors import BadInput
from schema.kind import Kind
from schema.names import CompanyId
from schema.people_filter import people_where

CLOSED_OWN = """\
deny_side_field(_viewer, _action, side, _field, "access policies that cannot be read") if side.own = true;
deny_joint_field(_viewer, _action, _record, _field, "access policies that cannot be read");
"""
"""In the place of policies that cannot be compiled: nobody of the company sees a record. Who defines may mend them."""

MOST_CHOICES = 64
"""Ways in which a field that tells of others may be let in."""
_FIELDS_IN_RULE = 25
_NAMES: Mapping[AccessAction, str] = {action: action.lower() for action in ("READ", "UPDATE", "SHARE", *ON_RECORD)}
_TAKEN_WITH_READING = ("read", "update", "share")


def reason_of(policy: AccessPolicy) -> str:
    """What `explain` says of it."""
    return f'access policy "{policy.label}"'


def access_text(policies: Sequence[AccessPolicy], kinds: Mapping[str, Kind]) -> str:
    """The policy text of these policies of one company, whose kinds these are by name. Raises BadDeclaration for a text
    that cannot be written."""
    return "".join(line for kind in kinds.values() for line in _of_kind(policies, kind))


def access_of(company: CompanyId, policies: Sequence[AccessPolicy], kinds: Mapping[str, Kind]) -> Access:
    """What these policies leave open, and whom they mean."""
    side: dict[tuple[str, str], frozenset[str]] = {}
    joint: dict[tuple[str, str], frozenset[str]] = {}
    for policy in policies:
        if policy.effect == "DENY":
            continue
        for kind in kinds.values():
            for action in policy.actions:
                key = (kind.name, _NAMES[action])
                of_record = action in ON_RECORD
                side[key] = side.get(key, frozenset()) | (frozenset() if of_record else side_fields(policy, kind))
                held = frozenset({EXISTS_NAME}) if of_record else joint_fields(policy, kind)
                joint[key] = joint.get(key, frozenset()) | held
    own = [policy for policy in policies if policy.people is not None]
    people = tuple((policy.id, people_where(policy.people or "{}")) for policy in own)
    return Access(company, people, frozenset(p.id for p in own if p.effect == "DENY"), side, joint)


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


def lines_about(policies: Sequence[AccessPolicy], kinds: Mapping[str, Kind]) -> list[Line]:
    """What these policies say of sides, to be bounded."""
    found: list[Line] = []
    for policy, kind in product(policies, kinds.values()):
        tests = tests_of(policy.conditions, kind, closing=policy.effect == "DENY")
        fields = tuple(sorted(side_fields(policy, kind)))
        if tests is not None and fields:
            found.append((kind.name, policy.effect, fields, tests))
    return found


def check_policies(policies: Sequence[AccessPolicy], kinds: Mapping[str, Kind]) -> None:
    """Raises BadInput where these of one company, be they in force at once, come to too much for one of its people."""
    check_lines(lines_about([each for each in policies if each.people is not None], kinds), kinds, "access policies")
    for kind in kinds.values():
        lets = _lets(policies, kind, "READ")
        if any(prod(map(len, parts)) > MOST_CHOICES for _, parts in _told(lets, kind)):
            raise BadInput("Your access policies say too much of the fields that a formula reads.")


def _of_kind(policies: Sequence[AccessPolicy], kind: Kind) -> Iterator[str]:
    for policy in policies:
        if policy.effect == "DENY":
            yield from _denied(policy, kind)
    for action in ("READ", "UPDATE", "SHARE"):
        yield from _let_in(_lets(policies, kind, action), kind, action)
    for policy in policies:
        if policy.effect == "ALLOW":
            yield from _let_on_record(policy, kind)


def _denied(policy: AccessPolicy, kind: Kind) -> Iterator[str]:
    side, joint = side_fields(policy, kind), joint_fields(policy, kind)
    actions = {_NAMES[action] for action in policy.actions}
    about = [f"side.kind = {literal(kind.name)}"]
    tests = [written_test("side", test) for test in tests_of(policy.conditions, kind, closing=True) or ()]
    if policy.people is None:
        # as with a sharing rule: who hides what nobody else sees does not see this either
        for who in (["side.own = false"], ["side.own = true", "viewer.hide_private = true"]):
            yield from _rules("deny_side_field", policy, ["read"], [*about, *who], side, tests)
        return
    taken = sorted(actions | set(_TAKEN_WITH_READING) if "read" in actions else actions)
    of_sides = [each for each in taken if each in _TAKEN_WITH_READING]
    if side and of_sides:
        yield from _rules("deny_side_field", policy, of_sides, [*about, "side.own = true", _meant(policy)], side, tests)
    record = [f"record.kind = {literal(kind.name)}", _meant(policy)]
    of_records = [each for each in of_sides if each != "share"]
    if joint and of_records:
        yield from _rules("deny_joint_field", policy, of_records, record, joint, [])
    on_record = [_NAMES[action] for action in ON_RECORD if action in policy.actions]
    if on_record and policy.kind in (None, kind.name):
        yield from _rules("deny_joint_field", policy, on_record, record, frozenset({EXISTS_NAME}), [])


def _let_on_record(policy: AccessPolicy, kind: Kind) -> Iterator[str]:
    """What an ALLOW policy lets do with joint fields and records."""
    record = [f"record.kind = {literal(kind.name)}", _meant(policy)]
    joint = joint_fields(policy, kind)
    for action in ("READ", "UPDATE"):
        if joint and action in policy.actions:
            seen = joint | {EXISTS_NAME} if action == "READ" else joint  # who sees a field sees that there is a record
            yield from _rules("allow_joint_field", policy, [action.lower()], record, seen, [])
    on_record = [_NAMES[action] for action in ON_RECORD if action in policy.actions]
    if on_record and policy.kind in (None, kind.name):
        yield from _rules("allow_joint_field", policy, on_record, record, frozenset({EXISTS_NAME}), [])


def _lets(policies: Sequence[AccessPolicy], kind: Kind, action: str) -> dict[str, tuple[AccessPolicy, ...]]:
    """For each side field that ALLOW policies restrict for this action, those that name it."""
    found: dict[str, tuple[AccessPolicy, ...]] = {}
    about = [policy for policy in policies if policy.effect == "ALLOW" and action in policy.actions]
    for policy in about:
        for ident in side_fields(policy, kind):
            found[ident] = (*found.get(ident, ()), policy)
    if action == "READ" and EXISTS_NAME in found:  # who sees a field sees that there is a side
        found[EXISTS_NAME] = tuple(policy for policy in about if side_fields(policy, kind))
    return found


def _told(
    lets: Mapping[str, tuple[AccessPolicy, ...]], kind: Kind
) -> Iterator[tuple[str, list[tuple[AccessPolicy, ...]]]]:
    """Each restricted field that tells of restricted ones, with what has to let it in: for each of these, and for
    itself where a policy names it, one of some policies."""
    for ident, sources in sources_of(kind).items():
        parts = [lets[source] for source in sorted(sources & lets.keys())]
        if parts:
            own = tuple(policy for policy in lets[ident] if ident in policy.fields or ALL_SIDE in policy.fields)
            yield ident, list(dict.fromkeys([*parts, own] if own else parts))


def _let_in(lets: Mapping[str, tuple[AccessPolicy, ...]], kind: Kind, action: str) -> Iterator[str]:
    told = dict(_told(lets, kind)) if action != "UPDATE" else {}
    by_policies: dict[AccessPolicy, list[str]] = {}
    for ident, policies in lets.items():
        for policy in () if ident in told else policies:
            by_policies.setdefault(policy, []).append(ident)
    for policy, idents in by_policies.items():
        yield from _opening([policy], kind, action, frozenset(idents))
    for ident, parts in told.items():
        if prod(map(len, parts)) <= MOST_CHOICES:  # else it stays closed
            for choice in product(*parts):
                yield from _opening(list(dict.fromkeys(choice)), kind, action, frozenset({ident}))


def _opening(policies: Sequence[AccessPolicy], kind: Kind, action: str, idents: frozenset[str]) -> Iterable[str]:
    """Rules that open side fields to those whom all these policies mean, where all their conditions hold."""
    found = [tests_of(policy.conditions, kind, closing=False) for policy in policies]
    if any(tests is None for tests in found):
        return ()
    tests = [written_test("side", test) for each in found for test in each or ()]
    about = [f"side.kind = {literal(kind.name)}", "side.own = true", *map(_meant, policies)]
    return _rules("allow_own_field", policies[0], [action.lower()], about, idents, tests)


def _meant(policy: AccessPolicy) -> str:
    return f"{literal(policy.id)} in viewer.meets"


def _rules(
    predicate: str,
    policy: AccessPolicy,
    actions: Sequence[str],
    about: Sequence[str],
    fields: frozenset[str],
    tests: Sequence[str],
) -> Iterator[str]:
    """Polar rules of this head about the fields, each within the bounds of a rule."""
    if not fields:
        return
    viewer = "viewer" if any("viewer." in test for test in about) else "_viewer"
    subject = "record" if "joint" in predicate else "side"
    for names in chunks(sorted(fields), _FIELDS_IN_RULE):
        head = f"{predicate}({viewer}, action, {subject}, field, {literal(reason_of(policy))})"
        body = [f"action in {value_text(tuple(actions))}", *about, f"field in {value_text(names)}", *tests]
        yield f"{head} if\n  " + " and ".join(body) + ";\n"
