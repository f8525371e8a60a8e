"""What is kept of documents is bounded by weight, over all companies, and a flood does not push out what is used."""

import tracemalloc
from pathlib import Path

import pytest
from graphql import build_schema

from gateway.document import Documents
from gateway.limits.table import LIMITS
from gateway.shelf import UNITS, Shelf
from tests.gateway.world import World, make_world

SCHEMA = build_schema("type Query { a: Int }")
_ROOTS = [f"a{i}: opportunities(first: 1) {{ nodes {{ id name mine {{ stage nextStep }} }} }}" for i in range(18)]
BIG = "{ viewer { person { name } } " + " ".join(_ROOTS) + " }"


@pytest.fixture
async def world(tmp_path: Path) -> World:
    return await make_world("memory", tmp_path, crowd=0)


def flood(documents: Documents, number: int) -> None:
    for i in range(number):
        documents.read(f"{{ x{i}: a }}")


def test_documents_of_all_schemas_share_one_bound() -> None:
    shelf = Shelf(400)
    one, other = Documents(SCHEMA, LIMITS, shelf), Documents(SCHEMA, LIMITS, shelf)
    flood(one, 50)
    flood(other, 50)
    assert shelf.weight <= 400
    assert len(one) == 0
    assert 0 < len(other) < 50


def test_a_flood_does_not_push_out_what_is_used_again() -> None:
    documents = Documents(SCHEMA, LIMITS, Shelf(400))
    kept = documents.read("{ a }")
    assert documents.read("{ a }") is kept
    flood(documents, 500)
    assert documents.read("{ a }") is kept
    once = documents.read("{ b: a }")
    flood(documents, 500)
    assert documents.read("{ b: a }") is not once


def test_one_that_is_used_again_has_to_go_in_its_turn() -> None:
    documents = Documents(SCHEMA, LIMITS, Shelf(80))
    first = documents.read("{ a }")
    assert documents.read("{ a }") is first
    for i in range(50):
        for _ in range(2):
            documents.read(f"{{ x{i}: a }}")
    assert documents.read("{ a }") is not first


def test_what_is_closed_weighs_nothing() -> None:
    shelf = Shelf(400)
    documents = Documents(SCHEMA, LIMITS, shelf)
    documents.read("{ a }")
    documents.read("{ a }")
    documents.read("{ b: a }")
    assert shelf.weight > 0
    documents.close()
    assert (shelf.weight, len(documents)) == (0, 0)


async def test_plans_weigh_as_well(world: World) -> None:
    base, shelf = world.gateway.services.models.base, Shelf()
    text = 'query($s: Boolean!) { viewer @skip(if: $s) { person { name } } search(text: "a", first: 1) { totalCount } }'
    operation = Documents(base.schema, LIMITS, shelf).read(text).operation(None)
    weights = [shelf.weight]
    for skipped in (False, True, True):
        operation.plan(base.catalog, base.schema, {"s": skipped})
        weights.append(shelf.weight)
    assert weights[0] < weights[1] < weights[2] == weights[3]


async def test_a_unit_is_about_half_a_kibibyte(world: World) -> None:
    base, shelf = world.gateway.services.models.base, Shelf()
    documents = Documents(base.schema, LIMITS, shelf)
    tracemalloc.start()
    try:
        for i in range(3):
            documents.read(BIG.replace("a0", f"b{i}")).operation(None).plan(base.catalog, base.schema, {})
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert 0.1 < kept / shelf.weight / 1024 < 1.5
    assert UNITS * kept / shelf.weight < 2 * 2**30
