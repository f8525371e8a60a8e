"""A new kind takes a TOML file and no Python: it is created, shared, filtered and queried as the others are."""

from pathlib import Path
from typing import Any

import pytest

from schema.catalog import load_catalog
from spaces.memory import MemorySpaces
from tests.gateway.people import company, made_id
from tests.gateway.world import World, add_people, open_spaces

BRIDGE = """
kind = "bridge"
plural = "bridges"
type = "Bridge"
prefix = "brg"
doc = "A bridge that several companies build together."
title = "label"

[joint]
label = { type = "Text", required = true, audience = "invited", doc = "What it is called." }
open = { type = "Boolean", audience = "invited", doc = "Whether it may be crossed." }
spans = { type = "Integer", doc = "How many spans it has." }
deals = { type = "[opportunity]", doc = "The deals behind it." }

[side]
paid = { type = "Money", doc = "What this company has paid." }
done = { type = "Boolean", doc = "Whether this company is done." }
hotline = { type = "Phone", doc = "Whom to call." }
share = { type = "Number", audience = "participants", doc = "This company's share of the work." }
review = { type = "ReviewStatus", doc = "Where this company's review stands." }

[lifecycle.review]
initial = "DRAFT"
moves.DRAFT = ["SUBMITTED"]
moves.SUBMITTED = ["IN_REVIEW"]
"""


@pytest.fixture(params=["memory", "sqlite"])
async def bridges(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    (tmp_path / "kinds").mkdir()
    (tmp_path / "kinds" / "bridge.toml").write_text(BRIDGE)
    catalog = load_catalog([tmp_path / "kinds"])
    world = World(open_spaces(request.param, tmp_path / "data", catalog), catalog)
    await add_people(world.spaces)
    yield world
    await world.spaces.close()


SEEN = """query($id: ID!) { bridge(id: $id) { label name open spans deals { name }
  mine { paid { amount } done share review } partners { company { name } paid { amount } done share review } } }"""


async def test_a_kind_of_ones_own(bridges: World) -> None:
    deal = await bridges.done("ann", "createOpportunity", name="Deal")
    record = await bridges.done(
        "ann",
        "createBridge",
        label="Tower",
        open=False,
        spans=3,
        deals=[deal],
        invite=[company("bolt")],
        mine={"paid": {"amount": "5", "currency": "EUR"}, "done": False, "share": 0.5},
    )
    assert record
    assert record.startswith("brg_")
    invited = {
        "label": "Tower",
        "name": "Tower",
        "open": False,
        "spans": None,
        "deals": None,
        "mine": None,
        "partners": [],
    }
    await bridges.check("bob", SEEN, {"id": record}, {"bridge": invited})
    await bridges.done("bob", "respondToInvitation", recordId=record, accept=True)
    ann = {"paid": {"amount": "5.00"}, "done": False, "share": 0.5, "review": "DRAFT"}
    hidden = {"company": {"name": "Acme"}, "paid": None, "done": None, "share": 0.5, "review": None}
    unset = {"paid": None, "done": None, "share": None, "review": "DRAFT"}
    seen = {**invited, "spans": 3, "mine": unset, "partners": [hidden]}  # the deal is hidden from Bob: as none
    await bridges.check("bob", SEEN, {"id": record}, {"bridge": seen})
    audience = {"kind": "SELECTED", "companies": [company("bolt")]}
    await bridges.done("ann", "shareFields", recordId=record, fields=["done", "paid"], audience=audience)
    seen["partners"] = [{**hidden, "done": False, "paid": {"amount": "5.00"}}]
    await bridges.check("bob", SEEN, {"id": record}, {"bridge": seen})
    listed = """{ bridges(first: 5, where: {open: {eq: false}, mine: {done: {ne: true}, paid: {between: [
      {amount: "4", currency: "EUR"}, {amount: "6", currency: "EUR"}]}}}, orderBy: [{mine: PAID, direction: DESC}]) {
      totalCount nodes { id mine { done paid { amount } review share } } } }"""
    page = {"totalCount": 1, "nodes": [{"id": record, "mine": ann}]}
    await bridges.check("ann", listed, {}, {"bridges": page})
    await bridges.check("bob", listed, {}, {"bridges": {"totalCount": 0, "nodes": []}})
    node = "query($id: ID!) { node(id: $id) { __typename id ... on Record { name } ... on Bridge { open } } }"
    expected = {"__typename": "Bridge", "id": record, "name": "Tower", "open": False}
    await bridges.check("ann", node, {"id": record}, {"node": expected})


async def test_a_kind_of_ones_own_is_grouped_by_what_it_has(bridges: World) -> None:
    for label, open_, spans, done in (("A", True, 3, False), ("B", True, 4, None), ("C", None, None, True)):
        mine = {"paid": {"amount": "5", "currency": "EUR"}, "done": done, "share": 0.25}
        await bridges.done("ann", "createBridge", label=label, open=open_, spans=spans, mine=mine)
    text = """{ it: bridgeGroups(by: [{field: OPEN}], measures: [{field: SPANS}, {mine: SHARE}]) { nodes {
      keys { name value } count where totals { name sum average } } } }"""
    seven = {"name": "spans", "sum": "7", "average": "3.5"}
    first = {
        "keys": [{"name": "open", "value": "true"}],
        "count": 2,
        "where": {"open": {"eq": True}},
        "totals": [seven, {"name": "mine.share", "sum": "0.5", "average": "0.25"}],
    }
    second = {
        "keys": [{"name": "open", "value": None}],
        "count": 1,
        "where": {"open": {"isNull": True}},
        "totals": [{"name": "mine.share", "sum": "0.25", "average": "0.25"}],
    }
    await bridges.check("ann", text, {}, {"it": {"nodes": [first, second]}})
    text = "{ it: bridgeGroups(by: [{mine: SHARE}, {mine: DONE}]) { nodes { keys { value } where } } }"
    nodes = (await bridges.data("ann", text))["it"]["nodes"]
    assert [[key["value"] for key in node["keys"]] for node in nodes] == [["0.25", v] for v in (None, "false", "true")]
    for node in nodes:
        listed = "query($where: BridgeWhere) { it: bridges(where: $where, first: 9) { totalCount } }"
        await bridges.check("ann", listed, {"where": node["where"]}, {"it": {"totalCount": 1}})


BARE = """
kind = "stub"
plural = "stubs"
type = "Stub"
prefix = "stb"
doc = "A kind with hardly a field."
title = "label"

[joint]
label = { type = "Text", required = true, audience = "invited", doc = "What it is called." }

[side]
tags = { type = "[Text]", doc = "Labels of this company." }
"""


async def test_a_kind_has_no_argument_that_could_take_nothing(tmp_path: Path) -> None:
    (tmp_path / "kinds").mkdir()
    (tmp_path / "kinds" / "stub.toml").write_text(BARE)
    world = World(MemorySpaces(), load_catalog([tmp_path / "kinds"]))
    types = world.gateway.pipeline.models.base.schema.type_map
    query = types["Query"].fields  # type: ignore[attr-defined]  # an object
    assert list(query["stubGroups"].args) == ["where", "by", "first"]
    assert list(types["StubOrder"].fields) == ["field", "direction"]  # type: ignore[attr-defined]  # an input
    assert list(types["StubGroupBy"].fields) == ["field", "partners", "bucket"]  # type: ignore[attr-defined]  # the same
    await add_people(world.spaces)
    await world.done("ann", "createStub", label="One", invite=[company("bolt")])
    text = "{ it: stubGroups(by: [{field: LABEL}]) { nodes { keys { value } totals { sum } } } }"
    await world.check("ann", text, {}, {"it": {"nodes": [{"keys": [{"value": "One"}], "totals": []}]}})


async def test_coming_back_does_not_start_a_lifecycle_anew(bridges: World) -> None:
    record = str(await bridges.done("ann", "createBridge", label="Back", invite=[company("bolt")]))
    await bridges.done("bob", "respondToInvitation", recordId=record, accept=True)
    await bridges.done("bob", "updateBridge", id=record, mine={"review": "SUBMITTED"})
    refused = await bridges.refused("bob", "updateBridge", id=record, mine={"review": "DRAFT"})
    assert refused == ("ILLEGAL_MOVE", ["mine", "review"])
    await bridges.done("bob", "withdraw", recordId=record)
    await bridges.done("ann", "inviteCompanies", recordId=record, companyIds=[company("bolt")])
    await bridges.done("bob", "respondToInvitation", recordId=record, accept=True)
    found = (await bridges.data("bob", SEEN, id=record))["bridge"]["mine"]
    assert found["review"] == "SUBMITTED"


async def test_an_id_that_is_taken_costs_nothing_but_another_try(tmp_path: Path) -> None:
    ids = iter(["1", "1", "2"])
    world = World(open_spaces("sqlite", tmp_path), new_id=lambda prefix: made_id(prefix, next(ids)))
    await add_people(world.spaces)
    first = await world.done("ann", "createOpportunity", name="First")
    second = await world.done("ann", "createOpportunity", name="Second", mine={"notes": "n"}, invite=[company("bolt")])
    assert second not in (first, None)
    text = "query($id: ID!) { opportunity(id: $id) { name mine { notes } participants { status } } }"
    expected = {
        "name": "Second",
        "mine": {"notes": "n"},
        "participants": [{"status": "ACCEPTED"}, {"status": "INVITED"}],
    }
    await world.check("ann", text, {"id": second}, {"opportunity": expected})
    await world.spaces.close()
