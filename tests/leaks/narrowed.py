"""Access policies in plain words, as the guide says them: what they close of a side. Nothing here looks at `policies/`.

Made worlds have policies of side fields and of reading alone, whose people are named by id or by one role, and whose
ALLOW has no conditions.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from schema.access_policy import AccessPolicy
from schema.formula import names, tree
from schema.kind import Kind
from spaces.fetch import PersonRow
from tests.leaks.cast import DAY
from tests.leaks.ruled import holds


def closed_to(
    policies: Sequence[AccessPolicy], kind: Kind, values: Mapping[str, Any], person: PersonRow
) -> frozenset[str]:
    """The idents of the fields of their own company's side that one of its people does not see."""
    found = _kept_from(policies, kind, person)
    for policy in policies:
        taken = policy.people is not None and policy.effect == "DENY" and _is_about(policy, kind)
        if taken and _means(json.loads(policy.people or ""), person) and holds(policy, kind, values) is not False:
            found |= telling(kind, policy.fields)
    return found


def _kept_from(policies: Sequence[AccessPolicy], kind: Kind, person: PersonRow) -> frozenset[str]:
    """What ALLOW policies leave to others."""
    allows = [p for p in policies if p.people is not None and p.effect == "ALLOW" and _is_about(p, kind)]
    named = {ident for policy in allows for ident in policy.fields}
    mine = {ident for p in allows if _means(json.loads(p.people or ""), person) for ident in p.fields}
    return telling(kind, named - mine)


def closed_to_partners(policies: Sequence[AccessPolicy], kind: Kind, values: Mapping[str, Any]) -> frozenset[str]:
    """The idents of the fields that policies about partners close to all of them, and to who hides what those do not
    see."""
    found: set[str] = set()
    for policy in policies:
        if policy.people is None and _is_about(policy, kind) and holds(policy, kind, values) is not False:
            found |= telling(kind, policy.fields)
    return frozenset(found)


def telling(kind: Kind, idents: Iterable[str]) -> frozenset[str]:
    """These fields of a side and those that tell of them: their logs, and the formulas that read them."""
    return _telling(kind, frozenset(idents))


@lru_cache(4_096)
def _telling(kind: Kind, idents: frozenset[str]) -> frozenset[str]:
    found = idents & kind.side_by_ident.keys()
    found |= {f.ident for f in kind.side if f.history_of in found}
    formulas = {f.ident: f.custom.formula for f in kind.custom if f.custom and f.custom.formula}
    return frozenset(found | {ident for ident, text in formulas.items() if found & set(names(tree(text)))})


def _is_about(policy: AccessPolicy, kind: Kind) -> bool:
    if (policy.since and policy.since > DAY) or (policy.until and policy.until < DAY):
        return False
    return policy.kind in (None, kind.name)


def _means(said: Mapping[str, Any], person: PersonRow) -> bool:
    if "role" in said:
        return said["role"]["eq"] in person.roles
    return person.id in said["id"]["in"]
