"""The effective kind of a company: the kind with what its own templates, and those shared with it, add."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain, count

from schema.field import Field
from schema.kind import Kind
from schema.names import CompanyId
from schema.queryable import upper_snake
from schema.template import Template


def extended_kind(base: Kind, company: CompanyId, templates: Iterable[Template]) -> Kind:
    """`base` as the sides of `company` have it. Of `templates`, given in the order in which they were made, those of
    other kinds, and those that do not serve the company, are left aside.

    The company's own templates come first, then those shared with it; their fields each in the order in which they
    were first defined. A custom field whose key is taken, by the kind or by an earlier field, is named
    `<key>_<first 6 characters of its id>`. Whatever their templates say, fields of other companies' templates are
    private: what a side shows is for its own company to say.
    """
    serving = [template for template in templates if template.kind == base.name and template.serves(company)]
    serving.sort(key=lambda template: template.company != company)
    return base.extended(_named(base, company, serving))


def _named(base: Kind, company: CompanyId, templates: Iterable[Template]) -> tuple[Field, ...]:
    """The custom fields of all templates under names that are their own, also where enums write them in capitals."""
    taken = {upper_snake(field.name) for field in base.side}
    found: list[Field] = []
    for template in templates:
        by_ident = {field.ident: field for field in template.fields}
        for ident in template.defined:
            field = by_ident[ident]
            name = next(name for name in _names(field) if upper_snake(name) not in taken)
            taken.add(upper_snake(name))
            audience = field.audience if template.company == company else "private"
            found.append(replace(field, name=name, audience=audience))
    return tuple(found)


def _names(field: Field) -> Iterator[str]:
    """The names that a custom field may have, the best first."""
    whole = f"{field.name}_{field.ident.partition('_')[2]}"
    return chain(
        (field.name, key_with_id(field.name, field.ident), whole), (f"{whole}_{number}" for number in count(2))
    )


def key_with_id(key: str, ident: str) -> str:
    """A custom field's key made its own: `<key>_<first 6 characters of its id>`."""
    return f"{key}_{ident.partition('_')[2][:6]}"
