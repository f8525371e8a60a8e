"""What the bench compares gives the same answers: the gateway and the floor the same bytes, the naive way the same
data. On a small network, so that the bench cannot rot unseen; nothing is timed here."""

import json
import time
from pathlib import Path

from bench.contestants import NAMES, QUERY, ask, build
from bench.data import BESIDE_WIDE, SMALL, WIDE, make_network
from gateway.credentials import DevelopmentIssuer


async def test_all_three_give_the_same_page(tmp_path: Path) -> None:
    network = await make_network(tmp_path, SMALL)
    issuer = DevelopmentIssuer(tmp_path)
    query = QUERY.read_text(encoding="utf-8")
    body = json.dumps({"query": query}).encode()
    made = {name: build(name, tmp_path) for name in NAMES}
    try:
        seen = set()
        for company in range(SMALL.companies):
            token = issuer.token(network.people[company][company % SMALL.people], time.time())
            gateway, floor = [await ask(made[name].app, token, body) for name in ("gateway", "floor")]
            assert gateway[0] == 200
            assert gateway == floor
            page = json.loads(gateway[1])
            if company <= BESIDE_WIDE + 1:  # the naive way takes half a second
                assert json.loads((await ask(made["naive"].app, token, body))[1]) == page
            after = page["data"]["opportunities"]["pageInfo"]["endCursor"]
            second = json.dumps({"query": query, "variables": {"first": 7, "after": after}}).encode()
            assert await ask(made["gateway"].app, token, second) == await ask(made["floor"].app, token, second)
            sides = [side for node in page["data"]["opportunities"]["nodes"] for side in node["partners"]]
            seen |= {(name, value is None) for side in sides for name, value in side.items()}
            assert len(sides) >= 2 * len(page["data"]["opportunities"]["nodes"]) > 20
        # Not vacuous: each field of a partner's side was seen open and hidden, save the company, which is never null.
        assert {name for name, hidden in seen if hidden} == {name for name, _ in seen} - {"company"}
        assert {name for name, hidden in seen if not hidden} == {name for name, _ in seen}
    finally:
        for one in made.values():
            await one.close()


async def test_the_wide_company_has_a_class_for_each_of_its_sides(tmp_path: Path) -> None:
    network = await make_network(tmp_path, SMALL)
    token = DevelopmentIssuer(tmp_path).token(network.people[BESIDE_WIDE][0], time.time())
    made = build("gateway", tmp_path)
    try:
        query = "{opportunities(first: 100) {nodes {partners {company {id} stage amount {amount} probability}}}}"
        _, answer = await ask(made.app, token, json.dumps({"query": query}).encode())
    finally:
        await made.close()
    nodes = json.loads(answer)["data"]["opportunities"]["nodes"]
    wide = [side for node in nodes for side in node["partners"] if side["company"]["id"] == network.companies[WIDE]]
    assert len(wide) == SMALL.classes
    assert {side["probability"] is None for side in wide} == {True, False}
