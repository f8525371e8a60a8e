"""Company texts that test the record: whose `updatedAt` moves, and what a change was decided on."""

from dataclasses import replace
from typing import Any

import pytest

from spaces.change import Change
from tests.gateway.deals import deal, mine
from tests.gateway.people import company
from tests.gateway.rules import FILLED
from tests.gateway.world import World

HIDES_REGION = """deny_joint_field(_viewer, "read", record, "region", "not in Germany") if
  record.kind = "opportunity" and record.joint__country = "DE";"""
CLOSED_ABROAD = """deny_side_field(_viewer, "update", side, _field, "not abroad") if
  side.kind = "opportunity" and side.own = true and side.joint__country != "DE";
deny_joint_field(_viewer, "invite", record, "exists", "not abroad") if
  record.kind = "opportunity" and record.joint__country != "DE";"""


async def customer(world: World, record: str, **fields: str | None) -> None:
    await world.done("ann", "updateOpportunity", id=record, joint={"customer": fields})


async def test_updated_at_moves_for_who_sees_the_field_before_or_after(bare: World) -> None:
    record = await deal(bare, "One", accepted="bolt", **FILLED)
    await customer(bare, record, country="FR", region="EMEA")
    bare.gateway.policies.replace(company("bolt"), HIDES_REGION)
    asked = "query($id: ID!) { opportunity(id: $id) { updatedAt customer { region country } } }"

    async def told() -> Any:
        return (await bare.data("bob", asked, id=record))["opportunity"]

    for fields, region, moves in (
        ({"region": "APAC"}, "APAC", True),
        ({"country": "DE"}, None, True),
        ({"region": "EMEA"}, None, False),
        ({"region": "APAC"}, None, False),
        ({"country": None, "region": "EMEA"}, None, True),
        ({"country": "FR"}, "EMEA", True),
    ):
        before = await told()
        await customer(bare, record, **fields)
        after = await told()
        assert after["customer"]["region"] == region
        assert (after["updatedAt"] != before["updatedAt"]) is moves, fields


async def test_each_row_of_a_page_has_its_own_mask(bare: World) -> None:
    closed = """deny_joint_field(_viewer, "read", record, "region", "x") if
      record.kind = "opportunity" and record.joint__country = "DE";
    deny_side_field(_viewer, "read", side, "notes", "x") if
      side.kind = "opportunity" and side.own = true and side.joint__country = "DE";"""
    bare.gateway.policies.replace(company("acme"), closed)
    for name, country in (("A", "DE"), ("B", "FR"), ("C", "DE"), ("D", "FR")):
        await customer(bare, await deal(bare, name, **FILLED), country=country, region="EMEA")
    asked = """query($where: OpportunityWhere!) { opportunities(first: 9, where: $where, orderBy: [{field: NAME}]) {
      nodes { name customer { region } mine { notes } } } }"""

    async def told(**where: Any) -> list[Any]:
        named = {"name": {"in": ["A", "B", "C", "D"]}}
        nodes = (await bare.data("ann", asked, where={**named, **where}))["opportunities"]["nodes"]
        return [(each["name"], each["customer"]["region"], each["mine"]["notes"]) for each in nodes]

    hidden, shown = (None, None), ("EMEA", FILLED["notes"])
    assert await told() == [("A", *hidden), ("B", *shown), ("C", *hidden), ("D", *shown)]
    assert await told(mine={"notes": {"isNull": False}}) == [("B", *shown), ("D", *shown)]
    assert await told(customer={"region": {"isNull": True}}) == [("A", *hidden), ("C", *hidden)]


async def test_writing_hangs_on_the_record(bare: World) -> None:
    record = await deal(bare, "One", accepted="bolt", **FILLED)
    await customer(bare, record, country="DE")
    bare.gateway.policies.replace(company("acme"), CLOSED_ABROAD)
    await bare.done("ann", "updateOpportunity", id=record, mine={"notes": "new"})
    await customer(bare, record, country="FR")
    for verb, given in (
        ("updateOpportunity", {"id": record, "mine": {"notes": "newer"}}),
        ("inviteCompanies", {"recordId": record, "companyIds": [company("core")], "role": "VIEWER"}),
    ):
        assert await refusal(bare, verb, **given) == "FORBIDDEN"
    assert (await mine(bare, "ann", record))["notes"] == "new"


@pytest.mark.parametrize("verb", ["updateOpportunity", "inviteCompanies"])
async def test_what_was_decided_on_the_record_is_decided_again_when_that_changed(
    bare: World, verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = await deal(bare, "One", accepted="bolt", **FILLED)
    await customer(bare, record, country="DE")
    bare.gateway.policies.replace(company("acme"), CLOSED_ABROAD)
    plain = bare.spaces.commit
    seen: list[Change] = []

    async def late(change: Change) -> None:
        if not seen:  # somebody else's change of the country comes first
            seen.append(change)
            other = Change(change.kind, change.record, company("bolt"), change.person, change.at)
            await plain(replace(other, joint={"country": "FR"}))
        await plain(change)

    monkeypatch.setattr(bare.spaces, "commit", late)
    given: dict[str, Any] = {"id": record, "mine": {"notes": "late"}}
    if verb == "inviteCompanies":
        given = {"recordId": record, "companyIds": [company("core")], "role": "VIEWER"}
    assert await refusal(bare, verb, **given) == "FORBIDDEN"
    assert len(seen) == 1
    assert (await mine(bare, "ann", record))["notes"] == FILLED["notes"]


async def refusal(world: World, verb: str, **given: Any) -> str:
    """The code with which Ann's mutation is refused."""
    kind = verb[0].upper() + verb[1:]
    text = f"mutation($input: {kind}Input!) {{ {verb}(input: $input) {{ userErrors {{ code }} }} }}"
    (error,) = (await world.data("ann", text, input=given))[verb]["userErrors"]
    return str(error["code"])
