"""Access policies over GraphQL: who of a company sees and does what; what partners' people never see."""

from typing import Any

import pytest

from tests.gateway.access import DEFINE, POLICIES, RETIRE, attribute, define, policy, refused, retire, say
from tests.gateway.deals import deal, mine, usd
from tests.gateway.people import person
from tests.gateway.rules import FILLED, seen
from tests.gateway.world import World

NAMES = ("stage", "amount", "probability", "nextStep", "notes")
EMEA = attribute("region", eq="EMEA")


async def own(world: World, who: str, record: str) -> set[str] | None:
    """The names of the fields with a value that somebody sees of its own side; None where there is no side."""
    side = await mine(world, who, record)
    return None if side is None else {name for name in NAMES if side[name] is not None}


async def test_deny_closes_to_those_whom_it_means(bare: World) -> None:
    record = await deal(bare, "One", accepted="bolt", **FILLED)
    await say(bare, "ann", region=["EMEA"])
    made = await define(bare, policy(people=EMEA))
    assert made["version"] == 1
    assert made["who"] == "OWN"
    assert made["people"] == EMEA
    assert await own(bare, "ann", record) == {*NAMES} - {"amount"}
    assert await own(bare, "ada", record) == {*NAMES}
    where = {"mine": {"amount": {"eq": FILLED["amount"]}}}
    text = "query($w: OpportunityWhere) { opportunities(first: 9, where: $w) { totalCount } }"
    assert (await bare.data("ann", text, w=where))["opportunities"]["totalCount"] == 0
    assert (await bare.data("ada", text, w=where))["opportunities"]["totalCount"] == 1
    await say(bare, "ann", region=["APAC"])
    assert await own(bare, "ann", record) == {*NAMES}
    await say(bare, "ann", region=["APAC", "EMEA"])
    assert await own(bare, "ann", record) == {*NAMES} - {"amount"}
    await retire(bare, made["id"])
    assert await own(bare, "ann", record) == {*NAMES}


async def test_allow_leaves_to_those_alone_and_deny_beats_it(bare: World) -> None:
    record = await deal(bare, "One", accepted="bolt", **FILLED)
    await define(bare, policy("ALLOW", ("amount", "notes"), people=attribute("clearance", **{"in": ["high", "top"]})))
    assert await own(bare, "ann", record) == {"stage", "probability", "nextStep"}
    await say(bare, "ann", clearance=["top"])
    assert await own(bare, "ann", record) == {*NAMES}
    await define(bare, policy("ALLOW", ("amount",), people={"role": {"eq": "admin"}}))
    assert await own(bare, "ada", record) == {*NAMES} - {"notes"}
    await define(bare, policy(fields=("amount",), people={"id": {"eq": person("ann")}}))
    assert await own(bare, "ann", record) == {*NAMES} - {"amount"}


async def test_conditions_on_the_side(bare: World) -> None:
    early = await deal(bare, "Early", **{**FILLED, "stage": "PROSPECT"})
    late = await deal(bare, "Late", **{**FILLED, "stage": "COMMITTED"})
    on_stage = [{"field": "stage", "op": "EQ", "value": "COMMITTED"}]
    made = await define(bare, policy(conditions=on_stage))
    assert made["conditions"] == on_stage
    assert await own(bare, "ann", early) == {*NAMES}
    assert await own(bare, "ann", late) == {*NAMES} - {"amount"}
    await retire(bare, made["id"])
    await define(bare, policy("ALLOW", conditions=on_stage))
    assert await own(bare, "ann", early) == {*NAMES} - {"amount"}
    assert await own(bare, "ann", late) == {*NAMES}


async def test_conditions_on_the_record(bare: World) -> None:
    german, french = [await deal(bare, name, **FILLED) for name in ("German", "French")]
    for record, country in ((german, "DE"), (french, "FR")):
        await bare.done("ann", "updateOpportunity", id=record, joint={"customer": {"country": country}})
    in_germany = [{"of": "RECORD", "field": "customer.country", "op": "EQ", "value": "DE"}]
    made = await define(bare, policy(conditions=in_germany))
    assert await own(bare, "ann", german) == {*NAMES} - {"amount"}
    assert await own(bare, "ann", french) == {*NAMES}
    where = '{ opportunities(first: 9, where: {mine: {amount: {isNull: false}}, name: {in: ["German", "French"]}}) {'
    assert (await bare.data("ann", where + " nodes { name } } }"))["opportunities"]["nodes"] == [{"name": "French"}]
    await retire(bare, made["id"])
    await define(bare, policy("ALLOW", conditions=in_germany))
    assert await own(bare, "ann", german) == {*NAMES}
    assert await own(bare, "ann", french) == {*NAMES} - {"amount"}


async def test_a_whole_side_and_a_whole_record(bare: World) -> None:
    record = await deal(bare, "One", accepted="bolt", **FILLED)
    await say(bare, "ann", team=["x"])
    side = await define(bare, policy(fields=("*",), people=attribute("team", isNull=False)))
    assert await own(bare, "ann", record) is None
    assert await own(bare, "ada", record) == {*NAMES}
    await retire(bare, side["id"])
    await define(bare, policy(fields=None, people=attribute("team", eq="x"), kind=None))
    text = """query($id: ID!) { opportunity(id: $id) { id } node(id: $id) { id } nodes(ids: [$id]) { id }
      opportunities(first: 9) { totalCount nodes { id } } search(text: "One", first: 9) { totalCount }
      opportunityGroups(by: [{ field: NAME }]) { nodes { count } } }"""
    hidden = await bare.data("ann", text, id=record)
    assert hidden == await bare.data("eve", text, id=record)
    assert hidden["opportunities"] == {"totalCount": 0, "nodes": []}
    assert (await bare.data("ada", text, id=record))["opportunities"]["totalCount"] == 3
    given: dict[str, Any] = {"id": record, "mine": {"notes": "x"}}
    assert await bare.refused("ann", "updateOpportunity", **given) == ("NOT_FOUND", ["id"])
    assert await bare.refused("ann", "withdraw", recordId=record) == ("NOT_FOUND", ["recordId"])


async def test_joint_fields(bare: World) -> None:
    customer = {"name": "Wayne", "country": "DE"}
    record = await bare.done("ann", "createOpportunity", name="One", customer=customer)
    text = "query($id: ID!) { opportunity(id: $id) { name customer { name country } } }"
    await define(bare, policy(fields=("joint.customer.country",), people={"not": {"role": {"eq": "admin"}}}))
    found = (await bare.data("ann", text, id=record))["opportunity"]
    assert found == {"name": "One", "customer": {"name": "Wayne", "country": None}}
    assert (await bare.data("ada", text, id=record))["opportunity"]["customer"] == customer
    where = {"customer": {"country": {"eq": "DE"}}}
    count = "query($w: OpportunityWhere) { opportunities(first: 9, where: $w) { totalCount } }"
    assert (await bare.data("ann", count, w=where))["opportunities"]["totalCount"] == 0
    change = {"id": record, "joint": {"customer": {"country": "FR"}}}
    assert await bare.refused("ann", "updateOpportunity", **change) == ("FORBIDDEN", ["joint", "customer", "country"])
    await bare.done("ada", "updateOpportunity", **change)


async def test_writing_and_sharing(bare: World) -> None:
    record = await deal(bare, "One", accepted="bolt", **FILLED)
    await define(bare, policy(actions=["UPDATE"], people={"id": {"eq": person("ann")}}))
    assert await own(bare, "ann", record) == {*NAMES}
    write = {"id": record, "mine": {"amount": usd("2.00")}}
    forbidden = ("FORBIDDEN", ["mine", "amount"])
    assert await bare.refused("ann", "updateOpportunity", **write) == forbidden
    await bare.done("ada", "updateOpportunity", **write)
    shared = {"recordId": record, "fields": ["amount"], "audience": {"kind": "PARTICIPANTS"}}
    await bare.done("ann", "shareFields", **shared)
    await define(bare, policy(actions=["SHARE"], people={"role": {"ne": "admin"}}))
    assert await bare.refused("ann", "shareFields", **shared) == ("FORBIDDEN", ["fields"])
    await bare.done("ada", "shareFields", **shared)
    await define(bare, policy(fields=("notes",), people={"id": {"eq": person("ann")}}))
    hidden = {"id": record, "mine": {"notes": "x"}}
    # one that may not be read is refused in the words of one that may just not be written
    errors = [(await bare.change("ann", "updateOpportunity", **each))["userErrors"] for each in (write, hidden)]
    assert [error["message"] for (error,) in errors] == [errors[0][0]["message"]] * 2
    assert errors[1][0]["code"] == "FORBIDDEN"


async def test_creating_is_writing(bare: World) -> None:
    await define(bare, policy(actions=["UPDATE"], people={"id": {"eq": person("ann")}}))
    assert await bare.refused("ann", "createOpportunity", name="No", mine={"amount": usd("1")}) == (
        "FORBIDDEN",
        ["mine", "amount"],
    )
    await bare.done("ann", "createOpportunity", name="Yes", mine={"notes": "n"})
    await define(
        bare, policy(fields=("joint.customer.name",), actions=["UPDATE"], people={"id": {"eq": person("ann")}})
    )
    assert await bare.refused("ann", "createOpportunity", name="No", customer={"name": "W"}) == (
        "FORBIDDEN",
        ["customer", "name"],
    )
    await define(bare, policy(fields=("joint.*",), actions=["UPDATE"], people={"id": {"eq": person("ann")}}))
    assert await bare.refused("ann", "createOpportunity", name="No") == ("FORBIDDEN", None)
    await bare.done("ada", "createOpportunity", name="Ada's", mine={"amount": usd("1")}, customer={"name": "W"})


async def test_inviting_answering_and_leaving(bare: World) -> None:
    record = await deal(bare, "One", invited="bolt")
    theirs = await deal(bare, "Two", by="bob", invited="acme")
    held = {"people": {"role": {"eq": "admin"}}, "kind": None}
    for action in ("INVITE", "RESPOND", "WITHDRAW"):
        await define(bare, policy("ALLOW", None, actions=[action], **held))
    invite = {"recordId": record, "companyIds": [person("ann").replace("pe_", "co_")]}
    assert await bare.refused("ann", "inviteCompanies", **invite) == ("FORBIDDEN", ["recordId"])
    answer = {"recordId": theirs, "accept": True}
    assert await bare.refused("ann", "respondToInvitation", **answer) == ("FORBIDDEN", ["recordId"])
    await bare.done("ada", "respondToInvitation", **answer)
    assert await bare.refused("ann", "withdraw", recordId=theirs) == ("FORBIDDEN", ["recordId"])
    await bare.done("ada", "withdraw", recordId=theirs)
    await bare.done("bob", "respondToInvitation", recordId=record, accept=True)  # another company's people are free


async def test_partners(bare: World) -> None:
    record = await deal(bare, "One", accepted="bolt core", **FILLED)
    await bare.done("ann", "shareFields", recordId=record, fields=["amount"], audience={"kind": "PARTICIPANTS"})
    assert await seen(bare, "bob", record) == {"amount", "nextStep"}
    await define(bare, policy(who="PARTNERS"))
    assert await seen(bare, "bob", record) == await seen(bare, "cat", record) == {"nextStep"}
    assert await own(bare, "ann", record) == {*NAMES}
    assert await own(bare, "amy", record) == {"nextStep"}  # who hides what nobody else sees


async def test_another_companys_people_are_never_meant(bare: World) -> None:
    record = await deal(bare, "One", accepted="bolt", **FILLED)
    await bare.done("ann", "shareFields", recordId=record, fields=["amount"], audience={"kind": "PARTICIPANTS"})
    await say(bare, "bob", "bud", region=["EMEA"])
    await define(bare, policy(people=EMEA, kind=None))
    await define(bare, policy(fields=("*", "joint.*"), people=EMEA, kind=None))
    assert await seen(bare, "bob", record) == {"amount", "nextStep"}
    assert (await refused(bare, DEFINE, **policy(people={"id": {"eq": person("bob")}})))["code"] == "NOT_FOUND"


async def test_sharing_lists_and_versions_tell_of_what_is_seen_alone(bare: World) -> None:
    record = await deal(bare, "One", accepted="bolt", **FILLED)
    await define(bare, policy(people={"id": {"eq": person("ann")}}))
    text = """query($id: ID!) { opportunity(id: $id) { updatedAt
      mine { version updatedAt sharing { field audience { kind } } } } }"""
    told = await bare.data("ann", text, id=record)
    listed = [each["field"] for each in told["opportunity"]["mine"]["sharing"]]
    assert "amount" not in listed
    assert "notes" in listed
    await bare.done("ada", "updateOpportunity", id=record, mine={"amount": usd("5")})
    await bare.done("ada", "shareFields", recordId=record, fields=["amount"], audience={"kind": "PARTICIPANTS"})
    assert await bare.data("ann", text, id=record) == told


async def test_admins_alone_define_and_read_policies(bare: World) -> None:
    for who in ("ann", "abe", "amy"):
        assert (await refused(bare, DEFINE, who, **policy()))["code"] == "FORBIDDEN"
        assert (await bare.ask(who, POLICIES))["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    made = await define(bare, policy(label="Ours"))
    (listed,) = (await bare.data("ada", POLICIES))["accessPolicies"]
    assert listed["id"] == made["id"]
    assert (await bare.data("bud", POLICIES))["accessPolicies"] == []
    strange = await refused(bare, RETIRE, "bud", policyId=made["id"])
    never = await refused(bare, RETIRE, "bud", policyId=made["id"][:-1] + "0")
    assert strange == never
    assert strange["code"] == "NOT_FOUND"
    assert (await refused(bare, DEFINE, "bud", **policy(), policyId=made["id"]))["code"] == "NOT_FOUND"


async def test_versions_and_keys(bare: World) -> None:
    first = await define(bare, policy(clientMutationId="k"))
    assert await define(bare, policy(clientMutationId="k")) == first
    assert (await refused(bare, DEFINE, **policy(label="Other", clientMutationId="k")))[
        "code"
    ] == "IDEMPOTENCY_MISMATCH"
    second = await define(bare, policy(fields=("notes",), policyId=first["id"], ifVersion=1))
    assert (second["version"], second["fields"]) == (2, ["notes"])
    stale = await refused(bare, DEFINE, **policy(policyId=first["id"], ifVersion=1))
    assert (stale["code"], stale["field"]) == ("VERSION_CONFLICT", ["ifVersion"])
    assert len((await bare.data("ada", POLICIES))["accessPolicies"]) == 1


async def test_days(bare: World) -> None:
    record = await deal(bare, "One", **FILLED)
    later = await define(bare, {**policy(), "from": "2025-08-01"})
    assert not later["inForce"]
    assert await own(bare, "ann", record) == {*NAMES}
    await define(bare, policy(fields=("notes",), until="2025-07-31"))
    assert await own(bare, "ann", record) == {*NAMES} - {"notes"}


BAD: list[tuple[dict[str, Any], str]] = [
    (policy(fields=("none",)), "fields[0]: There is no such field."),
    (policy(fields=("joint.none",)), "fields[0]: There is no such field."),
    (policy(fields=("joint.name",)), "fields: The title shows wherever the record does; joint.* hides the record."),
    (policy(actions=[]), "actions: Name at least one action."),
    (policy(actions=["INVITE"]), "fields: Fields go with READ, UPDATE, SHARE."),
    (policy("ALLOW", who="PARTNERS"), "effect: What opens fields to partners is a sharing rule; a policy about them"),
    (policy(actions=["UPDATE"], who="PARTNERS"), "actions: Partners' people read; nothing else can be denied to them."),
    (policy(fields=("joint.country",), who="PARTNERS"), "fields"),
    (policy(who="PARTNERS", people=EMEA), "people: What partners' people are like is theirs to know; leave this out."),
    (policy(fields=("joint.motion",), actions=["SHARE"]), "fields: Joint fields are not shared"),
    (
        policy(kind=None, conditions=[{"field": "stage", "op": "EQ", "value": "PROSPECT"}]),
        "kind: Conditions test fields",
    ),
    (policy(fields=None, conditions=[{"field": "stage", "op": "EQ", "value": "PROSPECT"}]), "conditions: These test"),
    (policy(conditions=[{"field": "stage", "op": "EQ", "value": "NO"}]), "conditions[0].value: "),
    (policy(people={"attribute": {"name": "Region", "eq": "x"}}), "people.attribute.name: A name begins with"),
    (policy(people={"attribute": {"name": "region"}}), "people.attribute: Say what is tested"),
    (policy(people={"role": {"eq": None}}), "people.role.eq: Leave out what is not to be tested"),
    (policy(people={"role": {"in": ["x"] * 51}}), "people.role.in: These are more than 50."),
    (policy(people={"id": {"eq": "ann"}}), "people.id.eq: This is not the id of a person."),
    (policy(people={"and": [{"role": {"eq": ""}}]}), "people.and[0].role.eq: This may not be blank."),
    (policy(label=""), "label: This may not be blank."),
    ({**policy(until="2025-02-01"), "from": "2025-02-02"}, "until: The last day is before the first."),
    (policy(until="2024-12-31"), "until: This day is past (UTC)."),
]


@pytest.mark.parametrize(("given", "told"), BAD, ids=[told[:30] + str(i) for i, (_, told) in enumerate(BAD)])
async def test_bad_policies_change_nothing(bare: World, given: dict[str, Any], told: str) -> None:
    error = await refused(bare, DEFINE, **given)
    assert error["code"] == "BAD_INPUT"
    assert error["message"].startswith(told), error
    assert (await bare.data("ada", POLICIES))["accessPolicies"] == []
