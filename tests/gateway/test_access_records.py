"""Access policies of some records, of what the record holds, and of fields that tell of others."""

from typing import Any

from tests.gateway.access import DEFINE, POLICIES, attribute, define, policy, refused, retire, say
from tests.gateway.deals import deal, mine
from tests.gateway.people import company, made_id, person
from tests.gateway.rules import FILLED, rule
from tests.gateway.rules import PREVIEW as RULE_PREVIEW
from tests.gateway.rules import define as define_rule
from tests.gateway.test_templates import DEFINE as DEFINE_TEMPLATE
from tests.gateway.world import World

SALES = attribute("department", eq="sales")


async def amounts(world: World, who: str, *records: str) -> list[bool]:
    """On which of the records somebody sees its own company's amount."""
    return [(await mine(world, who, record))["amount"] is not None for record in records]


async def test_policies_for_one_collaboration(bare: World) -> None:
    one, two = await deal(bare, "One", **FILLED), await deal(bare, "Two", **FILLED)
    made = await define(bare, policy("ALLOW", people=SALES, recordIds=[one]))
    assert await amounts(bare, "ann", one, two) == [False, True]
    await say(bare, "ann", department=["sales"])
    assert await amounts(bare, "ann", one, two) == [True, True]
    assert await amounts(bare, "ada", one, two) == [False, True]
    await define(bare, policy("DENY", people=SALES, recordIds=[two]))
    assert await amounts(bare, "ann", one, two) == [True, False]
    hidden = await define(bare, policy("ALLOW", ("joint.*", "*"), people=SALES, recordIds=[one]))
    names = """{ opportunities(first: 9, where: { name: { in: ["One", "Two"] } }, orderBy: [{ field: NAME }]) {
      totalCount nodes { name } } }"""
    assert (await bare.data("ada", names))["opportunities"] == {"totalCount": 1, "nodes": [{"name": "Two"}]}
    assert (await bare.data("ann", names))["opportunities"]["totalCount"] == 2
    listed = (await bare.data("ada", "{ accessPolicies { id recordIds } }"))["accessPolicies"]
    assert {each["id"]: each["recordIds"] for each in listed} == {
        made["id"]: [],  # an admin is told of no record that it does not see
        listed[1]["id"]: [two],
        hidden["id"]: [],
    }
    await retire(bare, hidden["id"])
    assert (await bare.data("ada", names))["opportunities"]["totalCount"] == 2


async def test_records_that_are_not_and_those_of_others_are_refused_alike(bare: World) -> None:
    other = await deal(bare, "Theirs", by="cat")
    never = await refused(bare, DEFINE, **policy(recordIds=[made_id("opp", "never")]))
    assert await refused(bare, DEFINE, **policy(recordIds=[other])) == never
    assert (never["code"], never["field"]) == ("NOT_FOUND", ["recordIds", "0"])
    assert (await refused(bare, DEFINE, **policy(kind=None, recordIds=[other])))["field"] == ["kind"]
    assert (await refused(bare, DEFINE, **policy(recordIds=[])))["field"] == ["recordIds"]
    assert (await bare.data("ada", POLICIES))["accessPolicies"] == []


async def test_conditions_on_the_record(bare: World) -> None:
    of: Any = {"op": "EQ", "of": "RECORD", "field": "customer.country"}
    records = {}
    for country in ("DE", "FR", None):
        record = await deal(bare, f"In {country}", **FILLED)
        await bare.done("ann", "updateOpportunity", id=record, joint={"customer": {"country": country}})
        records[country] = record
    held: Any = {"people": {"role": {"ne": "admin"}}}
    made = await define(bare, policy(conditions=[{**of, "value": "DE"}], **held))
    assert await amounts(bare, "ann", *records.values()) == [False, True, False]  # what is not set closes
    await retire(bare, made["id"])
    await define(bare, policy("ALLOW", ("joint.*",), conditions=[{**of, "value": "FR"}], people={}))
    names = '{ opportunities(first: 9, where: { name: { startsWith: "In " } }) { totalCount nodes { name } } }'
    for who in ("ann", "ada"):
        assert (await bare.data(who, names))["opportunities"] == {"totalCount": 1, "nodes": [{"name": "In FR"}]}
    write = {"id": records["FR"], "joint": {"customer": {"country": "DE"}}}
    assert await bare.done("ann", "updateOpportunity", **write) is None  # written, and seen no more
    assert (await bare.data("ann", names))["opportunities"]["totalCount"] == 0


async def test_formulas_and_picklists_that_tell_of_a_closed_field_are_closed(bare: World) -> None:
    options = [{"value": "EARLY", "label": "Early", "standard": "PROSPECT"}]
    fields: list[dict[str, Any]] = [
        {"key": "doubled", "type": "FORMULA", "label": "Doubled", "formula": "probability * 2"},
        {"key": "again", "type": "FORMULA", "label": "Again", "formula": "doubled + 1"},
        {"key": "step", "type": "PICKLIST", "label": "Step", "refines": "stage", "options": options},
        {"key": "free", "type": "TEXT", "label": "Free"},
    ]
    given = {"kind": "OPPORTUNITY", "key": "deal", "label": "Deal", "fields": fields}
    assert (await bare.data("ada", DEFINE_TEMPLATE, input=given))["defineTemplate"]["userErrors"] == []
    record = await deal(bare, "One", probability=40, step="EARLY", free="x")
    text = """query($id: ID!) { opportunity(id: $id) { mine { doubled again step free stage probability
      customFields { key value } } } }"""

    async def seen(who: str) -> set[str]:
        side = (await bare.data(who, text, id=record))["opportunity"]["mine"]
        custom = {each["key"] for each in side.pop("customFields") if each["value"] is not None}
        found = {name for name, value in side.items() if value is not None}
        assert custom == found & {"doubled", "again", "step", "free"}
        return found

    everything = {"doubled", "again", "step", "free", "stage", "probability"}
    assert await seen("ann") == everything
    held: Any = {"people": {"id": {"eq": person("ann")}}}
    made = await define(bare, policy(fields=("probability",), **held))
    assert await seen("ann") == everything - {"probability", "doubled", "again"}
    count = "{ opportunities(first: 1, where: { mine: { again: { eq: 81 } } }) { totalCount } }"
    assert (await bare.data("ann", count))["opportunities"]["totalCount"] == 0
    assert (await bare.data("ada", count))["opportunities"]["totalCount"] == 1
    await retire(bare, made["id"])
    made = await define(bare, policy(fields=("stage",), **held))
    assert await seen("ann") == everything - {"stage", "step"}
    await retire(bare, made["id"])
    await define(bare, policy(fields=("stage",), actions=["UPDATE"], **held))
    write = {"id": record, "mine": {"step": "EARLY"}}
    assert (await bare.refused("ann", "updateOpportunity", **write))[0] == "FORBIDDEN"


async def test_previews_tell_admins_nothing_that_policies_close_to_them(bare: World) -> None:
    one = await deal(bare, "One", accepted="bolt", **FILLED)
    await deal(bare, "Two", accepted="bolt", **FILLED)
    await define_rule(bare, rule(fields=("probability",)))

    async def previewed(given: dict[str, Any]) -> Any:
        return await bare.ask("ada", RULE_PREVIEW, input=given, company=company("bolt"))

    told = (await previewed(rule()))["data"]["previewSharingRule"]
    assert told["fields"][0]["after"] - told["fields"][0]["before"] >= 2
    await define(bare, policy("DENY", ("joint.*",), recordIds=[one]))
    fewer = (await previewed(rule()))["data"]["previewSharingRule"]
    assert fewer["records"] == told["records"] - 1
    assert fewer["fields"][0]["after"] == told["fields"][0]["after"] - 1
    await define(bare, policy(conditions=[{"field": "stage", "op": "EQ", "value": "PROSPECT"}]))
    tests = [{"field": "amount", "op": "GTE", "value": FILLED["amount"]}]
    for given in (rule(), rule(fields=("stage",), conditions=tests)):
        assert (await previewed(given))["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert "errors" not in await previewed(rule(fields=("notes",)))


async def test_row_01_an_invited_company_reads_no_hidden_field_by_its_own_policy(bare: World) -> None:
    """What its policy tests and it does not see is as not set: whatever it holds, a DENY closes, an ALLOW opens not."""
    invited = []
    for segment in ("ENTERPRISE", "MID_MARKET", None):
        invited.append(await deal(bare, f"In {segment}", invited="bolt", **FILLED))
        joint = {"customer": {"country": "DE", "segment": segment}, "sourcedBy": company("acme") if segment else None}
        await bare.done("ann", "updateOpportunity", id=invited[-1], joint=joint)
    asked = """{ opportunities(first: 9, where: { name: { startsWith: "In " } }, orderBy: [{ field: NAME }]) {
      totalCount nodes { customer { country segment } updatedAt } } }"""
    nodes = (await bare.data("bob", asked))["opportunities"]["nodes"]
    assert [each["customer"] for each in nodes] == [{"country": "DE", "segment": None}] * 3

    async def shown(fields: str | None, effect: str = "DENY", action: str = "READ", **test: Any) -> list[Any]:
        named = None if fields is None else (fields,)
        given = policy(effect, named, actions=[action], conditions=[{"of": "RECORD", "op": "EQ", **test}], people={})
        made = await define(bare, given, "bud")
        found = (await bare.data("bob", asked))["opportunities"]
        if action == "RESPOND":
            found = [await bare.refused("bob", "respondToInvitation", recordId=each, accept=True) for each in invited]
        await retire(bare, made["id"], "bud")
        return [found["totalCount"], *found["nodes"]] if action == "READ" else found

    enterprise = {"field": "customer.segment", "value": "ENTERPRISE"}
    for test in (enterprise, {"field": "sourcedBy", "value": company("acme")}):
        closed = await shown("joint.customer.country", **test)
        assert [each["customer"]["country"] for each in closed[1:]] == [None] * 3
        assert await shown("joint.*", **test) == await shown("joint.*", "ALLOW", **test) == [0]
    first, *others = await shown(None, action="RESPOND", **enterprise)
    assert others == [first, first]
    assert first[0] == "FORBIDDEN"
    made = await define(
        bare,
        policy(fields=("joint.customer.country",), conditions=[{"of": "RECORD", "op": "EQ", **enterprise}], people={}),
        "bud",
    )
    for each in invited[:2]:
        await bare.done("bob", "respondToInvitation", recordId=each, accept=True)
    seen = (await bare.data("bob", asked))["opportunities"]["nodes"]
    assert [each["customer"]["country"] for each in seen] == [None, "DE", None]  # the last is not accepted
    assert made["inForce"]
