"""Links to records that the viewer may not see: they are not there, and looking for them finds and costs nothing."""

import itertools

import pytest

from schema.names import RecordId
from spaces.change import Change, Participation
from tests.leaks.boxes import Box
from tests.leaks.worlds import ACME, AT_HOME, BOLT, BY_NAME, CATALOG, PEOPLE, made_id, replay

ANN = BY_NAME["ann"]
HIDDEN = RecordId(made_id("sol", "hidden"))
DEAL = RecordId(made_id("opp", "deal"))
OWNER = Participation(BOLT, "OWNER", "ACCEPTED")
PARTNER = Participation(ACME, "PARTICIPANT", "ACCEPTED")


def changes(links: tuple[str, ...]) -> list[Change]:
    """A deal of Bolt's with Acme, whose side links to a solution in which Acme takes no part."""
    solution, deal = CATALOG.by_name["solution"], CATALOG.by_name["opportunity"]
    made = [
        Change(solution, HIDDEN, BOLT, AT_HOME[BOLT][0], "2025-06-01T00:00:00.000000Z", creates=True,
               joint={"name": "Red", "complementary": links}, side={}, participants=(OWNER,)),
        Change(deal, DEAL, BOLT, AT_HOME[BOLT][0], "2025-06-01T00:00:00.000000Z", creates=True, joint={"name": "Red"},
               side={"solutions": links}, participants=(OWNER, PARTNER)),
    ]  # fmt: skip
    return replay(made)[1]


TESTS = ('{has: "ID"}', '{any: ["ID"]}', '{all: ["ID"]}', '{isNull: false, has: "ID"}')
SHAPES = (
    "{ opportunities(first: 9, where: {partners: {Q: {solutions: T}}}) { totalCount } }",
    "{ opportunities(first: 9, where: {partners: {Q: {not: {solutions: T}}}}) { totalCount } }",
    "{ opportunityGroups(first: 9, by: [{field: NAME}], where: {partners: {Q: {solutions: T}}}) { totalCount } }",
)


@pytest.mark.parametrize("backend", ["memory", "sqlite"])
async def test_a_hidden_record_is_looked_for_in_links_as_one_never_issued(backend: str) -> None:
    box = Box(backend)
    await box.fill(PEOPLE, changes((HIDDEN,)))
    never = made_id("sol", "never issued")
    for text, quantifier, test in itertools.product(SHAPES, ("some", "every", "none"), TESTS):
        asked = text.replace("Q", quantifier, 1).replace("T", test)
        await box.post(ANN, asked.replace("ID", never), {})  # what is opened once is open now
        found = [await box.post(ANN, asked.replace("ID", id_), {}) for id_ in (HIDDEN, never)]
        assert found[0] == found[1]
        assert b"errors" not in found[0].body
    await box.close()


@pytest.mark.parametrize("backend", ["memory", "sqlite"])
async def test_links_that_are_hidden_cost_what_no_links_cost(backend: str) -> None:
    text = "{ opportunities(first: 9) { nodes { partners { solutions { name complementary { name } } } } } }"
    found = []
    box = Box(backend)
    for links in ((), (HIDDEN,), (HIDDEN,) * 101):
        await box.fill(PEOPLE, changes(links))
        await box.post(ANN, text, {})  # what is compiled once is compiled now
        found.append(await box.post(ANN, text, {}))
    await box.close()
    assert found[0].body == b'{"data":{"opportunities":{"nodes":[{"partners":[{"solutions":[]}]}]}}}'
    assert found[0] == found[1] == found[2]
