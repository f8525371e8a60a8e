"""Links to records that the viewer may not see: they are not there, and looking for them finds and costs nothing."""

from dataclasses import replace

import pytest

from schema.names import RecordId
from schema.sharing import PRIVATE, Sharing
from spaces.change import Change, Participation
from tests.leaks.boxes import Box
from tests.leaks.cast import ACME, AT_HOME, BASE, BOLT, BY_NAME, PEOPLE, made_id
from tests.leaks.state import replay

ANN = BY_NAME["ann"]
HIDDEN = RecordId(made_id("sol", "hidden"))
DEAL = RecordId(made_id("opp", "deal"))
OWNER = Participation(BOLT, "OWNER", "ACCEPTED")
PARTNER = Participation(ACME, "PARTICIPANT", "ACCEPTED")


def changes(links: tuple[str, ...] | None) -> list[Change]:
    """A deal of Bolt's with Acme, whose side links to a solution in which Acme takes no part."""
    solution, deal = BASE.by_name["solution"], BASE.by_name["opportunity"]
    made = [
        Change(solution, HIDDEN, BOLT, AT_HOME[BOLT][0], "2025-06-01T00:00:00.000000Z", creates=True,
               joint={"name": "Red", "complementary": links}, side={}, participants=(OWNER,)),
        Change(deal, DEAL, BOLT, AT_HOME[BOLT][0], "2025-06-01T00:00:00.000000Z", creates=True, joint={"name": "Red"},
               side={"solutions": links}, participants=(OWNER, PARTNER)),
    ]  # fmt: skip # reads better side by side
    return replay(made)[1]


WHERES = (
    'opportunities(first: 9, where: {partners: {some: {solutions: {has: "ID"}}}})',
    "opportunities(first: 9, where: {partners: {none: {not: {solutions: {isNull: true}}}}})",
    'opportunities(first: 9, where: {mine: {solutions: {any: ["ID"]}}})',
    "solutions(first: 9, where: {complementary: {isNull: false}})",
)


@pytest.mark.parametrize("where", WHERES)
async def test_no_filter_looks_into_links(where: str) -> None:
    box = Box("memory")
    await box.fill(PEOPLE, changes((HIDDEN,)))
    for id_ in (HIDDEN, made_id("sol", "never issued")):
        found = await box.post(ANN, f"{{ {where.replace('ID', id_)} {{ totalCount }} }}", {})
        assert b'"code":"VALIDATION_FAILED"' in found.body
    await box.close()


@pytest.mark.parametrize("backend", ["memory", "sqlite"])
async def test_links_that_are_hidden_cost_what_no_links_cost(backend: str) -> None:
    text = "{ opportunities(first: 9) { nodes { partners { solutions { name complementary { name } } } } } }"
    found = []
    box = Box(backend)
    private = Sharing((("solutions", PRIVATE),))
    for links, sharing in ((None, None), ((), None), ((HIDDEN,), None), ((HIDDEN,) * 101, None), ((HIDDEN,), private)):
        *others, deal = changes(links)
        await box.fill(PEOPLE, [*others, replace(deal, sharing=sharing)])
        await box.post(ANN, text, {})  # what is compiled once is compiled now
        found.append(await box.post(ANN, text, {}))
    await box.close()
    assert found[0].body == b'{"data":{"opportunities":{"nodes":[{"partners":[{"solutions":null}]}]}}}'
    costs = [{n: c for n, c in each.counts if not n.startswith(("asked", "policy"))} for each in found]
    assert [each[:3] for each in found] == [found[0][:3]] * 5
    assert costs == costs[:1] * 5


@pytest.mark.parametrize("backend", ["memory", "sqlite"])
async def test_writing_links_costs_the_same_whatever_the_field_held(backend: str) -> None:
    """Amy hides her company's private fields from herself, so what its side links to is hidden from her."""
    text = "mutation($i: UpdateOpportunityInput!) { updateOpportunity(input: $i) { userErrors { code } } }"
    deal = BASE.by_name["opportunity"]
    box = Box(backend)
    found = []
    for links in (None, (), (HIDDEN,), (HIDDEN, RecordId(made_id("sol", "other")))):
        solution, opened = changes(links)
        mine = Change(deal, DEAL, ACME, AT_HOME[ACME][0], "2025-06-01T00:01:00.000000Z", side={"solutions": links})
        await box.fill(PEOPLE, [solution, opened, mine])
        for _ in range(2):  # what is compiled once is compiled by the first
            await box.fill(PEOPLE, [solution, opened, mine])
            last = await box.post(BY_NAME["amy"], text, {"i": {"id": DEAL, "mine": {"solutions": [], "notes": "x"}}})
        found.append(last)
    await box.close()
    assert found[0].body == b'{"data":{"updateOpportunity":{"userErrors":[]}}}'
    costs = [{n: c for n, c in each.counts if not n.startswith(("asked", "policy"))} for each in found]
    assert costs == costs[:1] * 4
