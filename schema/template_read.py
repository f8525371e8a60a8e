"""Reads templates: the input of a mutation, and the content of a definition, which is that input and the fields' ids.

1. the head and the sections;
2. the fields (`schema/template_fields.py`), each with its id: as before, as stored, or new;
3. the formulas, typed by all fields and resolved to ids;
4. of what a caller gives: names that are taken, and what a new version takes away.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from schema.custom_values import lifecycle_of
from schema.errors import BadInput
from schema.field import Base, Field
from schema.formula import names, tree
from schema.formula_fields import typed, written
from schema.given import Given, given, refusal, refuse
from schema.kind import Kind
from schema.names import COMPANY_PREFIX, CompanyId, IdFactory, prefix_of
from schema.reserved import FIELD_NAME, FIELD_RULE, SIDE_FIELDS
from schema.template import (
    LONGEST_HELP,
    LONGEST_LABEL,
    MOST_COMPANIES,
    MOST_FIELDS,
    MOST_SECTIONS,
    Section,
    Template,
    type_word,
)
from schema.template_fields import Surroundings, check_bounds, read_field, show_field
from schema.values import canonical_json

FIELD_PREFIX = "cf"
_RESERVED = SIDE_FIELDS | {"true", "false", "null"}
_IdOf = Callable[[str, str], str]

InUse = Callable[[str, str | None], bool]
"""Whether sides hold values of a field, by its ident: any value, or the given option of it."""


@dataclass(frozen=True, slots=True)
class Loss:
    """What a new version of a template takes away: a field, by a change of its type, or an option of a picklist.
    It is refused where sides hold such values."""

    path: tuple[str, ...]  # of the input
    ident: str  # of the field, as it was before
    option: str | None = None  # None: any value
    moved: bool = False  # whether the option is still there, but stands for another one

    def refusal_of_lent(self) -> BadInput:
        """What is told of a template that was ever shared, whatever values there are: whether other companies' sides
        hold any is not to be found out."""
        what = {"type": "its type", "options": f"the option {self.option}"}.get(self.path[-1], f"its {self.path[-1]}")
        return refusal(
            self.path, f"Other companies have had this field, so {what} stays as it is; drop it and take another key."
        )

    def refusal(self) -> BadInput:
        """What is told where there are such values."""
        if self.option is None:
            what = self.path[-1] if self.path[-1] == "refines" else "its type"
            return refusal(self.path, f"This field has values, so {what} cannot change; take another key.")
        if self.moved:
            return refusal(self.path, f"The option {self.option} is in use, so what it stands for cannot change.")
        return refusal(self.path, f"The option {self.option} is in use, so it cannot be left out.")


def define(content: object, kinds: Mapping[str, Kind], id_: str, company: CompanyId, new_id: IdFactory) -> Template:
    """The first version of a template, from the input of a mutation. `kinds` are those of the catalog, by name. Raises
    BadInput: what is wrong, and where."""
    template = _read(content, kinds, id_, company, lambda key, word: new_id(FIELD_PREFIX))
    _check_names(template, kinds[template.kind])
    return template


def changed(
    before: Template, content: object, kinds: Mapping[str, Kind], new_id: IdFactory, in_use: InUse | None = None
) -> Template:
    """The next version of a template. A field keeps its id with its key and type; one that is left out is dropped with
    its id. Companies that it is shared with stay where the input does not name any. Raises BadInput as `define` does,
    and where `in_use` holds of what is lost; a caller that cannot ask at once leaves it out and asks for `losses`."""
    known = {field.name: (type_word(field), field.ident) for field in before.fields}

    def id_of(key: str, word: str) -> str:
        kept, id_ = known.get(key, ("", ""))
        return id_ if kept == word else new_id(FIELD_PREFIX)

    after = _read(content, kinds, before.id, before.company, id_of, before.defined)
    if after.kind != before.kind:
        refuse(("kind",), "The kind of a template cannot change.")
    _check_names(after, kinds[after.kind])
    for loss in losses(before, after) if in_use else ():
        if in_use and in_use(loss.ident, loss.option):
            raise loss.refusal()
    kept = before.shared_with if given(content).keys.get("sharedWith") is None else after.shared_with
    after = _with_recipes(after, _recipes(before, after, new_id))
    return replace(after, version=before.version + 1, shared_with=kept, lent=before.lent or bool(kept))


def shared(before: Template, companies: object) -> Template:
    """The next version of a template, which is shared with just these companies, a list of ids. Raises BadInput at
    `companies`."""
    found = _read_companies(Given((), {"companies": companies}), "companies", before.company)
    return replace(before, version=before.version + 1, shared_with=found, lent=before.lent or bool(found))


def losses(before: Template, after: Template) -> tuple[Loss, ...]:
    """What may not be in use if `after` is to follow `before`."""
    found: list[Loss] = []
    former = {field.name: field for field in before.fields if field.custom and field.custom.formula is None}
    for index, field in enumerate(after.fields):
        was = former.get(field.name)
        if was is None:
            continue
        if was.ident != field.ident:
            found.append(Loss(("fields", str(index), "type"), was.ident))
            continue
        if _refined(was) != _refined(field):
            found.append(Loss(("fields", str(index), "refines"), was.ident))
        stands = dict(field.type.standard)
        for option in was.type.options:
            if option not in field.type.options:
                found.append(Loss(("fields", str(index), "options"), was.ident, option))
            elif stands.get(option) != dict(was.type.standard).get(option):
                found.append(Loss(("fields", str(index), "options"), was.ident, option, moved=True))
    return tuple(found)


def losses_of_others(before: Template, after: Template) -> tuple[Loss, ...]:
    """The same where other companies' sides may hold it, and the formulas that change: who shows such a field shows
    what is computed now."""
    formulas = _changed_formulas(before, after)
    fields = enumerate(after.fields)
    changes = (Loss(("fields", str(i), "formula"), field.ident) for i, field in fields if field.ident in formulas)
    return (*losses(before, after), *changes)


def _formulas_of(template: Template) -> dict[str, str]:
    return {f.ident: f.custom.formula for f in template.fields if f.custom and f.custom.formula is not None}


def _changed_formulas(before: Template, after: Template) -> frozenset[str]:
    """The formulas, by ident, of which `before` has others, or which read such a one."""
    were, are = _formulas_of(before), _formulas_of(after)
    found = {ident for ident in were.keys() & are.keys() if were[ident] != are[ident]}
    reads = {ident: names(tree(formula)) for ident, formula in are.items()}
    grown = True
    while grown:
        more = {ident for ident, read in reads.items() if ident in were and not found.isdisjoint(read)} - found
        found, grown = found | more, bool(more)
    return frozenset(found)


def _with_recipes(after: Template, recipes: Mapping[str, str]) -> Template:
    fields = tuple(
        replace(f, custom=replace(f.custom, recipe=recipes.get(f.ident, ""))) if f.custom else f for f in after.fields
    )
    return replace(after, fields=fields)


def _recipes(before: Template, after: Template, new_id: IdFactory) -> dict[str, str]:
    recipes = {f.ident: f.custom.recipe for f in before.fields if f.custom}
    fresh = {
        ident: new_id(FIELD_PREFIX).removeprefix(FIELD_PREFIX + "_")
        for ident in sorted(_changed_formulas(before, after))
    }
    return {**recipes, **fresh}


def _refined(field: Field) -> str | None:
    return field.custom.refines if field.custom else None


def check_beside(template: Template, others: Iterable[Template]) -> None:
    """Refuses what another template of the same company for the same kind has already: its key, and the key of a field.
    Raises BadInput."""
    for other in others:
        if other.id == template.id or other.company != template.company or other.kind != template.kind:
            continue
        if other.key == template.key:
            refuse(("key",), "Another template of this kind has this key.")
        taken = {field.name for field in other.fields}
        for index, field in enumerate(template.fields):
            if field.name in taken:
                refuse(("fields", str(index), "key"), "A field of another template of this kind has this key.")


def content_of(template: Template) -> str:
    """The canonical JSON of a template, as a definition keeps it: the input, the ids of the fields by their keys in the
    order in which they were first defined, the recipes of formulas that have changed, and whether it was ever
    shared."""
    keys = {field.ident: field.name for field in template.fields}
    recipes = {f.ident: f.custom.recipe for f in template.fields if f.custom and f.custom.recipe}
    whole = {"given": show(template), "ids": [[keys[ident], ident] for ident in template.defined]}
    return canonical_json(whole | ({"recipes": recipes} if recipes else {}) | ({"lent": True} if template.lent else {}))


def read_content(content: str, kinds: Mapping[str, Kind], id_: str, company: CompanyId, version: int) -> Template:
    """The template that `content_of` wrote. A kind may have grown since; names that it took are not asked for here.
    Raises BadInput where the content is of something else."""
    try:
        whole = given(json.loads(content))
    except (ValueError, RecursionError):
        refuse((), "This is not the content of a template.")
    pairs = whole.items("ids", MOST_FIELDS)
    ids = {str(pair[0]): str(pair[1]) for pair in pairs if isinstance(pair, list) and len(pair) == 2}

    def id_of(key: str, word: str) -> str:
        return ids[key] if key in ids else refuse(("ids",), "A field has no id.")

    template = _read(whole.keys.get("given"), kinds, id_, company, id_of, tuple(ids.values()))
    held = whole.keys.get("recipes")
    recipes = {str(ident): str(recipe) for ident, recipe in held.items()} if isinstance(held, dict) else {}
    lent = template.lent or bool(whole.keys.get("lent"))
    return replace(_with_recipes(template, recipes), version=version, lent=lent)


def show(template: Template) -> dict[str, Any]:
    """The template as the input of a mutation; what is usual is left out."""
    formulas = written(template.fields)
    shown = {
        "kind": template.kind,
        "key": template.key,
        "label": template.label,
        "help": template.help,
        "sections": [{"key": section.key, "label": section.label} for section in template.sections],
        "fields": [show_field(f, f.custom, formulas.get(f.ident)) for f in template.fields if f.custom],
        "sharedWith": list(template.shared_with),
    }
    return {key: value for key, value in shown.items() if value not in (None, [])}


def _read(
    content: object,
    kinds: Mapping[str, Kind],
    id_: str,
    company: CompanyId,
    id_of: _IdOf,
    defined: tuple[str, ...] = (),
) -> Template:
    table = given(content)
    table.allow("kind", "key", "label", "help", "sections", "fields", "sharedWith")
    kind = kinds.get(table.text("kind", LONGEST_LABEL))
    if kind is None:
        table.refuse("There is no such kind.", "kind")
    sections = _read_sections(table)
    around = Surroundings(id_, frozenset(s.key for s in sections), _states(kind), picklists_of(kind), id_of)
    fields = typed(_read_fields(table, around), kind)
    idents = [field.ident for field in fields]
    kept = [ident for ident in defined if ident in idents]
    shared_with = _read_companies(table, "sharedWith", company)
    return Template(
        id=id_,
        company=company,
        version=1,
        kind=kind.name,
        key=table.matching("key", FIELD_NAME, f"A key {FIELD_RULE}."),
        label=table.text("label", LONGEST_LABEL),
        help=table.optional_text("help", LONGEST_HELP),
        sections=sections,
        fields=fields,
        defined=(*kept, *(ident for ident in idents if ident not in kept)),
        shared_with=shared_with,
        lent=bool(shared_with),
    )


def _read_sections(table: Given) -> tuple[Section, ...]:
    found: dict[str, Section] = {}
    for item in table.objects("sections", MOST_SECTIONS):
        item.allow("key", "label")
        section = Section(item.matching("key", FIELD_NAME, f"A key {FIELD_RULE}."), item.text("label", LONGEST_LABEL))
        if section.key in found:
            item.refuse("Another section has this key.", "key")
        found[section.key] = section
    return tuple(found.values())


def _read_fields(table: Given, around: Surroundings) -> list[Field]:
    found: dict[str, Field] = {}
    for item in table.objects("fields", MOST_FIELDS):
        field = read_field(item, around)
        if field.name in found:
            item.refuse("Another field has this key.", "key")
        found[field.name] = field
    return list(found.values())


def picklists_of(kind: Kind) -> Mapping[str, Field]:
    """The kind's own side fields that a custom picklist may refine: those that hold one option and are written."""
    return {f.name: f for f in kind.side if f.type.base is Base.PICKLIST and not f.type.many and f.is_written}


def _states(kind: Kind) -> tuple[str, ...] | None:
    life = lifecycle_of(kind)
    return None if life is None else next(f for f in kind.fields(life.part) if f.name == life.field).type.options


def _read_companies(table: Given, key: str, company: CompanyId) -> tuple[CompanyId, ...]:
    found = table.texts(key, MOST_COMPANIES)
    for index, id_ in enumerate(found):
        if prefix_of(id_) != COMPANY_PREFIX:
            table.refuse("This is not the id of a company.", key, str(index))
        if id_ == company:
            table.refuse("This is your own company.", key, str(index))
    return tuple(CompanyId(id_) for id_ in sorted(found))


def _check_names(template: Template, kind: Kind) -> None:
    """Refuses names that the kind, or the schema around it, has taken, and what stored templates may still say."""
    for index, field in enumerate(template.fields):
        check_bounds(field, ("fields", str(index)))
        if field.name in _RESERVED:
            refuse(("fields", str(index), "key"), "This key is reserved.")
        if field.name in kind.side_by_name:
            refuse(("fields", str(index), "key"), "The kind has a field of this name.")
