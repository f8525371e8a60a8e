"""Every mutation of the contract: what it does, what it refuses, and that a refusal changes nothing."""

from typing import Any, cast

import pytest

from tests.gateway.deals import deal, mine, partners, usd, version
from tests.gateway.people import company, made_id, person
from tests.gateway.world import World

UNKNOWN = made_id("opp", "never issued")


async def test_create_stores_what_is_given_and_no_more(live: World) -> None:
    text = """mutation($input: CreateOpportunityInput!) { createOpportunity(input: $input) {
      clientMutationId userErrors { code }
      opportunity { id }
      record { name owner { name } customer { name country segment } motion engagementStage sourcedBy { name }
        participants { company { name } role status }
        mine { stage amount { amount currency } primaryNeeds
          owner { name } lineItems { name quantity unitPrice { amount } }
          teamContact { name email phone } crmRef { system id url } notes } } } }"""
    given = {
        "name": "Create",
        "customer": {"name": "Customer", "country": "DE"},
        "motion": "CO_SELL",
        "sourcedBy": company("bolt"),
        "invite": [company("bolt"), company("bolt")],
        "clientMutationId": "create",
        "mine": {
            "stage": "PROSPECT",
            "amount": {"amount": "1.1", "currency": "KWD"},
            "primaryNeeds": [],
            "owner": person("amy"),
            "lineItems": [{"name": "Thing", "quantity": 2.5, "unitPrice": {"amount": "3", "currency": "JPY"}}],
            "teamContact": {"name": "Pat", "email": "pat@acme.example"},
            "crmRef": {"system": "crm", "id": "create"},
        },
    }
    payload = (await live.data("ann", text, input=given))["createOpportunity"]
    assert payload.pop("opportunity")["id"].startswith("opp_")
    assert payload == {
        "clientMutationId": "create",
        "userErrors": [],
        "record": {
            "name": "Create",
            "owner": {"name": "Acme"},
            "customer": {"name": "Customer", "country": "DE", "segment": None},
            "motion": "CO_SELL",
            "engagementStage": "IDENTIFIED",
            "sourcedBy": {"name": "Bolt"},
            "participants": [
                {"company": {"name": "Acme"}, "role": "OWNER", "status": "ACCEPTED"},
                {"company": {"name": "Bolt"}, "role": "PARTICIPANT", "status": "INVITED"},
            ],
            "mine": {
                "stage": "PROSPECT",
                "amount": {"amount": "1.100", "currency": "KWD"},
                "primaryNeeds": [],
                "owner": {"name": "Amy"},
                "lineItems": [{"name": "Thing", "quantity": 2.5, "unitPrice": {"amount": "3"}}],
                "teamContact": {"name": "Pat", "email": "pat@acme.example", "phone": None},
                "crmRef": {"system": "crm", "id": "create", "url": None},
                "notes": None,
            },
        },
    }


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"name": " "}, "BAD_INPUT", ["name"]),
        ({"name": "x", "customer": {"country": "XX"}}, "BAD_INPUT", ["customer", "country"]),
        ({"name": "x\x00"}, "BAD_INPUT", ["name"]),
        ({"name": "x", "mine": {"amount": {"amount": "1.234", "currency": "USD"}}}, "BAD_INPUT", ["mine", "amount"]),
        ({"name": "x", "mine": {"probability": 101}}, "BAD_INPUT", ["mine", "probability"]),
        ({"name": "x", "mine": {"owner": person("bob")}}, "NOT_FOUND", ["mine", "owner"]),
        ({"name": "x", "mine": {"owner": person("ali")}}, "NOT_FOUND", ["mine", "owner"]),
        ({"name": "x", "mine": {"owner": person("nobody")}}, "NOT_FOUND", ["mine", "owner"]),
        ({"name": "x", "mine": {"solutions": [made_id("sol", "no")]}}, "NOT_FOUND", ["mine", "solutions", "0"]),
        ({"name": "x", "sourcedBy": made_id("co", "no")}, "NOT_FOUND", ["sourcedBy"]),
        ({"name": "x", "invite": [made_id("co", "no")]}, "NOT_FOUND", ["invite", "0"]),
        ({"name": "x", "invite": [company("acme")]}, "BAD_INPUT", ["invite"]),
        ({"name": "x", "invite": [made_id("co", str(n)) for n in range(101)]}, "BAD_INPUT", ["invite"]),
        ({"name": "x", "clientMutationId": ""}, "BAD_INPUT", ["clientMutationId"]),
        ({"name": "x", "clientMutationId": "k" * 201}, "BAD_INPUT", ["clientMutationId"]),
    ],
)  # fmt: skip # a table, a row a line
async def test_create_refuses_bad_input(live: World, given: Any, code: str, field: list[str]) -> None:
    count = "{ opportunities(first: 1) { totalCount } }"
    before = await live.data("ann", count)
    found, where = await live.refused("ann", "createOpportunity", **given)
    assert (found, (where or [])[: len(field)]) == (code, field)
    assert await live.data("ann", count) == before


async def test_a_natural_key_is_unique_in_a_space_and_says_nothing_of_other_spaces(live: World) -> None:
    ref = {"system": "crm", "id": "unique"}
    first = await deal(live, "Key 1", crmRef=ref)
    assert await live.refused("ann", "createOpportunity", name="Key 2", mine={"crmRef": ref}) == (
        "NATURAL_KEY_TAKEN",
        ["mine", "crmRef"],
    )
    second = await deal(live, "Key 3")
    assert (await live.refused("ann", "updateOpportunity", id=second, mine={"crmRef": ref}))[0] == "NATURAL_KEY_TAKEN"
    await live.done("ann", "updateOpportunity", id=first, mine={"crmRef": {**ref, "url": "https://crm.example/"}})
    assert await deal(live, "Key 4", by="bob", crmRef=ref)  # another company's is none of its business


async def test_update_changes_just_the_named_fields_and_null_clears(live: World) -> None:
    record = await deal(live, "Update", stage="PROSPECT", amount=usd("1"), notes="n", probability=5)
    await live.done("ann", "updateOpportunity", id=record, mine={"amount": usd("2"), "notes": None})
    found = await mine(live, "ann", record)
    del found["version"]
    assert found == {"stage": "PROSPECT", "amount": usd("2.00"), "probability": 5, "nextStep": None, "notes": None}
    joint = "query($id: ID!) { opportunity(id: $id) { name motion customer { name country } } }"
    await live.done(
        "ann", "updateOpportunity", id=record, joint={"motion": "RESELL", "customer": {"name": "C", "country": "GB"}}
    )
    await live.done("ann", "updateOpportunity", id=record, joint={"customer": {"country": None}})
    expected: dict[str, Any] = {"name": "Update", "motion": "RESELL", "customer": {"name": "C", "country": None}}
    await live.check("ann", joint, {"id": record}, {"opportunity": expected})
    await live.done("ann", "updateOpportunity", id=record, joint={"customer": None, "motion": None})
    expected = {"name": "Update", "motion": None, "customer": {"name": None, "country": None}}
    await live.check("ann", joint, {"id": record}, {"opportunity": expected})


async def test_update_refuses_and_changes_nothing(live: World) -> None:
    record = await deal(live, "Refuse", accepted="bolt", invited="core", stage="PROSPECT", notes="kept")
    before = [await mine(live, name, record) for name in ("ann", "bob")]
    lead = await live.done("ann", "createLead", companyName="Lead")
    fine = {"mine": {"notes": "new"}}
    assert await live.refused("ann", "updateOpportunity", id=record, joint={"name": None}) == (
        "BAD_INPUT",
        ["joint", "name"],
    )
    assert (await live.refused("ann", "updateOpportunity", id=record, mine={"notes": "x", "probability": -1}))[
        0
    ] == "BAD_INPUT"
    assert await live.refused("bob", "updateOpportunity", id=record, joint={"motion": "RESELL"}) == (
        "FORBIDDEN",
        ["joint", "motion"],
    )
    assert (await live.refused("bob", "updateOpportunity", id=record, joint={"motion": "RESELL"}, **fine))[
        0
    ] == "FORBIDDEN"
    assert await live.refused("abe", "updateOpportunity", id=record, **fine) == ("FORBIDDEN", ["mine", "notes"])
    assert await live.refused("cat", "updateOpportunity", id=record, **fine) == ("FORBIDDEN", ["mine", "notes"])
    assert await live.refused("ann", "updateLead", id=record, mine={"score": 1}) == ("NOT_FOUND", ["id"])
    assert await live.refused("ann", "updateOpportunity", id=lead, **fine) == ("NOT_FOUND", ["id"])
    assert await live.refused("eve", "updateOpportunity", id=record, **fine) == ("NOT_FOUND", ["id"])
    assert await live.refused("ann", "updateOpportunity", id=record, ifVersion="forged", **fine) == (
        "BAD_INPUT",
        ["ifVersion"],
    )
    assert [await mine(live, name, record) for name in ("ann", "bob")] == before


async def test_a_stale_version_is_a_conflict_and_changes_nothing(live: World) -> None:
    record = await deal(live, "Version", accepted="bolt", notes="0")
    other = await deal(live, "Version other", notes="0")
    old = await version(live, "ann", record)
    await live.done("ann", "updateOpportunity", id=record, mine={"notes": "1"}, ifVersion=old)
    stale = await live.refused("ann", "updateOpportunity", id=record, mine={"notes": "2"}, ifVersion=old)
    assert stale == ("VERSION_CONFLICT", ["ifVersion"])
    stale = await live.refused("ann", "updateOpportunity", id=record, joint={"motion": "RESELL"}, ifVersion=old)
    assert stale == ("VERSION_CONFLICT", ["ifVersion"])
    assert (await mine(live, "ann", record))["notes"] == "1"
    for foreign in (await version(live, "ann", other), await version(live, "bob", record)):
        refused = await live.refused("ann", "updateOpportunity", id=record, mine={"notes": "3"}, ifVersion=foreign)
        assert refused == ("BAD_INPUT", ["ifVersion"])
    now = await version(live, "ann", record)
    await live.done("bob", "updateOpportunity", id=record, mine={"notes": "theirs", "nextStep": "theirs"})
    assert await version(live, "ann", record) == now  # another company's writes do not move it
    await live.done("ann", "updateOpportunity", id=record, mine={"notes": "4"}, ifVersion=now)


async def test_a_lifecycle_makes_just_its_moves(live: World) -> None:
    record = await deal(live, "Moves", stage="PROSPECT")
    where = ["mine", "stage"]
    await live.done("ann", "updateOpportunity", id=record, mine={"stage": "PROSPECT"})
    await live.done("ann", "updateOpportunity", id=record, mine={"stage": "CLOSED_LOST"})
    for stage in ("LAUNCHED", None):
        assert await live.refused("ann", "updateOpportunity", id=record, mine={"stage": stage}) == (
            "ILLEGAL_MOVE",
            where,
        )
    await live.done("ann", "updateOpportunity", id=record, mine={"stage": "QUALIFIED"})
    assert (await mine(live, "ann", record))["stage"] == "QUALIFIED"
    await live.done("ann", "updateOpportunity", id=record, joint={"engagementStage": "WON"})
    refused = await live.refused(
        "ann", "updateOpportunity", id=record, joint={"engagementStage": "LOST"}, mine={"notes": "x"}
    )
    assert refused == ("ILLEGAL_MOVE", ["joint", "engagementStage"])
    assert (await mine(live, "ann", record))["notes"] is None


async def test_a_history_keeps_each_value_that_was_really_set(live: World) -> None:
    record = await deal(live, "History", accepted="bolt", nextStep="one")
    for value in ("one", "two", None):
        await live.done("ann", "updateOpportunity", id=record, mine={"nextStep": value})
    text = "query($id: ID!) { opportunity(id: $id) { mine { nextStepsHistory { at value } } } }"
    found = (await live.data("ann", text, id=record))["opportunity"]["mine"]["nextStepsHistory"]
    assert [entry["value"] for entry in found] == ["one", "two", None]
    assert [entry["at"] for entry in found] == sorted({entry["at"] for entry in found})
    theirs = text.replace("mine", "partners")
    (side,) = (await live.data("bob", theirs, id=record))["opportunity"]["partners"]
    assert side == {"nextStepsHistory": None}


async def test_a_refused_reader_may_read_and_nothing_else(live: World) -> None:
    record = await deal(live, "Reader", accepted="bolt", notes="n")
    opened = await deal(live, "Reader invited", by="bob", invited="acme")
    audience = {"kind": "PARTICIPANTS"}
    assert (await live.refused("abe", "createOpportunity", name="x"))[0] == "FORBIDDEN"
    assert (await live.refused("abe", "updateOpportunity", id=record, joint={"name": "x"}))[0] == "FORBIDDEN"
    assert (await live.refused("abe", "inviteCompanies", recordId=record, companyIds=[company("core")]))[
        0
    ] == "FORBIDDEN"
    assert (await live.refused("abe", "respondToInvitation", recordId=opened, accept=True))[0] == "FORBIDDEN"
    assert (await live.refused("abe", "withdraw", recordId=record))[0] == "FORBIDDEN"
    assert (await live.refused("abe", "shareFields", recordId=record, fields=["notes"], audience=audience))[
        0
    ] == "FORBIDDEN"
    assert (await mine(live, "abe", record))["notes"] == "n"


async def test_share_fields_refuses_and_changes_nothing(live: World) -> None:
    record = await deal(live, "Share refused", accepted="bolt", invited="core", notes="secret")
    everyone = {"kind": "PARTICIPANTS"}

    async def refused(who: str, fields: list[str], audience: dict[str, Any], record: str = record) -> Any:
        return await live.refused(who, "shareFields", recordId=record, fields=fields, audience=audience)

    assert await refused("ann", ["notes", "nonsense"], everyone) == ("UNKNOWN_FIELD", ["fields", "1"])
    assert await refused("ann", ["name"], everyone) == ("UNKNOWN_FIELD", ["fields", "0"])  # a joint field
    assert await refused("ann", [], everyone) == ("BAD_INPUT", ["fields"])
    assert await refused("ann", ["notes"], {"kind": "SELECTED"}) == ("BAD_INPUT", ["audience", "companies"])
    assert (await refused("ann", ["notes"], {**everyone, "companies": [company("bolt")]}))[0] == "BAD_INPUT"
    assert (await refused("ann", ["notes"], {"kind": "SELECTED", "companies": [made_id("co", "x")]}))[0] == "NOT_FOUND"
    assert (await refused("ann", ["notes"], {"kind": "SELECTED", "people": [person("ali")]}))[0] == "NOT_FOUND"
    assert await refused("cat", ["notes"], everyone) == ("FORBIDDEN", ["recordId"])
    assert await refused("eve", ["notes"], everyone) == ("NOT_FOUND", ["recordId"])
    assert await refused("ann", ["notes"], everyone, UNKNOWN) == ("NOT_FOUND", ["recordId"])
    assert (await partners(live, "bob", record))["Acme"]["notes"] is None


async def test_sharing_is_shown_to_its_owner_alone(live: World) -> None:
    record = await deal(live, "Sharing", accepted="bolt")
    audience = {"kind": "SELECTED", "companies": [company("bolt")], "people": [person("bea")]}
    await live.done("ann", "shareFields", recordId=record, fields=["notes"], audience=audience)
    text = """query($id: ID!) { opportunity(id: $id) {
      mine { sharing { field audience { kind companies { id } people { id name } } } } } }"""
    rows = (await live.data("ann", text, id=record))["opportunity"]["mine"]["sharing"]
    found = {row["field"]: row["audience"] for row in rows}
    kind = live.catalog.by_name["opportunity"]
    assert list(found) == [f.name for f in kind.side]
    for field in kind.side:
        usual = {"kind": field.audience.upper(), "companies": [], "people": []}
        chosen = {
            "kind": "SELECTED",
            "companies": [{"id": company("bolt")}],
            "people": [{"id": person("bea"), "name": "Bea"}],
        }
        assert found[field.name] == (chosen if field.name == "notes" else usual)
    assert (await partners(live, "bob", record))["Acme"]["sharing"] is None
    assert (await partners(live, "bob", record))["Acme"]["version"] is None


async def test_a_writer_leaves_links_that_it_cannot_see_where_they_are(live: World) -> None:
    hidden = await live.done("ann", "createSolution", name="Hidden")
    shown = await live.done("ann", "createSolution", name="Shown", complementary=[hidden])
    ids = [company("bolt")]
    await live.done("ann", "inviteCompanies", recordId=shown, companyIds=ids, role="COLLABORATOR")
    await live.done("bob", "respondToInvitation", recordId=shown, accept=True)
    links = "query($id: ID!) { solution(id: $id) { complementary { id } } }"
    before = await live.data("bob", links, id=shown)
    for written in cast("list[list[str] | None]", [[], None]):
        await live.done("bob", "updateSolution", id=shown, joint={"complementary": written})
        assert await live.data("bob", links, id=shown) == before
        await live.check("ann", links, {"id": shown}, {"solution": {"complementary": [{"id": hidden}]}})


async def test_writing_what_stands_there_already_moves_nobodys_time(live: World) -> None:
    record = await deal(live, "Same", accepted="bolt")
    seen = "query($id: ID!) { opportunity(id: $id) { updatedAt } }"
    before = await live.data("bob", seen, id=record)
    await live.done("ann", "updateOpportunity", id=record, joint={"name": "Same"})
    await live.check("bob", seen, {"id": record}, before)
    await live.done("ann", "updateOpportunity", id=record, joint={"name": "Other"})
    assert await live.data("bob", seen, id=record) != before
