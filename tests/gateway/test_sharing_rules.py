"""Sharing rules, as an admin defines them and its partners meet them over GraphQL."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.gateway.deals import deal, partners, usd
from tests.gateway.people import company, person
from tests.gateway.world import BACKENDS, World, make_world, open_spaces

DEFINE = """mutation($input: DefineSharingRuleInput!) { defineSharingRule(input: $input) {
  sharingRule { id version inForce fields conditions { field op value } audience { kind } }
  clientMutationId userErrors { code message field } } }"""
RETIRE = """mutation($input: RetireSharingRuleInput!) { retireSharingRule(input: $input) {
  sharingRule { id } userErrors { code message field } } }"""
RULES = """{ sharingRules { id label kind effect fields from until inForce version
  audience { kind companies { name } people { name } } conditions { field op value } } }"""
PREVIEW = """query($input: DefineSharingRuleInput!, $company: ID!, $person: ID) {
  previewSharingRule(input: $input, company: $company, person: $person) { records fields { field before after } } }"""

EVERYBODY = {"kind": "PARTICIPANTS"}
BOLT = {"kind": "SELECTED", "companies": [company("bolt")]}
BEA = {"kind": "SELECTED", "people": [person("bea")]}
FIRST_DAY = "2025-07-01"


@pytest.fixture(params=BACKENDS)
async def own(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    """A network of this test's own, for rules reach every record of a company."""
    world = await make_world(request.param, tmp_path, crowd=0)
    yield world
    await world.spaces.close()


def rule(effect: str = "ALLOW", fields: tuple[str, ...] = ("amount",), **given: Any) -> dict[str, Any]:
    said = {"kind": "OPPORTUNITY", "label": "Ours", "effect": effect, "fields": list(fields), "audience": EVERYBODY}
    return {**said, **given}


async def define(world: World, given: dict[str, Any], who: str = "ada") -> Any:
    found = (await world.data(who, DEFINE, input=given))["defineSharingRule"]
    assert found["userErrors"] == [], found
    return found["sharingRule"]


async def refused(world: World, query: str, who: str = "ada", /, **given: Any) -> Any:
    (found,) = (await world.data(who, query, input=given)).values()
    assert found["sharingRule"] is None
    (error,) = found["userErrors"]
    return error


async def seen(world: World, who: str, record: str, of: str = "Acme") -> set[str]:
    """The names of the fields with a value that somebody sees of a company's side."""
    side = (await partners(world, who, record))[of]
    return {name for name in ("stage", "amount", "probability", "nextStep", "notes") if side[name] is not None}


FILLED: dict[str, Any] = {
    "stage": "QUALIFIED",
    "amount": usd("1000.00"),
    "probability": 40,
    "nextStep": "call",
    "notes": "ours",
}


async def test_a_rule_opens_fields_of_all_sides_and_its_end_closes_them(own: World) -> None:
    record = await deal(own, "One", accepted="bolt core", invited="dune", **FILLED)
    assert await seen(own, "bob", record) == {"nextStep"}
    made = await define(own, rule(fields=("amount", "stage"), audience=BOLT))
    assert made["id"].startswith("shr_")
    assert (made["version"], made["inForce"], made["fields"]) == (1, True, ["amount", "stage"])
    assert await seen(own, "bob", record) == {"nextStep", "amount", "stage"}
    assert await seen(own, "cat", record) == {"nextStep"}
    later = await deal(own, "Two", accepted="bolt", **FILLED)
    assert await seen(own, "bob", later) == {"nextStep", "amount", "stage"}
    changed = await define(own, rule(fields=("notes",), audience=BOLT, ruleId=made["id"], ifVersion=1))
    assert (changed["id"], changed["version"]) == (made["id"], 2)
    assert await seen(own, "bob", record) == {"nextStep", "notes"}
    gone = (await own.data("ada", RETIRE, input={"ruleId": made["id"], "ifVersion": 2}))["retireSharingRule"]
    assert gone == {"sharingRule": None, "userErrors": []}
    assert await seen(own, "bob", record) == {"nextStep"}
    assert (await own.data("ada", RULES))["sharingRules"] == []


async def test_filters_sorts_groups_and_counts_see_what_the_rule_opens(own: World) -> None:
    for name, amount, stage in (
        ("A", "100.00", "PROSPECT"),
        ("B", "900.00", "QUALIFIED"),
        ("C", "500.00", "COMMITTED"),
    ):
        await deal(own, name, accepted="bolt", stage=stage, amount=usd(amount))
    qualified = [{"field": "stage", "op": "IN", "value": ["QUALIFIED", "COMMITTED"]}]
    await define(own, rule(audience=BOLT, conditions=qualified))
    asked = """query($where: OpportunityWhere) {
      opportunities(first: 9, where: $where, orderBy: [{partners: AMOUNT, direction: DESC}]) {
        totalCount nodes { name } }
      opportunityGroups(by: [{field: NAME}], where: $where, measures: [{partners: AMOUNT}]) {
        nodes { keys { value } totals { sum } } } }"""
    named = {"name": {"in": ["A", "B", "C"]}}
    where = {"partners": {"some": {"amount": {"gte": usd("0.00")}}}, **named}
    found = await own.data("bob", asked, where=where)
    assert found["opportunities"] == {"totalCount": 2, "nodes": [{"name": "B"}, {"name": "C"}]}
    groups = {node["keys"][0]["value"]: node["totals"] for node in found["opportunityGroups"]["nodes"]}
    assert groups == {"B": [{"sum": "900.00"}], "C": [{"sum": "500.00"}]}
    all_three = (await own.data("bob", asked, where=named))["opportunities"]
    assert [node["name"] for node in all_three["nodes"]] == ["B", "C", "A"]  # a hidden amount sorts as none
    assert (await own.data("cat", asked, where=where))["opportunities"]["totalCount"] == 0


async def test_deny_beats_every_grant(own: World) -> None:
    record = await deal(own, "One", accepted="bolt core", **FILLED)
    for name in ("amount", "notes"):
        audience = {"kind": "PARTICIPANTS"}
        await own.done("ann", "shareFields", recordId=record, fields=[name], audience=audience)
    await define(own, rule(fields=("amount", "stage"), audience=BOLT, label="Open"))
    assert await seen(own, "bob", record) == {"amount", "notes", "nextStep", "stage"}
    where = '{ opportunities(first: 9, where: {name: {eq: "One"}, partners: {some: {amount: {isNull: false}}}}) {'
    found = await own.data("cat", where + " totalCount } }")
    assert found["opportunities"]["totalCount"] == 1
    closed = await define(own, rule("DENY", label="Deal sizes are ours"))
    for who, expected in (("bob", {"notes", "nextStep", "stage"}), ("cat", {"notes", "nextStep"})):
        assert await seen(own, who, record) == expected
        assert (await own.data(who, where + " totalCount } }"))["opportunities"]["totalCount"] == 0
    mine = "query($id: ID!) { opportunity(id: $id) { mine { amount { amount } } } }"
    assert (await own.data("ann", mine, id=record))["opportunity"]["mine"] == {"amount": {"amount": "1000.00"}}
    # who hides what nobody else sees does not see it either, as long as the rule holds
    assert (await own.data("amy", mine, id=record))["opportunity"]["mine"] == {"amount": None}
    await own.data("ada", RETIRE, input={"ruleId": closed["id"]})
    assert (await own.data("amy", mine, id=record))["opportunity"]["mine"] == {"amount": {"amount": "1000.00"}}
    assert "amount" in await seen(own, "cat", record)


async def test_individuals_see_by_name(own: World) -> None:
    record = await deal(own, "One", accepted="bolt", **FILLED)
    await define(own, rule(fields=("notes",), audience=BEA))
    assert await seen(own, "bea", record) == {"nextStep", "notes"}
    assert await seen(own, "bob", record) == {"nextStep"}
    await define(own, rule("DENY", fields=("nextStep",), audience=BEA))
    assert await seen(own, "bea", record) == {"notes"}
    assert await seen(own, "bob", record) == {"nextStep"}


async def test_conditions_follow_the_side(own: World) -> None:
    record = await deal(own, "One", accepted="bolt", **{**FILLED, "stage": "PROSPECT"})
    large = [
        {"field": "stage", "op": "IN", "value": ["QUALIFIED", "COMMITTED"]},
        {"field": "amount", "op": "GTE", "value": usd("500.00")},
    ]
    await define(own, rule(fields=("amount", "notes"), conditions=large))
    assert await seen(own, "bob", record) == {"nextStep"}
    for mine, expected in (
        ({"stage": "QUALIFIED"}, {"nextStep", "amount", "notes"}),
        ({"amount": usd("499.99")}, {"nextStep"}),
        ({"amount": {"amount": "9000.00", "currency": "EUR"}}, {"nextStep"}),
        ({"amount": usd("500.00")}, {"nextStep", "amount", "notes"}),
        ({"amount": None}, {"nextStep"}),
    ):
        await own.done("ann", "updateOpportunity", id=record, mine=mine)
        assert await seen(own, "bob", record) == expected, mine
    closing = [{"field": "probability", "op": "LT", "value": 50}]
    await define(own, rule("DENY", fields=("nextStep",), conditions=closing))
    for chance, expected in ((40, set()), (50, {"nextStep"}), (None, set())):
        await own.done("ann", "updateOpportunity", id=record, mine={"probability": chance})
        assert await seen(own, "bob", record) == expected, chance


async def test_a_rule_holds_from_its_first_day_to_its_last(own: World, monkeypatch: pytest.MonkeyPatch) -> None:
    record = await deal(own, "One", accepted="bolt", **FILLED)
    made = await define(own, {**rule(), "from": "2025-08-02", "until": "2025-08-03"})
    assert not made["inForce"]
    rules = own.gateway.services.rules
    for now, expected in (
        ("2025-08-01T23:59:59.999999Z", False),
        ("2025-08-02T00:00:00.000000Z", True),
        ("2025-08-03T23:59:59.999999Z", True),
        ("2025-08-04T00:00:00.000000Z", False),
    ):
        monkeypatch.setattr(rules, "_now", lambda now=now: now)
        assert ("amount" in await seen(own, "bob", record)) is expected, now
        assert (await own.data("ada", RULES))["sharingRules"][0]["inForce"] is expected


async def test_a_request_keeps_the_state_that_it_began_with(own: World, monkeypatch: pytest.MonkeyPatch) -> None:
    record = await deal(own, "One", accepted="bolt", **FILLED)
    rules = own.gateway.services.rules
    made = await define(own, {**rule(), "until": "2025-08-03"})
    before = rules.pin()
    monkeypatch.setattr(rules, "_now", lambda: "2025-08-04T00:00:00.000000Z")
    assert await seen(own, "bob", record) == {"nextStep"}
    await own.data("ada", RETIRE, input={"ruleId": made["id"]})
    assert [each.id for each in before.rules[company("acme")]] == [made["id"]]
    assert before.decisions is not rules.pin().decisions


async def test_only_admins_define_and_only_their_people_read(own: World) -> None:
    error = await refused(own, DEFINE, "ann", **rule())
    assert error["code"] == "FORBIDDEN"
    made = await define(own, rule(audience=BOLT))
    shown = {
        **rule(),
        **dict.fromkeys(("from", "until")),
        "id": made["id"],
        "inForce": True,
        "version": 1,
        "conditions": [],
        "audience": {"kind": "SELECTED", "companies": [{"name": "Bolt"}], "people": []},
    }
    assert (await own.data("ann", RULES))["sharingRules"] == [shown]
    assert (await own.data("ann", "{ sharingRules(kind: LEAD) { id } }"))["sharingRules"] == []
    for who in ("bob", "bud", "eve"):
        assert (await own.data(who, RULES))["sharingRules"] == []
    for query, given in ((DEFINE, rule()), (RETIRE, {})):
        error = await refused(own, query, "bud", ruleId=made["id"], **given)
        assert (error["code"], error["message"]) == ("NOT_FOUND", "No such sharing rule.")
    error = await refused(own, RETIRE, "ann", ruleId=made["id"])
    assert error["code"] == "FORBIDDEN"
    body = await own.ask("bud", PREVIEW, input={**rule(), "ruleId": made["id"]}, company=company("core"))
    assert body["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    body = await own.ask("ann", PREVIEW, input=rule(), company=company("bolt"))
    assert body["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_wrong_rules_change_nothing(own: World) -> None:
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
        ({"audience": {"kind": "SELECTED", "people": [person("nobody")]}}, "NOT_FOUND", ["audience", "people"]),
    ]
    for given, code, path in wrong:
        error = await refused(own, DEFINE, "ada", **{**rule(), **given})
        assert (error["code"], error["field"]) == (code, path), error
    assert (await own.data("ada", RULES))["sharingRules"] == []
    made = await define(own, rule())
    error = await refused(own, DEFINE, "ada", **rule("DENY", ruleId=made["id"], ifVersion=7))
    assert error["code"] == "VERSION_CONFLICT"
    (shown,) = (await own.data("ada", RULES))["sharingRules"]
    assert (shown["effect"], shown["version"]) == ("ALLOW", 1)


async def test_rules_that_come_to_too_much_are_refused(own: World) -> None:
    for n in range(12):
        named = {"stage": "QUALIFIED", "nextStep": f"step {n}", "probability": n}
        tests = [{"field": field, "op": "EQ", "value": value} for field, value in named.items()]
        payload = (await own.data("ada", DEFINE, input=rule("DENY", conditions=tests)))["defineSharingRule"]
        if payload["userErrors"]:
            break
    (error,) = payload["userErrors"]
    assert (error["code"], error["message"]) == ("BAD_INPUT", "Your sharing rules have too many conditions together.")
    assert len((await own.data("ada", RULES))["sharingRules"]) == n > 2


async def test_a_repeated_definition_has_one_effect(own: World) -> None:
    first = await define(own, rule(clientMutationId="k"))
    assert await define(own, rule(clientMutationId="k")) == first
    error = await refused(own, DEFINE, "ada", **rule("DENY", clientMutationId="k"))
    assert error["code"] == "IDEMPOTENCY_MISMATCH"
    assert len((await own.data("ada", RULES))["sharingRules"]) == 1


ODD = ['"', "\\", '"; deny_side_field(_v, _a, _s, _f, "x") if true; "', "#", "☃", "\\n", "\U0001d518", "é"]


async def test_labels_and_values_are_any_text(own: World) -> None:
    record = await deal(own, "One", accepted="bolt", **FILLED)
    for text in ODD:
        conditions = [{"field": "nextStep", "op": "EQ", "value": text}]
        made = await define(own, rule(label=f"Odd {text}", conditions=conditions))
        assert made["conditions"] == [{"field": "nextStep", "op": "EQ", "value": text}]
        assert "amount" not in await seen(own, "bob", record)
        await own.done("ann", "updateOpportunity", id=record, mine={"nextStep": text})
        assert "amount" in await seen(own, "bob", record), text
        await own.data("ada", RETIRE, input={"ruleId": made["id"]})
        await own.done("ann", "updateOpportunity", id=record, mine={"nextStep": "call"})
    error = await refused(own, DEFINE, "ada", **rule(conditions=[{"field": "nextStep", "op": "EQ", "value": "a\nb"}]))
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


async def previewed(world: World, given: dict[str, Any], who: str | None = None, partner: str = "bolt") -> Any:
    variables = {"input": given, "company": company(partner), "person": who and person(who)}
    return (await world.data("ada", PREVIEW, **variables))["previewSharingRule"]


async def test_a_preview_counts_what_defining_shows(own: World) -> None:
    stages = ("PROSPECT", "QUALIFIED", "QUALIFIED", "COMMITTED")
    records = [await deal(own, f"D{i}", accepted="bolt", **{**FILLED, "stage": s}) for i, s in enumerate(stages)]
    await own.done("ann", "updateOpportunity", id=records[1], mine={"amount": None})
    everyone = {"kind": "PARTICIPANTS"}
    await own.done("ann", "shareFields", recordId=records[0], fields=["amount"], audience=everyone)
    shared = await own.data(
        "ada", "{ opportunities(first: 99) { nodes { id participants { company { name } status } } } }"
    )
    joined = [
        node["id"]
        for node in shared["opportunities"]["nodes"]
        if {"Acme", "Bolt"} <= {p["company"]["name"] for p in node["participants"] if p["status"] == "ACCEPTED"}
    ]

    async def counted(who: str, fields: list[str]) -> list[int]:
        found = [await seen(own, who, record) for record in joined]
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
        told = await previewed(own, given, who)
        assert told["records"] == len(joined)
        assert [each["field"] for each in told["fields"]] == fields
        assert [each["before"] for each in told["fields"]] == await counted(who, fields)
        made = await define(own, {**given, "from": None})
        assert [each["after"] for each in told["fields"]] == await counted(who, fields), given
        # of the rule that stands already: what a change of it would change
        again = await previewed(own, {**given, "ruleId": made["id"], "conditions": []}, who)
        assert [each["before"] for each in again["fields"]] == [each["after"] for each in told["fields"]]
        await define(own, {**given, "from": None, "ruleId": made["id"], "conditions": []})
        assert [each["after"] for each in again["fields"]] == await counted(who, fields)
        await own.data("ada", RETIRE, input={"ruleId": made["id"]})


async def test_a_preview_tells_of_ones_own_records_alone(own: World) -> None:
    await deal(own, "Theirs", by="bob", accepted="core", **FILLED)
    told = await previewed(own, rule(audience={"kind": "SELECTED", "companies": [company("core")]}), partner="core")
    assert told["records"] == 1  # Beta
    for partner, who, code in (("acme", None, "BAD_INPUT"), ("core", "bob", "NOT_FOUND"), ("none", None, "NOT_FOUND")):
        variables = {"input": rule(), "company": company(partner), "person": who and person(who)}
        body = await own.ask("ada", PREVIEW, **variables)
        assert body["errors"][0]["extensions"]["code"] == code


TEMPLATE: dict[str, Any] = {
    "kind": "OPPORTUNITY",
    "key": "ours",
    "label": "Ours",
    "fields": [
        {"key": "tier", "type": "TEXT", "label": "Tier"},
        {"key": "seats", "type": "INTEGER", "label": "Seats"},
        {"key": "budget", "type": "MONEY", "label": "Budget"},
    ],
}


async def template(world: World, **given: Any) -> Any:
    text = """mutation($input: DefineTemplateInput!) { defineTemplate(input: $input) {
      template { id } userErrors { code message field } } }"""
    found = (await world.data("ada", text, input={**TEMPLATE, **given}))["defineTemplate"]
    assert found["userErrors"] == []
    return found["template"]["id"]


async def custom(world: World, who: str, record: str) -> dict[str, Any]:
    text = """query($id: ID!) { opportunity(id: $id) { partners(companies: ["%s"]) { customFields { key value } } } }"""
    found = (await world.data(who, text % company("acme"), id=record))["opportunity"]["partners"]
    return {each["key"]: each["value"] for side in found for each in side["customFields"]}


async def test_custom_fields_are_opened_and_tested_like_others(own: World) -> None:
    made = await template(own)
    euro = {"amount": "5.00", "currency": "EUR"}
    record = await deal(own, "One", accepted="bolt", tier="gold", seats=7, budget=euro, **FILLED)
    tests = [{"field": "tier", "op": "EQ", "value": "gold"}, {"field": "budget", "op": "GTE", "value": euro}]
    opened = await define(own, rule(fields=("seats", "amount"), conditions=tests))
    assert opened["fields"] == ["seats", "amount"]
    assert opened["conditions"] == tests
    assert await custom(own, "bob", record) == {"seats": 7}
    assert await seen(own, "bob", record) == {"nextStep", "amount"}
    tested = '{name: {eq: "One"}, partners: {some: {amount: {isNull: false}}}}'
    where = f"{{ opportunities(first: 9, where: {tested}) {{ nodes {{ name }} }} }}"
    assert (await own.data("bob", where))["opportunities"]["nodes"] == [{"name": "One"}]
    await own.done("ann", "updateOpportunity", id=record, mine={"tier": "iron"})
    assert await custom(own, "bob", record) == {}
    assert (await own.data("bob", where))["opportunities"]["nodes"] == []
    await own.done("ann", "updateOpportunity", id=record, mine={"tier": "gold"})
    # the template is taken from Acme's sides and shared with Bolt's: no right stays behind, and none is lost
    kept = [field for field in TEMPLATE["fields"] if field["key"] != "tier"]
    await template(own, templateId=made, fields=kept)
    assert await custom(own, "bob", record) == {}
    assert await seen(own, "bob", record) == {"nextStep"}
    (shown,) = (await own.data("ada", RULES))["sharingRules"]
    assert shown["conditions"][0]["field"].startswith("cf_")
    await template(own, templateId=made)
    assert await custom(own, "bob", record) == {}


async def test_a_deny_holds_without_the_field_that_it_tested(own: World) -> None:
    made = await template(own)
    record = await deal(own, "One", accepted="bolt", tier="gold", seats=7, **FILLED)
    tests = [{"field": "seats", "op": "GT", "value": 100}]
    await define(own, rule(fields=("tier", "seats")))
    await define(own, rule("DENY", fields=("nextStep", "tier"), conditions=tests))
    assert await seen(own, "bob", record) == {"nextStep"}
    assert await custom(own, "bob", record) == {"tier": "gold", "seats": 7}
    await template(own, templateId=made, fields=TEMPLATE["fields"][:1])
    assert await seen(own, "bob", record) == set()
    assert await custom(own, "bob", record) == {}
