"""Random sharing rules, and random tests of sides and records as rules and policies have them."""

import random
from collections.abc import Mapping, Sequence
from typing import Any

from schema.field import Base, Field
from schema.money import Money
from schema.names import CompanyId, RecordId
from schema.sharing import PARTICIPANTS, Audience
from schema.sharing_rule import Condition, RuleOp, SharingRule, Subject
from tests.leaks.cast import AT_HOME, BASE, COMPANIES, DAY, made_id, record_id
from tests.leaks.settings import JOINT, Setting

KINDS = tuple(kind.name for kind in BASE.kinds)
_SINCE = (None, None, None, "2025-06-30", DAY, "2025-07-02")
_UNTIL = (None, None, None, "2025-06-30", "2025-06-30", DAY, "2025-07-02")

_EQUAL: tuple[RuleOp, ...] = ("eq", "ne", "in")
_ORDERED: tuple[RuleOp, ...] = (*_EQUAL, "lt", "lte", "gt", "gte")
_TESTED: Mapping[Base, tuple[tuple[RuleOp, ...], tuple[Any, ...]]] = {
    Base.TEXT: (_EQUAL, ("Red", "red", "Blue")),
    Base.INTEGER: (_ORDERED, (0, 1, 50, 100)),
    Base.MONEY: (("eq", "lt", "lte", "gt", "gte"), (Money(1050, "USD"), Money(700, "USD"), Money(700, "JPY"))),
    Base.DATE: (_ORDERED, ("2025-01-31", "2025-06-30")),
    Base.BOOLEAN: (("eq", "ne"), (True, False)),
    Base.PICKLIST: (_EQUAL, ()),  # those of the field
    Base.COMPANY: (_EQUAL, COMPANIES),
}
"""What rules test, by the base of the field, and the values that made worlds have there."""


def random_rule(
    rng: random.Random, company: CompanyId, known: Setting, *, without: CompanyId | None = None
) -> SharingRule:
    """Some rule of a company's that has these kinds; not about `without` by name, nor about everybody."""
    kind = rng.choice(("opportunity", "opportunity", "opportunity", *KINDS))
    filled = known.filled(company, kind)
    used = [f for f in known.written(company, kind).side if f in filled or f.custom]
    others = [c for c in COMPANIES if c not in (company, without)]
    named = (rng.choice(others),)
    people = (rng.choice(AT_HOME[rng.choice(others)]),)
    audiences = (Audience("selected", named, ()), Audience("selected", (), people), PARTICIPANTS)
    audience = audiences[rng.choices((0, 1, 2), weights=(3, 3, 0 if without else 4))[0]]
    conditions = some_conditions(rng, used, rng.choice((0, 0, 1, 1, 2)))
    records: tuple[RecordId, ...] = ()
    if rng.random() < 0.4:
        conditions += some_conditions(rng, JOINT[kind], 1, of="record")
    if rng.random() < 0.2:
        records = some_records(rng, BASE.by_name[kind].prefix)
    return SharingRule(
        id=made_id("shr", "random"),
        company=company,
        version=1,
        kind=kind,
        label="Random",
        effect=rng.choice(("ALLOW", "ALLOW", "DENY")),
        fields=tuple(f.ident for f in rng.sample(used, k=rng.randint(1, 3))),
        audience=audience,
        conditions=conditions,
        since=rng.choice(_SINCE),
        until=rng.choice(_UNTIL),
        records=records,
    )


def some_records(rng: random.Random, prefix: str) -> tuple[RecordId, ...]:
    """A few of the first records of a kind that a world makes."""
    return tuple(sorted(record_id(prefix, number) for number in rng.sample(range(1, 6), k=rng.randint(1, 3))))


def some_conditions(
    rng: random.Random, fields: Sequence[Field], number: int, of: Subject = "side"
) -> tuple[Condition, ...]:
    tested = [f for f in rng.sample(fields, k=len(fields)) if f.type.base in _TESTED and not f.type.many]
    plain = [f for f in tested if f.type.name != "LongText"]
    return tuple(Condition(f.ident, *_test(rng, f), of) for f in plain[:number])


def _test(rng: random.Random, field: Field) -> tuple[RuleOp, Any]:
    ops, values = _TESTED[field.type.base]
    values = values or field.type.options[:3]
    op = rng.choice(ops)
    return (op, tuple(rng.sample(values, k=2))) if op == "in" else (op, rng.choice(values))
