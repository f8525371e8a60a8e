"""Sharing rules in plain words, as the guide says them: what they open and close of one side. Nothing here looks at
`policies/`, and no rule is compiled."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from schema.access_policy import AccessPolicy
from schema.association_rule import AssociationRule
from schema.kind import Kind
from schema.money import Money
from schema.names import CompanyId, PersonId, RecordId
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
_NOBODY: Mapping[str, Any] = {}


class Held(NamedTuple):
    """What conditions are asked of: a record, its joint fields by name, and an owner's side of it by ident; all raw,
    whoever may see them. `kind` is the owner's."""

    kind: Kind
    record: RecordId
    joint: Mapping[str, Any]
    side: Mapping[str, Any] = _NOBODY


def opened(rules: Iterable[SharingRule], held: Held, company: CompanyId, person: PersonId) -> set[str]:
    """The idents of the fields that rules of a side's owner open to somebody of another company."""
    found: set[str] = set()
    for rule in rules:
        if rule.effect == "ALLOW" and _is_about(rule, held.kind, company, person) and holds(rule, held) is True:
            found |= set(rule.fields)
    return found


def closed(rules: Iterable[SharingRule], held: Held, company: CompanyId, person: PersonId) -> set[str]:
    """The idents of the fields that they close, whatever else opens them: also where a test looks at what is unset."""
    found: set[str] = set()
    for rule in rules:
        if rule.effect == "DENY" and _is_about(rule, held.kind, company, person) and holds(rule, held) is not False:
            found |= set(rule.fields)
    return found


def closed_at_home(rules: Iterable[SharingRule], held: Held) -> set[str]:
    """The idents of the fields that the owner's own people do not see who hide what nobody else sees: those that are
    closed to all participants."""
    everybody = [rule for rule in rules if rule.audience.kind == "participants"]
    return closed(everybody, held, CompanyId(""), PersonId(""))


def _is_about(rule: SharingRule, kind: Kind, company: CompanyId, person: PersonId) -> bool:
    if rule.kind != kind.name or not is_of_today(rule):
        return False
    audience = rule.audience
    return audience.kind == "participants" or company in audience.companies or person in audience.people


def is_of_today(rule: SharingRule | AccessPolicy | AssociationRule) -> bool:
    """Whether it is in force on the day of the made worlds."""
    return not ((rule.since and rule.since > DAY) or (rule.until and rule.until < DAY))


def holds(rule: SharingRule | AccessPolicy, held: Held) -> bool | None:
    """Whether the rule is about the record and all its conditions hold; None where that hangs on what is unset. A
    condition on a field that the side no longer has fails in an ALLOW, and is left out of a DENY."""
    found: list[bool | None] = [held.record in rule.records] if rule.records else []
    for condition in rule.conditions:
        if condition.field_in(held.kind):
            found.append(meets(condition, held))
        elif rule.effect == "ALLOW":
            return False
    return False if False in found else None if None in found else True


def meets(condition: Condition, held: Held) -> bool | None:
    """Whether one condition holds; None where what it tests is unset."""
    stored = (held.joint if condition.of == "record" else held.side).get(condition.field)
    given: Any = condition.value
    if stored is None:
        return None
    if isinstance(stored, Money):  # an amount in another currency meets no test
        return stored.currency == given.currency and _COMPARED[condition.op](stored.minor, given.minor)
    return _COMPARED[condition.op](stored, given)
