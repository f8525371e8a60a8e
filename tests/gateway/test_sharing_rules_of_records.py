"""Sharing rules that test the record, or name records: what opens and closes, and what nobody learns by it."""

from typing import Any

from tests.gateway.deals import deal, usd
from tests.gateway.people import company, made_id, person
from tests.gateway.rules import BOLT, DEFINE, FILLED, PREVIEW, RULES, define, refused, rule, seen
from tests.gateway.world import World

IN_GERMANY = [{"of": "RECORD", "field": "customer.country", "op": "EQ", "value": "DE"}]
HIDES_COUNTRY = """deny_joint_field(_viewer, "read", record, "country", "not ours to know") if
  record.kind = "opportunity";"""


async def placed(world: World, record: str, country: str | None) -> None:
    """Puts the record's customer into a country."""
    await world.done("ann", "updateOpportunity", id=record, joint={"customer": {"country": country}})


async def previewed(world: World, given: dict[str, Any]) -> Any:
    found = await world.data("ada", PREVIEW, input=given, company=company("bolt"))
    return {each["field"]: (each["before"], each["after"]) for each in found["previewSharingRule"]["fields"]}


async def test_a_rule_follows_the_record(bare: World) -> None:
    record = await deal(bare, "One", accepted="bolt core", **FILLED)
    made = await define(bare, rule(audience=BOLT, conditions=IN_GERMANY))
    assert made["conditions"] == [{"field": "customer.country", "op": "EQ", "value": "DE"}]
    for country, opened in ((None, False), ("DE", True), ("FR", False), ("DE", True), (None, False)):
        await placed(bare, record, country)
        assert await seen(bare, "bob", record) == {"nextStep", *(["amount"] if opened else [])}, country
        assert await seen(bare, "cat", record) == {"nextStep"}
    assert await seen(bare, "bob", await deal(bare, "Two", accepted="bolt", **FILLED)) == {"nextStep"}


async def test_all_that_is_asked_of_many_rows_follows_the_record(bare: World) -> None:
    records = {}
    for name, amount, country in (
        ("A", "100.00", "DE"),
        ("B", "900.00", "FR"),
        ("C", "500.00", "DE"),
        ("D", "1", None),
    ):
        records[name] = await deal(bare, name, accepted="bolt", stage="QUALIFIED", amount=usd(amount), notes="harbour")
        await placed(bare, records[name], country)
    await define(bare, rule(fields=("amount", "notes"), audience=BOLT, conditions=IN_GERMANY))
    asked = """query($where: OpportunityWhere) {
      opportunities(first: 9, where: $where, orderBy: [{partners: AMOUNT, direction: DESC}]) {
        totalCount nodes { name partners { amount { amount } } } }
      opportunityGroups(by: [{field: NAME}], where: $where, measures: [{partners: AMOUNT}]) {
        nodes { keys { value } totals { sum } } }
      sums: opportunityGroups(by: [{partners: STAGE}], where: $where, measures: [{partners: AMOUNT}]) {
        nodes { count totals { sum } } }
      search(text: "harbour", first: 9) { nodes { name } } }"""

    async def told(who: str) -> tuple[Any, ...]:
        named = {"name": {"in": ["A", "B", "C", "D"]}}
        where = {"partners": {"some": {"amount": {"isNull": False}}}, **named}
        found = await bare.data(who, asked, where=where)
        every = await bare.data(who, asked, where=named)
        pages = [[node["name"] for node in each["opportunities"]["nodes"]] for each in (found, every)]
        sums = {node["keys"][0]["value"]: node["totals"] for node in every["opportunityGroups"]["nodes"]}
        hits = sorted(node["name"] for node in found["search"]["nodes"])
        sides = {node["name"]: node["partners"][0]["amount"] for node in every["opportunities"]["nodes"]}
        assert sorted(name for name, amount in sides.items() if amount) == hits
        assert [node["count"] for node in every["sums"]["nodes"]] == [4]
        whole = [total["sum"] for node in every["sums"]["nodes"] for total in node["totals"]]
        return found["opportunities"]["totalCount"], *pages, {k: v for k, v in sums.items() if v}, whole, hits

    assert await told("bob") == (
        2,
        ["C", "A"],
        ["C", "A", "B", "D"],
        {"A": [{"sum": "100.00"}], "C": [{"sum": "500.00"}]},
        ["600.00"],
        ["A", "C"],
    )
    await placed(bare, records["C"], "FR")
    await placed(bare, records["B"], "DE")
    assert await told("bob") == (
        2,
        ["B", "A"],
        ["B", "A", "C", "D"],
        {"A": [{"sum": "100.00"}], "B": [{"sum": "900.00"}]},
        ["1000.00"],
        ["A", "B"],
    )


async def test_an_unset_field_closes(bare: World) -> None:
    record = await deal(bare, "One", accepted="bolt", **FILLED)
    abroad = [{"of": "RECORD", "field": "customer.country", "op": "NE", "value": "DE"}]
    await define(bare, rule("DENY", fields=("nextStep",), conditions=abroad))
    for country, expected in ((None, set()), ("DE", {"nextStep"}), ("FR", set())):
        await placed(bare, record, country)
        assert await seen(bare, "bob", record) == expected, country


async def test_a_rule_for_some_records(bare: World) -> None:
    first, second, third = [await deal(bare, name, accepted="bolt", **FILLED) for name in ("One", "Two", "Three")]
    made = await define(bare, rule(audience=BOLT, recordIds=[second, first]))
    assert [await seen(bare, "bob", each) for each in (first, second, third)] == [
        {"nextStep", "amount"},
        {"nextStep", "amount"},
        {"nextStep"},
    ]
    text = "{ sharingRules { recordIds conditions { of field } } }"
    assert (await bare.data("ann", text))["sharingRules"] == [{"recordIds": sorted([first, second]), "conditions": []}]
    await define(bare, rule(audience=BOLT, ruleId=made["id"], conditions=IN_GERMANY))
    assert [await seen(bare, "bob", each) for each in (first, second)] == [{"nextStep"}] * 2
    (shown,) = (await bare.data("ann", text))["sharingRules"]
    assert shown == {"recordIds": None, "conditions": [{"of": "RECORD", "field": "customer.country"}]}


async def test_a_condition_compares_with_people_of_the_own_company(bare: World) -> None:
    for stranger in (person("bob"), made_id("pe", "never")):
        test = {"field": "owner", "op": "EQ", "value": stranger}
        error = await refused(bare, DEFINE, "ada", **rule(conditions=[test]))
        assert (error["code"], error["field"]) == ("NOT_FOUND", ["conditions", "0", "value"])
        assert error["message"] == "conditions[0].value: No such person."
        several: dict[str, object] = {"field": "owner", "op": "IN", "value": [person("ann"), stranger]}
        error = await refused(bare, DEFINE, "ada", **rule(conditions=[several]))
        assert error["message"] == "conditions[0].value[1]: No such person."
    await define(bare, rule(conditions=[{"field": "owner", "op": "EQ", "value": person("ann")}]))
    error = await refused(bare, DEFINE, "ada", **rule(until="2024-12-31"))
    assert (error["code"], error["message"]) == ("BAD_INPUT", "until: This day is past (UTC).")


async def test_a_record_that_the_company_has_no_part_in_is_as_one_never_issued(bare: World) -> None:
    theirs = await deal(bare, "Theirs", by="bob", accepted="core")
    mine = await deal(bare, "Mine", accepted="bolt", **FILLED)
    for id_ in (theirs, "opp_" + "0" * 26):
        error = await refused(bare, DEFINE, "ada", **rule(recordIds=[mine, id_]))
        assert error == {"code": "NOT_FOUND", "message": "recordIds[1]: No such record.", "field": ["recordIds", "1"]}
        body = await bare.ask("ada", PREVIEW, input=rule(recordIds=[id_]), company=company("bolt"))
        assert body["errors"][0]["message"] == "recordIds[0]: No such record."
    for ids, place in (
        ([], ["recordIds"]),
        ([company("bolt")], ["recordIds", "0"]),
        ([mine, mine], ["recordIds", "1"]),
    ):
        error = await refused(bare, DEFINE, "ada", **rule(recordIds=ids))
        assert (error["code"], error["field"]) == ("BAD_INPUT", place)
    assert (await bare.data("ada", RULES))["sharingRules"] == []


async def test_people_see_of_a_rule_the_records_that_they_see(bare: World) -> None:
    record = await deal(bare, "One", accepted="bolt", **FILLED)
    await define(bare, rule(recordIds=[record]))
    deny = (
        'deny_joint_field(viewer, "read", record, "exists", "x") if viewer.admin = false and record.record_id = "%s";'
    )
    bare.gateway.policies.replace(company("acme"), deny % record)
    text = "{ sharingRules { recordIds } }"
    assert (await bare.data("ann", text))["sharingRules"] == [{"recordIds": []}]
    assert (await bare.data("ada", text))["sharingRules"] == [{"recordIds": [record]}]


async def test_a_preview_and_explain_know_records(bare: World) -> None:
    records = [await deal(bare, f"D{n}", accepted="bolt", **FILLED) for n in range(3)]
    for record, country in zip(records, ("DE", "DE", "FR"), strict=True):
        await placed(bare, record, country)
    (before, _) = (await previewed(bare, rule()))["amount"]
    assert await previewed(bare, rule(conditions=IN_GERMANY)) == {"amount": (before, before + 2)}
    assert await previewed(bare, rule(recordIds=records[1:], conditions=IN_GERMANY)) == {"amount": (before, before + 1)}
    await define(bare, rule(recordIds=records[1:], conditions=IN_GERMANY, label="German deals"))
    assert await previewed(bare, rule(conditions=IN_GERMANY)) == {"amount": (before + 1, before + 2)}
    explain = """query($id: ID!, $to: ID!) { explain(recordId: $id, company: $to) { field visible reasons } }"""
    told = []
    for record in records:
        found = (await bare.data("ann", explain, id=record, to=company("bolt")))["explain"]
        told += [(each["visible"], each["reasons"]) for each in found if each["field"] == "amount"]
    assert told == [(False, []), (True, ['sharing rule "German deals"']), (False, [])]


async def test_a_preview_counts_nothing_by_what_its_admin_does_not_see(bare: World) -> None:
    record = await deal(bare, "One", accepted="bolt", **FILLED)
    await placed(bare, record, "DE")
    bare.gateway.policies.replace(company("acme"), HIDES_COUNTRY)
    body = await bare.ask("ada", PREVIEW, input=rule(conditions=IN_GERMANY), company=company("bolt"))
    assert body["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    of_region = [{"of": "RECORD", "field": "customer.region", "op": "EQ", "value": "EMEA"}]
    assert {*await previewed(bare, rule(conditions=of_region))} == {"amount"}


async def test_explain_tells_nobody_what_it_does_not_see_of_the_record(bare: World) -> None:
    record = await deal(bare, "One", accepted="bolt", **FILLED)
    await placed(bare, record, "DE")
    await define(bare, rule(conditions=IN_GERMANY))
    explain = """query($id: ID!, $to: ID!) { explain(recordId: $id, company: $to) { field visible } }"""

    async def fields() -> set[str]:
        found = (await bare.data("ann", explain, id=record, to=company("bolt")))["explain"]
        return {each["field"] for each in found}

    assert {"amount", "nextStep"} <= await fields()
    bare.gateway.policies.replace(company("acme"), HIDES_COUNTRY)
    for country in ("DE", "FR"):
        await placed(bare, record, country)
        told = await fields()
        assert "amount" not in told
        assert "nextStep" in told


async def test_a_hidden_joint_field_shows_by_what_the_owner_opened_alone(bare: World) -> None:
    """Bolt's own policy hides the country from its people. What Acme opened by it they see; nothing else tells it."""
    bare.gateway.policies.replace(company("bolt"), HIDES_COUNTRY)
    record = await deal(bare, "One", accepted="bolt", **FILLED)
    await define(bare, rule(audience=BOLT, conditions=IN_GERMANY))
    asked = """query($id: ID!, $country: String!) {
      opportunity(id: $id) { updatedAt customer { country } partners { nextStep amount { amount } } }
      opportunities(first: 9, where: {name: {eq: "One"}, customer: {country: {eq: $country}}}) { totalCount }
      sorted: opportunities(first: 9, where: {name: {eq: "One"}}, orderBy: [{field: CUSTOMER_COUNTRY}]) {
        nodes { name } }
      groups: opportunityGroups(by: [{field: CUSTOMER_COUNTRY}], where: {name: {eq: "One"}}) {
        nodes { keys { value } count } } }"""
    answers = []
    for country in ("FR", "US", "DE"):
        await placed(bare, record, country)
        answers.append(await bare.data("bob", asked, id=record, country=country))
    for found in answers:
        assert found["opportunity"]["customer"] == {"country": None}
        assert found["opportunities"]["totalCount"] == 0
        assert found["groups"]["nodes"] == [{"keys": [{"value": None}], "count": 1}]
    assert answers[0] == answers[1]
    assert [each["opportunity"]["partners"][0]["amount"] for each in answers] == [None, None, {"amount": "1000.00"}]
    opened = answers[2]["opportunity"]["partners"][0]
    answers[2]["opportunity"]["partners"][0] = {**opened, "amount": None}
    assert answers[2] == answers[0]  # the time of the last change that Bolt sees is what it was, too
