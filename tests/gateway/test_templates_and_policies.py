"""Templates beside access policies: fields are many, and a company's policies hold whatever is declared."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.gateway.access import attribute, define, policy
from tests.gateway.deals import deal, mine, partners
from tests.gateway.people import company
from tests.gateway.rules import FILLED
from tests.gateway.test_templates import DEFINE as DEFINE_TEMPLATE
from tests.gateway.test_templates import SHARE, refused
from tests.gateway.world import World, make_world

MANY = [{"key": f"field{n:03}", "type": "TEXT", "label": f"Field {n}"} for n in range(200)]
TOTAL = "{ opportunities(first: 1) { totalCount } }"


@pytest.fixture
async def own(tmp_path: Path) -> AsyncIterator[World]:
    world = await make_world("memory", tmp_path, crowd=2)
    yield world
    await world.spaces.close()


async def template(world: World, who: str, **given: Any) -> str:
    said = {"kind": "OPPORTUNITY", "key": "many", "label": "Many", "fields": MANY, **given}
    found = (await world.data(who, DEFINE_TEMPLATE, input=said))["defineTemplate"]
    assert found["userErrors"] == [], found
    return str(found["template"]["id"])


@pytest.mark.parametrize("by", ["ada", "bud"])
async def test_many_fields_close_nothing_to_a_company_with_policies(own: World, by: str) -> None:
    """Neither its own nor another company's, which it cannot refuse."""
    record = await deal(own, "One", accepted="bolt", **FILLED)
    for n in range(8):
        given = policy(fields=None, actions=["UPDATE", "SHARE"], people=attribute("team", eq=f"interns {n}"))
        await define(own, {**given, "label": f"Interns of team {n} change nothing"})
    before = await own.data("ann", TOTAL)
    made = await template(own, by)
    if by == "bud":
        share = {"templateId": made, "companies": [company("acme")]}
        assert (await own.data(by, SHARE, input=share))["shareTemplate"]["userErrors"] == []
    assert await own.data("ann", TOTAL) == before
    await own.done("ann", "updateOpportunity", id=record, mine={"notes": "new", "field000": "x", "field199": "y"})
    assert (await mine(own, "ann", record))["notes"] == "new"
    assert "Acme" in await partners(own, "bob", record)
    await define(own, policy(fields=("*",), people={}))
    assert await mine(own, "ann", record) is None
    assert await deal(own, "Two") is not None


async def test_a_template_with_which_policies_could_not_hold_is_refused(
    own: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("policies.access_text.MOST_WAYS", 3)
    numbers = [{"key": key, "type": "INTEGER", "label": key} for key in ("score", "chance")]
    made = await template(own, "ada", fields=numbers)
    for key in ("score", "chance"):
        for team in ("one", "two"):
            await define(own, policy("ALLOW", (key,), people=attribute("team", eq=team)))
    formula = {"key": "both", "type": "FORMULA", "label": "Both", "formula": "score + chance"}
    said = {"kind": "OPPORTUNITY", "key": "many", "label": "Many", "fields": [*numbers, formula]}
    assert await refused(own, DEFINE_TEMPLATE, templateId=made, **said) == {
        "code": "BAD_INPUT",
        "message": "With these fields your sharing rules and access policies would come to too much.",
        "field": None,
    }
    held = (await own.data("ada", "{ templates { id version fields { key } } }"))["templates"]
    assert held == [{"id": made, "version": 1, "fields": [{"key": "score"}, {"key": "chance"}]}]
    monkeypatch.setattr("policies.access_text.MOST_WAYS", 4)
    await template(own, "ada", templateId=made, fields=[*numbers, formula])
    monkeypatch.setattr("policies.access_text.MOST_WAYS", 3)  # what does not fit already may be mended
    await template(own, "ada", templateId=made, fields=numbers)
