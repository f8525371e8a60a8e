"""The gateway's answers equal the model's: what is hidden is not there, and what is allowed does arrive."""

import random
from typing import Any

import pytest

from tests.leaks.boxes import Box
from tests.leaks.cast import ACME, BY_NAME, PEOPLE
from tests.leaks.documents import Pool
from tests.leaks.families import FAMILIES, family
from tests.leaks.fixed import data
from tests.leaks.model import listed, searched, selection, shown
from tests.leaks.perturb import Pair
from tests.leaks.settings import JOINT
from tests.leaks.tries import Tries
from tests.leaks.worlds import Maker, make_world

_NO_POOL = Pool({}, {}, [], {}, {}, [], [], {})


async def check(box: Box, seed: int, queries: int) -> int:
    """One world, every kind read whole, and some random filters and sorts; gives how many gave a record."""
    rng = random.Random(seed)
    setting = family(seed % FAMILIES)[0]
    maker, viewer = Maker(rng, setting), BY_NAME[rng.choice(("ann", "amy", "abe"))]
    pair = Pair(maker, make_world(maker), viewer, accepting=False, unhiding=False)
    await box.fill(PEOPLE, pair.first, setting)
    records = pair.known["records"]
    for kind in setting.catalog(ACME).kinds:
        fields = {"joint": JOINT[kind.name], "side": setting.used(ACME, kind.name)}
        fields["joint"] = tuple(f for f in fields["joint"] if f.name != kind.title or f.name != "name")
        text = f"{{ it: {kind.plural}(first: 12) {{ nodes {selection(kind, fields)} }} }}"
        nodes = data(await box.post(viewer, text, {}))["it"]["nodes"]
        assert nodes == [shown(kind, records[i], fields) for i in listed(pair.known, kind, None, ())], seed
    tries, full = Tries(rng, pair, _NO_POOL, accepting=False, unhiding=False), 0
    for _ in range(queries):
        cell = tries.cell()
        where, order = tries.where(cell), tries.order(cell)
        variables: dict[str, Any] = {"where": where, "orderBy": [order] if order else []}
        name = cell.kind.type_name
        text = f"""query($where: {name}Where, $orderBy: [{name}Order!]) {{
          it: {cell.kind.plural}(first: 12, where: $where, orderBy: $orderBy) {{ totalCount nodes {{ id }} }} }}"""
        found = data(await box.post(viewer, text, variables))["it"]
        expected = listed(pair.known, cell.kind, where, variables["orderBy"])
        assert [node["id"] for node in found["nodes"]] == expected, (seed, variables)
        assert found["totalCount"] == len(expected)
        full += bool(expected)
        hits = await search(box, pair, tries.text())
        full += bool(hits)
    return full


async def search(box: Box, pair: Pair, text: str) -> list[tuple[str, int]]:
    """What a search finds, which is what the model says, walked in pages of two, forwards and backwards."""
    expected = searched(pair.known, pair.setting.catalog(ACME), text)
    for size, cursor, more in (("first", "after", "hasNextPage"), ("last", "before", "hasPreviousPage")):
        query = f"""query($text: String!, $at: String) {{ it: search(text: $text, {size}: 2, {cursor}: $at) {{
          totalCount pageInfo {{ {more} startCursor endCursor }} edges {{ score node {{ id }} }} }} }}"""
        walked: list[tuple[str, int]] = []
        variables, onwards = {"text": text, "at": None}, True
        while onwards:
            found = data(await box.post(pair.viewer, query, variables))["it"]
            here = [(edge["node"]["id"], edge["score"]) for edge in found["edges"]]
            walked = walked + here if size == "first" else here + walked
            onwards = found["pageInfo"][more]
            variables["at"] = found["pageInfo"]["endCursor" if size == "first" else "startCursor"]
            assert found["totalCount"] == len(expected), (text, size)
        assert walked == expected, (text, size)
    return expected


@pytest.mark.parametrize(("backend", "worlds"), [("memory", 40), ("sqlite", 15)])
async def test_answers_equal_the_model(backend: str, worlds: int) -> None:
    box = Box(backend)
    full = sum([await check(box, seed, 12) for seed in range(worlds)])
    await box.close()
    assert full > worlds * 2  # the filters do find something
