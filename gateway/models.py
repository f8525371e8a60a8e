"""Companies' models: what each company's kinds are, with the custom fields of its templates, and the schema that its
people see.

- A company's **kinds** are the catalog's, extended by its own templates and by those shared with it.
- A company's **model** is the catalog of those kinds, its GraphQL schema and its documents. It is made when somebody
  first asks, kept within a bound, and shared by all companies to which the same templates apply; the base model, of no
  template, serves all others.

Templates are pinned by a request, as policies are: what changes later does not reach it, and whoever begins after a
change was acknowledged sees it.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TypeAlias

from graphql import GraphQLSchema

from gateway.definitions import TEMPLATE, is_known, receipt_of, template_of
from gateway.document import Documents
from gateway.extended_schema import extended_schema
from gateway.limits.table import LIMITS, Limits
from gateway.shelf import Shelf
from schema.effective import extended_kind
from schema.field import Base
from schema.kind import Catalog, Kind
from schema.names import CompanyId, PersonId
from schema.sdl import derive
from schema.template import Template
from spaces.definition import Definition

_MODELS = 512  # about half a megabyte each
_KINDS = 16_384  # companies whose kinds are kept

Attach: TypeAlias = Callable[[GraphQLSchema, Catalog, frozenset[str] | None], None]
"""Makes the types of these names resolve under graphql-core, too (`reference.py`)."""


@dataclass(frozen=True, slots=True)
class Model:
    """What a company's people may name: kinds, and their types in GraphQL."""

    catalog: Catalog
    schema: GraphQLSchema
    documents: Documents


@dataclass(frozen=True, slots=True)
class Templates:
    """All templates in force, by company: its own and those shared with it, in the order in which they were made."""

    by_id: Mapping[str, Template]
    by_company: Mapping[CompanyId, tuple[Template, ...]]


NO_TEMPLATES = Templates(MappingProxyType({}), MappingProxyType({}))


def in_force(templates: Iterable[Template]) -> Templates:
    """These templates, by company."""
    by_id = {template.id: template for template in templates}
    by_company: dict[CompanyId, list[Template]] = {}
    for template in by_id.values():
        for company in dict.fromkeys((template.company, *template.shared_with)):
            by_company.setdefault(company, []).append(template)
    return Templates(by_id, {company: tuple(found) for company, found in by_company.items()})


class Models:
    """Makes and keeps the models. `templates` is what holds now; it is replaced whole."""

    def __init__(self, catalog: Catalog, schema: GraphQLSchema, attach: Attach, limits: Limits = LIMITS) -> None:
        self._shelf = Shelf()
        self.base = Model(catalog, schema, Documents(schema, limits, self._shelf))
        self.templates = NO_TEMPLATES
        self.changing = asyncio.Lock()
        """Held by whoever changes templates."""
        self._definitions: dict[str, Definition] = {}
        self._shapes = derive(catalog)
        self._attach = attach
        self._limits = limits
        self._models: OrderedDict[tuple[object, ...], Model] = OrderedDict()
        self._catalogs: OrderedDict[tuple[object, ...], Catalog] = OrderedDict()

    def take_all(self, definitions: Iterable[Definition]) -> None:
        """Takes the newest version of every definition that there is, in the order in which they were made."""
        self._definitions = {each.id: each for each in definitions if each.sort == TEMPLATE}
        self.templates = _read(self._definitions.values(), self.base.catalog)

    def take(self, definition: Definition) -> None:
        """Takes one new version: it holds for whoever pins from now on. One that is not newer than what is known
        changes nothing."""
        if is_known(definition, self._definitions):
            return
        self._definitions[definition.id] = definition
        by_id = {id_: self.templates.by_id.get(id_) for id_ in self._definitions}
        by_id[definition.id] = template_of(definition, self.base.catalog.by_name)
        self.templates = in_force(template for template in by_id.values() if template is not None)

    def done(self, company: CompanyId, person: PersonId, key: str) -> tuple[str, str] | None:
        """The template that the newest version with this idempotency key is of, and the hash of the request."""
        for definition in self._definitions.values():
            receipt = receipt_of(definition) if definition.company == company else None
            if receipt is not None and receipt[:2] == (person, key):
                return definition.id, receipt[2]
        return None

    def pin(self) -> "PinnedModels":
        """The models as they are now, for one request."""
        return PinnedModels(self, self.templates)

    def catalog_of(self, company: CompanyId, templates: tuple[Template, ...]) -> Catalog:
        """The company's kinds under these templates. Which of them are its own decides who keeps a field's name."""
        key = tuple((template.id, template.version, template.company == company) for template in templates)
        found = self._catalogs.get(key)
        if found is None:
            found = self._catalogs[key] = _extended(self.base.catalog, company, templates)
            if len(self._catalogs) > _KINDS:
                self._catalogs.popitem(last=False)
        self._catalogs.move_to_end(key)
        return found

    def model_of(self, catalog: Catalog) -> Model:
        """The model of an extended catalog."""
        key = (catalog.digest,)
        found = self._models.get(key)
        if found is None or found.catalog is not catalog:
            if found is not None:
                found.documents.close()
            shapes = derive(catalog)
            schema, anew = extended_schema(self.base.schema, self._shapes, shapes)
            self._attach(schema, catalog, anew)
            found = self._models[key] = Model(catalog, schema, Documents(schema, self._limits, self._shelf))
            if len(self._models) > _MODELS:
                _, gone = self._models.popitem(last=False)
                gone.documents.close()
        self._models.move_to_end(key)
        return found


class PinnedModels:
    """The models as one request sees them."""

    __slots__ = ("_catalogs", "_models", "templates")

    def __init__(self, models: Models, templates: Templates) -> None:
        self.templates = templates
        self._models = models
        self._catalogs: dict[CompanyId, Catalog] = {}

    def catalog(self, company: CompanyId) -> Catalog:
        """The company's kinds. What a request was given once it is given again, be it forgotten elsewhere."""
        found = self._catalogs.get(company)
        if found is None:
            applying = self.templates.by_company.get(company)
            models = self._models
            found = models.catalog_of(company, applying) if applying else models.base.catalog
            self._catalogs[company] = found
        return found

    def catalog_with(self, company: CompanyId, template: Template) -> Catalog:
        """The company's kinds if this were the newest version of a template of its own."""
        applying = {each.id: each for each in self.templates.by_company.get(company, ())} | {template.id: template}
        return _extended(self._models.base.catalog, company, tuple(applying.values()))

    def kind(self, company: CompanyId, name: str) -> Kind:
        """One of the company's kinds, with the fields that its sides have."""
        return self.catalog(company).by_name[name]

    def base(self, name: str) -> Kind:
        """The kind as a company without templates has it."""
        return self._models.base.catalog.by_name[name]

    def model(self, company: CompanyId) -> Model:
        """What the company's people may name."""
        catalog = self.catalog(company)
        base = self._models.base
        return base if catalog is base.catalog else self._models.model_of(catalog)


def catalog_of(base: Catalog, company: CompanyId, definitions: Iterable[Definition]) -> Catalog:
    """The company's kinds under the newest version of every definition."""
    applying = _read(definitions, base).by_company.get(company)
    return _extended(base, company, applying) if applying else base


def _read(definitions: Iterable[Definition], base: Catalog) -> Templates:
    found = [template_of(each, base.by_name) for each in definitions if each.sort == TEMPLATE]
    return in_force(template for template in found if template is not None)


def _extended(base: Catalog, company: CompanyId, templates: tuple[Template, ...]) -> Catalog:
    kinds: list[Kind] = []
    picklists: list[tuple[str, tuple[str, ...]]] = []
    for kind in base.kinds:
        applying = [template for template in templates if template.kind == kind.name]
        extended = extended_kind(kind, company, applying) if applying else kind
        picklists += [(f.type.name, f.type.options) for f in extended.custom if f.type.base is Base.PICKLIST]
        kinds.append(extended)
    digest = base.digest + "".join(f" {t.id}.{t.version}.{t.company == company}" for t in templates)
    listed = tuple(dict.fromkeys((*base.picklists, *picklists)))
    return replace(base, kinds=tuple(kinds), picklists=listed, digest=digest)
