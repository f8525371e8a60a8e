"""What a company says of its people: set by its admins, read by its people, and by nobody else."""

from typing import Any

import pytest

from schema.person_attributes import LONGEST_VALUE, MOST_ATTRIBUTES, MOST_VALUES
from tests.gateway.access import SAY, refused, say
from tests.gateway.people import made_id, person
from tests.gateway.world import World

READ = "query($id: ID!) { node(id: $id) { ... on Person { name attributes { name values } } } }"
SAID = [{"name": "clearance", "values": ["high"]}, {"name": "region", "values": ["EMEA", "APAC"]}]


async def test_attributes_are_kept_and_replaced_as_a_whole(bare: World) -> None:
    assert await say(bare, "ann", region=["EMEA", "APAC", "EMEA"], clearance=["high"], team=[]) == SAID
    for who in ("ann", "abe"):
        assert (await bare.data(who, READ, id=person("ann")))["node"] == {"name": "Ann", "attributes": SAID}
    own = "{ viewer { person { attributes { name values } } } }"
    assert (await bare.data("ann", own))["viewer"]["person"]["attributes"] == SAID
    assert await say(bare, "ann") == []
    assert (await bare.data("ann", own))["viewer"]["person"]["attributes"] == []
    assert await say(bare, "ada", role=["x"]) == [{"name": "role", "values": ["x"]}]  # of itself


async def test_people_of_others_read_none(bare: World) -> None:
    await say(bare, "ann", region=["EMEA"])
    await bare.done("ann", "updateOpportunity", id=bare.id("Alpha"), mine={"owner": person("ann")})
    shared = {"recordId": bare.id("Alpha"), "fields": ["owner"], "audience": {"kind": "PARTICIPANTS"}}
    await bare.done("ann", "shareFields", **shared)
    text = "query($id: ID!) { opportunity(id: $id) { partners { owner { name attributes { name } } } } }"
    found = (await bare.data("bob", text, id=bare.id("Alpha")))["opportunity"]["partners"]
    assert found == [{"owner": {"name": "Ann", "attributes": None}}]


async def test_admins_of_the_own_company_alone_set_them(bare: World) -> None:
    given: dict[str, Any] = {"personId": person("ann"), "attributes": []}
    assert (await refused(bare, SAY, "ann", **given))["code"] == "FORBIDDEN"
    strange = await refused(bare, SAY, "bud", **given)
    assert strange == await refused(bare, SAY, "bud", **{**given, "personId": made_id("pe", "never")})
    assert (strange["code"], strange["field"]) == ("NOT_FOUND", ["personId"])


BAD: list[tuple[list[dict[str, Any]], str]] = [
    ([{"name": "Region", "values": ["x"]}], "attributes[0].name: A name begins with a small letter"),
    ([{"name": "a" * 41, "values": ["x"]}], "attributes[0].name: A name begins with a small letter"),
    ([{"name": "a", "values": []}] * 2, "attributes[1].name: This attribute stands here twice."),
    ([{"name": "a", "values": [""]}], "attributes[0].values[0]: This may not be blank."),
    ([{"name": "a", "values": ["x\u202ey"]}], "attributes[0].values[0]: This has a character that cannot be printed."),
    ([{"name": "a", "values": ["x" * (LONGEST_VALUE + 1)]}], "attributes[0].values[0]: This is longer than"),
    ([{"name": "a", "values": ["x"] * (MOST_VALUES + 1)}], "attributes[0].values: These are more than 50."),
    ([{"name": f"a{n}", "values": ["x"]} for n in range(MOST_ATTRIBUTES + 1)], "attributes: A person has at most 30"),
]


@pytest.mark.parametrize(("given", "told"), BAD)
async def test_bad_attributes_change_nothing(bare: World, given: list[dict[str, Any]], told: str) -> None:
    await say(bare, "ann", region=["EMEA"])
    error = await refused(bare, SAY, personId=person("ann"), attributes=given)
    assert error["code"] == "BAD_INPUT"
    assert error["message"].startswith(told), error
    found = (await bare.data("ann", READ, id=person("ann")))["node"]["attributes"]
    assert found == [{"name": "region", "values": ["EMEA"]}]
