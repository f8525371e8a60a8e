"""Previews of sharing rules: what is told before is what is shown after."""

from typing import Any

from tests.gateway.deals import deal
from tests.gateway.people import company, person
from tests.gateway.rules import (
    BEA,
    BOLT,
    EVERYBODY,
    FILLED,
    PREVIEW,
    RETIRE,
    define,
    rule,
    seen,
)
from tests.gateway.world import World


async def previewed(world: World, given: dict[str, Any], who: str | None = None, partner: str = "bolt") -> Any:
    variables = {"input": given, "company": company(partner), "person": who and person(who)}
    return (await world.data("ada", PREVIEW, **variables))["previewSharingRule"]


async def test_a_preview_counts_what_defining_shows(bare: World) -> None:
    stages = ("PROSPECT", "QUALIFIED", "QUALIFIED", "COMMITTED")
    records = [await deal(bare, f"D{i}", accepted="bolt", **{**FILLED, "stage": s}) for i, s in enumerate(stages)]
    await bare.done("ann", "updateOpportunity", id=records[1], mine={"amount": None})
    everyone = {"kind": "PARTICIPANTS"}
    await bare.done("ann", "shareFields", recordId=records[0], fields=["amount"], audience=everyone)
    shared = await bare.data(
        "ada", "{ opportunities(first: 99) { nodes { id participants { company { name } status } } } }"
    )
    joined = [
        node["id"]
        for node in shared["opportunities"]["nodes"]
        if {"Acme", "Bolt"} <= {p["company"]["name"] for p in node["participants"] if p["status"] == "ACCEPTED"}
    ]

    async def counted(who: str, fields: list[str]) -> list[int]:
        found = [await seen(bare, who, record) for record in joined]
        return [sum(field in each for each in found) for field in fields]

    fields = ["amount", "nextStep", "notes"]
    conditions = [{"field": "stage", "op": "IN", "value": ["QUALIFIED", "COMMITTED"]}]
    given: dict[str, Any]
    for effect, audience, who in (
        ("ALLOW", BOLT, "bob"),
        ("ALLOW", BEA, "bob"),
        ("ALLOW", BEA, "bea"),
        ("DENY", EVERYBODY, "bob"),
        ("DENY", BEA, "bea"),
    ):
        given = {**rule(effect, tuple(fields), audience=audience, conditions=conditions), "from": "2025-12-24"}
        told = await previewed(bare, given, who)
        assert told["records"] == len(joined)
        assert [each["field"] for each in told["fields"]] == fields
        assert [each["before"] for each in told["fields"]] == await counted(who, fields)
        made = await define(bare, {**given, "from": None})
        assert [each["after"] for each in told["fields"]] == await counted(who, fields), given
        # of the rule that stands already: what a change of it would change
        again = await previewed(bare, {**given, "ruleId": made["id"], "conditions": []}, who)
        assert [each["before"] for each in again["fields"]] == [each["after"] for each in told["fields"]]
        await define(bare, {**given, "from": None, "ruleId": made["id"], "conditions": []})
        assert [each["after"] for each in again["fields"]] == await counted(who, fields)
        await bare.data("ada", RETIRE, input={"ruleId": made["id"]})


async def test_a_preview_tells_of_ones_own_records_alone(bare: World) -> None:
    await deal(bare, "Theirs", by="bob", accepted="core", **FILLED)
    told = await previewed(bare, rule(audience={"kind": "SELECTED", "companies": [company("core")]}), partner="core")
    assert told["records"] == 1  # Beta
    for partner, who, code in (("acme", None, "BAD_INPUT"), ("core", "bob", "NOT_FOUND"), ("none", None, "NOT_FOUND")):
        variables = {"input": rule(), "company": company(partner), "person": who and person(who)}
        body = await bare.ask("ada", PREVIEW, **variables)
        assert body["errors"][0]["extensions"]["code"] == code
