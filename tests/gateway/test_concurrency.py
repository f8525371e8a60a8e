"""Many at once: no request reads another's viewer or variables, and no write is lost."""

import asyncio
import random
from typing import Any

from tests.gateway.deals import deal, mine, version
from tests.gateway.made_queries import Pool, QueryMaker
from tests.gateway.people import COMPANIES, company
from tests.gateway.test_page import PAGE
from tests.gateway.world import World

VIEWERS = ("ann", "amy", "bob", "cat", "eve")


async def test_200_interleaved_requests_of_5_viewers_are_answered_as_one_by_one(world: World) -> None:
    rng = random.Random(3)
    pool = Pool((*(seed.id for seed in world.seeds.values()), *map(company, COMPANIES)))
    schema = world.gateway.pipeline.models.base.schema
    made = [QueryMaker(schema, rng, pool, depth=4).make() for _ in range(12)]
    page = [("ann", PAGE, {"first": n}) for n in (1, 3, 50)]
    requests = [(rng.choice(VIEWERS), q.text, q.variables) for q in rng.choices(made, k=120)]
    requests += [(rng.choice(VIEWERS), text, variables) for _, text, variables in rng.choices(page, k=80)]
    rng.shuffle(requests)
    alone = [await world.answer(*request) for request in requests]
    assert len({a.body for a in alone}) > 30
    together = await asyncio.gather(*(world.answer(*request) for request in requests))
    assert together == alone


async def test_of_10_concurrent_updates_of_one_version_exactly_one_succeeds(live: World) -> None:
    record = await deal(live, "One winner", notes="start")
    for _ in range(3):
        old = await version(live, "ann", record)
        given: list[dict[str, Any]] = [
            {"id": record, "ifVersion": old, "mine": {"notes": f"{n} of {old[:4]}"}} for n in range(10)
        ]
        answers = await asyncio.gather(*(live.change("ann", "updateOpportunity", **one) for one in given))
        won = [n for n, answer in enumerate(answers) if not answer["userErrors"]]
        assert len(won) == 1
        lost = {error["code"] for answer in answers for error in answer["userErrors"]}
        assert lost == {"VERSION_CONFLICT"}
        assert (await mine(live, "ann", record))["notes"] == given[won[0]]["mine"]["notes"]


async def test_of_10_concurrent_updates_without_a_version_none_is_lost(live: World) -> None:
    record = await deal(live, "None lost")
    steps = [f"step {n}" for n in range(10)]
    given = [{"id": record, "mine": {"nextStep": step}} for step in steps]
    answers = await asyncio.gather(*(live.change("ann", "updateOpportunity", **one) for one in given))
    assert [answer["userErrors"] for answer in answers] == [[]] * 10
    text = "query($id: ID!) { opportunity(id: $id) { mine { nextStep nextStepsHistory { value } } } }"
    side = (await live.data("ann", text, id=record))["opportunity"]["mine"]
    kept = [entry["value"] for entry in side["nextStepsHistory"]]
    assert sorted(kept) == sorted(steps)
    assert kept[-1] == side["nextStep"]


async def test_concurrent_sharings_of_different_fields_all_hold(live: World) -> None:
    record = await deal(live, "All shared", accepted="bolt", notes="n", competitor="c")
    fields = ["notes", "competitor", "stage", "amount", "probability", "crmRef"]
    audience = {"kind": "PARTICIPANTS"}
    given = [{"recordId": record, "fields": [name], "audience": audience} for name in fields]
    answers = await asyncio.gather(*(live.change("ann", "shareFields", **one) for one in given))
    assert [answer["userErrors"] for answer in answers] == [[]] * len(fields)
    text = "query($id: ID!) { opportunity(id: $id) { mine { sharing { field audience { kind } } } } }"
    rows = (await live.data("ann", text, id=record))["opportunity"]["mine"]["sharing"]
    assert set(fields) <= {row["field"] for row in rows if row["audience"]["kind"] == "PARTICIPANTS"}
