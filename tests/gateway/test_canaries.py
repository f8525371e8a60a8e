"""A network whose every value is a canary: no byte that leaves holds one that its reader may not see."""

import asyncio
import hashlib
import json
import logging
import random
import re
from collections.abc import Iterator
from typing import Any

import pytest
from graphql import get_named_type, is_abstract_type, is_composite_type

from schema.field import Base, Field, FieldType
from schema.sharing import NO_OVERRIDES
from schema.values import flatten
from tests.gateway.made_queries import Pool, QueryMaker
from tests.gateway.made_values import Values
from tests.gateway.people import COMPANIES, PEOPLE, company, made_id, person
from tests.gateway.test_hidden import SHAPES
from tests.gateway.world import Seed, World, make_world

CANARY = re.compile(r"cn[0-9a-f]{12}|9\d{9}")
VIEWERS = ("ann", "amy", "bob", "bea", "cat", "dan", "eve")
FILLED = 25
"""Random queries for each viewer."""


class Canaries(Values):
    """Values that are unique: text and amounts say whose they are to who made them, and to nobody else."""

    def plain(self, type_: FieldType, about: str) -> Any:
        digest = hashlib.sha256(about.encode()).hexdigest()
        word = "cn" + digest[:12]
        match type_.base:
            case Base.TEXT:
                return word
            case Base.URL:
                return f"https://x.example/{word}"
            case Base.EMAIL:
                return f"{word}@x.example"
            case Base.MONEY:
                return {"amount": f"9{int(digest, 16) % 10**9:09}", "currency": "USD"}
        return super().plain(type_, about)


@pytest.fixture(scope="module")
def canaries(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """On SQLite alone: that memory gives the same bytes, test_executors_equal holds."""
    folder = tmp_path_factory.mktemp("canaries")
    world = asyncio.run(make_world("sqlite", folder, crowd=12, values=Canaries(random.Random(5), full=True)))
    yield world
    asyncio.run(world.spaces.close())


def cells(seed: Seed) -> Iterator[tuple[str, Field, set[str]]]:
    """The canaries of each field: (owner or "joint", field, canaries)."""
    for owner, part, values in (("joint", "joint", seed.joint), *((o, "side", v) for o, v in seed.sides.items())):
        for field in seed.kind.fields(part):
            text = " ".join(str(column) for column in flatten(field, values[field.name]))
            text = re.sub(r"\b9(\d{9})00\b", r"9\1", text)  # minor units, as the amount is shown
            yield owner, field, set(CANARY.findall(text))


def sees(seed: Seed, owner: str, field: Field, viewer: str) -> bool:
    """Whether a person may see a field of a record: the rule, said once more."""
    home, _, hides, _ = PEOPLE[viewer]
    status = seed.standing.get(home, ("", ""))[1]
    if owner == "joint":
        return status == "ACCEPTED" or (status == "INVITED" and field.audience == "invited")
    audience = seed.sharing.get(owner, NO_OVERRIDES).audience(seed.kind, field.name)
    if owner == home:
        return status == "ACCEPTED" and (not hides or audience.kind != "private")
    named = company(home) in audience.companies or person(viewer) in audience.people
    both = status == "ACCEPTED" and seed.standing[owner][1] == "ACCEPTED"
    return both and (audience.kind == "participants" or named)


def split(world: World, viewer: str) -> tuple[set[str], set[str]]:
    """The canaries that a person may see, and all others."""
    allowed: set[str] = set()
    every: set[str] = set()
    for seed in world.seeds.values():
        for owner, field, found in cells(seed):
            every |= found
            if sees(seed, owner, field, viewer):
                allowed |= found
    return allowed, every - allowed


def everything(world: World, type_: Any, depth: int) -> str:
    """A selection of all fields, some levels deep."""
    parts = ["__typename"]
    for name, field in type_.fields.items():
        named = get_named_type(field.type)
        if any(str(a.type).endswith("!") for a in field.args.values()):
            continue
        if not is_composite_type(named):
            parts.append(name)
        elif depth > 0 and not is_abstract_type(named):
            parts.append(name + ("(first: 20)" if "first" in field.args else "") + everything(world, named, depth - 1))
    return " { " + " ".join(parts) + " }"


async def observed(world: World, viewer: str, text: str, variables: Any = None) -> str:
    """All bytes of a response: headers and body."""
    async with world.http() as client:
        headers = {"Authorization": f"Bearer {world.token(viewer)}"}
        found = await client.post("/graphql", json={"query": text, "variables": variables or {}}, headers=headers)
    return str(found.headers) + found.text


@pytest.mark.parametrize("viewer", VIEWERS)
async def test_what_is_allowed_arrives_and_nothing_else(canaries: World, viewer: str) -> None:
    allowed, hidden = split(canaries, viewer)
    assert len(hidden) > 200
    types = canaries.gateway.pipeline.models.base.schema.type_map
    seen: set[str] = set()
    for kind in canaries.catalog.kinds:
        text = f"{{ {kind.plural}(first: 100) {{ nodes {everything(canaries, types[kind.type_name], 3)} }} }}"
        found = set(CANARY.findall(await observed(canaries, viewer, text)))
        assert not found & hidden
        seen |= found
    assert seen == allowed
    assert (len(allowed) > 100) is (viewer != "eve")


@pytest.mark.parametrize("viewer", VIEWERS)
async def test_no_query_lets_a_canary_out(canaries: World, viewer: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    _, hidden = split(canaries, viewer)
    ids: list[str] = [seed.id for seed in canaries.seeds.values()]
    ids += [company(c) for c in COMPANIES] + [person(p) for p in PEOPLE] + [made_id("opp", "no")]
    rng = random.Random(f"canaries {viewer}")
    asked = [
        QueryMaker(canaries.gateway.pipeline.models.base.schema, rng, Pool(tuple(ids))).make() for _ in range(FILLED)
    ]
    bytes_out = [await observed(canaries, viewer, query.text, query.variables) for query in asked]
    for public_id in rng.sample(ids, k=6):
        bytes_out += [await observed(canaries, viewer, text, {"id": public_id}) for text in SHAPES if "query" in text]
    assert not set(CANARY.findall(" ".join(bytes_out))) & hidden
    assert not set(CANARY.findall(caplog.text)) & hidden


@pytest.mark.parametrize("viewer", VIEWERS)
async def test_a_hidden_value_and_a_made_up_one_are_the_same_to_every_filter(canaries: World, viewer: str) -> None:
    allowed, _ = split(canaries, viewer)
    rng = random.Random(f"filters {viewer}")
    probes = []
    for seed in canaries.seeds.values():
        for _owner, field, found in cells(seed):
            type_ = field.type
            if type_.base is Base.TEXT and not type_.many and found and not found & allowed:
                probes.append((seed.kind, field, found.pop()))
    assert len(probes) > 20
    for kind, field, canary in rng.sample(probes, k=20):
        answers = []
        for value in (canary, "cn" + "0" * 12):
            test = {str(field.key or field.name): {"eq": value}}
            where: Any = {"mine": test} if field.part == "side" else {field.group: test} if field.group else test
            page = f"{kind.plural}(first: 9, where: $w) {{ totalCount nodes {{ id }} }}"
            text = f"query($w: {kind.type_name}Where) {{ {page} }}"
            for asked in (where, {"not": where}, {"or": [where, {"not": where}]}):
                answers.append(await canaries.data(viewer, text, w=asked))
        assert answers[:3] == answers[3:], (kind.name, field.name)


def test_the_scan_finds_what_it_looks_for() -> None:
    made = Canaries(random.Random(1), full=True)
    word = made.plain(FieldType("Text", Base.TEXT), "x")
    amount = made.plain(FieldType("Money", Base.MONEY), "x")["amount"]
    assert CANARY.findall(json.dumps({"a": word, "b": {"amount": f"{amount}.00"}})) == [word, amount]
