"""What the companies of a world have defined: templates, sharing rules and access policies. `PLAIN` is the
setting of fixed worlds; `families.py` makes random ones."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import count
from typing import Any

from gateway.definitions import ACCESS_POLICIES, ASSOCIATION_RULES, SHARING_RULES, definition_made, definition_of
from gateway.models import Templates, in_force
from schema.access_policy import JOINT_PREFIX, ON_FIELDS, ON_RECORD, AccessAction, AccessPolicy
from schema.association_rule import AssociationRule
from schema.effective import extended_kind
from schema.field import Field
from schema.kind import Catalog, Kind
from schema.names import CompanyId
from schema.sharing_rule import SharingRule
from schema.template import Template
from schema.template_read import define
from spaces.definition import Definition
from tests.leaks.cast import ACME, AT_HOME, BASE, COMPANIES, made_id

_AT = "2025-05-01T00:00:00.000000Z"

USED: Mapping[str, tuple[str, ...]] = {
    "opportunity": (
        *("name", "industry", "segment", "engagementStage", "sourcedBy", "influencedBy"),
        *("stage", "amount", "probability", "notes", "crmRef", "owner"),
        *("nextStep", "targetCloseDate", "primaryNeeds", "solutions", "teamContact"),
    ),
    "lead": ("companyName", "industry", "status", "contactName", "contactEmail", "score", "estimatedValue", "crmRef"),
    "solution": ("name", "status", "products", "complementary", "margin", "investment", "roadmap", "crmRef"),
}
"""The fields of the kinds that made worlds fill; the others stay unset, and are read all the same."""


@dataclass(frozen=True, eq=False)
class Setting:
    """All that companies have defined. `dropped` are templates of the past, whose values still stand in sides: retired
    ones, and for each field that was left out of a later version one that holds it alone."""

    family: int
    templates: tuple[Template, ...]
    dropped: tuple[Template, ...] = ()
    rules: tuple[SharingRule, ...] = ()
    policies: tuple[AccessPolicy, ...] = ()
    associations: tuple[AssociationRule, ...] = ()
    _kept: dict[Any, Catalog] = field(default_factory=dict)
    _keeping: dict[Any, tuple[AccessPolicy, ...]] = field(default_factory=dict, init=False)

    @cached_property
    def in_force(self) -> Templates:
        """The templates, as a gateway holds them."""
        return in_force(self.templates)

    @cached_property
    def definitions(self) -> tuple[Definition, ...]:
        """Everything, as spaces keep it."""
        made = [definition_of(t, AT_HOME[t.company][0], _AT, None, stands=True) for t in self.templates]
        rules = [definition_made(SHARING_RULES, r, AT_HOME[r.company][0], _AT, None, stands=True) for r in self.rules]
        policies = [
            definition_made(ACCESS_POLICIES, p, AT_HOME[p.company][0], _AT, None, stands=True) for p in self.policies
        ]
        associations = [
            definition_made(ASSOCIATION_RULES, a, AT_HOME[a.company][0], _AT, None, stands=True)
            for a in self.associations
        ]
        return (*made, *rules, *policies, *associations)

    @cached_property
    def by_company(self) -> Mapping[CompanyId, tuple[SharingRule, ...]]:
        """The rules of each company."""
        return {c: tuple(rule for rule in self.rules if rule.company == c) for c in COMPANIES}

    @cached_property
    def narrowing(self) -> Mapping[CompanyId, tuple[AccessPolicy, ...]]:
        """The access policies of each company."""
        return {c: tuple(policy for policy in self.policies if policy.company == c) for c in COMPANIES}

    def keeping(self, company: CompanyId, kind: str, action: AccessAction, *, joint: bool) -> tuple[AccessPolicy, ...]:
        """The access policies by which a company keeps some of its people from an action on records of a kind, or on
        its sides of them."""
        key = (company, kind, action, joint)
        if key not in self._keeping:
            self._keeping[key] = tuple(
                policy
                for policy in self.narrowing[company]
                if policy.people is not None
                and policy.kind in (None, kind)
                and ({action} | ({"READ"} if action in ON_FIELDS else set())) & {*policy.actions}
                and (action in ON_RECORD or any(name.startswith(JOINT_PREFIX) is joint for name in policy.fields))
            )
        return self._keeping[key]

    @cached_property
    def associating(self) -> Mapping[CompanyId, tuple[AssociationRule, ...]]:
        """The association rules of each company."""
        return {c: tuple(rule for rule in self.associations if rule.company == c) for c in COMPANIES}

    def asks_as(self, other: "Setting") -> bool:
        """Whether the same companies have rules and policies, which are asked about by themselves."""
        return (self.rules, self.policies) == (other.rules, other.policies)

    def catalog(self, company: CompanyId) -> Catalog:
        """A company's kinds."""
        return self._made(company, self.templates)

    def kind(self, company: CompanyId, name: str) -> Kind:
        """One of a company's kinds, with the fields that its sides have."""
        return self.catalog(company).by_name[name]

    def written(self, company: CompanyId, name: str) -> Kind:
        """The same, with the fields, too, that its sides had when they were written."""
        return self._made(company, (*self.templates, *self.dropped)).by_name[name]

    def filled(self, company: CompanyId, name: str) -> tuple[Field, ...]:
        """The fields of a company's sides that made worlds fill: not formulas, which are computed."""
        return tuple(f for f in self.written(company, name).side if _is_used(f, name) and f.is_written)

    def used(self, company: CompanyId, name: str) -> tuple[Field, ...]:
        """The fields of a company's sides that have values, by their present names."""
        return tuple(f for f in self.kind(company, name).side if _is_used(f, name))

    def _made(self, company: CompanyId, templates: tuple[Template, ...]) -> Catalog:
        key = (company, len(templates))
        if key not in self._kept:
            kinds = tuple(extended_kind(kind, company, templates) for kind in BASE.kinds)
            self._kept[key] = replace(BASE, kinds=kinds)
        return self._kept[key]


def _is_used(field_: Field, kind: str) -> bool:
    return bool(field_.custom) or field_.name in USED[kind]


JOINT = {k.name: tuple(f for f in k.joint if f.name in USED[k.name]) for k in BASE.kinds}


_FIELDS = (
    {"key": "remark", "type": "TEXT", "label": "Remark"},
    {"key": "budget", "type": "MONEY", "label": "Budget"},
    {"key": "seats", "type": "INTEGER", "label": "Seats", "audience": "PARTICIPANTS"},
    {
        "key": "risk",
        "type": "PICKLIST",
        "label": "Risk",
        "audience": "PARTICIPANTS",
        "options": [{"value": value, "label": value} for value in ("LOW", "MIDDLE", "HIGH")],
    },
)


def _shared_with_all(kind: str) -> Template:
    content = {"kind": kind, "key": "made", "label": "Made", "fields": _FIELDS, "sharedWith": COMPANIES[1:]}
    number = count()
    return define(content, BASE.by_name, made_id("tpl", kind), ACME, lambda p: made_id(p, f"{kind} {next(number)}"))


PLAIN = Setting(-1, tuple(_shared_with_all(kind.name) for kind in BASE.kinds))
"""A template of each kind, which all companies share, and no rules."""
