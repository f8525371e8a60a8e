"""Custom picklists that refine the kind's own: a company's stages, and the standard ones that all have."""

from typing import Any

from tests.gateway.people import company
from tests.gateway.test_templates import DEFINE, define, opened, own, refused
from tests.gateway.world import World

__all__ = ["own"]  # the network of each test's own

STANDARD = {"SCREEN": "PROSPECT", "PILOT": "QUALIFIED", "TRIAL": "QUALIFIED", "LOST": "CLOSED_LOST"}
STEP: dict[str, Any] = {
    "key": "step",
    "type": "PICKLIST",
    "label": "Our stage",
    "refines": "stage",
    "options": [{"value": v, "label": v.title(), "standard": stands} for v, stands in STANDARD.items()],
}
UPDATE = """mutation($input: UpdateOpportunityInput!) { updateOpportunity(input: $input) {
  record { mine { stage step } } userErrors { code message field } } }"""


async def update(world: World, record: str, **mine: Any) -> Any:
    found = await world.data("ann", UPDATE, input={"id": record, "mine": mine})
    return found["updateOpportunity"]


async def moved(world: World, record: str, **mine: Any) -> tuple[str | None, str | None]:
    """Stage and own stage after a write that is taken."""
    found = await update(world, record, **mine)
    assert found["userErrors"] == [], found
    side = found["record"]["mine"]
    return side["stage"], side["step"]


async def test_the_standard_stage_follows_the_own_one(own: World) -> None:
    await define(own, fields=[STEP])
    record = await opened(own, step="SCREEN")
    assert await moved(own, record, nextStep="Call") == ("PROSPECT", "SCREEN")
    assert await moved(own, record, step="PILOT") == ("QUALIFIED", "PILOT")
    assert await moved(own, record, step="TRIAL") == ("QUALIFIED", "TRIAL")
    assert await moved(own, record, stage="QUALIFIED") == ("QUALIFIED", "TRIAL")
    assert await moved(own, record, step=None) == ("QUALIFIED", None)
    assert await moved(own, record, step="PILOT", stage="QUALIFIED") == ("QUALIFIED", "PILOT")
    assert await moved(own, record, stage="CLOSED_LOST") == ("CLOSED_LOST", None)


async def test_a_new_side_begins_where_its_own_stage_says(own: World) -> None:
    await define(own, fields=[{**STEP, "default": "SCREEN"}])
    assert await moved(own, await opened(own, step="PILOT"), nextStep="Call") == ("QUALIFIED", "PILOT")
    assert await moved(own, await opened(own), nextStep="Call") == ("PROSPECT", "SCREEN")
    assert await moved(own, await opened(own, stage="QUALIFIED"), nextStep="Call") == ("QUALIFIED", None)


async def test_what_disagrees_or_is_no_move_is_refused_and_changes_nothing(own: World) -> None:
    await define(own, fields=[STEP])
    record = await opened(own, step="LOST")
    (error,) = (await update(own, record, step="PILOT", stage="PROSPECT"))["userErrors"]
    words = "This stands for another value of stage than the one given."
    assert error == {"code": "BAD_INPUT", "message": words, "field": ["mine", "step"]}
    (error,) = (await update(own, record, step="SCREEN"))["userErrors"]
    assert (error["code"], error["field"]) == ("ILLEGAL_MOVE", ["mine", "stage"])
    assert await moved(own, record, nextStep="Call") == ("CLOSED_LOST", "LOST")


async def test_a_required_own_stage_is_not_cleared_behind_its_back(own: World) -> None:
    await define(own, fields=[{**STEP, "required": True}])
    record = await opened(own, step="SCREEN")
    (error,) = (await update(own, record, stage="QUALIFIED"))["userErrors"]
    assert error == {"code": "BAD_INPUT", "message": "This field is required.", "field": ["mine", "step"]}
    assert await moved(own, record, stage="QUALIFIED", step="TRIAL") == ("QUALIFIED", "TRIAL")


async def test_partners_and_reports_have_the_standard_stage(own: World) -> None:
    await define(own, fields=[STEP])
    record = await opened(own, step="PILOT")
    share = "mutation($i: ShareFieldsInput!) { shareFields(input: $i) { userErrors { code } } }"
    await own.data("ann", share, i={"recordId": record, "fields": ["stage"], "audience": {"kind": "PARTICIPANTS"}})
    side = "query($id: ID!) { opportunity(id: $id) { partners { stage customFields { key } } } }"
    expected = {"opportunity": {"partners": [{"stage": "QUALIFIED", "customFields": []}]}}
    await own.check("bob", side, {"id": record}, expected)
    groups = """{ opportunityGroups(by: [{partners: STAGE}], where: {partners: {some: {stage: {eq: QUALIFIED}}}}) {
      nodes { count keys { value } } } }"""
    found = (await own.data("bob", groups))["opportunityGroups"]["nodes"]
    assert ["QUALIFIED"] in [[key["value"] for key in node["keys"]] for node in found]
    ours = "{ opportunityGroups(by: [{mine: STAGE}, {mine: STEP}]) { nodes { keys { value } } } }"
    found = (await own.data("ann", ours))["opportunityGroups"]["nodes"]
    assert ["QUALIFIED", "PILOT"] in [[key["value"] for key in node["keys"]] for node in found]


async def test_what_an_option_stands_for_stays_while_it_is_in_use(own: World) -> None:
    made = await define(own, fields=[STEP])
    await opened(own, step="PILOT")
    templates = "{ templates { fields { refines options { value standard } } } }"
    options = [{"value": value, "standard": stands} for value, stands in STANDARD.items()]
    await own.check("ann", templates, {}, {"templates": [{"fields": [{"refines": "stage", "options": options}]}]})
    turned = [{**o, "standard": "PROSPECT"} if o["value"] == "PILOT" else o for o in STEP["options"]]
    given = {"kind": "OPPORTUNITY", "key": "ours", "label": "Ours", "fields": [{**STEP, "options": turned}]}
    error = await refused(own, DEFINE, templateId=made["id"], **given)
    assert error["code"] == "IN_USE"
    assert error["message"].endswith("The option PILOT is in use, so what it stands for cannot change.")
    await own.check("ann", templates, {}, {"templates": [{"fields": [{"refines": "stage", "options": options}]}]})


async def test_the_right_to_the_own_stage_needs_that_to_the_standard_one(own: World) -> None:
    await define(own, fields=[STEP])
    record = await opened(own, step="PILOT")
    text = 'deny_side_field(_v, "update", side, "stage", "stages stay") if side.own = true;'
    own.gateway.policies.replace(company("acme"), text)
    (error,) = (await update(own, record, step="LOST"))["userErrors"]
    assert (error["code"], error["field"]) == ("FORBIDDEN", ["mine", "stage"])
    assert await moved(own, record, nextStep="Call") == ("QUALIFIED", "PILOT")
