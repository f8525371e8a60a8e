"""A template that another company shares serves one's own sides, and its owner has no power over them by it."""

from pathlib import Path
from typing import Any

import pytest

from tests.gateway.people import company
from tests.gateway.test_templates import DEFINE, SHARE, TEMPLATE, define, opened, refused
from tests.gateway.world import World, make_world

UPDATE = """mutation($input: UpdateOpportunityInput!) { updateOpportunity(input: $input) {
  userErrors { code message field } } }"""
RISK: dict[str, Any] = {
    "key": "risk",
    "type": "PICKLIST",
    "label": "Risk",
    "audience": "PARTICIPANTS",
    "options": [{"value": v, "label": v} for v in ("LOW", "HIGH")],
}
TAKEN = {
    "key": "taken",
    "type": "FORMULA",
    "label": "Taken",
    "formula": "coalesce(nextStep, stage)",
    "audience": "PARTICIPANTS",
}


@pytest.fixture
async def own(tmp_path: Path) -> Any:
    world = await make_world("sqlite", tmp_path, crowd=2)
    yield world
    await world.spaces.close()


async def lent(world: World, *fields: dict[str, Any]) -> tuple[Any, str]:
    """A template of Acme's that Bolt has as well, and a record on which both stand."""
    template = await define(world, fields=list(fields))
    given = {"templateId": template["id"], "companies": [company("bolt")]}
    assert (await world.data("ada", SHARE, input=given))["shareTemplate"]["userErrors"] == []
    return template, await opened(world)


async def undefined(world: World, template: Any, fields: list[dict[str, Any]]) -> Any:
    """The error with which these fields of a template are refused."""
    return await refused(world, DEFINE, **{**TEMPLATE, "templateId": template["id"], "fields": fields})


async def write(world: World, record: str, **mine: Any) -> None:
    found = (await world.data("bob", UPDATE, input={"id": record, "mine": mine}))["updateOpportunity"]
    assert found["userErrors"] == []


async def seen(world: World, record: str, field: str) -> Any:
    """What Ann sees of this field of Bolt's side."""
    query = "query($id: ID!) { opportunity(id: $id) { partners(companies: [%s]) { %s } } }"
    found = await world.data("ann", query % (f'"{company("bolt")}"', field), id=record)
    (side,) = found["opportunity"]["partners"]
    return side[field]


async def test_its_fields_are_private_on_other_sides_whatever_its_owner_says(own: World) -> None:
    template, record = await lent(own, {**RISK, "audience": "PRIVATE"}, TAKEN)
    await write(own, record, nextStep="secret", risk="HIGH")
    assert [await seen(own, record, field) for field in ("risk", "taken")] == [None, None]
    await define(own, templateId=template["id"], fields=[RISK, TAKEN])
    assert [await seen(own, record, field) for field in ("risk", "taken")] == [None, None]
    (listed,) = (await own.data("bob", "{ templates { fields { audience } } }"))["templates"]
    assert listed["fields"] == [{"audience": "PRIVATE"}] * 2
    (listed,) = (await own.data("ann", "{ templates { fields { audience } } }"))["templates"]
    assert listed["fields"] == [{"audience": "PARTICIPANTS"}] * 2


@pytest.mark.parametrize("held", [None, "LOW", "HIGH"])
async def test_what_its_owner_may_take_away_tells_nothing_of_other_sides(own: World, held: str | None) -> None:
    template, record = await lent(own, RISK)
    await write(own, record, risk=held)
    for companies in ([company("bolt")], []):  # be it shared still, or no more
        await own.data("ada", SHARE, input={"templateId": template["id"], "companies": companies})
        for option in ("LOW", "HIGH"):
            left = [each for each in RISK["options"] if each["value"] != option]
            fields = [{**RISK, "options": left}]
            error = await undefined(own, template, fields)
            assert (error["code"], error["field"]) == ("BAD_INPUT", ["fields", "0", "options"])
            assert f"Other companies have had this field, so the option {option} stays" in error["message"]
        text = {**RISK, "type": "TEXT", "options": None}
        error = await undefined(own, template, [text])
        assert (error["code"], error["field"]) == ("BAD_INPUT", ["fields", "0", "type"])


async def test_its_formulas_do_not_change(own: World) -> None:
    template, record = await lent(own, {**TAKEN, "formula": '"plain"'})
    await write(own, record, nextStep="secret")
    error = await undefined(own, template, [TAKEN])
    assert (error["code"], error["field"]) == ("BAD_INPUT", ["fields", "0", "formula"])
    await define(own, templateId=template["id"], fields=[])
    await define(own, templateId=template["id"], fields=[TAKEN])
    await write(own, record, nextStep="still secret")
    assert await seen(own, record, "taken") is None


async def test_what_another_formula_has_computed_is_no_value_of_a_changed_one(own: World) -> None:
    def fields(formula: str) -> list[dict[str, Any]]:
        doubled = {
            "key": "doubled",
            "type": "FORMULA",
            "label": "Doubled",
            "formula": "sum",
            "audience": "PARTICIPANTS",
        }
        return [{**doubled, "key": "sum", "formula": formula, "audience": "PRIVATE"}, doubled]

    template = await define(own, fields=fields("probability * 1"))
    record = await opened(own, probability=13)
    query = "query($id: ID!) { opportunity(id: $id) { mine { sum doubled } } }"

    async def computed() -> Any:
        return (await own.data("ann", query, id=record))["opportunity"]["mine"]

    assert await computed() == {"sum": 13, "doubled": 13}
    for formula, after in (("nextStep", "next"), ("probability > 1", True), ("probability * 1", 13)):
        await define(own, templateId=template["id"], fields=fields(formula))
        assert await computed() == {"sum": None, "doubled": None}
        groups = "{ opportunityGroups(by: [{mine: SUM}]) { nodes { count keys { value } } } }"
        assert (await own.data("ann", groups))["opportunityGroups"]["nodes"]
        found = await own.data("ann", UPDATE, input={"id": record, "mine": {"nextStep": "next"}})
        assert found["updateOpportunity"]["userErrors"] == []
        assert await computed() == {"sum": after, "doubled": after}
