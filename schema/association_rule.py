"""Association rules: which companies a company invites by itself to its records, as long as they meet conditions.
Frozen values, and their canonical JSON; `schema/association_rule_read.py` reads what an admin gives.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from schema.errors import BadInput
from schema.kind import Kind
from schema.matching import holds
from schema.names import CompanyId
from schema.sharing_rule import Condition, kept_conditions, read_conditions, show_condition
from schema.values import canonical_json
from schema.where import Scalar

Cells: TypeAlias = Mapping[str, Scalar | None]
"""Raw values by column."""


@dataclass(frozen=True, slots=True)
class AssociationRule:
    """One version of a company's rule: where all `conditions` hold of a record and the company's own side, `companies`
    belong on it with this role. It only ever invites: they answer for themselves."""

    id: str  # "asr_…"
    company: CompanyId
    version: int  # from 1
    kind: str  # name of the kind
    label: str
    companies: tuple[CompanyId, ...]
    role: str  # COLLABORATOR, VIEWER or PARTICIPANT
    message: str | None = None  # what its invitations say
    conditions: tuple[Condition, ...] = ()
    since: str | None = None  # first and last day (UTC) on which it is in force, `YYYY-MM-DD`
    until: str | None = None

    def in_force(self, day: str) -> bool:
        """Whether the rule holds on this day, `YYYY-MM-DD` in UTC."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)

    def matches(self, kind: Kind, record: Cells, side: Cells | None) -> bool:
        """Whether its conditions hold where the kind's record and the company's own side have these columns, those of
        the record by the names of schema.mask. What is not set meets none. Where `side` is None, whether they might
        hold of some side."""
        for condition in self.conditions:
            tests = condition.tests(kind)
            if tests is None:  # the kind does not have the field any more
                return False
            columns = record if condition.of == "record" else side
            if columns is not None and not all(holds(test, columns.get(test.column)) for test in tests):
                return False
        return True


def content_of(rule: AssociationRule) -> str:
    """The canonical JSON of a rule, as a definition keeps it."""
    return canonical_json(
        {
            "kind": rule.kind,
            "label": rule.label,
            "companies": rule.companies,
            "role": rule.role,
            "message": rule.message,
            "conditions": kept_conditions(rule.conditions),
            "since": rule.since,
            "until": rule.until,
        }
    )


def read_content(content: str, id_: str, company: CompanyId, version: int) -> AssociationRule:
    """The rule that `content_of` wrote, whatever kinds and templates have become since. Raises BadInput for the content
    of something else."""
    try:
        found = json.loads(content)
        return AssociationRule(
            id=id_,
            company=company,
            version=version,
            kind=found["kind"],
            label=found["label"],
            companies=tuple(map(CompanyId, found["companies"])),
            role=found["role"],
            message=found["message"],
            conditions=read_conditions(found["conditions"]),
            since=found["since"],
            until=found["until"],
        )
    except (ValueError, TypeError, KeyError, RecursionError):
        raise BadInput("This is not the content of an association rule.") from None


def show(rule: AssociationRule, kind: Kind | None) -> Mapping[str, Any]:
    """The rule as it may be given again, for this kind; a field that it does not have stands there by its ident."""
    return {
        "kind": rule.kind,
        "label": rule.label,
        "companies": list(rule.companies),
        "role": rule.role,
        "message": rule.message,
        "conditions": [show_condition(each, kind) for each in rule.conditions],
        "from": rule.since,
        "until": rule.until,
    }
