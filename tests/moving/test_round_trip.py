"""Whoever asks what: who left and came back is as it was, and so is a network that moved to another backend."""

import random
from pathlib import Path
from typing import Any

from gateway.pipeline import Answer
from spaces.parcel import Moves
from spaces.postgres.spaces import PostgresSpaces
from spaces.sqlite.spaces import SqliteSpaces
from tests.gateway.made_queries import MadeQuery, Pool, QueryMaker
from tests.gateway.people import COMPANIES, PEOPLE, company, person
from tests.gateway.ruled_world import ruled_world
from tests.gateway.world import CATALOG, World
from tests.moving.files import arrive, leave
from tests.postgres import database

VIEWERS = ("ann", "ada", "amy", "bob", "bud", "cat", "dan")
EACH = 4
PAGE = """{ opportunities(first: 60, orderBy: [{field: UPDATED_AT, direction: DESC}]) { totalCount nodes {
    id name owner { id name } createdAt updatedAt
    participants { role status message company { id name } }
    mine { version updatedAt stage amount { amount currency } nextStep nextStepsHistory { at value }
           sharing { field audience { kind companies { id } people { id } } } customFields { key value } }
    partners { company { name } stage amount { amount currency } notes customFields { key value } }
    history(first: 20) { totalCount nodes { event at field from to company { name } person { name } } }
  } } }"""
DEFINED = "{ definitionHistory(first: 20) { totalCount nodes { definition sort version at person { name } from to } } }"
ORDER = ("acme", "bolt", "core", "dune", "echo")


async def lived_in(number: int, folder: Path, backend: str) -> World:
    """A world with sharing, rules, policies, custom fields and some history."""
    world = await ruled_world(number, folder, backend)
    for name in ("ann", "bob"):
        found = await world.data(
            name, "{ opportunities(first: 6) { nodes { id mine { stage } participants { role } } } }"
        )
        for node in found["opportunities"]["nodes"]:
            if node["mine"] is not None:
                given = {"id": node["id"], "mine": {"nextStep": f"{name} calls"}, "clientMutationId": node["id"][-4:]}
                await world.change(name, "updateOpportunity", **given)
                private = {"recordId": node["id"], "fields": ["notes"], "audience": {"kind": "PRIVATE"}}
                await world.change(name, "shareFields", **private)
    return world


def composed(world: World, spaces: Moves) -> World:
    """A gateway that has read nothing of these spaces yet, otherwise the same."""
    made = World(spaces)
    made.seeds = world.seeds
    for name in COMPANIES:
        text = world.gateway.policies._texts.get(company(name), "")
        made.gateway.policies.replace(company(name), text)
    return made


async def queries(world: World) -> list[tuple[str, str, dict[str, Any]]]:
    """Who asks what: for everybody the page, and random queries over its own schema."""
    asked: list[tuple[str, str, dict[str, Any]]] = []
    others = [*(company(c) for c in COMPANIES), *(person(p) for p in PEOPLE)]
    ids = tuple([seed.id for seed in world.seeds.values()] + others)
    for name in VIEWERS:
        asked += [(name, PAGE, {}), (name, DEFINED, {})]
        await world.data(name, PAGE)  # without errors
        schema = world.gateway.pipeline.models.pin().model(company(PEOPLE[name][0])).schema
        rng = random.Random(name)
        made: list[MadeQuery] = [QueryMaker(schema, rng, Pool(ids)).make() for _ in range(EACH)]
        asked += [(name, each.text, each.variables) for each in made if "mutation" not in each.text]
    return asked


async def answers(world: World, asked: list[tuple[str, str, dict[str, Any]]]) -> list[Answer]:
    return [await world.answer(*each) for each in asked]


def differences(asked: list[Any], before: list[Answer], after: list[Answer]) -> list[Any]:
    """The first question that is answered otherwise."""
    return [(q, b.body[:3000], a.body[:3000]) for q, b, a in zip(asked, before, after, strict=True) if b != a][:1]


async def test_who_left_and_came_back_is_answered_as_before_and_so_are_all_others(tmp_path: Path) -> None:
    world = await lived_in(4, tmp_path / "data", "sqlite")
    spaces: Any = world.spaces
    asked = await queries(world)
    before = await answers(world, asked)
    file = await leave(spaces, CATALOG, company("acme"), tmp_path / "acme.zip")
    await spaces.erase(company("acme"))
    gone = await answers(composed(world, spaces), asked)
    assert {answer.status for (name, *_), answer in zip(asked, gone, strict=True) if name == "ann"} == {401}
    await arrive(spaces, CATALOG, file)
    assert differences(asked, before, await answers(composed(world, spaces), asked)) == []
    await spaces.close()


async def test_a_network_that_moves_company_by_company_answers_as_before(tmp_path: Path) -> None:
    world = await lived_in(7, tmp_path, "memory")
    here: Any = world.spaces
    asked = await queries(world)
    before = await answers(world, asked)
    there = SqliteSpaces.open(tmp_path / "there", CATALOG)
    for name in ORDER:
        file = await leave(here, CATALOG, company(name), tmp_path / f"{name}.zip")
        await arrive(there, CATALOG, file)
    assert differences(asked, before, await answers(composed(world, there), asked)) == []
    with database(CATALOG) as address:
        on = PostgresSpaces.open(address, CATALOG)
        for name in ORDER:
            file = await leave(there, CATALOG, company(name), tmp_path / f"{name}-again.zip")
            await arrive(on, CATALOG, file)
        assert differences(asked, before, await answers(composed(world, on), asked)) == []
        for name in ORDER:
            file = await leave(on, CATALOG, company(name), tmp_path / f"{name}-last.zip")
            assert file.read_bytes() == (tmp_path / f"{name}-again.zip").read_bytes()
        await on.close()
    await there.close()
