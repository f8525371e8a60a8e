"""Access policies in plain words, as the guide says them: what they close of a side and of a record, and what they take
from whom. Nothing here looks at `policies/`.

Made worlds have policies whose people are named by id or by one role.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from schema.access_policy import ALL_JOINT, ALL_SIDE, JOINT_PREFIX, AccessAction, AccessPolicy
from schema.formula import names, tree
from schema.kind import Kind
from spaces.fetch import PersonRow
from tests.leaks.ruled import Held, holds, is_of_today

NOTHING: frozenset[str] = frozenset()


class Closed(NamedTuple):
    """What is closed to somebody: fields, by ident or by joint name, and whether that there is anything at all."""

    fields: frozenset[str] = NOTHING
    whole: bool = False


OPEN = Closed()


def closed_side(policies: Sequence[AccessPolicy], held: Held, person: PersonRow, action: AccessAction) -> Closed:
    """What of their own company's side one of its people may not read, update or share."""
    found = _closed(policies, held, person, action, _of_side, ALL_SIDE)
    return Closed(telling(held.kind, found.fields), found.whole)


def closed_joint(policies: Sequence[AccessPolicy], held: Held, person: PersonRow, action: AccessAction) -> Closed:
    """What of the record one may not read or update; whole: that it is there, or for the actions on records the
    action."""
    return _closed(policies, held, person, action, _of_record, ALL_JOINT)


def _closed(
    policies: Sequence[AccessPolicy],
    held: Held,
    person: PersonRow,
    action: AccessAction,
    named: Callable[[AccessPolicy, Kind], frozenset[str]],
    everything: str,
) -> Closed:
    about = [p for p in policies if p.people is not None and p.kind in (None, held.kind.name) and is_of_today(p)]
    if not about:
        return OPEN
    # who may not read may not write or share either
    actions: set[AccessAction] = {action, "READ"} if action in ("UPDATE", "SHARE") else {action}
    taken: set[str] = set()
    for policy in about:
        if policy.effect == "DENY" and actions & {*policy.actions} and _means(policy, person):
            taken |= _fields(policy, held, action, named, everything) if holds(policy, held) is not False else set()
    for each in actions:
        leaving = [policy for policy in about if policy.effect == "ALLOW" and each in policy.actions]
        meant = [(policy, _fields(policy, held, each, named, everything)) for policy in leaving]
        mine = [policy for policy in leaving if _means(policy, person) and holds(policy, held) is True]
        for field in {field for _, fields in meant for field in fields}:
            restricting = [policy for policy, fields in meant if field in fields]
            letting = restricting
            if field == everything and each == "READ":  # who sees a field sees that there is something
                letting = [policy for policy, fields in meant if fields]
            elsewhere = all(p.records and held.record not in p.records for p in restricting)
            if not elsewhere and not any(policy in mine for policy in letting):
                taken.add(field)
    return Closed(frozenset(taken - {everything}), everything in taken)


def _fields(
    policy: AccessPolicy,
    held: Held,
    action: AccessAction,
    named: Callable[[AccessPolicy, Kind], frozenset[str]],
    everything: str,
) -> set[str]:
    if action not in ("READ", "UPDATE", "SHARE"):
        return {everything}
    return set(named(policy, held.kind))


def _of_side(policy: AccessPolicy, kind: Kind) -> frozenset[str]:
    if ALL_SIDE in policy.fields:
        return frozenset({ALL_SIDE, *kind.side_by_ident})
    return frozenset(policy.fields) & kind.side_by_ident.keys()


def _of_record(policy: AccessPolicy, kind: Kind) -> frozenset[str]:
    if ALL_JOINT in policy.fields:
        return frozenset({ALL_JOINT, *kind.joint_by_name})
    given = {name.removeprefix(JOINT_PREFIX) for name in policy.fields if name.startswith(JOINT_PREFIX)}
    return frozenset(given & kind.joint_by_name.keys())


def closed_to_partners(policies: Sequence[AccessPolicy], held: Held) -> frozenset[str]:
    """The idents of the fields that policies about partners close to all of them, and to who hides what those do not
    see."""
    found: set[str] = set()
    for policy in policies:
        about = policy.people is None and policy.kind in (None, held.kind.name) and is_of_today(policy)
        if about and holds(policy, held) is not False:
            found |= telling(held.kind, _of_side(policy, held.kind))
    return frozenset(found)


def telling(kind: Kind, idents: Iterable[str]) -> frozenset[str]:
    """These fields of a side and those that tell of them: their logs, the formulas that read them, and the picklists
    that refine them."""
    return _telling(kind, frozenset(idents))


@lru_cache(4_096)
def _telling(kind: Kind, idents: frozenset[str]) -> frozenset[str]:
    found = idents & kind.side_by_ident.keys()
    found |= {f.ident for f in kind.side if f.history_of in found}
    found |= {f.ident for f in kind.custom if f.custom and f.custom.refines in found}
    formulas = {f.ident: f.custom.formula for f in kind.custom if f.custom and f.custom.formula}
    return frozenset(found | {ident for ident, text in formulas.items() if found & set(names(tree(text)))})


@lru_cache(1_024)
def _read(people: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(people)
    return found


def _means(policy: AccessPolicy, person: PersonRow) -> bool:
    if not person.id:  # everybody of the company: what is taken from anybody, and left to nobody
        return policy.effect == "DENY"
    said = _read(policy.people or "{}")
    if "role" in said:
        return bool(said["role"]["eq"] in person.roles)
    return not said or person.id in said["id"]["in"]
