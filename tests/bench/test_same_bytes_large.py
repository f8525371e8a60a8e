"""The gateway and the floor give the same bytes for what a company with many records asks, on a smaller network."""

import json
import time
from pathlib import Path

from bench.contestants import LARGE_QUERIES, ask, build
from bench.data import CENTRE, SMALL_LARGE, make_network
from gateway.credentials import DevelopmentIssuer


async def test_gateway_and_floor_give_the_same_answers(tmp_path: Path) -> None:
    network = await make_network(tmp_path, SMALL_LARGE)
    issuer = DevelopmentIssuer(tmp_path)
    made = {name: build(name, tmp_path) for name in ("gateway", "floor")}
    seen = {}
    try:
        for name, file in LARGE_QUERIES.items():
            body = json.dumps({"query": file.read_text(encoding="utf-8"), "operationName": name}).encode()
            for company in range(SMALL_LARGE.companies):
                token = issuer.token(network.people[company][company % SMALL_LARGE.people], time.time())
                gateway, floor = [await ask(made[each].app, token, body) for each in made]
                assert gateway[0] == 200, gateway
                assert gateway == floor, name
                seen[name, company] = json.loads(gateway[1])["data"]
    finally:
        for one in made.values():
            await one.close()
    # Not vacuous: more than a page is left of many, groups are of many, and what partners tell is open and hidden.
    page = seen["FilteredPage", CENTRE]["opportunities"]
    assert 50 < page["totalCount"] < SMALL_LARGE.records / 3
    assert page["pageInfo"]["hasNextPage"]
    assert len(page["nodes"]) == 50
    stages = seen["Stages", CENTRE]["opportunityGroups"]
    assert sum(group["count"] for group in stages["nodes"]) == SMALL_LARGE.records
    assert stages["totalCount"] == len(stages["nodes"]) > 5
    partners = seen["PartnerStages", CENTRE]["opportunityGroups"]["nodes"]
    assert sum(group["count"] for group in partners) == 2 * SMALL_LARGE.records
    assert {group["keys"][1]["value"] is None for group in partners} == {True, False}
    numbers = {sum(total["number"] for total in group["totals"]) == group["count"] for group in partners}
    assert numbers == {True, False}
