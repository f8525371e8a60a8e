"""What a caller may not see does not exist for it: the same bytes as for an id that was never issued."""

from typing import Any

import pytest

from tests.gateway.deals import deal
from tests.gateway.people import company, made_id, person
from tests.gateway.world import World


def _payload(text: str) -> str:
    """The type that a mutation's root field gives."""
    name = text.partition("it: ")[2].partition("(")[0]
    return name[0].upper() + name[1:] + "Payload"


SHAPES = [
    "query($id: ID!) { it: node(id: $id) { id __typename } }",
    "query($id: ID!) { it: nodes(ids: [$id, $id]) { id ... on Record { name } } }",
    "query($id: ID!) { it: opportunity(id: $id) { id name mine { stage } partners { stage } } }",
    "query($id: ID!) { it: lead(id: $id) { id name mine { score } } }",
    "query($id: ID!) { it: solution(id: $id) { id name } }",
    "query($id: ID!) { it: company(id: $id) { id name } }",
    "query($id: ID!) { it: opportunities(first: 9, where: {mine: {owner: {eq: $id}}}) { totalCount } }",
    'mutation($id: ID!) { it: updateOpportunity(input: {id: $id, mine: {notes: "x"}}) { ...No } }',
    "mutation($id: ID!) { it: updateLead(input: {id: $id, joint: {status: QUALIFIED}}) { ...No } }",
    "mutation($id: ID!) { it: inviteCompanies(input: {recordId: $id, companyIds: []}) { ...No } }",
    "mutation($id: ID!) { it: respondToInvitation(input: {recordId: $id, accept: true}) { ...No } }",
    "mutation($id: ID!) { it: withdraw(input: {recordId: $id}) { ...No } }",
    "mutation($id: ID!) { it: shareFields(input: {recordId: $id, fields: [], audience: {kind: PRIVATE}}) { ...No } }",
    'mutation($id: ID!) { it: createOpportunity(input: {name: "x", mine: {solutions: [$id]}}) { ...No } }',
    'mutation($id: ID!) { it: createSolution(input: {name: "x", complementary: [$id]}) { ...No } }',
]
REFUSED = " fragment No on %s { __typename record { id } userErrors { code message field } }"
SHAPES = [text + REFUSED % _payload(text) if "...No" in text else text for text in SHAPES]


def hidden_records(world: World) -> list[str]:
    """Records of each kind in which Echo takes no part, one with an own record of Acme's behind it."""
    found: dict[str, str] = {}
    for seed in world.seeds.values():
        found.setdefault(seed.kind.name, seed.id)
    return list(found.values())


@pytest.mark.parametrize("text", SHAPES)
async def test_a_hidden_id_is_answered_as_one_never_issued(world: World, text: str) -> None:
    async with world.http() as client:

        async def response(public_id: str) -> tuple[int, list[tuple[str, str]], bytes]:
            headers = {"Authorization": f"Bearer {world.token('eve')}"}
            body = {"query": text, "variables": {"id": public_id}}
            found = await client.post("/graphql", json=body, headers=headers)
            return found.status_code, found.headers.multi_items(), found.content

        for hidden in hidden_records(world):
            unknown = made_id(hidden.partition("_")[0], "never issued")
            status, headers, body = await response(hidden)
            assert (status, headers, body.replace(hidden.encode(), b"ID")) == await response(unknown)
            assert hidden.encode() not in body
            assert b'"INTERNAL"' not in body


async def test_an_invited_or_departed_company_is_answered_as_an_outsider(live: World) -> None:
    record = await deal(live, "Departed", accepted="bolt", invited="core")
    await live.done("bob", "withdraw", recordId=record)
    await live.done("cat", "respondToInvitation", recordId=record, accept=False)
    unknown = made_id("opp", "never issued")
    for text in SHAPES:
        for name in ("bob", "cat", "eve"):
            if "createSolution" in text:
                continue
            answers = [await live.answer(name, text, {"id": i}) for i in (record, unknown)]
            assert answers[0] == answers[1], text


async def test_an_id_of_one_type_does_not_open_another(world: World) -> None:
    opportunity, lead = world.id("Alpha"), next(s.id for s in world.seeds.values() if s.kind.name == "lead")
    for public_id in (lead, person("ann"), company("acme"), "", "x", "opp_", opportunity.upper(), opportunity + " "):
        text = "query($id: ID!) { opportunity(id: $id) { id } }"
        await world.check("ann", text, {"id": public_id}, {"opportunity": None})
    for public_id in (opportunity, person("ann"), ""):
        await world.check("ann", "query($id: ID!) { company(id: $id) { id } }", {"id": public_id}, {"company": None})


async def test_nodes_come_in_order_with_null_for_what_does_not_exist(world: World) -> None:
    ids = [company("echo"), world.id("Gamma"), world.id("Alpha"), person("abe"), person("bob"), "x", world.id("Alpha")]
    text = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Record { name } ... on Company { name } } }"
    alpha = {"__typename": "Opportunity", "id": world.id("Alpha"), "name": "Alpha"}
    echo = {"__typename": "Company", "id": company("echo"), "name": "Echo"}
    abe = {"__typename": "Person", "id": person("abe")}
    await world.check("ann", text, {"ids": ids}, {"nodes": [echo, None, alpha, abe, None, None, alpha]})


async def test_a_company_nobody_knows_of_takes_no_part(world: World) -> None:
    for kind in world.catalog.kinds:
        page = "totalCount nodes { id } edges { cursor } pageInfo { hasNextPage endCursor }"
        text = f"{{ it: {kind.plural}(first: 100) {{ {page} }} }}"
        nothing: dict[str, Any] = {"hasNextPage": False, "endCursor": None}
        expected = {"it": {"totalCount": 0, "nodes": [], "edges": [], "pageInfo": nothing}}
        await world.check("eve", text, {}, expected)


async def test_a_partners_own_writes_show_nowhere_to_those_who_may_not_see_them(live: World) -> None:
    record = await deal(live, "Quiet", accepted="bolt core")
    text = """query($id: ID!) { opportunity(id: $id) { updatedAt mine { updatedAt version }
      partners { updatedAt stage notes nextStep } participants { status } } }"""
    before = await live.answer("bob", text, {"id": record})
    await live.done("ann", "updateOpportunity", id=record, mine={"notes": "private", "stage": "QUALIFIED"})
    audience = {"kind": "SELECTED", "companies": [company("core")]}
    await live.done("ann", "shareFields", recordId=record, fields=["notes"], audience=audience)
    assert await live.answer("bob", text, {"id": record}) == before
    assert "private" in str(await live.data("cat", text, id=record))
    await live.done("ann", "updateOpportunity", id=record, mine={"nextStep": "shared"})
    assert await live.answer("bob", text, {"id": record}) != before


async def test_an_invited_company_is_not_told_when_a_field_that_it_may_not_see_changes(live: World) -> None:
    record = await deal(live, "Untold", invited="core")
    text = "query($id: ID!) { opportunity(id: $id) { updatedAt motion engagementStage } }"
    before = await live.answer("cat", text, {"id": record})
    await live.done("ann", "updateOpportunity", id=record, joint={"engagementStage": "ENGAGED"})
    assert await live.answer("cat", text, {"id": record}) == before
    await live.done("ann", "updateOpportunity", id=record, joint={"motion": "RESELL"})
    assert await live.answer("cat", text, {"id": record}) != before
