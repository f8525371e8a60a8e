"""Sharing rules, as an admin defines them and its partners meet them over GraphQL."""

from pathlib import Path
from typing import Any

import pytest

from tests.gateway.deals import deal, usd
from tests.gateway.people import company, person
from tests.gateway.rules import (
    BEA,
    BOLT,
    DEFINE,
    FILLED,
    PREVIEW,
    RETIRE,
    RULES,
    define,
    refused,
    rule,
    seen,
)
from tests.gateway.world import World, make_world, open_spaces


async def test_a_rule_opens_fields_of_all_sides_and_its_end_closes_them(bare: World) -> None:
    record = await deal(bare, "One", accepted="bolt core", invited="dune", **FILLED)
    assert await seen(bare, "bob", record) == {"nextStep"}
    made = await define(bare, rule(fields=("amount", "stage"), audience=BOLT))
    assert made["id"].startswith("shr_")
    assert (made["version"], made["inForce"], made["fields"]) == (1, True, ["amount", "stage"])
    assert await seen(bare, "bob", record) == {"nextStep", "amount", "stage"}
    assert await seen(bare, "cat", record) == {"nextStep"}
    later = await deal(bare, "Two", accepted="bolt", **FILLED)
    assert await seen(bare, "bob", later) == {"nextStep", "amount", "stage"}
    changed = await define(bare, rule(fields=("notes",), audience=BOLT, ruleId=made["id"], ifVersion=1))
    assert (changed["id"], changed["version"]) == (made["id"], 2)
    assert await seen(bare, "bob", record) == {"nextStep", "notes"}
    gone = (await bare.data("ada", RETIRE, input={"ruleId": made["id"], "ifVersion": 2}))["retireSharingRule"]
    assert gone == {"sharingRule": None, "userErrors": []}
    assert await seen(bare, "bob", record) == {"nextStep"}
    assert (await bare.data("ada", RULES))["sharingRules"] == []


async def test_filters_sorts_groups_and_counts_see_what_the_rule_opens(bare: World) -> None:
    for name, amount, stage in (
        ("A", "100.00", "PROSPECT"),
        ("B", "900.00", "QUALIFIED"),
        ("C", "500.00", "COMMITTED"),
    ):
        await deal(bare, name, accepted="bolt", stage=stage, amount=usd(amount))
    qualified = [{"field": "stage", "op": "IN", "value": ["QUALIFIED", "COMMITTED"]}]
    await define(bare, rule(audience=BOLT, conditions=qualified))
    asked = """query($where: OpportunityWhere) {
      opportunities(first: 9, where: $where, orderBy: [{partners: AMOUNT, direction: DESC}]) {
        totalCount nodes { name } }
      opportunityGroups(by: [{field: NAME}], where: $where, measures: [{partners: AMOUNT}]) {
        nodes { keys { value } totals { sum } } } }"""
    named = {"name": {"in": ["A", "B", "C"]}}
    where = {"partners": {"some": {"amount": {"gte": usd("0.00")}}}, **named}
    found = await bare.data("bob", asked, where=where)
    assert found["opportunities"] == {"totalCount": 2, "nodes": [{"name": "B"}, {"name": "C"}]}
    groups = {node["keys"][0]["value"]: node["totals"] for node in found["opportunityGroups"]["nodes"]}
    assert groups == {"B": [{"sum": "900.00"}], "C": [{"sum": "500.00"}]}
    all_three = (await bare.data("bob", asked, where=named))["opportunities"]
    assert [node["name"] for node in all_three["nodes"]] == ["B", "C", "A"]  # a hidden amount sorts as none
    assert (await bare.data("cat", asked, where=where))["opportunities"]["totalCount"] == 0


async def test_deny_beats_every_grant(bare: World) -> None:
    record = await deal(bare, "One", accepted="bolt core", **FILLED)
    for name in ("amount", "notes"):
        audience = {"kind": "PARTICIPANTS"}
        await bare.done("ann", "shareFields", recordId=record, fields=[name], audience=audience)
    await define(bare, rule(fields=("amount", "stage"), audience=BOLT, label="Open"))
    assert await seen(bare, "bob", record) == {"amount", "notes", "nextStep", "stage"}
    where = '{ opportunities(first: 9, where: {name: {eq: "One"}, partners: {some: {amount: {isNull: false}}}}) {'
    found = await bare.data("cat", where + " totalCount } }")
    assert found["opportunities"]["totalCount"] == 1
    closed = await define(bare, rule("DENY", label="Deal sizes are ours"))
    for who, expected in (("bob", {"notes", "nextStep", "stage"}), ("cat", {"notes", "nextStep"})):
        assert await seen(bare, who, record) == expected
        assert (await bare.data(who, where + " totalCount } }"))["opportunities"]["totalCount"] == 0
    mine = "query($id: ID!) { opportunity(id: $id) { mine { amount { amount } } } }"
    assert (await bare.data("ann", mine, id=record))["opportunity"]["mine"] == {"amount": {"amount": "1000.00"}}
    # who hides what nobody else sees does not see it either, as long as the rule holds
    assert (await bare.data("amy", mine, id=record))["opportunity"]["mine"] == {"amount": None}
    await bare.data("ada", RETIRE, input={"ruleId": closed["id"]})
    assert (await bare.data("amy", mine, id=record))["opportunity"]["mine"] == {"amount": {"amount": "1000.00"}}
    assert "amount" in await seen(bare, "cat", record)


async def test_individuals_see_by_name(bare: World) -> None:
    record = await deal(bare, "One", accepted="bolt", **FILLED)
    await define(bare, rule(fields=("notes",), audience=BEA))
    assert await seen(bare, "bea", record) == {"nextStep", "notes"}
    assert await seen(bare, "bob", record) == {"nextStep"}
    await define(bare, rule("DENY", fields=("nextStep",), audience=BEA))
    assert await seen(bare, "bea", record) == {"notes"}
    assert await seen(bare, "bob", record) == {"nextStep"}


async def test_conditions_follow_the_side(bare: World) -> None:
    record = await deal(bare, "One", accepted="bolt", **{**FILLED, "stage": "PROSPECT"})
    large = [
        {"field": "stage", "op": "IN", "value": ["QUALIFIED", "COMMITTED"]},
        {"field": "amount", "op": "GTE", "value": usd("500.00")},
    ]
    await define(bare, rule(fields=("amount", "notes"), conditions=large))
    assert await seen(bare, "bob", record) == {"nextStep"}
    for mine, expected in (
        ({"stage": "QUALIFIED"}, {"nextStep", "amount", "notes"}),
        ({"amount": usd("499.99")}, {"nextStep"}),
        ({"amount": {"amount": "9000.00", "currency": "EUR"}}, {"nextStep"}),
        ({"amount": usd("500.00")}, {"nextStep", "amount", "notes"}),
        ({"amount": None}, {"nextStep"}),
    ):
        await bare.done("ann", "updateOpportunity", id=record, mine=mine)
        assert await seen(bare, "bob", record) == expected, mine
    closing = [{"field": "probability", "op": "LT", "value": 50}]
    await define(bare, rule("DENY", fields=("nextStep",), conditions=closing))
    for chance, expected in ((40, set()), (50, {"nextStep"}), (None, set())):
        await bare.done("ann", "updateOpportunity", id=record, mine={"probability": chance})
        assert await seen(bare, "bob", record) == expected, chance


async def test_a_rule_holds_from_its_first_day_to_its_last(bare: World, monkeypatch: pytest.MonkeyPatch) -> None:
    record = await deal(bare, "One", accepted="bolt", **FILLED)
    made = await define(bare, {**rule(), "from": "2025-08-02", "until": "2025-08-03"})
    assert not made["inForce"]
    rules = bare.gateway.services.rules
    for now, expected in (
        ("2025-08-01T23:59:59.999999Z", False),
        ("2025-08-02T00:00:00.000000Z", True),
        ("2025-08-03T23:59:59.999999Z", True),
        ("2025-08-04T00:00:00.000000Z", False),
    ):
        monkeypatch.setattr(rules, "_now", lambda now=now: now)
        assert ("amount" in await seen(bare, "bob", record)) is expected, now
        assert (await bare.data("ada", RULES))["sharingRules"][0]["inForce"] is expected


async def test_a_request_keeps_the_state_that_it_began_with(bare: World, monkeypatch: pytest.MonkeyPatch) -> None:
    record = await deal(bare, "One", accepted="bolt", **FILLED)
    rules = bare.gateway.services.rules
    made = await define(bare, {**rule(), "until": "2025-08-03"})
    before = rules.pin()
    monkeypatch.setattr(rules, "_now", lambda: "2025-08-04T00:00:00.000000Z")
    assert await seen(bare, "bob", record) == {"nextStep"}
    await bare.data("ada", RETIRE, input={"ruleId": made["id"]})
    assert [each.id for each in before.of(company("acme")).rules] == [made["id"]]
    assert before.decisions is not rules.pin().decisions


async def test_only_admins_define_and_only_their_people_read(bare: World) -> None:
    error = await refused(bare, DEFINE, "ann", **rule())
    assert error["code"] == "FORBIDDEN"
    made = await define(bare, rule(audience=BOLT))
    shown = {
        **rule(),
        **dict.fromkeys(("from", "until")),
        "id": made["id"],
        "inForce": True,
        "version": 1,
        "conditions": [],
        "audience": {"kind": "SELECTED", "companies": [{"name": "Bolt"}], "people": []},
    }
    assert (await bare.data("ann", RULES))["sharingRules"] == [shown]
    for kind, count in (("LEAD", 0), ("OPPORTUNITY", 1)):
        assert len((await bare.data("ann", f"{{ sharingRules(kind: {kind}) {{ id }} }}"))["sharingRules"]) == count
    for who in ("bob", "bud", "eve"):
        assert (await bare.data(who, RULES))["sharingRules"] == []
    for query, given in ((DEFINE, rule()), (RETIRE, {})):
        error = await refused(bare, query, "bud", ruleId=made["id"], **given)
        assert (error["code"], error["message"]) == ("NOT_FOUND", "No such sharing rule.")
    error = await refused(bare, RETIRE, "ann", ruleId=made["id"])
    assert error["code"] == "FORBIDDEN"
    body = await bare.ask("bud", PREVIEW, input={**rule(), "ruleId": made["id"]}, company=company("core"))
    assert body["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    body = await bare.ask("ann", PREVIEW, input=rule(), company=company("bolt"))
    assert body["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_wrong_rules_change_nothing(bare: World) -> None:
    wrong: list[tuple[dict[str, Any], str, list[str]]] = [
        ({"fields": []}, "BAD_INPUT", ["fields"]),
        ({"fields": ["amount", "name"]}, "BAD_INPUT", ["fields", "1"]),
        ({"label": " "}, "BAD_INPUT", ["label"]),
        ({"audience": {"kind": "PRIVATE"}}, "BAD_INPUT", ["audience", "kind"]),
        ({"audience": {"kind": "SELECTED", "companies": ["co_x"]}}, "BAD_INPUT", ["audience", "companies", "0"]),
        ({"audience": {"kind": "SELECTED", "people": [company("bolt")]}}, "BAD_INPUT", ["audience", "people", "0"]),
        (
            {"conditions": [{"field": "stage", "op": "GTE", "value": "QUALIFIED"}]},
            "BAD_INPUT",
            ["conditions", "0", "op"],
        ),
        ({"from": "2025-02-30"}, "BAD_INPUT", ["from"]),
        ({"ifVersion": 1}, "BAD_INPUT", ["ifVersion"]),
        ({"audience": {"kind": "SELECTED", "people": [person("nobody")]}}, "NOT_FOUND", ["audience", "people", "0"]),
    ]
    for given, code, path in wrong:
        error = await refused(bare, DEFINE, "ada", **{**rule(), **given})
        assert (error["code"], error["field"]) == (code, path), error
    assert (await bare.data("ada", RULES))["sharingRules"] == []
    made = await define(bare, rule())
    error = await refused(bare, DEFINE, "ada", **rule("DENY", ruleId=made["id"], ifVersion=7))
    assert error["code"] == "VERSION_CONFLICT"
    (shown,) = (await bare.data("ada", RULES))["sharingRules"]
    assert (shown["effect"], shown["version"]) == ("ALLOW", 1)


async def test_rules_that_come_to_too_much_are_refused(bare: World) -> None:
    for n in range(12):
        named = {"stage": "QUALIFIED", "nextStep": f"step {n}", "probability": n}
        tests = [{"field": field, "op": "EQ", "value": value} for field, value in named.items()]
        payload = (await bare.data("ada", DEFINE, input=rule("DENY", conditions=tests)))["defineSharingRule"]
        if payload["userErrors"]:
            break
    (error,) = payload["userErrors"]
    assert (error["code"], error["message"]) == ("BAD_INPUT", "Your sharing rules have too many conditions together.")
    assert len((await bare.data("ada", RULES))["sharingRules"]) == n > 2


async def test_a_repeated_definition_has_one_effect(bare: World) -> None:
    first = await define(bare, rule(clientMutationId="k"))
    assert await define(bare, rule(clientMutationId="k")) == first
    error = await refused(bare, DEFINE, "ada", **rule("DENY", clientMutationId="k"))
    assert error["code"] == "IDEMPOTENCY_MISMATCH"
    assert len((await bare.data("ada", RULES))["sharingRules"]) == 1


ODD = ['"', "\\", '"; deny_side_field(_v, _a, _s, _f, "x") if true; "', "#", "☃", "\\n", "\U0001d518", "é"]


async def test_labels_and_values_are_any_text(bare: World) -> None:
    record = await deal(bare, "One", accepted="bolt", **FILLED)
    for text in ODD:
        conditions = [{"field": "nextStep", "op": "EQ", "value": text}]
        made = await define(bare, rule(label=f"Odd {text}", conditions=conditions))
        assert made["conditions"] == [{"field": "nextStep", "op": "EQ", "value": text}]
        assert "amount" not in await seen(bare, "bob", record)
        await bare.done("ann", "updateOpportunity", id=record, mine={"nextStep": text})
        assert "amount" in await seen(bare, "bob", record), text
        await bare.data("ada", RETIRE, input={"ruleId": made["id"]})
        await bare.done("ann", "updateOpportunity", id=record, mine={"nextStep": "call"})
    error = await refused(bare, DEFINE, "ada", **rule(conditions=[{"field": "nextStep", "op": "EQ", "value": "a\nb"}]))
    assert error["field"] == ["conditions", "0", "value"]


async def test_rules_are_there_again_after_a_restart(tmp_path: Path) -> None:
    first = await make_world("sqlite", tmp_path, crowd=0)
    record = await deal(first, "One", accepted="bolt", **FILLED)
    made = await define(first, rule(clientMutationId="k"))
    gone = await define(first, rule(fields=("notes",)))
    await first.data("ada", RETIRE, input={"ruleId": gone["id"]})
    await first.spaces.close()
    again = World(open_spaces("sqlite", tmp_path))
    assert await seen(again, "bob", record) == {"nextStep", "amount"}
    assert await define(again, rule(clientMutationId="k")) == made
    await again.spaces.close()
