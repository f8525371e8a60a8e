"""Sharing rules in plain words, as the guide says them: what they open and close of one side. Nothing here looks at
`policies/`, and no rule is compiled."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from schema.access_policy import AccessPolicy
from schema.kind import Kind
from schema.money import Money
from schema.names import CompanyId, PersonId
from schema.sharing_rule import Condition, SharingRule
from tests.leaks.cast import DAY

_COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
    "in": lambda a, b: a in b,
    "lt": lambda a, b: a < b,
    "lte": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "gte": lambda a, b: a >= b,
}


def opened(
    rules: Iterable[SharingRule], kind: Kind, values: Mapping[str, Any], company: CompanyId, person: PersonId
) -> set[str]:
    """The idents of the fields that rules of a side's owner open to somebody of another company."""
    found: set[str] = set()
    for rule in rules:
        if rule.effect == "ALLOW" and _is_about(rule, kind, company, person) and holds(rule, kind, values) is True:
            found |= set(rule.fields)
    return found


def closed(
    rules: Iterable[SharingRule], kind: Kind, values: Mapping[str, Any], company: CompanyId, person: PersonId
) -> set[str]:
    """The idents of the fields that they close, whatever else opens them: also where a test looks at what is unset."""
    found: set[str] = set()
    for rule in rules:
        if rule.effect == "DENY" and _is_about(rule, kind, company, person) and holds(rule, kind, values) is not False:
            found |= set(rule.fields)
    return found


def closed_at_home(rules: Iterable[SharingRule], kind: Kind, values: Mapping[str, Any]) -> set[str]:
    """The idents of the fields that the owner's own people do not see who hide what nobody else sees: those that are
    closed to all participants."""
    everybody = [rule for rule in rules if rule.audience.kind == "participants"]
    return closed(everybody, kind, values, CompanyId(""), PersonId(""))


def _is_about(rule: SharingRule, kind: Kind, company: CompanyId, person: PersonId) -> bool:
    if rule.kind != kind.name or (rule.since and rule.since > DAY) or (rule.until and rule.until < DAY):
        return False
    audience = rule.audience
    return audience.kind == "participants" or company in audience.companies or person in audience.people


def holds(rule: SharingRule | AccessPolicy, kind: Kind, values: Mapping[str, Any]) -> bool | None:
    """Whether all conditions hold; None where that hangs on what is unset. One on a field that the side no longer has
    fails in an ALLOW, and is left out of a DENY."""
    found = []
    for condition in rule.conditions:
        if condition.field in kind.side_by_ident:
            found.append(_meets(condition, values.get(condition.field)))
        elif rule.effect == "ALLOW":
            return False
    return False if False in found else None if None in found else True


def _meets(condition: Condition, stored: Any) -> bool | None:
    given: Any = condition.value
    if stored is None:
        return None
    if isinstance(stored, Money):  # an amount in another currency meets no test
        return stored.currency == given.currency and _COMPARED[condition.op](stored.minor, given.minor)
    return _COMPARED[condition.op](stored, given)
