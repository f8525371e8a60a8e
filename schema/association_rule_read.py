"""Reads the association rules that admins give, with every mistake told at its place."""

from collections.abc import Mapping

from schema.association_rule import AssociationRule
from schema.field import Base, FieldType
from schema.given import Given, given
from schema.kind import Kind
from schema.names import COMPANY_PREFIX, CompanyId, prefix_of
from schema.sharing_rule_read import LONGEST_LABEL, conditions_of, days_of, one_of, parsed

MOST_COMPANIES = 50
"""Of one rule."""
ROLES = ("PARTICIPANT", "VIEWER", "COLLABORATOR")
MESSAGE = FieldType("Text", Base.TEXT, max_length=1_000)
"""What an invitation says."""


def define_association(
    content: object, kinds: Mapping[str, Kind], id_: str, company: CompanyId, version: int = 1
) -> AssociationRule:
    """The rule that an input like `show` gives it says. `kinds` are those of the company, by name, with its custom
    fields. Raises BadInput: what is wrong, and where."""
    table = given(content)
    table.allow("kind", "label", "companies", "role", "message", "conditions", "from", "until")
    kind = kinds.get(table.text("kind", LONGEST_LABEL))
    if kind is None:
        table.refuse("There is no such kind.", "kind")
    since, until = days_of(table)
    return AssociationRule(
        id=id_,
        company=company,
        version=version,
        kind=kind.name,
        label=table.text("label", LONGEST_LABEL),
        companies=_companies(table, company),
        role=one_of(table, "role", ROLES) if table.has("role") else ROLES[0],
        message=parsed(table, MESSAGE, table.keys.get("message"), "message"),
        conditions=conditions_of(table, kind),
        since=since,
        until=until,
    )


def _companies(table: Given, company: CompanyId) -> tuple[CompanyId, ...]:
    found = table.texts("companies", MOST_COMPANIES)
    for place, id_ in enumerate(found):
        if prefix_of(id_) != COMPANY_PREFIX:
            table.refuse("This is not the id of a company.", "companies", str(place))
        if id_ == company:
            table.refuse("This is your own company; rules are about partners.", "companies", str(place))
    if not found:
        table.refuse("Name at least one company.", "companies")
    return tuple(map(CompanyId, found))
