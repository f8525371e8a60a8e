"""`contains` and `startsWith` take a part of a value, which need not be one; the other tests take values alone."""

from typing import Any

import pytest

from gateway.filters import page_where
from schema.errors import BadInput
from schema.where import Comparison, Where
from tests.gateway.world import CATALOG, World

LEAD = CATALOG.by_name["lead"]


@pytest.mark.parametrize("field", ["website", "contactEmail", "companyName"])
@pytest.mark.parametrize(("test", "op"), [("contains", "contains"), ("startsWith", "starts")])
@pytest.mark.parametrize("part", ["example", ".", "@", "https://", "", "Ä", "x" * 5_000])
def test_a_part_is_any_text(field: str, test: str, op: Any, part: str) -> None:
    group, key = (LEAD.joint_by_name[field].group, LEAD.joint_by_name[field].key)
    given = {field: {test: part}} if group is None or key is None else {group: {key: {test: part}}}
    column = "joint." + LEAD.joint_by_name[field].column
    assert page_where(LEAD, given) == Where(((Comparison(column, op, part),),))


def test_a_part_is_read_as_text_is_stored() -> None:
    found = page_where(LEAD, {"companyName": {"contains": "e\u0301"}})
    assert found == page_where(LEAD, {"companyName": {"contains": "\u00e9"}})
    with pytest.raises(BadInput):
        page_where(LEAD, {"companyName": {"contains": "\0"}})


IDS = "query($where: LeadWhere) { leads(where: $where, first: 9) { nodes { website } } }"


async def test_parts_of_web_addresses(live: World) -> None:
    await live.done("ann", "createLead", companyName="Parts", website="https://Parts.example/About")
    for tests, found in (
        ({"contains": "ARTS.exam"}, True),
        ({"startsWith": "https://parts"}, True),
        ({"startsWith": "parts"}, False),
        ({"contains": "parts.test"}, False),
        ({"eq": "https://Parts.example/About"}, True),
        ({"ne": "https://other.example/"}, True),
        ({"in": ["https://Parts.example/About"]}, True),
    ):
        nodes = (await live.data("ann", IDS, where={"companyName": {"eq": "Parts"}, "website": tests}))["leads"][
            "nodes"
        ]
        assert bool(nodes) is found, tests


@pytest.mark.parametrize("test", ["eq", "ne", "in"])
async def test_whole_values_are_of_the_fields_own_type(live: World, test: str) -> None:
    value: Any = ["parts"] if test == "in" else "parts"
    answer = await live.ask("ann", IDS, where={"website": {test: value}})
    assert [each["extensions"]["code"] for each in answer["errors"]] == ["BAD_INPUT"]
