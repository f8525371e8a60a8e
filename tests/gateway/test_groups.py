"""Groups through the API: against the plain model, from each group back to its records, and what is refused."""

import os
import random
from typing import Any

from tests.gateway import model, model_groups
from tests.gateway.made_queries import Pool, QueryMaker
from tests.gateway.people import COMPANIES, PEOPLE, company, person
from tests.gateway.world import World

EXAMPLES = int(os.environ.get("MULTIWAY_EXAMPLES", "300"))
VIEWERS = ("ann", "amy", "bob", "bea", "cat", "dan")


def text_of(kind: Any, measures: Any) -> str:
    """All that groups tell; `measures` are left out where a kind has none."""
    declared, given = (f", $measures: [{kind.type_name}Measure!]", "measures: $measures, ") if measures else ("", "")
    return f"""query($where: {kind.type_name}Where, $by: [{kind.type_name}GroupBy!]!{declared}, $first: Int! = 100) {{
      it: {kind.name}Groups(where: $where, by: $by, {given}first: $first) {{ totalCount nodes {{
        keys {{ name value company {{ id }} person {{ id }} }} count where
        totals {{ name currency number sum average min max }} }} }} }}"""


def made_arguments(world: World, rng: random.Random, type_name: str) -> dict[str, Any]:
    """Random arguments over ids that the world holds."""
    ids = [seed.id for seed in world.seeds.values()]
    ids += [company(c) for c in COMPANIES] + [person(p) for p in PEOPLE]
    maker = QueryMaker(world.gateway.pipeline.schema, rng, Pool(tuple(ids)))
    types = world.gateway.pipeline.schema.type_map
    arguments: dict[str, Any] = {
        "by": [maker._value("by", types[f"{type_name}GroupBy"]) for _ in range(rng.randint(1, 3))],
        "first": rng.choice((1, 3, 100, 1_000)),
    }
    if rng.random() < 0.4:
        arguments["where"] = maker._value("where", types[f"{type_name}Where"])
    if rng.random() < 0.7:
        arguments["measures"] = [
            maker._value("measures", types[f"{type_name}Measure"]) for _ in range(rng.randint(1, 3))
        ]
    return arguments


async def back_to_rows(world: World, viewer: str, kind: Any, where: Any) -> list[str]:
    """The ids that the list of a kind gives for a group's `where`."""
    text = f"""query($where: {kind.type_name}Where) {{ it: {kind.plural}(where: $where, first: 100) {{ totalCount
      nodes {{ id }} }} }}"""
    found = (await world.data(viewer, text, where=where))["it"]
    assert found["totalCount"] == len(found["nodes"])
    return [node["id"] for node in found["nodes"]]


def members(kind: Any, arguments: dict[str, Any], rows: list[model.Row], values: list[Any]) -> list[str]:
    """The records that the model puts in the group of these values."""
    key_of = [
        (row["id"], pair)
        for row in rows
        if model.matches(kind, arguments.get("where"), row)
        for pair in (
            [(row, partner) for partner in row["partners"]]
            if any("partners" in key for key in (*arguments["by"], *arguments.get("measures", ())))
            else [(row, {})]
        )
    ]
    found = [
        id_
        for id_, pair in key_of
        if [model_groups.shown(model_groups.value(kind, key, pair)) for key in arguments["by"]] == values
    ]
    return sorted(dict.fromkeys(found))


async def test_groups_are_those_of_the_projection_and_lead_back_to_their_records(world: World) -> None:
    rng = random.Random(31)
    told = several = summed = paired = unset = 0
    for _ in range(EXAMPLES):
        kind, viewer = rng.choice(world.catalog.kinds), rng.choice(VIEWERS)
        arguments = made_arguments(world, rng, kind.type_name)
        body = await world.ask(viewer, text_of(kind, arguments.get("measures")), **arguments)
        if "errors" in body:
            assert body["errors"][0]["extensions"]["code"] == "BAD_INPUT", body
            told += 1
            continue
        rows = model.rows(world, kind, viewer)
        expected = model_groups.groups(kind, arguments, rows)
        found = body["data"]["it"]
        wheres = [node.pop("where") for node in found["nodes"]]
        links = [[(key.pop("company"), key.pop("person")) for key in node["keys"]] for node in found["nodes"]]
        assert found == expected, (viewer, arguments)
        for node, keys in zip(found["nodes"], links, strict=True):
            for key, (its_company, its_person) in zip(node["keys"], keys, strict=True):
                ids = {(link or {}).get("id") for link in (its_company, its_person)} - {None}
                assert ids == {value for value in (key["value"],) if str(value).startswith(("co_", "pe_"))}
        for node, where in list(zip(found["nodes"], wheres, strict=True))[:4]:
            values = [key["value"] for key in node["keys"]]
            assert await back_to_rows(world, viewer, kind, where) == members(kind, arguments, rows, values), where
            unset += None in values
        several += len(found["nodes"]) > 1
        summed += any(node["totals"] for node in found["nodes"])
        paired += bool(found["nodes"]) and any("partners" in key for key in arguments["by"])
    assert told < EXAMPLES / 3
    assert min(several, summed, paired, unset) > EXAMPLES / 10, (several, summed, paired, unset)
