"""The effective kind of a company: the kind with what its own templates, and those shared with it, add."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain, count

from schema.field import Field
from schema.kind import Kind, Lifecycle
from schema.names import CompanyId
from schema.queryable import upper_snake
from schema.template import AddedOption, Template


def extended_kind(base: Kind, company: CompanyId, templates: Iterable[Template]) -> Kind:
    """`base` as the sides of `company` have it. Of `templates`, given in the order in which they were made, those of
    other kinds, and those that do not serve the company, are left aside.

    The company's own templates come first, then those shared with it; their fields each in the order in which they
    were first defined. A custom field whose key is taken, by the kind or by an earlier field, is named
    `<key>_<first 6 characters of its id>`. Of an option that is added twice the first holds.
    """
    serving = [template for template in templates if template.kind == base.name and template.serves(company)]
    serving.sort(key=lambda template: template.company != company)
    added = _added(base, serving)
    side = tuple(_widened(field, added.get(field.name, [])) for field in base.side)
    widened = {field.name: field for field in side if added.get(field.name)}
    lifecycles = tuple(
        _following(life, widened[life.field]) if life.part == "side" and life.field in widened else life
        for life in base.lifecycles
    )
    return replace(base, side=side, lifecycles=lifecycles).extended(_named(base, serving))


def _added(base: Kind, templates: Iterable[Template]) -> dict[str, list[AddedOption]]:
    """The added options by field, without those that the kind has by now, or whose standard value it lacks."""
    found: dict[str, dict[str, AddedOption]] = {}
    for option in (option for template in templates for option in template.added):
        known = base.side_by_name[option.field].type.options if option.field in base.side_by_name else ()
        if option.standard in known and option.value not in known:
            found.setdefault(option.field, {}).setdefault(option.value, option)
    return {name: list(options.values()) for name, options in found.items()}


def _widened(field: Field, added: list[AddedOption]) -> Field:
    """The field with the added options, each behind the standard one that it stands for."""
    if not added:
        return field
    options = [
        value
        for option in field.type.options
        for value in (option, *(more.value for more in added if more.standard == option))
    ]
    standard = tuple((option.value, option.standard) for option in added)
    return replace(field, type=replace(field.type, options=tuple(options), standard=standard))


def _following(life: Lifecycle, field: Field) -> Lifecycle:
    """The lifecycle where an added value moves as the standard one does, and between values that stand for one
    every move is allowed."""
    standard = dict(field.type.standard)
    moves = dict(life.moves)
    found: list[tuple[str, tuple[str, ...]]] = []
    for source in field.type.options:
        stands = standard.get(source, source)
        allowed = {stands, *moves.get(stands, ())}
        targets = tuple(t for t in field.type.options if t != source and standard.get(t, t) in allowed)
        if targets:
            found.append((source, targets))
    return replace(life, moves=tuple(found))


def _named(base: Kind, templates: Iterable[Template]) -> tuple[Field, ...]:
    """The custom fields of all templates under names that are their own, also where enums write them in capitals."""
    taken = {upper_snake(field.name) for field in base.side}
    found: list[Field] = []
    for template in templates:
        by_ident = {field.ident: field for field in template.fields}
        for ident in template.defined:
            field = by_ident[ident]
            name = next(name for name in _names(field) if upper_snake(name) not in taken)
            taken.add(upper_snake(name))
            found.append(replace(field, name=name))
    return tuple(found)


def _names(field: Field) -> Iterator[str]:
    """The names that a custom field may have, the best first."""
    random = field.ident.partition("_")[2]
    whole = f"{field.name}_{random}"
    return chain((field.name, f"{field.name}_{random[:6]}", whole), (f"{whole}_{number}" for number in count(2)))
