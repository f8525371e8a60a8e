"""explain: what it says is what others see, and it says nothing of anybody else's."""

from typing import Any

import pytest

from tests.gateway.deals import deal, partners
from tests.gateway.people import company, made_id, person
from tests.gateway.rules import BEA, EVERYBODY, FILLED, RETIRE, define, rule, seen
from tests.gateway.world import World

EXPLAIN = """query($id: ID!, $company: ID!, $person: ID) { explain(recordId: $id, company: $company, person: $person) {
  field visible reasons closedBy overridden seenBy { name } } }"""


async def explained(world: World, record: str, of: str = "bolt", who: str = "ann", to: str | None = None) -> Any:
    """What a person is told of its own side, by field; None where it is told nothing."""
    variables = {"id": record, "company": company(of), "person": to and person(to)}
    found = (await world.data(who, EXPLAIN, **variables))["explain"]
    return found and {each.pop("field"): each for each in found}


async def test_every_rule_has_its_words(bare: World) -> None:
    record = await deal(bare, "Told", accepted="bolt core", **FILLED)
    await bare.done("ann", "shareFields", recordId=record, fields=["amount"], audience=EVERYBODY)
    only = {"kind": "SELECTED", "companies": [company("bolt")]}
    await bare.done("ann", "shareFields", recordId=record, fields=["probability"], audience=only)
    await bare.done("ann", "shareFields", recordId=record, fields=["nextStep"], audience={"kind": "PRIVATE"})
    await define(bare, rule(fields=("notes",), label="Open", audience=BEA))
    closes = await define(bare, rule("DENY", label="Ours", audience=only))
    found = await explained(bare, record)
    nobody: dict[str, Any] = {"visible": False, "reasons": [], "closedBy": [], "overridden": False, "seenBy": []}
    everybody = {**nobody, "visible": True, "seenBy": [{"name": "Bolt"}, {"name": "Core"}]}
    assert found["solutions"] == {**everybody, "reasons": ["shared with all participants, by default of the kind"]}
    closed = {"closedBy": ['sharing rule "Ours"'], "overridden": True, "seenBy": [{"name": "Core"}]}
    assert found["amount"] == {**nobody, **closed}
    named = {"reasons": ["shared with the company by name, set on this record"], "seenBy": [{"name": "Bolt"}]}
    assert found["probability"] == {**everybody, **named, "overridden": True}
    assert found["nextStep"] == {**nobody, "overridden": True}
    assert found["notes"] == nobody
    of_bea = {"visible": True, "reasons": ['sharing rule "Open"']}
    assert (await explained(bare, record, to="bea"))["notes"] == {**nobody, **of_bea}
    assert (await explained(bare, record, to="bob"))["notes"] == nobody
    await bare.data("ada", RETIRE, input={"ruleId": closes["id"]})
    opened = ["shared with all participants, set on this record"]
    assert (await explained(bare, record))["amount"] == {**everybody, "reasons": opened, "overridden": True}


async def test_it_says_what_is_seen(bare: World) -> None:
    record = await deal(bare, "Seen", accepted="bolt", invited="core", **FILLED)
    await define(
        bare, rule(fields=("notes",), audience=BEA, conditions=[{"field": "probability", "op": "GTE", "value": 9}])
    )
    await define(bare, rule("DENY", ("nextStep",), conditions=[{"field": "stage", "op": "EQ", "value": "QUALIFIED"}]))
    for who in ("bob", "bea"):
        told = await explained(bare, record, to=who)
        assert {name for name, each in told.items() if each["visible"] and name in FILLED} == await seen(
            bare, who, record
        )
    for of in ("core", "dune", "echo"):  # invited, and not there: nobody of them sees anything
        told = await explained(bare, record, of)
        assert not any(each["visible"] or each["reasons"] for each in told.values())


async def test_what_is_unknown_is_told_alike(bare: World) -> None:
    record = await deal(bare, "Own", accepted="bolt", **FILLED)
    foreign, invited = bare.id("Gamma"), await deal(bare, "Asked", by="bob", invited="acme")
    for variables in (
        {"id": foreign, "company": company("core")},
        {"id": invited, "company": company("bolt")},  # no side of one's own yet
        {"id": made_id("opp", "never"), "company": company("bolt")},
        {"id": made_id("zzz", "never"), "company": company("bolt")},
        {"id": company("bolt"), "company": company("bolt")},
        {"id": record, "company": made_id("co", "never")},
        {"id": record, "company": record},
        {"id": record, "company": company("bolt"), "person": person("cat")},
        {"id": record, "company": company("bolt"), "person": made_id("pe", "never")},
        {"id": record, "company": company("acme"), "person": person("bob")},
        {"id": record, "company": company("acme"), "person": person("ali")},
    ):
        who = "ada" if variables["company"] == company("acme") else "ann"
        assert await bare.ask(who, EXPLAIN, **variables) == {"data": {"explain": None}}, variables


async def test_colleagues_are_for_admins(bare: World) -> None:
    record = await deal(bare, "Inside", accepted="bolt", **FILLED)
    for who, to, code in (("ann", "abe", "FORBIDDEN"), ("ann", "bob", "FORBIDDEN"), ("ada", None, "BAD_INPUT")):
        body = await bare.ask(who, EXPLAIN, id=record, company=company("acme"), person=to and person(to))
        assert body["data"] == {"explain": None}
        assert [error["extensions"]["code"] for error in body["errors"]] == [code]
    for to in ("abe", "amy"):  # amy hides private fields from herself: hers to know
        told = await explained(bare, record, "acme", "ada", to)
        assert {tuple(each["reasons"]) for each in told.values()} == {("the company's own side",)}


async def test_who_hides_private_fields_is_told_of_the_others(bare: World) -> None:
    record = await deal(bare, "Hiding", accepted="bolt", **FILLED)
    all_of_them = set(await explained(bare, record))
    assert set(await explained(bare, record, who="amy")) == all_of_them - {
        name for name, each in (await sharing(bare, record)).items() if each == "PRIVATE"
    }


async def sharing(world: World, record: str) -> dict[str, str]:
    text = "query($id: ID!) { opportunity(id: $id) { mine { sharing { field audience { kind } } } } }"
    found = (await world.data("ann", text, id=record))["opportunity"]["mine"]["sharing"]
    return {each["field"]: each["audience"]["kind"] for each in found}


async def test_a_decision_is_not_told_to_who_does_not_see_what_it_was_made_from(bare: World) -> None:
    """Amy hides from herself the probability, which nobody else sees; so she is not told what it opens."""
    records = [await deal(bare, f"P{p}", accepted="bolt", **{**FILLED, "probability": p}) for p in (10, 90)]
    core = {"kind": "SELECTED", "companies": [company("core")]}
    for record in records:  # so that Amy sees them
        await bare.done("ann", "shareFields", recordId=record, fields=["amount", "stage"], audience=core)
    await define(bare, rule(conditions=[{"field": "probability", "op": "GTE", "value": 50}], audience=BEA))
    await define(bare, rule("DENY", ("stage",), conditions=[{"field": "probability", "op": "LT", "value": 50}]))
    for record in records:
        assert {"amount", "stage"} <= set(await explained(bare, record))
        found = await explained(bare, record, who="amy", to="bea")
        assert found
        assert not {"amount", "stage", "probability"} & set(found)
    assert await explained(bare, records[0], who="amy") == await explained(bare, records[1], who="amy")


@pytest.mark.parametrize("partner", ["bolt", "core"])
async def test_a_partners_rules_and_roles_change_nothing(bare: World, partner: str) -> None:
    record = await deal(bare, "Theirs", accepted="bolt core", **FILLED)
    everyone = await explained(bare, record, partner)
    text = 'deny_side_field(viewer, "read", side, _f, "{}") if side.own = false and viewer.{} = true;'
    bare.gateway.policies.replace(company(partner), text.format("none of yours", "writes"))
    assert await explained(bare, record, partner) == everyone
    bare.gateway.policies.replace(company("acme"), text.format("no admins", "admin"))
    assert "Acme" not in await partners(bare, "bud", record)
    assert "Acme" in await partners(bare, "bob", record)
    named = await explained(bare, record, "bolt", to="bud")
    assert named == await explained(bare, record, "bolt", to="bob")
