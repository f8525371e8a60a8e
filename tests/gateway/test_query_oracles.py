"""Filters, sorts and groups tell nothing of what is hidden: two worlds that differ in it alone give the same bytes.

Every query is aimed: its values are drawn from cells that the viewer may not see, of either world.
"""

import asyncio
import os
import random
from collections.abc import Iterator
from typing import Any

import pytest

from schema.field import Field
from schema.kind import Kind
from schema.queryable import COMPANY, groupable, measurable, sortable
from schema.shapes_where import filter_name
from schema.values import flatten, parse_field, wire
from tests.gateway.made_values import Values
from tests.gateway.model import hidden_cells
from tests.gateway.people import PEOPLE, company
from tests.gateway.world import CATALOG, Seed, World, make_world

EXAMPLES = int(os.environ.get("MULTIWAY_EXAMPLES", "300"))
VIEWERS = ("bob", "amy", "cat")
Twins = dict[str, tuple[World, World]]


def altered(viewer: str) -> Any:
    """Gives everything that the viewer may not see another value, or none, or one where there was none."""
    made = Values(random.Random(f"other {viewer}"))

    def alter(seed: Seed) -> None:
        for owner, field in hidden_cells(seed, viewer):
            if field.history_of is not None or (owner == "joint" and field.name == seed.kind.title):
                continue
            made.home = [name for name, row in PEOPLE.items() if row[0] == owner]
            values = seed.joint if owner == "joint" else seed.sides[owner]
            values[field.name] = parse_field(field, made.of(field, seed.joint[seed.kind.title], owner), (field.name,))

    return alter


@pytest.fixture(scope="module", params=["memory", "sqlite"])
def twins(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twins]:
    """For each viewer two worlds between which it cannot tell."""
    folder = tmp_path_factory.mktemp("twins")
    first = asyncio.run(make_world(request.param, folder / "first", crowd=12))
    others = [
        asyncio.run(make_world(request.param, folder / viewer, crowd=12, alter=altered(viewer))) for viewer in VIEWERS
    ]
    yield {viewer: (first, other) for viewer, other in zip(VIEWERS, others, strict=True)}
    for world in (first, *others):
        asyncio.run(world.spaces.close())


def cells(pair: tuple[World, World], viewer: str, kind: Kind) -> list[tuple[Seed, str, Field]]:
    """What is hidden from the viewer in either world."""
    return [
        (seed, owner, field)
        for world in pair
        for seed in world.seeds.values()
        if seed.kind is kind
        for owner, field in hidden_cells(seed, viewer)
    ]


def comparison(rng: random.Random, field: Field, stored: Any) -> dict[str, Any]:
    """A test that is true of just this value, or false of it, or true of what lies above."""
    if stored is None:
        return {"isNull": rng.choice((True, False))}
    value = wire(field.type, flatten(field, stored))
    if field.type.many:
        return {rng.choice(("any", "all")): value} if value else {"isNull": False}
    if filter_name(field.type, CATALOG.by_name) in ("IntFilter", "FloatFilter", "MoneyFilter", "DateFilter"):
        return {rng.choice(("eq", "ne", "lt", "gte")): value}
    return {rng.choice(("eq", "ne")): value}


def probe(rng: random.Random, seed: Seed, owner: str, field: Field) -> dict[str, Any]:
    """A filter that holds just where the hidden cell has its value."""
    stored = seed.joint[field.name] if owner == "joint" else seed.sides[owner].get(field.name)
    if filter_name(field.type, CATALOG.by_name) is None:
        return {}
    tests = {field.key or field.name: comparison(rng, field, stored)}
    if owner == "joint":
        found: dict[str, Any] = {field.group: tests} if field.group else tests
    elif rng.random() < 0.2:
        found = {"mine": tests}
    else:
        if rng.random() < 0.5:
            tests["company"] = {"eq": company(owner)}
        found = {"partners": {rng.choice(("some", "every", "none")): tests}}
    if rng.random() < 0.3:
        found = {"not": found}
    if rng.random() < 0.3:
        found = {"and": [{"name" if "name" in seed.kind.joint_by_name else seed.kind.title: {"isNull": False}}, found]}
    return found


def page(rng: random.Random, kind: Kind, field: Field, where: Any) -> tuple[str, dict[str, Any]]:
    """A page filtered by the probe, sorted by the hidden field where it can be."""
    order: dict[str, Any] = {"direction": rng.choice(("ASC", "DESC"))}
    for part, fields in (("partners", sortable(kind.side)), ("mine", sortable(kind.side))):
        named = [name for name, f in fields.items() if f == field]
        if named and rng.random() < 0.6:
            order |= {part: named[0]} | ({"aggregate": rng.choice(("MAX", "MIN"))} if part == "partners" else {})
            break
    else:
        order |= {"field": rng.choice(("CREATED_AT", "UPDATED_AT"))}
    text = f"""query($where: {kind.type_name}Where, $order: [{kind.type_name}Order!], $first: Int) {{
      it: {kind.plural}(where: $where, orderBy: $order, first: $first) {{
        totalCount nodes {{ id updatedAt }} edges {{ cursor }} pageInfo {{ hasNextPage endCursor }} }} }}"""
    return text, {"where": where, "order": [order], "first": rng.choice((1, 3, 100))}


def grouped(rng: random.Random, kind: Kind, field: Field, where: Any) -> tuple[str, dict[str, Any]]:
    """Groups by the hidden field, or measures of it, where it can be."""
    by: list[dict[str, Any]] = [{"partners": COMPANY}] if rng.random() < 0.5 else [{"field": "MY_STATUS"}]
    part = rng.choice(("partners", "mine"))
    by += [{part: name} for name, f in groupable(kind.side).items() if f == field]
    by += [{"field": name} for name, f in groupable(kind.joint).items() if f == field]
    measures = [{part: name} for name in measurable(kind.side)]
    name = kind.type_name
    text = f"""query($where: {name}Where, $by: [{name}GroupBy!]!, $measures: [{name}Measure!]) {{
      it: {kind.name}Groups(where: $where, by: $by, measures: $measures) {{ totalCount nodes {{
        keys {{ value }} count where totals {{ currency number sum average min max }} }} }} }}"""
    return text, {"where": where if rng.random() < 0.5 else {}, "by": by, "measures": measures}


async def test_no_aimed_query_tells_two_worlds_apart(twins: Twins) -> None:
    rng = random.Random(41)
    filled = 0
    for _ in range(EXAMPLES):
        viewer, kind = rng.choice(VIEWERS), rng.choice(CATALOG.kinds)
        seed, owner, field = rng.choice(cells(twins[viewer], viewer, kind))
        where = probe(rng, seed, owner, field)
        text, variables = rng.choice((page, grouped))(rng, kind, field, where)
        one, other = [await world.answer(viewer, text, variables) for world in twins[viewer]]
        assert one == other, (viewer, variables)
        assert b'"errors"' not in one.body, one.body
        filled += b'"totalCount":0' not in one.body
    assert filled > EXAMPLES / 4


def test_the_worlds_differ_in_much(twins: Twins) -> None:
    for viewer, (first, second) in twins.items():
        changed = sum(first.seeds[name].sides != seed.sides for name, seed in second.seeds.items())
        assert changed > len(first.seeds) / 3, viewer


async def test_the_owner_tells_the_worlds_apart(twins: Twins) -> None:
    """The same aimed queries do tell whoever may see: else they would prove nothing."""
    rng = random.Random(42)
    told = 0
    for _ in range(60):
        kind = rng.choice(CATALOG.kinds)
        _, _, field = rng.choice(cells(twins["bob"], "bob", kind))
        text, variables = grouped(rng, kind, field, {})
        answers = [await world.answer("ann", text, variables) for world in twins["bob"]]
        told += answers[0] != answers[1]
    assert told > 6
