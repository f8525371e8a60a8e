"""Who takes part: inviting, answering, leaving, coming back, and what each of them sees meanwhile."""

import asyncio
from typing import Any

from tests.gateway.deals import deal, mine, partners
from tests.gateway.people import company, made_id
from tests.gateway.world import World

SEEN = """query($id: ID!) { opportunity(id: $id) {
  name customer { name segment } engagementStage mine { notes } partners { company { name } notes }
  participants { company { name } role status message }
} }"""


async def test_an_invited_company_sees_the_fields_for_invitees_and_no_side(live: World) -> None:
    record = await deal(live, "Invited", accepted="bolt", invited="core")
    joint = {"customer": {"name": "Customer", "segment": "ENTERPRISE"}}
    await live.done("ann", "updateOpportunity", id=record, joint=joint)
    seen = {
        "name": "Invited",
        "customer": {"name": "Customer", "segment": None},
        "engagementStage": None,
        "mine": None,
        "partners": [],
        "participants": [
            {"company": {"name": "Acme"}, "role": "OWNER", "status": "ACCEPTED", "message": None},
            {"company": {"name": "Core"}, "role": "PARTICIPANT", "status": "INVITED", "message": None},
        ],
    }
    await live.check("cat", SEEN, {"id": record}, {"opportunity": seen})


async def test_withdrawing_hides_at_once_and_coming_back_finds_the_side_again(live: World) -> None:
    record = await deal(live, "Withdraw", accepted="bolt core", notes="ours")
    await live.done("bob", "updateOpportunity", id=record, mine={"nextStep": "shared", "notes": "theirs"})
    assert (await partners(live, "ann", record))["Bolt"]["nextStep"] == "shared"
    assert await live.done("bob", "withdraw", recordId=record) is None
    assert list(await partners(live, "ann", record)) == ["Core"]
    await live.check("bob", SEEN, {"id": record}, {"opportunity": None})
    assert await live.refused("bob", "withdraw", recordId=record) == ("NOT_FOUND", ["recordId"])
    assert await live.refused("bob", "updateOpportunity", id=record, mine={"notes": "x"}) == ("NOT_FOUND", ["id"])
    await live.done("ann", "inviteCompanies", recordId=record, companyIds=[company("bolt")], message="Again?")
    assert (await mine_or_none(live, "bob", record)) is None
    assert list(await partners(live, "ann", record)) == ["Core"]
    await live.done("bob", "respondToInvitation", recordId=record, accept=True)
    assert (await mine(live, "bob", record))["notes"] == "theirs"
    assert list(await partners(live, "ann", record)) == ["Core", "Bolt"]  # in the order in which they joined


async def mine_or_none(world: World, name: str, record: str) -> object:
    return (await world.data(name, SEEN, id=record))["opportunity"]["mine"]


async def test_inviting(live: World) -> None:
    record = await deal(live, "Invite", accepted="bolt")

    async def invite(who: str, *companies: str, role: str = "PARTICIPANT", message: str | None = None) -> object:
        ids = [company(c) for c in companies]
        payload = await live.change(who, "inviteCompanies", recordId=record, companyIds=ids, role=role, message=message)
        return [(e["code"], e["field"]) for e in payload["userErrors"]] or payload["record"]["id"]

    assert await invite("bob", "core") == [("FORBIDDEN", ["recordId"])]
    assert await invite("eve", "core") == [("NOT_FOUND", ["recordId"])]
    assert await invite("ann") == [("BAD_INPUT", ["companyIds"])]
    assert await invite("ann", "core", role="OWNER") == [("BAD_INPUT", ["role"])]
    assert await invite("ann", "core", message="x" * 1001) == [("BAD_INPUT", ["message"])]
    assert await invite("ann", "core", message="a\x00b") == [("BAD_INPUT", ["message"])]
    assert await invite("ann", "core", "bolt") == [("ALREADY_PARTICIPANT", ["companyIds", "1"])]
    assert await invite("ann", "acme") == [("ALREADY_PARTICIPANT", ["companyIds", "0"])]
    unknown = await live.refused("ann", "inviteCompanies", recordId=record, companyIds=[made_id("co", "x")])
    assert unknown == ("NOT_FOUND", ["companyIds", "0"])
    await live.check("cat", SEEN, {"id": record}, {"opportunity": None})  # nothing came of all that
    assert await invite("ann", "core", role="COLLABORATOR", message="Join us") == record
    assert await invite("ann", "core", role="COLLABORATOR") == record  # as it stands
    (own,) = [
        p
        for p in (await live.data("cat", SEEN, id=record))["opportunity"]["participants"]
        if p["company"]["name"] == "Core"
    ]
    assert own == {"company": {"name": "Core"}, "role": "COLLABORATOR", "status": "INVITED", "message": "Join us"}
    await live.done("cat", "respondToInvitation", recordId=record, accept=True)
    assert await invite("cat", "dune") == record  # a collaborator may


async def test_answering(live: World) -> None:
    record = await deal(live, "Answer", invited="bolt core")
    for who, code in (("ann", "NOT_INVITED"), ("dan", "NOT_FOUND"), ("eve", "NOT_FOUND")):
        assert await live.refused(who, "respondToInvitation", recordId=record, accept=True) == (code, ["recordId"])
    await live.done("bob", "respondToInvitation", recordId=record, accept=True)
    assert (await live.refused("bob", "respondToInvitation", recordId=record, accept=False))[0] == "NOT_INVITED"
    assert await live.done("cat", "respondToInvitation", recordId=record, accept=False) is None
    await live.check("cat", SEEN, {"id": record}, {"opportunity": None})
    statuses = [(p["company"]["name"], p["status"]) for p in await participants(live, "ann", record)]
    assert statuses == [("Acme", "ACCEPTED"), ("Bolt", "ACCEPTED"), ("Core", "DECLINED")]
    assert [p["company"]["name"] for p in await participants(live, "bob", record)] == ["Acme", "Bolt"]


async def participants(world: World, name: str, record: str) -> list[dict[str, Any]]:
    return list((await world.data(name, SEEN, id=record))["opportunity"]["participants"])


async def test_the_owner_may_not_leave(live: World) -> None:
    record = await deal(live, "Owner", accepted="bolt")
    assert await live.refused("ann", "withdraw", recordId=record) == ("FORBIDDEN", ["recordId"])


async def test_accepting_takes_the_role_that_is_offered_at_that_time(live: World) -> None:
    for turn in range(8):
        record = await deal(live, f"Race {turn}")
        ids = [company("bolt")]
        await live.done("ann", "inviteCompanies", recordId=record, companyIds=ids, role="COLLABORATOR")
        lowered, answered = await asyncio.gather(
            live.change("ann", "inviteCompanies", recordId=record, companyIds=ids, role="VIEWER"),
            live.change("bob", "respondToInvitation", recordId=record, accept=True),
        )
        assert answered["userErrors"] == []
        found = await live.data("ann", "query($id: ID!) { opportunity(id: $id) { participants { role } } }", id=record)
        role = found["opportunity"]["participants"][1]["role"]
        assert role == ("COLLABORATOR" if lowered["userErrors"] else "VIEWER")


async def test_inviting_again_with_other_words_says_them(live: World) -> None:
    record = await deal(live, "Words", invited="bolt")
    text = "query($id: ID!) { opportunity(id: $id) { participants { message } } }"
    for words in ("First", "Second"):
        ids = [company("bolt")]
        await live.done("ann", "inviteCompanies", recordId=record, companyIds=ids, message=words)
        found = await live.data("bob", text, id=record)
        assert found["opportunity"]["participants"][1]["message"] == words
