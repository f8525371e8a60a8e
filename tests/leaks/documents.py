"""Random documents over the real schema: aliases, inline and named fragments, directives; arguments are variables.

A pool of them is made once, so that gateways parse each once; what differs in each request are the variables.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_composite_type,
)

from schema.kind import Catalog

HOSTILE = ("__proto__", "constructor", "toString", "mask", "values", "None", "__class__", "o", "m")
_DECLARED = {
    "first": "Int",
    "last": "Int",
    "after": "String",
    "before": "String",
    "companies": "[ID!]",
    "yes": "Boolean = true",
    "no": "Boolean = false",
    "id": "ID!",
    "ids": "[ID!]!",
    "text": "String!",
    "kinds": "[RecordKind!]",
    "company": "ID!",
    "person": "ID",
}
_POOL = 12


@dataclass(frozen=True, slots=True)
class Pool:
    """Documents by what they do: pages, records by id, nodes, payloads, groups, searches; each with the variables that
    it declares."""

    pages: dict[str, list[str]]
    ones: dict[str, list[str]]
    nodes: list[str]
    mutations: dict[str, list[str]]
    groups: dict[str, str]
    searches: list[str]
    types: list[str]
    previews: dict[str, list[str]]


class DocumentMaker:
    """Makes selections of random fields."""

    def __init__(self, schema: GraphQLSchema, rng: random.Random) -> None:
        self._schema = schema
        self._rng = rng
        self._fragments: list[str] = []
        self._aliases = 0

    def document(self, operation: str, body: str, **types: str) -> str:
        """The whole document; declares the variables that it uses."""
        text = body + "\n" + "\n".join(self._fragments)
        used = {n: t for n, t in {**_DECLARED, **types}.items() if f"${n}" in text.replace(f"${n}s", "")}
        if "$ids" in text:
            used["ids"] = _DECLARED["ids"]
        if "$companies" in text:
            used["companies"] = _DECLARED["companies"]
        declared = ", ".join(f"${n}: {t}" for n, t in used.items())
        self._fragments, self._aliases = [], 0
        return f"{operation} Made({declared}) {text}" if declared else f"{operation} Made {text}"

    def selection(self, type_: Any, depth: int, width: int = 5) -> str:
        """A selection set of a composite type."""
        rng, parts = self._rng, []
        if isinstance(type_, GraphQLInterfaceType):
            possible = self._schema.get_possible_types(type_)
            for each in rng.sample(list(possible), k=min(2, len(possible))):
                parts.append(f"... on {each.name} {self.selection(each, depth, 4)}")
            parts.append("__typename")
        names = [n for n in type_.fields if depth > 1 or not is_composite_type(get_named_type(type_.fields[n].type))]
        for name in rng.sample(names, k=min(width, len(names))):
            parts.append(self._field(name, type_, depth))
        if rng.random() < 0.2:
            parts.append(self._fragment(type_, depth))
        return "{ " + " ".join(parts or ["__typename"]) + " }"

    def _field(self, name: str, type_: GraphQLObjectType, depth: int) -> str:
        rng = self._rng
        field = type_.fields[name]
        arguments = "(companies: $companies)" if "companies" in field.args and rng.random() < 0.6 else ""
        below = get_named_type(field.type)
        chosen = " " + self.selection(below, depth - 1, 3) if is_composite_type(below) else ""
        alias = ""
        if arguments or isinstance(type_, GraphQLInterfaceType) or rng.random() < 0.1:
            self._aliases += 1
            alias = f"{rng.choice(HOSTILE) if rng.random() < 0.3 else 'a'}{self._aliases}_: "
        directive = rng.choice((" @include(if: $yes)", " @skip(if: $no)")) if rng.random() < 0.07 else ""
        return f"{alias}{name}{arguments}{directive}{chosen}"

    def _fragment(self, type_: Any, depth: int) -> str:
        name = f"F{len(self._fragments)}"
        self._fragments.append("")
        at = len(self._fragments) - 1
        scalars = [n for n, f in type_.fields.items() if not is_composite_type(get_named_type(f.type)) and not f.args]
        chosen = self._rng.sample(scalars, k=min(2, len(scalars))) or ["__typename"]
        if self._rng.random() < 0.5:
            self._fragments[at] = f"fragment {name} on {type_.name} {{ {' '.join(chosen)} }}"
            return f"...{name}"
        self._fragments.pop()
        return f"... on {type_.name} {{ {' '.join(chosen)} }}"


def make_pool(schema: GraphQLSchema, catalog: Catalog, accepts: Callable[[str], bool], seed: int = 1) -> Pool:
    """The pool for a schema: documents that `accepts` takes."""
    make = DocumentMaker(schema, random.Random(seed))
    types = schema.type_map
    pages: dict[str, list[str]] = {}
    ones: dict[str, list[str]] = {}
    previews: dict[str, list[str]] = {}
    mutations: dict[str, list[str]] = {}

    def several(count: int, made: Callable[..., str], *given: Any) -> list[str]:
        found: list[str] = []
        while len(found) < count:
            text = made(make, *given, len(found))
            if accepts(text):
                found.append(text)
        return found

    for kind in catalog.kinds:
        pages[kind.name] = several(_POOL, _page, types[kind.type_name], kind.plural)
        ones[kind.name] = several(_POOL // 3, _one, types[kind.type_name], kind.name)
        previews[kind.name] = several(3, _preview, types[f"{kind.type_name}Preview"], kind.type_name, kind.plural)
    nodes = several(_POOL, _node, types["Node"])
    assert schema.mutation_type
    for name, field in schema.mutation_type.fields.items():
        mutations[name] = several(2, _mutation, name, field)
    groups = {kind.name: _GROUPS.replace("KIND", kind.type_name).replace("kind", kind.name) for kind in catalog.kinds}
    return Pool(
        pages, ones, nodes, mutations, groups, several(_POOL // 2, _search, types["Record"]), _told(schema), previews
    )


def _told(schema: GraphQLSchema) -> list[str]:
    """The types that hang on what companies have defined."""
    parts = ("Side", "Template", "Custom", "Measure", "GroupBy", "Order", "Where", "Input")
    return [name for name in schema.type_map if name.endswith(parts) or name.startswith("Custom")]


SCHEMA = """query($name: String!) { __type(name: $name) { name description
  fields { name description type { name kind ofType { name } } } inputFields { name description type { name } }
  enumValues { name description } } }"""
EXPLAIN = """query($id: ID!, $company: ID!, $person: ID) { explain(recordId: $id, company: $company, person: $person) {
  field visible reasons closedBy overridden seenBy { id } } }"""
HISTORY = """query($id: ID!, $first: Int, $last: Int, $after: String, $before: String) { node(id: $id) { ... on Record {
  id } ... on Opportunity { history(first: $first, last: $last, after: $after, before: $before) { ...H } }
    ... on Lead { history(first: $first, last: $last, after: $after, before: $before) { ...H } }
    ... on Solution { history(first: $first, last: $last, after: $after, before: $before) { ...H } } } }
  fragment H on HistoryConnection { totalCount pageInfo { hasNextPage hasPreviousPage } edges { cursor
    node { event at field from to company { id } person { id } participant { id } } } }"""
DEFINED = """{ templates { id key label help version kind sharedWith { id } sections { key label }
    fields { id key type label audience required options { value label } formula } }
  sharingRules { id label kind effect fields inForce version from until
    audience { kind companies { id } people { id } } conditions { field op value } } }"""
PREVIEW = """query($input: DefineSharingRuleInput!, $company: ID!, $person: ID) {
  previewSharingRule(input: $input, company: $company, person: $person) { records fields { field before after } } }"""


_GROUPS = """query($where: KINDWhere, $by: [KINDGroupBy!]!, $measures: [KINDMeasure!], $first: Int!) {
  it: kindGroups(where: $where, by: $by, measures: $measures, first: $first) { totalCount nodes {
    keys { name value company { name } person { name } } count totals { name currency number sum average min max } where
  } } }"""


_MOVING = """@include(if: true) { updatedAt mine { version updatedAt }
  partners { updatedAt customFields { key label type value } } }"""
"""What must not move when something hidden is written."""


def _page(make: DocumentMaker, type_: Any, plural: str, number: int) -> str:
    arguments = "where: $where, orderBy: $orderBy, first: $first, last: $last, after: $after, before: $before"
    info = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
    rows = f"edges {{ cursor node {{ ...{_MOVING} ... on {type_.name} {make.selection(type_, 3)} }} }}"
    shape = (f"totalCount {info} {rows}", f"nodes {make.selection(type_, 4)}", "totalCount", f"{info} {rows}")
    body = f"{{ it: {plural}({arguments}) {{ {shape[number % 4]} }} }}"
    return make.document("query", body, where=f"{type_.name}Where", orderBy=f"[{type_.name}Order!]")


def _search(make: DocumentMaker, type_: Any, number: int) -> str:
    arguments = "text: $text, kinds: $kinds, first: $first, last: $last, after: $after, before: $before"
    info = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
    rows = f"edges {{ score cursor node {make.selection(type_, 3)} }}"
    shape = (f"totalCount {info} {rows}", f"{info} edges {{ score cursor node {{ id }} }}", rows)
    return make.document("query", f"{{ it: search({arguments}) {{ {shape[number % 3]} }} }}")


def _one(make: DocumentMaker, type_: Any, name: str, number: int) -> str:
    chosen = f"{{ ...{_MOVING} ... on {type_.name} {make.selection(type_, 4)} }}"
    return make.document("query", f"{{ it: {name}(id: $id) {chosen} }}")


def _preview(make: DocumentMaker, type_: Any, name: str, plural: str, number: int) -> str:
    rows = f"{plural}(where: $where, orderBy: $orderBy, first: 9) {{ totalCount nodes {make.selection(type_, 3)} }}"
    body = f"{{ it: previewAs(company: $company, person: $person) {{ {rows} }} }}"
    return make.document("query", body, where=f"{name}Where", orderBy=f"[{name}Order!]")


def _node(make: DocumentMaker, type_: Any, number: int) -> str:
    if number == 0:
        return make.document("query", f"{{ it: nodes(ids: $ids) {make.selection(type_, 3)} }}")
    return make.document("query", f"{{ it: node(id: $id) {make.selection(type_, 4)} company(id: $id) {{ name }} }}")


def _mutation(make: DocumentMaker, name: str, field: Any, number: int) -> str:
    payload: Any = get_named_type(field.type)
    argument, definition = next(iter(field.args.items()))
    if "userErrors" in payload.fields:
        what = next(n for n in payload.fields if n not in ("clientMutationId", "userErrors"))
        chosen = make.selection(get_named_type(payload.fields[what].type), 3)
        body = f"{{ {what} {chosen} clientMutationId userErrors {{ code message field }} }}"
    else:
        body = make.selection(payload, 3)
    return make.document("mutation", f"{{ it: {name}({argument}: $given) {body} }}", given=str(definition.type))
