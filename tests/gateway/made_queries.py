"""Random queries over a GraphQL schema, whatever its kinds: every construct that the planner has to read.

Fields, aliases (some of them hostile names), named and inline fragments on objects and interfaces, `@skip` and
`@include`, arguments as literals and as variables. A query is valid by construction; its arguments may still be
refused, as both executors must refuse them alike.
"""

import json
import random
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_composite_type,
    is_list_type,
)

SEARCHED = "re"
"""What the cursors of searches are of."""
HOSTILE = ("__proto__", "constructor", "toString", "o", "m", "v", "answers", "mask", "values", "None", "__class__")


@dataclass(frozen=True, slots=True)
class Pool:
    """What arguments may name: ids of all sorts, real and not; by plural of a kind the viewer's own cursors."""

    ids: tuple[str, ...]
    cursors: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MadeQuery:
    """A document and its variables."""

    text: str
    variables: dict[str, Any]


class QueryMaker:
    """Makes one query."""

    def __init__(self, schema: GraphQLSchema, rng: random.Random, pool: Pool, depth: int = 6) -> None:
        self._schema = schema
        self._rng = rng
        self._pool = pool
        self._depth = depth
        self._fragments: list[str] = []
        self._variables: dict[str, tuple[str, Any]] = {}
        self._serial = 0

    def make(self) -> MadeQuery:
        query = self._schema.query_type
        assert query
        body = self._selection(query, self._depth, self._rng.randint(1, 3))
        declared = ", ".join(f"${name}: {type_}" for name, (type_, _) in self._variables.items())
        head = f"query Made({declared}) " if declared else "query Made "
        text = "\n".join([head + body, *self._fragments])
        return MadeQuery(text, {name: value for name, (_, value) in self._variables.items()})

    def _fresh(self, prefix: str) -> str:
        self._serial += 1
        return f"{prefix}{self._serial}"

    def _chance(self, one_in: int) -> bool:
        return self._rng.randrange(one_in) == 0

    def _selection(self, type_: Any, depth: int, width: int, *, shared: bool = True) -> str:
        """`shared` tells whether unaliased names cannot meet another type's of the same name."""
        parts: list[str] = []
        repeatable: list[tuple[str, Any]] = []
        for _ in range(width):
            kind = self._rng.randrange(10)
            if kind == 0:
                parts.append(self._typename())
            elif kind == 1 and depth > 1:
                parts.append(self._inline(type_, depth, shared))
            elif kind == 2 and depth > 1:
                parts.append(self._spread(type_, depth, shared))
            elif kind == 3 and repeatable:  # the same field once more, to be merged
                head, output = self._rng.choice(repeatable)
                parts.append(head + self._below(output, depth, shared))
            elif is_abstract_type(type_) and self._chance(2):
                parts.append(self._inline(type_, depth, shared))
            else:
                head, output = self._field(type_, shared)
                repeatable.append((head, output))
                parts.append(head + self._directive() + self._below(output, depth, shared))
        return "{ " + " ".join(parts) + " }"

    def _typename(self) -> str:
        return "__typename" if self._chance(2) else f"{self._fresh('t')}: __typename"

    def _field(self, type_: Any, shared: bool) -> tuple[str, Any]:
        name, definition = self._rng.choice([*type_.fields.items()])
        arguments = self._arguments(name, definition)
        alias = ""
        if arguments or not shared or self._chance(3):
            alias = self._fresh("a") + ": "
            if self._chance(6):
                hostile = self._rng.choice(HOSTILE)
                alias = f"{hostile}{self._fresh('_')}: "
        return alias + name + arguments, definition.type

    def _below(self, output: Any, depth: int, shared: bool) -> str:
        named = get_named_type(output)
        if not is_composite_type(named):
            return ""
        if depth <= 1:
            return " { __typename }"
        width = self._rng.randint(1, 2) if self._chance(2) else self._rng.randint(1, 5)
        return " " + self._selection(named, depth - 1, width, shared=shared)

    def _directive(self) -> str:
        if not self._chance(6):
            return ""
        name, value = self._rng.choice(("skip", "include")), self._rng.choice((True, False))
        if self._chance(2):
            return f" @{name}(if: {json.dumps(value)})"
        return f" @{name}(if: ${self._variable('Boolean!', value)})"

    def _variable(self, type_: str, value: Any) -> str:
        same = [n for n, (t, v) in self._variables.items() if t == type_ and v == value]
        if same and self._chance(2):
            return same[0]
        name = self._fresh("v")
        self._variables[name] = (type_, value)
        return name

    def _conditions(self, type_: Any) -> list[Any]:
        """Types that a fragment inside this type may be on."""
        if isinstance(type_, GraphQLObjectType):
            return [type_, *type_.interfaces]
        possible = self._schema.get_possible_types(type_)
        wider = {i.name: i for t in possible for i in t.interfaces}
        return [type_, *possible, *possible, *wider.values()]

    def _inline(self, type_: Any, depth: int, shared: bool) -> str:
        condition = self._rng.choice(self._conditions(type_))
        narrows = isinstance(condition, GraphQLObjectType) and condition is not type_
        body = self._selection(condition, depth, self._rng.randint(1, 3), shared=shared and not narrows)
        on = f" on {condition.name}" if condition is not type_ or self._chance(2) else ""
        return f"...{on}{self._directive()} {body}"

    def _spread(self, type_: Any, depth: int, shared: bool) -> str:
        condition = self._rng.choice(self._conditions(type_))
        name = self._fresh("F")
        narrows = isinstance(condition, GraphQLObjectType) and condition is not type_
        body = self._selection(condition, depth - 1, self._rng.randint(1, 3), shared=shared and not narrows)
        self._fragments.append(f"fragment {name} on {condition.name} {body}")
        return f"...{name}{self._directive()}"

    def _arguments(self, field_name: str, definition: GraphQLField) -> str:
        if not definition.args:
            return ""
        if "last" in definition.args:
            given = self._page_arguments(field_name, definition)
        else:
            given = {n: self._value(n, a.type) for n, a in definition.args.items() if self._wanted(a)}
        shown = [f"{n}: {self._argument(definition.args[n], value)}" for n, value in given.items()]
        return f"({', '.join(shown)})" if shown else ""

    def _wanted(self, argument: GraphQLArgument) -> bool:
        return str(argument.type).endswith("!") or self._chance(2)

    def _page_arguments(self, field_name: str, definition: GraphQLField) -> dict[str, Any]:
        given: dict[str, Any] = {self._rng.choice(("first", "last")): self._rng.randint(1, 6)}
        if self._chance(25):
            given = self._rng.choice(({}, {"first": 0}, {"last": 101}, {"first": 1, "last": 1}))
        cursors = self._pool.cursors.get(field_name, ())
        if cursors and self._chance(3):
            given[self._rng.choice(("after", "before"))] = self._rng.choice(cursors)
            return given | ({"text": SEARCHED} if "text" in definition.args else {})
        for name in ("text", "kinds", "where", "orderBy"):
            if name in definition.args and self._wanted(definition.args[name]):
                given[name] = self._value(name, definition.args[name].type)
        if self._chance(25):
            given["after"] = self._rng.choice((*cursors, "forged", ""))
        return given

    def _argument(self, argument: GraphQLArgument, value: Any) -> str:
        if self._chance(2):
            return "$" + self._variable(str(argument.type), value)
        return literal(argument.type, value)

    def _value(self, name: str, type_: Any, depth: int = 3) -> Any:
        """A JSON value of an input type."""
        rng = self._rng
        inner = get_nullable_type(type_)
        if is_list_type(inner):
            return [self._value(name, inner.of_type, depth - 1) for _ in range(rng.randint(1, 2))]
        if isinstance(inner, GraphQLInputObjectType):
            if inner.name.endswith(("Order", "GroupBy", "Measure")):
                return self._one_of(inner)
            fields = [n for n, f in inner.fields.items() if depth > 0 or not _nests(f.type)]
            required = [n for n, f in inner.fields.items() if str(f.type).endswith("!")]
            chosen = dict.fromkeys([*required, *rng.sample(fields, k=min(len(fields), rng.randint(1, 2)))])
            return {n: self._value(n, inner.fields[n].type, depth - 1) for n in chosen}
        if isinstance(inner, GraphQLEnumType):
            return rng.choice(list(inner.values)[: None if inner.name.endswith("Field") else 4])
        match str(inner):
            case "ID":
                return rng.choice([i for i in self._pool.ids if name != "company" or i.startswith("co_")])
            case "Int":
                return rng.choice((0, 1, 50, 100))
            case "Float":
                return rng.choice((0.5, 1.0))
            case "Boolean":
                return rng.choice((True, False))
            case "Date":
                return rng.choice(("2025-01-31", "2025-06-30"))
            case "DateTime":
                return rng.choice(("2025-06-30T08:00:00Z", "2025-07-01T00:00:10Z"))
            case "Decimal":
                return rng.choice(("10.5", "7"))
        if name == "currency":
            return rng.choice(("USD", "JPY"))
        return rng.choice(("Red", "r", "DE", "Straße"))

    def _one_of(self, type_: GraphQLInputObjectType) -> dict[str, Any]:
        """A sort key, a dimension or a measure: one field, with what may stand beside it; seldom what may not."""
        rng = self._rng
        part = rng.choice([name for name in ("field", "mine", "partners") if name in type_.fields])
        given = {part: self._value(part, type_.fields[part].type)}
        if "direction" in type_.fields:
            given["direction"] = rng.choice(("ASC", "DESC"))
        if "aggregate" in type_.fields and self._chance(2 if part == "partners" else 40):
            given["aggregate"] = rng.choice(("MAX", "MIN"))
        dated = given[part].endswith(("_AT", "_DATE", "_BY"))
        if "bucket" in type_.fields and self._chance(2 if dated else 40):
            given["bucket"] = rng.choice(("MONTH", "QUARTER", "YEAR"))
        return given


def _nests(type_: Any) -> bool:
    named = get_named_type(type_)
    return isinstance(named, GraphQLInputObjectType) and any(n in named.fields for n in ("and", "or", "not"))


def literal(type_: Any, value: Any) -> str:
    """A value as GraphQL writes it."""
    inner = get_nullable_type(type_)
    if value is None:
        return "null"
    if is_list_type(inner):
        return "[" + ", ".join(literal(inner.of_type, item) for item in value) + "]"
    if isinstance(inner, GraphQLInputObjectType):
        return "{" + ", ".join(f"{n}: {literal(inner.fields[n].type, v)}" for n, v in value.items()) + "}"
    if isinstance(inner, GraphQLEnumType):
        return str(value)
    return json.dumps(value, ensure_ascii=False)
