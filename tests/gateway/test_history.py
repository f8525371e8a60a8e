"""History over GraphQL, on both backends: who changed what, and what of it each reader is shown."""

from pathlib import Path
from typing import Any

import pytest

from tests.gateway.deals import deal, usd
from tests.gateway.people import company, person
from tests.gateway.world import BACKENDS, World, add_people, open_spaces

HISTORY = """query($id: ID!, $first: Int, $after: String, $last: Int, $before: String, $fields: [String!]) {
  node(id: $id) { ... on Record {
    history(first: $first, after: $after, last: $last, before: $before, fields: $fields) {
      totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      edges { cursor node { event at field from to company { name } person { name } participant { name } } } } } } }"""


async def history(world: World, who: str, record: str, **args: Any) -> Any:
    """The connection, as somebody sees it."""
    if not {"first", "last"} & args.keys():
        args["first"] = 100
    return (await world.data(who, HISTORY, id=record, **args))["node"]["history"]


async def told(world: World, who: str, record: str, **args: Any) -> list[tuple[Any, ...]]:
    """The history in short: (event, field or participant, from, to), newest first; the total must be their number."""
    found = await history(world, who, record, **args)
    nodes = [edge["node"] for edge in found["edges"]]
    assert found["totalCount"] == len(nodes)
    return [
        (n["event"], n["participant"]["name"] if n["participant"] else n["field"], n["from"], n["to"]) for n in nodes
    ]


async def hide(world: World, who: str, on: bool) -> None:
    await world.data(who, "mutation($on: Boolean!) { setHidePrivateFields(on: $on) { email } }", on=on)


async def test_who_changed_what_and_when(bare: World) -> None:
    record = await deal(bare, "One", accepted="bolt", stage="QUALIFIED", amount=usd("10"), notes="a")
    await bare.done(
        "ada",
        "updateOpportunity",
        id=record,
        joint={"customer": {"region": "EMEA"}},
        mine={"amount": usd("20"), "notes": None, "stage": "QUALIFIED"},
    )
    at = (await bare.data("ann", "query($id: ID!) { opportunity(id: $id) { mine { updatedAt } } }", id=record))[
        "opportunity"
    ]["mine"]["updatedAt"]
    found = [edge["node"] for edge in (await history(bare, "ann", record, first=3))["edges"]]
    who = {"at": at, "company": {"name": "Acme"}, "person": {"name": "Ada"}, "participant": None}
    assert found == [
        {**who, "event": "JOINT", "field": "customer.region", "from": None, "to": "EMEA"},
        {**who, "event": "FIELD", "field": "notes", "from": "a", "to": None},
        {**who, "event": "FIELD", "field": "amount", "from": usd("10.00"), "to": usd("20.00")},
    ]
    assert await told(bare, "ann", record) == [
        ("JOINT", "customer.region", None, "EMEA"),
        ("FIELD", "notes", "a", None),
        ("FIELD", "amount", usd("10.00"), usd("20.00")),
        ("PARTICIPANT", "Bolt", *({"role": "PARTICIPANT", "status": s} for s in ("INVITED", "ACCEPTED"))),
        ("SIDE", None, None, None),
        ("OPENED", None, None, None),
    ]


async def test_a_partner_sees_nothing_of_anothers_side_and_nobody_of_it(bare: World) -> None:
    record = await deal(bare, "One", accepted="bolt", amount=usd("10"))
    everybody = {"kind": "PARTICIPANTS"}
    await bare.done("ann", "updateOpportunity", id=record, mine={"amount": usd("20"), "nextStep": "call"})
    await bare.done("ann", "shareFields", recordId=record, fields=["amount"], audience=everybody)
    await bare.done("ann", "updateOpportunity", id=record, joint={"name": "Two"}, mine={"amount": usd("30")})
    nodes = [edge["node"] for edge in (await history(bare, "bob", record))["edges"]]
    assert [(n["event"], n["company"]["name"], n["person"]) for n in nodes] == [
        ("JOINT", "Acme", None),
        ("SIDE", "Bolt", {"name": "Bob"}),
        ("PARTICIPANT", "Bolt", {"name": "Bob"}),
    ]


async def test_sharing(bare: World) -> None:
    record = await deal(bare, "One", accepted="bolt", amount=usd("10"))
    named = {"kind": "SELECTED", "companies": [company("bolt")], "people": [person("cat")]}
    await bare.done("ann", "shareFields", recordId=record, fields=["amount", "nextStep"], audience=named)
    await bare.done("ann", "shareFields", recordId=record, fields=["amount"], audience={"kind": "PRIVATE"})
    private: dict[str, Any] = {"kind": "PRIVATE", "companies": [], "people": []}
    assert (await told(bare, "ann", record))[:3] == [
        ("SHARING", "amount", named, private),
        ("SHARING", "nextStep", {**private, "kind": "PARTICIPANTS"}, named),
        ("SHARING", "amount", private, named),
    ]
    assert [row[0] for row in await told(bare, "bob", record)] == ["SIDE", "PARTICIPANT"]


async def test_who_hides_private_fields_sees_no_history_of_its_side(bare: World) -> None:
    """Also of those that are shared now: what they held before they were is not for the screen that partners see."""
    record = await deal(bare, "One", amount=usd("10"))
    await bare.done("ann", "updateOpportunity", id=record, joint={"name": "Two"}, mine={"amount": usd("20")})
    await bare.done("ann", "shareFields", recordId=record, fields=["amount"], audience={"kind": "PARTICIPANTS"})
    assert [row[:2] for row in await told(bare, "ann", record)] == [
        ("SHARING", "amount"),
        ("JOINT", "name"),
        ("FIELD", "amount"),
        ("SIDE", None),
        ("OPENED", None),
    ]
    assert await told(bare, "amy", record) == [("JOINT", "name", "One", "Two"), ("OPENED", None, None, None)]
    cursor = (await history(bare, "ann", record, first=3))["pageInfo"]["endCursor"]
    await hide(bare, "ann", on=True)
    assert [row[0] for row in await told(bare, "ann", record)] == ["JOINT", "OPENED"]
    refused = await bare.ask("ann", HISTORY, id=record, first=1, after=cursor)
    assert refused["errors"][0]["extensions"] == {"code": "BAD_INPUT", "field": ["after"]}


async def test_a_company_that_joins_sees_what_comes_after(bare: World) -> None:
    record = await deal(bare, "One", invited="core")
    await bare.done("ann", "updateOpportunity", id=record, joint={"name": "Two"})
    assert await told(bare, "cat", record) == []  # invited, and sees the name as it is
    await bare.done("cat", "respondToInvitation", recordId=record, accept=True)
    joined = [
        ("SIDE", None, None, None),
        ("PARTICIPANT", "Core", *({"role": "PARTICIPANT", "status": s} for s in ("INVITED", "ACCEPTED"))),
    ]
    assert await told(bare, "cat", record) == joined
    await bare.done("ann", "updateOpportunity", id=record, joint={"name": "Three"})
    assert await told(bare, "cat", record) == [("JOINT", "name", "Two", "Three"), *joined]
    await bare.done("cat", "withdraw", recordId=record)
    assert (await bare.data("cat", HISTORY, id=record, first=9))["node"] is None
    invite = {"recordId": record, "companyIds": [company("core")], "role": "VIEWER"}
    await bare.done("ann", "inviteCompanies", **invite)
    await bare.done("cat", "respondToInvitation", recordId=record, accept=True)
    again = ("PARTICIPANT", "Core", *({"role": "VIEWER", "status": s} for s in ("INVITED", "ACCEPTED")))
    assert await told(bare, "cat", record) == [again, ("SIDE", None, None, None)]


async def test_who_left_is_named_to_those_who_may_know(bare: World) -> None:
    record = await deal(bare, "One", accepted="bolt core")
    await bare.done("ann", "inviteCompanies", recordId=record, companyIds=[company("dune")], role="COLLABORATOR")
    await bare.done("dan", "respondToInvitation", recordId=record, accept=True)
    await bare.done("dan", "updateOpportunity", id=record, joint={"name": "Dune's"})
    authors = """query($id: ID!) { opportunity(id: $id) {
      history(first: 1, fields: ["name"]) { nodes { company { name } } } } }"""
    for who in ("ann", "bob", "cat"):
        (node,) = (await bare.data(who, authors, id=record))["opportunity"]["history"]["nodes"]
        assert node["company"] == {"name": "Dune"}
    assert [row[1] for row in await told(bare, "bob", record) if row[0] == "PARTICIPANT"] == [
        "Dune",
        "Dune",
        "Core",
        "Bolt",
    ]
    await bare.done("dan", "withdraw", recordId=record)
    for who, name in (("ann", {"name": "Dune"}), ("bob", None)):
        (node,) = (await bare.data(who, authors, id=record))["opportunity"]["history"]["nodes"]
        assert node["company"] == name
    assert [row[1] for row in await told(bare, "bob", record) if row[0] == "PARTICIPANT"] == ["Core", "Bolt"]
    assert len([row for row in await told(bare, "ann", record) if row[1] == "Dune"]) == 3


async def test_links_show_with_the_records_they_lead_to(bare: World) -> None:
    open_to = [company("acme")]
    mine = await bare.done("ann", "createSolution", name="Ours", mine={})
    theirs = await bare.done("bob", "createSolution", name="Theirs", invite=open_to, mine={})
    assert mine
    assert theirs
    record = await deal(bare, "One")
    await bare.done("ann", "updateOpportunity", id=record, mine={"solutions": [mine, theirs]})
    await bare.done("ann", "updateOpportunity", id=record, mine={"solutions": [theirs]})
    rows = [row[1:] for row in await told(bare, "ann", record, fields=["solutions"])]
    assert rows[0] == ("solutions", mine, None)
    assert sorted(rows[1:], key=str) == sorted([("solutions", None, mine), ("solutions", None, theirs)], key=str)
    await bare.done("ann", "respondToInvitation", recordId=theirs, accept=False)
    rows = [row[1:] for row in await told(bare, "ann", record, fields=["solutions"])]
    assert rows == [("solutions", mine, None), ("solutions", None, mine)]


async def test_pages_in_both_directions(bare: World) -> None:
    record = await deal(bare, "One")
    for number in range(5):
        await bare.done(
            "ann", "updateOpportunity", id=record, joint={"name": f"N{number}"}, mine={"notes": f"{number}"}
        )
    whole = await history(bare, "ann", record)
    walked: list[Any] = []
    cursor = None
    while True:
        page = await history(bare, "ann", record, first=5, after=cursor)
        assert page["totalCount"] == whole["totalCount"] == 12
        assert page["pageInfo"]["hasPreviousPage"] == (cursor is not None)
        walked += page["edges"]
        cursor = page["pageInfo"]["endCursor"]
        assert cursor == page["edges"][-1]["cursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert walked == whole["edges"]
    back = await history(bare, "ann", record, last=4, before=cursor)
    assert back["edges"] == whole["edges"][-5:-1]
    assert (back["pageInfo"]["hasNextPage"], back["pageInfo"]["hasPreviousPage"]) == (True, True)
    named = await history(bare, "ann", record, fields=["notes"])
    assert [edge["node"]["to"] for edge in named["edges"]] == list("43210")


async def test_what_is_asked_wrongly(bare: World) -> None:
    record, other = await deal(bare, "One"), await deal(bare, "Two")
    cursor = (await history(bare, "ann", record, first=1))["pageInfo"]["endCursor"]

    async def refused(who: str = "ann", id_: str = record, **args: Any) -> Any:
        (error,) = (await bare.ask(who, HISTORY, id=id_, **args))["errors"]
        return error["extensions"]

    assert await refused(first=1, after=cursor, id_=other) == {"code": "BAD_INPUT", "field": ["after"]}
    assert await refused("ada", first=1, after=cursor) == {"code": "BAD_INPUT", "field": ["after"]}
    assert await refused(first=1, after=cursor, fields=["notes"]) == {"code": "BAD_INPUT", "field": ["after"]}
    assert await refused(last=1, before="x") == {"code": "BAD_INPUT", "field": ["before"]}
    assert await refused(first=1, fields=["notes", "no"]) == {"code": "BAD_INPUT", "field": ["fields", "1"]}
    wrong: tuple[dict[str, Any], ...] = ({}, {"first": 1, "last": 1}, {"first": 0}, {"last": 101})
    for sizes in wrong:
        assert (await refused(**sizes))["code"] == "PAGE_SIZE"
    both = """query($a: ID!, $b: ID!, $c: String) { nodes(ids: [$a, $b]) { ... on Record {
      history(first: 1, after: $c) { totalCount } } } }"""
    (error,) = (await bare.ask("ann", both, a=record, b=other, c=cursor))["errors"]
    assert error["extensions"]["field"] == ["after"]


async def test_many_records_are_one_fetch(bare: World) -> None:
    for number in range(3):
        await deal(bare, f"Deal {number}", notes="a")
    fetches = []
    plain = bare.spaces.history

    async def counting(fetch: Any) -> Any:
        fetches.append(len(fetch.records))
        return await plain(fetch)

    bare.spaces.history = counting  # type: ignore[method-assign]  # counts, and does the same
    query = """{ opportunities(first: 9, where: {name: {startsWith: "Deal"}}) { nodes {
      history(first: 1) { nodes { event company { name } } } } } }"""
    nodes = (await bare.data("ann", query))["opportunities"]["nodes"]
    assert [node["history"]["nodes"][0]["event"] for node in nodes] == ["SIDE"] * 3
    assert fetches == [3]


async def test_a_dropped_field_has_no_history_and_neither_has_its_successor(bare: World) -> None:
    region = {"key": "region", "type": "TEXT", "label": "Region"}
    seats = {"key": "seats", "type": "INTEGER", "label": "Seats"}
    made: dict[str, Any] = {"kind": "OPPORTUNITY", "key": "extra", "label": "Extra"}
    text = """mutation($input: DefineTemplateInput!) { defineTemplate(input: $input) {
      template { id } userErrors { code } } }"""

    async def declare(*fields: Any, **given: Any) -> str:
        found = await bare.data("ada", text, input={**made, "fields": list(fields), **given})
        return str(found["defineTemplate"]["template"]["id"])

    id_ = await declare(region, seats)
    record = await deal(bare, "One", region="a", seats=1)
    await bare.done("ann", "updateOpportunity", id=record, mine={"region": "b", "seats": 2})
    await bare.done("ann", "shareFields", recordId=record, fields=["region"], audience={"kind": "PARTICIPANTS"})
    rows = [("SHARING", "region"), ("FIELD", "seats"), ("FIELD", "region"), ("SIDE", None), ("OPENED", None)]
    assert sorted(row[:2] for row in (await told(bare, "ann", record))[:3]) == sorted(rows[:3])
    await declare(seats, templateId=id_)
    kept = [("FIELD", "seats", 1, 2), ("SIDE", None, None, None), ("OPENED", None, None, None)]
    assert await told(bare, "ann", record) == kept
    (error,) = (await bare.ask("ann", HISTORY, id=record, first=1, fields=["region"]))["errors"]
    assert error["extensions"] == {"code": "BAD_INPUT", "field": ["fields", "0"]}
    await declare(region, seats, templateId=id_)
    assert await told(bare, "ann", record) == kept
    await bare.done("ann", "updateOpportunity", id=record, mine={"region": "c"})
    assert (await told(bare, "ann", record))[0] == ("FIELD", "region", None, "c")


@pytest.mark.parametrize("backend", BACKENDS)
async def test_a_policy_of_ones_own_company_closes_history_with_the_field(backend: str, tmp_path: Path) -> None:
    spaces = open_spaces(backend, tmp_path)
    await add_people(spaces)
    closing = """
    deny_side_field(viewer, "read", side, "amount", "readers do not see amounts") if
        side.own = true and "reader" in viewer.roles and side.stage = "COMMITTED";
    deny_joint_field(viewer, "read", _record, "name", "nor names") if "reader" in viewer.roles;
    """
    world = World(spaces, policy_texts={company("acme"): closing})
    record = await deal(world, "One", stage="QUALIFIED", amount=usd("10"))
    await world.done("ann", "updateOpportunity", id=record, joint={"name": "Two"}, mine={"amount": usd("20")})
    names = [("JOINT", "name"), ("FIELD", "amount"), ("SIDE", None), ("OPENED", None)]
    assert [row[:2] for row in await told(world, "ann", record)] == names
    assert [row[:2] for row in await told(world, "abe", record)] == names[1:]
    await world.done("ann", "updateOpportunity", id=record, mine={"stage": "COMMITTED"})
    assert [row[:2] for row in await told(world, "ann", record)] == [("FIELD", "stage"), *names]
    assert [row[:2] for row in await told(world, "abe", record)] == [("FIELD", "stage"), *names[2:]]
    assert await told(world, "abe", record, fields=["amount", "name"]) == []
    await spaces.close()
