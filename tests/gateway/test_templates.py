"""Templates and custom fields, as an admin and its partners meet them over GraphQL."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from spaces.definition import Definition
from tests.gateway.people import company
from tests.gateway.world import BACKENDS, World, make_world

DEFINE = """mutation($input: DefineTemplateInput!) { defineTemplate(input: $input) {
  template { id version fields { id key type } } userErrors { code message field } } }"""
SHARE = """mutation($input: ShareTemplateInput!) { shareTemplate(input: $input) {
  template { id version sharedWith { name } } userErrors { code message field } } }"""
RETIRE = """mutation($input: RetireTemplateInput!) { retireTemplate(input: $input) {
  template { id } userErrors { code message field } } }"""
SIDE_FIELDS = '{ __type(name: "OpportunitySide") { fields { name type { name } } } }'

OPTIONS = [{"value": "LOW", "label": "low"}, {"value": "HIGH", "label": "high"}]
FIELDS: list[dict[str, Any]] = [
    {"key": "budget", "type": "MONEY", "label": "Budget", "low": 0},
    {
        "key": "risk",
        "type": "PICKLIST",
        "label": "Risk",
        "options": [{"value": v, "label": v} for v in ("LOW", "HIGH")],
    },
    {"key": "seats", "type": "INTEGER", "label": "Seats", "audience": "PARTICIPANTS", "high": 1000},
    {"key": "signed", "type": "BOOLEAN", "label": "Signed", "default": False},
    {"key": "goLive", "type": "DATE", "label": "Go live"},
    {"key": "tags", "type": "MULTI_PICKLIST", "label": "Tags", "options": [{"value": "A", "label": "a"}]},
    {"key": "site", "type": "URL", "label": "Site"},
    {"key": "code", "type": "TEXT", "label": "Code", "pattern": "[A-Z]{2}[0-9]+", "help": "Two letters, digits."},
    {"key": "champion", "type": "PERSON", "label": "Champion"},
    {"key": "perSeat", "type": "FORMULA", "label": "Per seat", "formula": "budget / seats"},
]
TEMPLATE = {"kind": "OPPORTUNITY", "key": "ours", "label": "Ours", "fields": FIELDS}


@pytest.fixture(params=BACKENDS)
async def own(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """A network of this test's own, for templates reach every record of a company."""
    world = await make_world(request.param, tmp_path, crowd=2)
    yield world
    await world.spaces.close()


async def define(world: World, who: str = "ada", **given: Any) -> Any:
    found = (await world.data(who, DEFINE, input={**TEMPLATE, **given}))["defineTemplate"]
    assert found["userErrors"] == [], found
    return found["template"]


async def refused(world: World, query: str, who: str = "ada", /, **given: Any) -> Any:
    (found,) = (await world.data(who, query, input=given)).values()
    assert found["template"] is None
    (error,) = found["userErrors"]
    return error


async def names(world: World, who: str) -> set[str]:
    found = await world.data(who, SIDE_FIELDS)
    return {field["name"] for field in found["__type"]["fields"]}


async def opened(world: World, **mine: Any) -> str:
    """A new opportunity of Acme's that Bolt has accepted."""
    text = """mutation($input: CreateOpportunityInput!) { createOpportunity(input: $input) {
      record { id } userErrors { code message field } } }"""
    given = {"name": "Made", "invite": [company("bolt")], "mine": mine}
    made = (await world.data("ann", text, input=given))["createOpportunity"]
    assert made["userErrors"] == [], made
    record: str = made["record"]["id"]
    accept = "mutation($i: RespondToInvitationInput!) { respondToInvitation(input: $i) { userErrors { code } } }"
    await world.data("bob", accept, i={"recordId": record, "accept": True})
    return record


async def test_custom_fields_are_typed_for_their_company_and_for_nobody_else(own: World) -> None:
    before = {who: await names(own, who) for who in ("ann", "bob", "eve")}
    await define(own)
    keys = {field["key"] for field in FIELDS}
    assert await names(own, "ann") == before["ann"] | keys
    for who in ("bob", "eve"):
        assert await names(own, who) == before[who]
        body = await own.ask(who, "{ opportunities(first: 1) { nodes { mine { budget { amount } } } } }")
        assert body["errors"][0]["extensions"]["code"] == "VALIDATION_FAILED"


async def test_values_are_written_read_filtered_sorted_and_grouped(own: World) -> None:
    await define(own)
    mine = {"budget": {"amount": "1000.00", "currency": "EUR"}, "risk": "HIGH", "seats": 8, "tags": ["A"]}
    record = await opened(own, **mine, code="AB12", goLive="2026-12-01", site="https://a.example/")
    query = "query($id: ID!) { opportunity(id: $id) { mine { %s } } }"
    fields = "budget { amount currency } risk seats signed tags code goLive site champion { name } perSeat { amount }"
    shown = {**mine, "signed": False, "code": "AB12", "goLive": "2026-12-01", "site": "https://a.example/"}
    expected = {**shown, "champion": None, "perSeat": {"amount": "125.00"}}
    await own.check("ann", query % fields, {"id": record}, {"opportunity": {"mine": expected}})
    listed = "{ opportunities(first: 5, where: %s, orderBy: [{mine: SEATS, direction: DESC}]) { nodes { id } } }"
    for where in (
        "{mine: {risk: {eq: HIGH}, seats: {gt: 7}}}",
        '{mine: {budget: {gte: {amount: "1000", currency: "EUR"}}}}',
        '{mine: {code: {startsWith: "ab"}, tags: {has: A}, goLive: {lt: "2027-01-01"}, signed: {eq: false}}}',
    ):
        found = await own.data("ann", listed % where)
        assert [node["id"] for node in found["opportunities"]["nodes"]] == [record], where
    groups = """{ opportunityGroups(by: [{mine: RISK}], measures: [{mine: SEATS}]) {
      nodes { count keys { value } totals { sum } } } }"""
    found = (await own.data("ann", groups))["opportunityGroups"]["nodes"]
    assert ["HIGH"] in [[key["value"] for key in node["keys"]] for node in found]


async def test_partners_see_what_is_shared_with_them(own: World) -> None:
    await define(own)
    record = await opened(own, budget={"amount": "5.00", "currency": "EUR"}, seats=3)
    query = """query($id: ID!) { opportunity(id: $id) {
      partners(companies: ["%s"]) { customFields { key label type value } } } }"""
    seats = {"key": "seats", "label": "Seats", "type": "INTEGER", "value": 3}
    budget = {"key": "budget", "label": "Budget", "type": "MONEY", "value": {"amount": "5.00", "currency": "EUR"}}

    async def shown() -> Any:
        return (await own.data("bob", query % company("acme"), id=record))["opportunity"]["partners"][0]["customFields"]

    assert await shown() == [seats]
    share = """mutation($input: ShareFieldsInput!) { shareFields(input: $input) { userErrors { code } } }"""
    given = {"recordId": record, "fields": ["budget"], "audience": {"kind": "SELECTED", "companies": [company("bolt")]}}
    await own.data("ann", share, input=given)
    assert await shown() == [budget, seats]


async def test_a_shared_template_gives_partners_its_fields(own: World) -> None:
    template = await define(own)
    record = await opened(own, seats=3, budget={"amount": "5.00", "currency": "EUR"})
    given = {"templateId": template["id"], "companies": [company("bolt")]}
    found = (await own.data("ada", SHARE, input=given))["shareTemplate"]
    assert found["template"]["sharedWith"] == [{"name": "Bolt"}]
    assert await names(own, "bob") >= {"budget", "seats"}
    query = """query($id: ID!) { opportunity(id: $id) {
      mine { seats } partners(companies: ["%s"]) { seats budget { amount } risk } } }"""
    partner = {"seats": 3, "budget": None, "risk": None}
    expected = {"opportunity": {"mine": {"seats": None}, "partners": [partner]}}
    await own.check("bob", query % company("acme"), {"id": record}, expected)
    where = "{ opportunities(first: 9, where: {partners: {some: {seats: {eq: %d}}}}) { nodes { id } } }"
    assert (await own.data("bob", where % 3))["opportunities"]["nodes"] == [{"id": record}]
    hidden = '{partners: {some: {budget: {gte: {amount: "0", currency: "EUR"}}}}}'
    listed = f"{{ opportunities(first: 9, where: {hidden}) {{ nodes {{ id }} }} }}"
    assert (await own.data("bob", listed))["opportunities"]["nodes"] == []
    for kind, keys in (("OPPORTUNITY", ["ours"]), ("LEAD", [])):
        found = await own.data("bob", f"{{ templates(kind: {kind}) {{ key }} }}")
        assert [each["key"] for each in found["templates"]] == keys
    mine = await own.data("bob", "{ templates { key company { name } sharedWith { name } } }")
    assert mine["templates"] == [{"key": "ours", "company": {"name": "Acme"}, "sharedWith": None}]
    await own.data("ada", SHARE, input={"templateId": template["id"], "companies": []})
    assert "budget" not in await names(own, "bob")
    assert (await own.data("bob", "{ templates { key } }"))["templates"] == []


async def test_a_field_that_is_dropped_and_declared_again_has_no_value_and_no_right(own: World) -> None:
    template = await define(own)
    record = await opened(own, seats=3)
    kept = [f for f in FIELDS if f["key"] not in ("seats", "perSeat")]
    seats = next(f for f in FIELDS if f["key"] == "seats")
    await define(own, templateId=template["id"], fields=kept)
    assert "seats" not in await names(own, "ann")
    again = await define(own, templateId=template["id"], fields=[*kept, {**seats, "audience": "PRIVATE"}])
    assert again["version"] == 3
    query = "query($id: ID!) { opportunity(id: $id) { mine { seats } } }"
    assert (await own.data("ann", query, id=record))["opportunity"]["mine"] == {"seats": None}
    before = {f["key"]: f["id"] for f in template["fields"]}
    after = {f["key"]: f["id"] for f in again["fields"]}
    assert after["seats"] != before["seats"]
    assert {key: after[key] for key in after if key != "seats"} == {k: before[k] for k in after if k != "seats"}


async def test_who_may_define(own: World) -> None:
    error = await refused(own, DEFINE, "ann", **TEMPLATE)
    assert error["code"] == "FORBIDDEN"
    template = await define(own)
    kinds: list[tuple[str, dict[str, Any]]] = [(SHARE, {"companies": []}), (RETIRE, {})]
    for query, given in kinds:
        error = await refused(own, query, "bud", templateId=template["id"], **given)
        assert (error["code"], error["message"]) == ("NOT_FOUND", "No such template.")
    error = await refused(own, DEFINE, "bud", templateId=template["id"], **TEMPLATE)
    assert error["code"] == "NOT_FOUND"


async def test_bad_templates_change_nothing(own: World) -> None:
    field = FIELDS[2]
    bad: list[tuple[dict[str, Any], list[str]]] = [
        ({"fields": [field, field]}, ["fields", "1", "key"]),
        ({"fields": [{**field, "key": "stage"}]}, ["fields", "0", "key"]),
        ({"fields": [{**FIELDS[7], "pattern": "(a+)+$("}]}, ["fields", "0", "pattern"]),
        ({"fields": [{"key": "a", "type": "FORMULA", "label": "A", "formula": "a + 1"}]}, ["fields", "0", "formula"]),
        ({"fields": [{**field, "low": 5, "high": 1}]}, ["fields", "0", "high"]),
        ({"key": "not a key"}, ["key"]),
    ]
    for given, path in bad:
        error = await refused(own, DEFINE, "ada", **{**TEMPLATE, **given})
        assert (error["code"], error["field"]) == ("BAD_INPUT", path), error
        assert error["message"].startswith(path[0])
    assert (await own.data("ann", "{ templates { id } }"))["templates"] == []
    template = await define(own)
    error = await refused(own, DEFINE, "ada", **TEMPLATE)
    assert error["field"] == ["key"]
    await opened(own, risk="HIGH", seats=1)
    changed = [{**FIELDS[1], "options": [{"value": "LOW", "label": "l"}]}]
    error = await refused(own, DEFINE, "ada", **{**TEMPLATE, "templateId": template["id"], "fields": changed})
    assert (error["code"], error["field"]) == ("IN_USE", ["fields", "0", "options"])
    error = await refused(
        own, DEFINE, "ada", **{**TEMPLATE, "templateId": template["id"], "fields": [{**field, "type": "NUMBER"}]}
    )
    assert (error["code"], error["field"]) == ("IN_USE", ["fields", "0", "type"])
    error = await refused(own, DEFINE, "ada", **{**TEMPLATE, "templateId": template["id"], "ifVersion": 7})
    assert error["code"] == "VERSION_CONFLICT"
    assert (await own.data("ann", "{ templates { version } }"))["templates"] == [{"version": 1}]


async def test_values_are_held_to_the_template(own: World) -> None:
    fields = [{**FIELDS[2], "required": True}, FIELDS[7], {**FIELDS[3], "editableIn": ["PROSPECT"]}]
    await define(own, fields=fields)
    create = """mutation($input: CreateOpportunityInput!) { createOpportunity(input: $input) {
      record { id } userErrors { code field } } }"""

    async def error(**mine: Any) -> Any:
        found = (await own.data("ann", create, input={"name": "X", "mine": mine}))["createOpportunity"]
        return found["userErrors"]

    assert await error() == [{"code": "BAD_INPUT", "field": ["mine", "seats"]}]
    assert await error(seats=1001) == [{"code": "BAD_INPUT", "field": ["mine", "seats"]}]
    assert await error(seats=1, code="ab") == [{"code": "BAD_INPUT", "field": ["mine", "code"]}]
    record = await opened(own, seats=1)
    update = """mutation($input: UpdateOpportunityInput!) { updateOpportunity(input: $input) {
      userErrors { code field } } }"""

    async def changed(**mine: Any) -> Any:
        return (await own.data("ann", update, input={"id": record, "mine": mine}))["updateOpportunity"]["userErrors"]

    assert await changed(seats=None) == [{"code": "BAD_INPUT", "field": ["mine", "seats"]}]
    assert await changed(signed=True) == []
    assert await changed(stage="QUALIFIED") == []
    assert await changed(signed=False) == [{"code": "FIELD_LOCKED", "field": ["mine", "signed"]}]


async def test_a_repeated_definition_has_one_effect(own: World) -> None:
    first = await define(own, clientMutationId="k")
    assert await define(own, clientMutationId="k") == first
    error = await refused(own, DEFINE, "ada", **{**TEMPLATE, "label": "Other", "clientMutationId": "k"})
    assert error["code"] == "IDEMPOTENCY_MISMATCH"


async def test_a_retired_template_is_gone_with_its_fields(own: World) -> None:
    template = await define(own)
    await own.data("ada", RETIRE, input={"templateId": template["id"]})
    assert "budget" not in await names(own, "ann")
    assert (await own.data("ann", "{ templates { id } }"))["templates"] == []


async def test_a_change_whose_request_is_stopped_holds_as_it_is_kept(
    own: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mutation cancelled once the spaces keep its template: the schema has it, too."""
    kept, define_in_spaces = asyncio.Event(), own.spaces.define

    async def slowly(definition: Definition) -> None:
        await define_in_spaces(definition)
        kept.set()
        await asyncio.sleep(0.05)

    monkeypatch.setattr(own.spaces, "define", slowly)
    task = asyncio.ensure_future(define(own, fields=[{"key": "budget", "type": "TEXT", "label": "Budget"}]))
    await kept.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert "budget" in await names(own, "ann")
