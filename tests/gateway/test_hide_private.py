"""Hiding one's own private fields from oneself: everywhere, filters and sorting included, and counts stay."""

from typing import Any

import pytest

from tests.gateway.deals import deal, mine, usd
from tests.gateway.people import company
from tests.gateway.world import World

VIEWER = "{ viewer { person { name } company { name } email hidePrivateFields } }"


async def set_hidden(world: World, name: str, on: bool) -> Any:
    text = "mutation($on: Boolean!) { setHidePrivateFields(on: $on) { person { name } hidePrivateFields } }"
    return await world.data(name, text, on=on)


async def test_the_viewer_and_its_setting(live: World) -> None:
    expected = {"person": {"name": "Dan"}, "hidePrivateFields": True}
    assert await set_hidden(live, "dan", True) == {"setHidePrivateFields": expected}
    seen = {**expected, "company": {"name": "Dune"}, "email": "dan@dune.example"}
    await live.check("dan", VIEWER, {}, {"viewer": seen})
    await set_hidden(live, "dan", False)
    await live.check("dan", VIEWER, {}, {"viewer": {**seen, "hidePrivateFields": False}})
    assert not (await live.data("abe", VIEWER))["viewer"]["hidePrivateFields"]
    await set_hidden(live, "abe", False)  # a reader's own setting is its own


async def test_private_fields_are_hidden_and_shared_ones_stay(live: World) -> None:
    record = await deal(live, "Hide", stage="QUALIFIED", amount=usd("7"), nextStep="n", notes="secret", probability=3)
    await live.done("ann", "shareFields", recordId=record, fields=["amount"], audience={"kind": "PARTICIPANTS"})
    chosen = {"kind": "SELECTED", "companies": [company("core")]}
    await live.done("ann", "shareFields", recordId=record, fields=["probability"], audience=chosen)
    seen = await mine(live, "amy", record)
    assert seen.pop("version")
    assert seen == {"stage": None, "amount": usd("7.00"), "probability": 3, "nextStep": "n", "notes": None}
    await live.done("ann", "shareFields", recordId=record, fields=["nextStep"], audience={"kind": "PRIVATE"})
    assert (await mine(live, "amy", record))["nextStep"] is None
    assert (await mine(live, "ann", record))["notes"] == "secret"


async def test_hidden_fields_neither_filter_nor_sort_and_counts_stay(live: World) -> None:
    names = {}
    for letter, stage in (("a", "QUALIFIED"), ("b", "PROSPECT"), ("c", "COMMITTED")):
        names[await deal(live, f"Blind {letter}", stage=stage, notes=letter, nextStep=letter)] = letter

    async def found(name: str, where: Any = None, order: Any = ()) -> list[str]:
        given = {"and": [{"name": {"startsWith": "Blind"}}, where or {}]}
        query = """query($where: OpportunityWhere, $order: [OpportunityOrder!]) {
          opportunities(first: 50, where: $where, orderBy: $order) { totalCount nodes { id } } }"""
        page = (await live.data(name, query, where=given, order=list(order)))["opportunities"]
        assert page["totalCount"] == len(page["nodes"])
        return [names[node["id"]] for node in page["nodes"]]

    by_id = [names[i] for i in sorted(names)]
    staged = {"mine": {"stage": {"in": ["QUALIFIED", "PROSPECT", "COMMITTED"]}}}
    assert (await found("ann", staged), await found("amy", staged)) == (by_id, [])
    secret = {"mine": {"notes": {"eq": "a"}}}
    assert (await found("ann", secret), await found("amy", secret)) == (["a"], [])
    assert await found("amy", {"not": secret}) == []
    assert await found("amy", {"mine": {"notes": {"isNull": True}}}) == by_id
    assert await found("amy", {"mine": {"notes": {"isNull": False}}}) == []
    assert await found("amy", {"mine": {"nextStep": {"eq": "b"}}}) == ["b"]
    down = [{"mine": "STAGE", "direction": "DESC"}]
    assert (await found("ann", None, down), await found("amy", None, down)) == (["a", "b", "c"], by_id)
    assert await found("amy", None, [{"mine": "NEXT_STEP", "direction": "DESC"}]) == ["c", "b", "a"]
    assert await found("amy") == by_id  # the count stays


async def test_what_is_hidden_is_told_by_no_refusal(live: World) -> None:
    record = await deal(live, "Told", stage="CLOSED_LOST", notes="n")
    text = """mutation($id: ID!) { updateOpportunity(input: {id: $id, mine: {stage: LAUNCHED}}) {
      userErrors { code message } } }"""
    (error,) = (await live.data("amy", text, id=record))["updateOpportunity"]["userErrors"]
    assert error["code"] == "ILLEGAL_MOVE"
    assert "CLOSED_LOST" not in error["message"]


async def test_a_hidden_change_moves_no_time_of_ones_own_view(live: World) -> None:
    record = await deal(live, "Times", notes="n", nextStep="s")
    text = "query($id: ID!) { opportunity(id: $id) { updatedAt mine { updatedAt } } }"
    before = await live.data("amy", text, id=record)
    await live.done("ann", "updateOpportunity", id=record, mine={"notes": "m"})
    assert await live.data("amy", text, id=record) == before
    await live.done("ann", "updateOpportunity", id=record, mine={"nextStep": "t"})
    assert await live.data("amy", text, id=record) != before


async def over_http(world: World, name: str, query: str, *values: str) -> Any:
    """The status and body of a request with these values of the header that hides private fields."""
    headers = [("Authorization", f"Bearer {world.token(name)}"), *(("Multiway-Hide-Private", v) for v in values)]
    async with world.http() as client:
        answer = await client.post("/graphql", json={"query": query}, headers=headers)
        return answer.status_code, answer.json()


HIDDEN = """{ viewer { hidePrivateFields } opportunities(first: 100) { totalCount nodes { id mine { notes stage } } }
  noted: opportunities(first: 100, where: { mine: { notes: { isNull: false } } }) { totalCount }
  opportunityGroups(by: [{ mine: STAGE }]) { nodes { count keys { value } } } }"""


async def test_a_header_hides_private_fields_for_one_request(world: World) -> None:
    _, plain = await over_http(world, "ann", HIDDEN)
    status, forced = await over_http(world, "ann", HIDDEN, "true")
    assert status == 200
    assert forced["data"]["viewer"] == {"hidePrivateFields": True}
    assert forced["data"]["opportunities"]["totalCount"] == plain["data"]["opportunities"]["totalCount"]
    ids = [[node["id"] for node in each["data"]["opportunities"]["nodes"]] for each in (plain, forced)]
    assert ids[0] == ids[1]
    shown = [
        [node["mine"]["notes"] for node in each["data"]["opportunities"]["nodes"] if node["mine"]]
        for each in (plain, forced)
    ]
    assert any(shown[0])
    assert sum(map(bool, shown[1])) < sum(map(bool, shown[0]))
    assert forced["data"]["noted"]["totalCount"] == sum(note is not None for note in shown[1])
    assert plain["data"]["opportunityGroups"] != forced["data"]["opportunityGroups"]
    assert await over_http(world, "ann", HIDDEN) == (200, plain)
    for values in (("TRUE",), ("false", "true"), ("true", "true")):
        assert await over_http(world, "ann", HIDDEN, *values) == (200, forced)


async def test_a_header_never_shows_what_is_hidden(world: World) -> None:
    assert await over_http(world, "amy", HIDDEN, "false") == await over_http(world, "amy", HIDDEN)
    assert (await over_http(world, "amy", HIDDEN, "false"))[1]["data"]["viewer"] == {"hidePrivateFields": True}


@pytest.mark.parametrize("value", ["yes", "1", "", "true, true", "on"])
async def test_a_header_that_is_neither_true_nor_false_is_refused(world: World, value: str) -> None:
    status, body = await over_http(world, "ann", HIDDEN, value)
    assert (status, body["errors"][0]["extensions"]["code"]) == (400, "BAD_REQUEST")
    assert "data" not in body


async def test_a_setting_that_changes_in_a_forced_request_still_hides(live: World) -> None:
    text = "mutation { setHidePrivateFields(on: false) { hidePrivateFields } }"
    found = await over_http(live, "cat", text, "true")
    assert found == (200, {"data": {"setHidePrivateFields": {"hidePrivateFields": True}}})
    assert (await live.data("cat", "{ viewer { hidePrivateFields } }"))["viewer"] == {"hidePrivateFields": False}
