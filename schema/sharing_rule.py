"""Sharing rules: what a company says once of all its sides of a kind. Frozen values, and their canonical JSON;
`schema/sharing_rule_read.py` reads what an admin gives.

A rule names fields by their idents, so one that a template drops is not meant by it any more, be it declared again.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from schema.errors import BadInput
from schema.field import Base, Field
from schema.kind import Kind
from schema.mask import JOINT_PREFIX
from schema.money import Money
from schema.names import CompanyId, PersonId, RecordId
from schema.sharing import Audience
from schema.values import canonical_json, flatten, wire
from schema.where import Comparison, Scalar

RuleOp: TypeAlias = Literal["eq", "ne", "in", "lt", "lte", "gt", "gte"]
RuleValue: TypeAlias = Scalar | Money | tuple[Scalar, ...]
"""A stored value of the field's type; of "in" several."""
Subject: TypeAlias = Literal["side", "record"]
"""What a condition tests: the side itself, or the joint fields of its record."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A test of one field. An amount of money compares with amounts of its own currency alone. Of a record its value
    decides, whoever may see it."""

    field: str  # ident
    op: RuleOp
    value: RuleValue
    of: Subject = "side"

    def field_in(self, kind: Kind) -> Field | None:
        """The field that it tests; None where the kind does not have it."""
        return (kind.side_by_ident if self.of == "side" else kind.joint_by_name).get(self.field)

    def tests(self, kind: Kind) -> tuple[Comparison, ...] | None:
        """The tests of the columns that it stands for, as masks name them; None where the kind does not have the field,
        or not with such values."""
        field = self.field_in(kind)
        if field is None or field.type.many or (field.type.base is Base.MONEY) is not isinstance(self.value, Money):
            return None
        amount, *currency = [JOINT_PREFIX + each if self.of == "record" else each for each in field.columns]
        if isinstance(self.value, Money):
            return Comparison(currency[0], "eq", self.value.currency), Comparison(amount, self.op, self.value.minor)
        return (Comparison(amount, self.op, self.value),)


@dataclass(frozen=True, slots=True)
class SharingRule:
    """One version of a company's rule: where all `conditions` hold of a side, ALLOW opens the fields to the audience,
    DENY closes them to it, whatever else opens them. The audience is PARTICIPANTS or selected; companies that have not
    accepted see nothing by it. With `records` it is about the sides of these alone."""

    id: str  # "shr_…"
    company: CompanyId
    version: int  # from 1
    kind: str  # name of the kind
    label: str
    effect: Literal["ALLOW", "DENY"]
    fields: tuple[str, ...]  # idents of side fields
    audience: Audience
    conditions: tuple[Condition, ...] = ()
    since: str | None = None  # first and last day (UTC) on which it is in force, `YYYY-MM-DD`
    until: str | None = None
    records: tuple[RecordId, ...] = ()  # in order of id; none: whatever the record

    def in_force(self, day: str) -> bool:
        """Whether the rule holds on this day, `YYYY-MM-DD` in UTC."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


def kept_conditions(conditions: Iterable[Condition]) -> list[list[Any]]:
    """Conditions as a definition keeps them: of a side without saying so, as ever."""
    return [[each.field, each.op, each.value, *(() if each.of == "side" else (each.of,))] for each in conditions]


def read_conditions(kept: Iterable[Any]) -> tuple[Condition, ...]:
    """The inverse of `kept_conditions`. Raises ValueError or TypeError for anything else."""
    return tuple(Condition(field, op, stored_value(value), *of) for field, op, value, *of in kept)


def content_of(rule: SharingRule) -> str:
    """The canonical JSON of a rule, as a definition keeps it. What it says of records stands there only where it says
    anything: rules that were kept before they could still read the same."""
    return canonical_json(
        {
            "kind": rule.kind,
            "label": rule.label,
            "effect": rule.effect,
            "fields": rule.fields,
            "audience": [rule.audience.kind, rule.audience.companies, rule.audience.people],
            "conditions": kept_conditions(rule.conditions),
            "since": rule.since,
            "until": rule.until,
            **({"records": rule.records} if rule.records else {}),
        }
    )


def read_content(content: str, id_: str, company: CompanyId, version: int) -> SharingRule:
    """The rule that `content_of` wrote, whatever kinds and templates have become since. Raises BadInput for the content
    of something else."""
    try:
        found = json.loads(content)
        audience, companies, people = found["audience"]
        return SharingRule(
            id=id_,
            company=company,
            version=version,
            kind=found["kind"],
            label=found["label"],
            effect=found["effect"],
            fields=tuple(found["fields"]),
            audience=Audience(audience, tuple(map(CompanyId, companies)), tuple(map(PersonId, people))),
            conditions=read_conditions(found["conditions"]),
            since=found["since"],
            until=found["until"],
            records=tuple(map(RecordId, found.get("records", ()))),
        )
    except (ValueError, TypeError, KeyError, RecursionError):
        raise BadInput("This is not the content of a sharing rule.") from None


def stored_value(value: Any) -> RuleValue:
    """The value of a condition from its canonical JSON."""
    if isinstance(value, dict):
        return Money(value["minor"], value["currency"])
    found: RuleValue = tuple(value) if isinstance(value, list) else value
    return found


def show(rule: SharingRule, kind: Kind | None) -> Mapping[str, Any]:
    """The rule as it may be given again, for sides of this kind; a field that they do not have stands there by its
    ident."""
    by_ident = kind.side_by_ident if kind else {}
    names = {ident: field.name for ident, field in by_ident.items()}
    return {
        "kind": rule.kind,
        "label": rule.label,
        "effect": rule.effect,
        "fields": [names.get(ident, ident) for ident in rule.fields],
        "audience": {
            "kind": rule.audience.kind.upper(),
            "companies": list(rule.audience.companies),
            "people": list(rule.audience.people),
        },
        "conditions": [show_condition(each, kind) for each in rule.conditions],
        "recordIds": list(rule.records) or None,
        "from": rule.since,
        "until": rule.until,
    }


def show_condition(condition: Condition, kind: Kind | None) -> Mapping[str, Any]:
    """The condition as it may be given again; a field that the kind does not have stands there by its ident."""
    field = condition.field_in(kind) if kind else None
    return {
        "of": condition.of.upper(),
        "field": name_in_rule(field) if field else condition.field,
        "op": condition.op.upper(),
        "value": show_value(condition, kind),
    }


def name_in_rule(field: Field) -> str:
    """How a condition names a field: as it is reached in GraphQL, e.g. `customer.country`."""
    return f"{field.group}.{field.key}" if field.group else field.name


def show_value(condition: Condition, kind: Kind | None) -> Any:
    """The value of a condition as it may be given again."""
    value = condition.value
    if isinstance(value, tuple):
        return list(value)
    field = condition.field_in(kind) if kind else None
    if isinstance(value, Money):
        return wire(field.type, flatten(field, value)) if field else {"minor": value.minor, "currency": value.currency}
    return value
