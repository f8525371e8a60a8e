"""Association rules: who is on a record by them, and who no more, over GraphQL."""

from typing import Any

import pytest

from tests.gateway.access import define as define_policy
from tests.gateway.access import policy
from tests.gateway.associations import BIG, DEFINE, GERMAN, RETIRE, RULES, define, inside, refused, retire, rule, stage
from tests.gateway.deals import deal, usd
from tests.gateway.people import company, person
from tests.gateway.world import World

DAN = "query($id: ID!) { opportunity(id: $id) { name participants { company { name } role status message } } }"


async def test_records_gain_and_lose_companies_as_they_match(bare: World) -> None:
    made = await define(bare, rule("dune", "core", role="VIEWER", message="Join us"))
    assert made["id"].startswith("asr_")
    assert (made["version"], made["inForce"], made["role"]) == (1, True, "VIEWER")
    small = await deal(bare, "Small", stage="PROSPECT")
    big = await deal(bare, "Big", accepted="bolt", stage="QUALIFIED", amount=usd("5.00"))
    assert await inside(bare, small) == {}
    assert await inside(bare, big) == {"bolt": "ACCEPTED", "dune": "INVITED", "core": "INVITED"}
    told = (await bare.data("dan", DAN, id=big))["opportunity"]["participants"]
    assert {"company": {"name": "Dune"}, "role": "VIEWER", "status": "INVITED", "message": "Join us"} in told
    await stage(bare, small, "COMMITTED")
    assert await inside(bare, small) == {"dune": "INVITED", "core": "INVITED"}
    await bare.done("dan", "respondToInvitation", recordId=big, accept=True)
    await stage(bare, big, "PROSPECT")
    assert await inside(bare, big) == {"bolt": "ACCEPTED", "dune": "WITHDRAWN", "core": "WITHDRAWN"}
    assert (await bare.data("dan", DAN, id=big))["opportunity"] is None
    await stage(bare, big, "QUALIFIED")
    assert await inside(bare, big) == {"bolt": "ACCEPTED", "dune": "INVITED", "core": "INVITED"}


async def test_who_was_invited_by_hand_or_decided_itself_is_left_alone(bare: World) -> None:
    await define(bare, rule("bolt", "core", "dune", "echo"))
    record = await deal(bare, "One", invited="bolt", stage="PROSPECT")
    await stage(bare, record, "QUALIFIED")
    await bare.done("cat", "respondToInvitation", recordId=record, accept=False)
    await bare.done("dan", "respondToInvitation", recordId=record, accept=True)
    await bare.done("dan", "withdraw", recordId=record)
    await bare.done("ann", "inviteCompanies", recordId=record, companyIds=[company("echo")])
    now = {"bolt": "INVITED", "core": "DECLINED", "dune": "WITHDRAWN", "echo": "INVITED"}
    assert await inside(bare, record) == now
    for value in ("PROSPECT", "QUALIFIED", "COMMITTED"):
        await stage(bare, record, value)
        assert await inside(bare, record) == now


async def test_a_rule_that_is_retired_or_narrowed_takes_off_whom_it_alone_brought(bare: World) -> None:
    wide = await define(bare, rule("core", "dune"))
    twice = await define(bare, rule("core", conditions=[]))
    records = [await deal(bare, f"Deal {n}", invited="bolt", stage="QUALIFIED") for n in range(3)]
    await define(bare, rule("core", "dune", "echo", ruleId=wide["id"]))  # a wider rule does not reach back
    both = {"bolt": "INVITED", "core": "INVITED", "dune": "INVITED"}
    assert [await inside(bare, each) for each in records] == [both] * 3
    await stage(bare, records[0], "COMMITTED")
    assert (await inside(bare, records[0]))["echo"] == "INVITED"
    narrow = [{"field": "stage", "op": "EQ", "value": "COMMITTED"}]
    await define(bare, rule("core", "dune", "echo", ruleId=wide["id"], conditions=narrow))
    without = {"bolt": "INVITED", "core": "INVITED", "dune": "WITHDRAWN"}
    assert await inside(bare, records[0]) == {**both, "echo": "INVITED"}
    assert [await inside(bare, each) for each in records[1:]] == [without] * 2
    await retire(bare, wide["id"])
    await retire(bare, twice["id"])
    gone = {"bolt": "INVITED", "core": "WITHDRAWN", "dune": "WITHDRAWN"}
    assert [await inside(bare, each) for each in records[1:]] == [gone] * 2
    assert (await bare.data("ada", RULES))["associationRules"] == []


async def test_a_partners_write_takes_off_what_can_match_no_more(bare: World) -> None:
    await define(bare, rule("dune", conditions=[*BIG, *GERMAN]))
    record = await bare.done(
        "ann", "createOpportunity", name="One", customer={"name": "X", "country": "DE"}, mine={"stage": "QUALIFIED"}
    )
    assert record
    await bare.done("ann", "inviteCompanies", recordId=record, companyIds=[company("bolt")], role="COLLABORATOR")
    await bare.done("bob", "respondToInvitation", recordId=record, accept=True)
    assert (await inside(bare, record))["dune"] == "INVITED"
    await bare.done("bob", "updateOpportunity", id=record, joint={"name": "Two"})
    assert (await inside(bare, record))["dune"] == "INVITED"
    await bare.done("bob", "updateOpportunity", id=record, joint={"customer": {"country": "FR"}})
    assert (await inside(bare, record))["dune"] == "WITHDRAWN"
    await bare.done("bob", "updateOpportunity", id=record, joint={"customer": {"country": "DE"}})
    assert (await inside(bare, record))["dune"] == "WITHDRAWN"  # comes back when its own company writes
    await stage(bare, record, "COMMITTED")
    assert (await inside(bare, record))["dune"] == "INVITED"


async def test_rules_of_others_and_of_those_who_may_not_invite_do_nothing(bare: World) -> None:
    await define(bare, rule("dune", conditions=[]), "bud")
    record = await deal(bare, "One", accepted="bolt", stage="QUALIFIED")
    await bare.done("bob", "updateOpportunity", id=record, mine={"stage": "QUALIFIED"})
    assert await inside(bare, record) == {"bolt": "ACCEPTED"}
    other = await deal(bare, "Two", stage="QUALIFIED")
    await bare.done("ann", "inviteCompanies", recordId=other, companyIds=[company("bolt")], role="COLLABORATOR")
    await bare.done("bob", "respondToInvitation", recordId=other, accept=True)
    await stage(bare, other, "COMMITTED")
    assert await inside(bare, other) == {"bolt": "ACCEPTED"}
    await bare.done("bob", "updateOpportunity", id=other, mine={"stage": "QUALIFIED"})
    assert await inside(bare, other) == {"bolt": "ACCEPTED", "dune": "INVITED"}
    await define(bare, rule("core", conditions=[]))
    await stage(bare, other, "QUALIFIED")  # rules of the one leave alone whom the other's brought
    assert await inside(bare, other) == {"bolt": "ACCEPTED", "dune": "INVITED", "core": "INVITED"}
    await bare.done("bob", "withdraw", recordId=other)
    assert await inside(bare, other) == {"bolt": "WITHDRAWN", "dune": "WITHDRAWN", "core": "INVITED"}


SEEN = """query($id: ID!) { opportunity(id: $id) { name customer { country } createdAt updatedAt
  mine { version } partners { company { name } } participants { company { name } role status message } } }"""


async def test_an_invitation_by_rule_looks_like_any_other(bare: World) -> None:
    await define(bare, rule("dune", message="Hello"))
    by_rule, by_hand = [await deal(bare, "One", accepted="bolt", stage=s) for s in ("QUALIFIED", "PROSPECT")]
    given = {"companyIds": [company("dune")], "message": "Hello"}
    await bare.done("ann", "inviteCompanies", recordId=by_hand, **given)
    for answer in (None, True):
        if answer:
            for record in (by_rule, by_hand):
                await bare.done("dan", "respondToInvitation", recordId=record, accept=True)
        for who in ("dan", "bob", "ann"):
            found = [(await bare.data(who, SEEN, id=record))["opportunity"] for record in (by_rule, by_hand)]
            for each in found:
                each.pop("createdAt"), each.pop("updatedAt"), each.pop("mine")
            first, second = ({**each, "participants": _sorted(each)} for each in found)
            assert first == second, who


def _sorted(record: Any) -> list[Any]:
    return sorted(record["participants"], key=lambda each: str(each["company"]))


async def test_who_may_know_of_a_participant_has_the_record_moved(bare: World) -> None:
    await define(bare, rule("dune"))
    record = await deal(bare, "One", accepted="bolt", invited="core", stage="PROSPECT")

    async def times() -> dict[str, str]:
        asked = {who: (await bare.data(who, SEEN, id=record))["opportunity"] for who in ("ann", "bob", "cat", "dan")}
        return {who: found["updatedAt"] for who, found in asked.items() if found}

    before = await times()
    await stage(bare, record, "QUALIFIED")
    after = await times()
    assert after["bob"] == after["dan"] > before["bob"]
    assert after["cat"] == before["cat"]  # whom an invitation tells of nobody else
    await stage(bare, record, "COMMITTED")
    assert {**(await times()), "ann": ""} == {**after, "ann": ""}
    await stage(bare, record, "PROSPECT")
    left = await times()
    assert left["bob"] > after["bob"]
    assert (left["cat"], "dan" in left) == (before["cat"], False)


async def test_a_new_role_reaches_whom_rules_brought(bare: World) -> None:
    made = await define(bare, rule("dune", role="COLLABORATOR"))
    record = await deal(bare, "One", stage="QUALIFIED")
    await bare.done("dan", "respondToInvitation", recordId=record, accept=True)
    await bare.done("dan", "updateOpportunity", id=record, joint={"name": "Two"})
    await define(bare, rule("dune", role="VIEWER", ruleId=made["id"]))
    refusal = await bare.refused("dan", "updateOpportunity", id=record, joint={"name": "Three"})
    assert refusal == ("FORBIDDEN", ["joint", "name"])
    assert await inside(bare, record) == {"dune": "ACCEPTED"}


async def test_rules_stop_at_as_many_participants_as_people_may_invite(
    bare: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.mutations.associating.MOST_PARTICIPANTS", 2)
    await define(bare, rule("core", "dune", "echo"))
    record = await deal(bare, "One", invited="bolt", stage="QUALIFIED")
    assert await inside(bare, record) == {"bolt": "INVITED", "core": "INVITED"}


async def test_a_request_that_comes_twice_is_answered_twice_and_done_once(bare: World) -> None:
    given = {**rule("dune"), "clientMutationId": "k"}
    assert (await define(bare, given))["id"] == (await define(bare, given))["id"]
    assert len((await bare.data("ada", RULES))["associationRules"]) == 1
    made = {"name": "One", "mine": {"stage": "QUALIFIED"}, "clientMutationId": "one"}
    first, second = [await bare.done("ann", "createOpportunity", **made) for _ in range(2)]
    assert first == second
    assert await inside(bare, str(first)) == {"dune": "INVITED"}


async def test_whoever_writes_the_companys_rules_see_the_whole_side(bare: World) -> None:
    """Ann writes a field and may not read the one that the rule tests, nor invite: the rule is the company's."""
    await define(bare, rule("dune"))
    record = await deal(bare, "One", stage="QUALIFIED", notes="x")
    for given in (
        policy(fields=("stage",), people={"id": {"eq": person("ann")}}),
        policy(fields=None, actions=["INVITE"], people={"id": {"eq": person("ann")}}),
    ):
        await define_policy(bare, given)
    await bare.done("ann", "updateOpportunity", id=record, mine={"notes": "y"})
    assert await inside(bare, record, "ada") == {"dune": "INVITED"}
    await bare.done("ada", "updateOpportunity", id=record, mine={"stage": "PROSPECT"})
    await bare.done("ann", "updateOpportunity", id=record, mine={"notes": "z"})
    assert await inside(bare, record, "ada") == {"dune": "WITHDRAWN"}


async def test_only_admins_define_and_see_rules(bare: World) -> None:
    await define(bare, rule())
    for who, query, given in (("ann", DEFINE, rule()), ("bud", RETIRE, {"ruleId": "asr_none"})):
        error = await refused(bare, query, who, **given)
        assert error["code"] == ("FORBIDDEN" if who == "ann" else "NOT_FOUND"), error
    for who in ("ann", "bob"):
        body = await bare.ask(who, RULES)
        assert [each["extensions"]["code"] for each in body["errors"]] == ["FORBIDDEN"]
    assert (await bare.data("bud", RULES))["associationRules"] == []


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"companies": []}, ["companies"]),
        ({"companies": [company("acme")]}, ["companies", "0"]),
        ({"companies": [company("bolt"), company("nobody")]}, ["companies", "1"]),
        ({"companies": ["x"]}, ["companies", "0"]),
        ({"role": "OWNER"}, ["role"]),
        ({"message": "x" * 1_001}, ["message"]),
        ({"label": " "}, ["label"]),
        ({"conditions": [{"field": "none", "op": "EQ", "value": 1}]}, ["conditions", "0", "field"]),
        ({"from": "2025-08-02", "until": "2025-08-01"}, ["until"]),
        ({"until": "2024-12-31"}, ["until"]),
        ({"conditions": [{"field": "owner", "op": "EQ", "value": person("bob")}]}, ["conditions", "0", "value"]),
        ({"ifVersion": 1}, ["ifVersion"]),
        ({"ruleId": "asr_none"}, ["ruleId"]),
    ],
)
async def test_wrong_rules_are_refused(bare: World, given: dict[str, object], field: list[str]) -> None:
    error = await refused(bare, DEFINE, **{**rule(), **given})
    assert (error["field"], error["code"] in ("BAD_INPUT", "NOT_FOUND")) == (field, True)
    assert (await bare.data("ada", RULES))["associationRules"] == []
