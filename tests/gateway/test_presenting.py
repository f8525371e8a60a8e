"""presentingTo: a screen that some partners look at shows what each of them may see, and nothing else."""

import os
from pathlib import Path
from typing import Any

import orjson

from gateway.pipeline import Request
from gateway.presenting import Forced, presented
from tests.gateway.deals import deal
from tests.gateway.people import company, made_id, person
from tests.gateway.ruled_world import leaves, ruled_world
from tests.gateway.rules import BEA, EVERYBODY, FILLED, PREVIEW, define, rule
from tests.gateway.world import World

SET = """mutation($on: Boolean!, $to: [ID!]) { setHidePrivateFields(on: $on, presentingTo: $to) {
  hidePrivateFields presentingTo { name } } }"""
SCREEN = """{ opportunities(first: 100, orderBy: [{field: NAME}]) { totalCount nodes { id name
  mine { stage amount { amount } probability nextStep notes sharing { field } owner { attributes { name } } }
  participants { company { name } status message }
  history(first: 9) { totalCount }
  partners { company { name } stage nextStep notes customFields { key } updatedAt } } } }"""
EXAMPLES = int(os.environ.get("MULTIWAY_EXAMPLES", "200"))


async def present(world: World, who: str, *names: str, on: bool = False) -> Any:
    found = await world.data(who, SET, on=on, to=[company(name) for name in names])
    return found["setHidePrivateFields"]


async def screen(world: World, who: str = "ann") -> Any:
    """The records that somebody sees, by name."""
    page = (await world.data(who, SCREEN))["opportunities"]
    assert page["totalCount"] == len(page["nodes"])
    return {node["name"]: node for node in page["nodes"]}


async def over_http(world: World, who: str, query: str, *headers: str) -> tuple[int, Any]:
    """The status and body of a request with these values of the header."""
    async with world.http() as client:
        found = await client.post(
            "/graphql",
            json={"query": query},
            headers=[
                ("Authorization", f"Bearer {world.token(who)}"),
                *(("Multiway-Presenting-To", value) for value in headers),
            ],
        )
        assert "Multiway-Presenting-To" in found.headers["Vary"]
        return found.status_code, found.json()


async def test_it_is_kept_confirmed_and_ended(bare: World) -> None:
    told = await present(bare, "ann", "core", "bolt", "bolt")
    assert sorted(c["name"] for c in told["presentingTo"]) == ["Bolt", "Core"]
    assert told["hidePrivateFields"] is False
    text = "{ viewer { hidePrivateFields presentingTo { name } } }"
    assert (await bare.data("ann", text))["viewer"] == told
    assert (await bare.data("abe", text))["viewer"]["presentingTo"] == []
    ended = await bare.data("ann", "mutation { setHidePrivateFields(on: true) { presentingTo { name } } }")
    assert ended == {"setHidePrivateFields": {"presentingTo": []}}
    assert (await bare.data("ann", text))["viewer"] == {"hidePrivateFields": True, "presentingTo": []}


async def test_wrong_companies_are_refused_and_change_nothing(bare: World) -> None:
    await present(bare, "ann", "bolt")
    many = [made_id("co", f"c{n}") for n in range(11)]
    for to, code in (([company("acme")], "BAD_INPUT"), ([made_id("co", "no")], "NOT_FOUND"), (many, "BAD_INPUT")):
        (error,) = (await bare.ask("ann", SET, on=False, to=to))["errors"]
        assert error["extensions"]["code"] == code
    assert (await bare.data("ann", "{ viewer { presentingTo { name } } }"))["viewer"]["presentingTo"] == [
        {"name": "Bolt"}
    ]


async def test_a_screen_shows_what_all_of_them_see(bare: World) -> None:
    both = await deal(bare, "Both", accepted="bolt core", **FILLED)
    await deal(bare, "Bolt alone", accepted="bolt", invited="core", **FILLED)
    await deal(bare, "Ours", **FILLED)
    await bare.done("bob", "updateOpportunity", id=both, mine={"nextStep": "theirs"})
    await bare.done("ann", "shareFields", recordId=both, fields=["amount"], audience=EVERYBODY)
    bolt = {"kind": "SELECTED", "companies": [company("bolt")]}
    await bare.done("ann", "shareFields", recordId=both, fields=["stage"], audience=bolt)
    await define(bare, rule(fields=("notes",), audience=BEA))  # one person sees it, not the company
    assert {"Both", "Bolt alone", "Ours"} <= set(await screen(bare))
    await present(bare, "ann", "bolt")
    found = await screen(bare)
    assert {"Both", "Bolt alone"} <= set(found)
    assert "Ours" not in found
    closed = {"probability": None, "notes": None, "sharing": None, "owner": None}
    side = {**closed, "stage": "QUALIFIED", "amount": {"amount": "1000.00"}, "nextStep": "call"}
    assert found["Both"]["mine"] == side
    assert found["Bolt alone"]["mine"] == {**side, "stage": None, "amount": None}
    assert found["Both"]["history"] == {"totalCount": 0}
    theirs = {each["company"]["name"]: each for each in found["Both"]["partners"]}
    assert theirs["Bolt"]["nextStep"] == "theirs"
    assert {name: value for name, value in theirs["Core"].items() if value} == {"company": {"name": "Core"}}
    await present(bare, "ann", "bolt", "core")
    found = await screen(bare)
    assert "Both" in found
    assert not {"Bolt alone", "Ours"} & set(found)
    assert found["Both"]["mine"] == {**side, "stage": None}
    for each in found["Both"]["partners"]:
        assert {name for name, value in each.items() if value} == {"company"}


async def test_filters_groups_search_and_look_ups_follow(bare: World) -> None:
    both = await deal(bare, "Both", accepted="bolt", **{**FILLED, "notes": "secret", "nextStep": "open"})
    ours = await deal(bare, "Ours", **{**FILLED, "nextStep": "open"})
    texts = (
        '{ opportunities(first: 9, where: {mine: {notes: {eq: "secret"}}}) { totalCount } }',
        '{ opportunities(first: 9, where: {name: {eq: "Ours"}}) { totalCount } }',
        '{ search(text: "secret", first: 9) { totalCount } }',
        '{ search(text: "Ours", first: 9) { totalCount } }',
        f'{{ node(id: "{ours}") {{ id }} }}',
        f'{{ nodes(ids: ["{ours}"]) {{ id }} }}',
        f'{{ opportunity(id: "{ours}") {{ id }} }}',
        "{ opportunityGroups(by: [{mine: FORECAST_CATEGORY}], where: {mine: {forecastCategory: {isNull: false}}}) "
        "{ totalCount } }",
    )
    before = [await bare.data("ann", text) for text in texts]
    await present(bare, "ann", "bolt")
    after = [await bare.data("ann", text) for text in texts]
    assert all(_found(each) for each in before), before
    assert not any(_found(each) for each in after), after
    seen = '{ search(text: "open", first: 9) { nodes { id } } }'
    assert (await bare.data("ann", seen))["search"]["nodes"] == [{"id": both}]


def _found(data: Any) -> Any:
    """Whether an answer holds anything."""
    (root,) = data.values()
    if isinstance(root, dict):
        return root.get("totalCount", root.get("id"))
    return root not in (None, [None])


async def test_cursors_are_of_one_screen(bare: World) -> None:
    for name in ("A", "B"):
        await deal(bare, name, accepted="bolt")
    text = "query($after: String) { opportunities(first: 1, after: $after) { pageInfo { endCursor } } }"
    cursor = (await bare.data("ann", text))["opportunities"]["pageInfo"]["endCursor"]
    await present(bare, "ann", "bolt")
    (error,) = (await bare.ask("ann", text, after=cursor))["errors"]
    assert error["extensions"]["code"] == "BAD_INPUT"


async def test_writes_go_on_and_answer_narrowed(bare: World) -> None:
    both, ours = await deal(bare, "Both", accepted="bolt", **FILLED), await deal(bare, "Ours", **FILLED)
    await present(bare, "ann", "bolt")
    text = """mutation($id: ID!) { updateOpportunity(input: {id: $id, mine: {notes: "new", nextStep: "go"}}) {
      record { mine { notes nextStep } } userErrors { code } } }"""
    found = (await bare.data("ann", text, id=both))["updateOpportunity"]
    assert found == {"record": {"mine": {"notes": None, "nextStep": "go"}}, "userErrors": []}
    assert (await bare.data("ann", text, id=ours))["updateOpportunity"]["userErrors"] == [{"code": "NOT_FOUND"}]
    await present(bare, "ann")
    assert (await screen(bare))["Both"]["mine"]["notes"] == "new"
    assert (await screen(bare))["Ours"]["mine"]["notes"] == "ours"


async def test_ones_own_rules_are_not_shown(bare: World) -> None:
    record, bolt = await deal(bare, "Both", accepted="bolt", **FILLED), company("bolt")
    await present(bare, "ada", "bolt")
    texts = (
        f'{{ explain(recordId: "{record}", company: "{bolt}") {{ field }} }}',
        f'{{ previewAs(company: "{bolt}") {{ company {{ name }} }} }}',
    )
    for text in texts:
        assert (await bare.ask("ada", text))["errors"][0]["extensions"]["code"] == "PRESENTING"
    body = await bare.ask("ada", PREVIEW, input=rule(), company=company("bolt"), person=None)
    assert body["errors"][0]["extensions"]["code"] == "PRESENTING"


async def test_a_header_narrows_one_request_and_takes_nothing_away(bare: World) -> None:
    await deal(bare, "Both", accepted="bolt core", **FILLED)
    await deal(bare, "Bolt alone", accepted="bolt", **FILLED)
    text = (
        '{ viewer { presentingTo { name } } opportunities(first: 9, where: {name: {contains: "Bo"}}) { totalCount } }'
    )
    bolt, core = company("bolt"), company("core")

    async def counted(*headers: str) -> int:
        status, body = await over_http(bare, "ann", text, *headers)
        assert status == 200
        return int(body["data"]["opportunities"]["totalCount"])

    assert [await counted(), await counted(bolt), await counted(f"{bolt}, {core}")] == [2, 2, 1]
    assert await counted(bolt, core) == 1
    assert await counted(made_id("co", "never")) == 0
    await present(bare, "ann", "core")
    assert [await counted(), await counted(bolt)] == [1, 1]
    for wrong in ("", "all", f"{bolt},", "co_A", ",".join(made_id("co", f"c{n}") for n in range(11))):
        status, body = await over_http(bare, "ann", text, wrong)
        assert (status, body["errors"][0]["extensions"]["code"]) == (400, "BAD_REQUEST")


async def test_a_forced_request_stays_narrow_whatever_it_sets(bare: World) -> None:
    await deal(bare, "Ours", **FILLED)
    forced = Request(SET, {"on": False}, forced=Forced(True, presented([company("bolt")])))
    body = orjson.loads((await bare.gateway.pipeline.answer(bare.token("ann"), forced)).body)
    told = body["data"]["setHidePrivateFields"]
    assert told == {"hidePrivateFields": True, "presentingTo": [{"name": "Bolt"}]}


async def test_what_is_shown_to_some_is_seen_by_each_of_them(tmp_path: Path) -> None:
    """In random worlds each value on the screen stands in the real answer of each company that it is shown to, too:
    Bob's and Cat's, whom no rule names."""
    shown = number = 0
    skipped = frozenset({"Opportunity", "Solution", "Lead", "OpportunitySide", "FieldSharing", "PersonAttribute"})
    while shown < EXAMPLES:
        world = await ruled_world(1000 + number, tmp_path / str(number))
        number += 1
        screens = {}
        for names in ((), ("bolt",), ("core",), ("bolt", "core")):
            await present(world, "ann", *names)
            screens[names] = await _all_of(world, "ann", skipped)
        real = {who: await _all_of(world, who, skipped) for who in ("bob", "cat")}
        for names, found in screens.items():
            seers = [real[who] for who, home in (("bob", "bolt"), ("cat", "core")) if home in names]
            for id_, record in found.items() if names else ():
                assert all(id_ in each for each in seers)
                for each in seers:
                    ours = each[id_]["sides"].get(company("acme"), {})
                    for name, value in _values(record["mine"]):
                        assert ours[name] == value, (names, id_, name)
                        shown += 1
                    assert {p["company"]["id"] for p in record["participants"]} <= {
                        p["company"]["id"] for p in each[id_]["participants"] if p["status"] in ("ACCEPTED", "INVITED")
                    }
                for of, side in record["sides"].items():
                    alone = [of] == [company(name) for name in names]
                    whole = screens[()][id_]["sides"][of]
                    assert dict(_values(side)) == (dict(_values(whole)) if alone else {})
                # and nothing more is hidden than has to be
                for name, value in _values(screens[()][id_]["mine"]):
                    if all(each[id_]["sides"].get(company("acme"), {}).get(name) == value for each in seers):
                        assert record["mine"][name] == value, (names, id_, name)
        inside = {
            names: {
                id_
                for id_, record in screens[()].items()
                if {company(n) for n in names}
                <= {p["company"]["id"] for p in record["participants"] if p["status"] == "ACCEPTED"}
            }
            for names in screens
        }
        assert {names: set(found) for names, found in screens.items()} == inside
        await world.spaces.close()


def _values(side: Any) -> list[tuple[str, Any]]:
    """What a side shows of its fields; custom ones by their keys."""
    custom = {each["key"]: each["value"] for each in (side or {}).get("customFields", ())}
    plain = {n: v for n, v in (side or {}).items() if n not in ("customFields", "company", "updatedAt", "version")}
    return [(name, value) for name, value in {**plain, **custom}.items() if value not in (None, [])]


async def _all_of(world: World, who: str, skipped: frozenset[str]) -> dict[str, Any]:
    """The records that somebody sees by id, `sides` those of the others by company with custom fields by key."""
    home = {"ann": "acme", "bob": "bolt", "cat": "core", "dan": "dune"}[who]
    side = leaves(world, home, "OpportunitySide", skipped) + " customFields { key value }"
    text = f"""{{ opportunities(first: 100) {{ nodes {{ id mine {{ {side} }} partners {{ {side} }}
      participants {{ company {{ id }} status }} }} }} }}"""
    found = {}
    for node in (await world.data(who, text))["opportunities"]["nodes"]:
        node["sides"] = {each["company"]["id"]: each for each in node.pop("partners")}
        for each in (*node["sides"].values(), *([node["mine"]] if node["mine"] else [])):
            each.update({one["key"]: one["value"] for one in each["customFields"]})
        found[node["id"]] = node
    return found


async def test_a_partners_people_make_no_difference(bare: World) -> None:
    """Neither its people's roles nor its own rules are asked when a screen is shown to it."""
    await deal(bare, "Both", accepted="bolt", **FILLED)
    await present(bare, "ann", "bolt")
    before = await screen(bare)
    bare.gateway.policies.replace(company("bolt"), 'deny_side_field(_v, "read", _s, _f, "none");')
    await bare.data("bob", SET, on=True, to=[company("core")])
    after = await screen(bare)
    for each in (before, after):
        each["Both"]["partners"] = []  # what Bolt opens to others is up to its own rules
    assert before["Both"] == after["Both"]
    assert person("bob")
