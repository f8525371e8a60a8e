"""previewAs: one's own data with somebody else's eyes, and nothing of anybody else's."""

from typing import Any

import pytest

from tests.gateway.deals import deal
from tests.gateway.people import company, made_id, person
from tests.gateway.rules import BEA, EVERYBODY, FILLED, define, rule
from tests.gateway.world import World

LIST = """query($company: ID!, $person: ID, $where: OpportunityWhere, $first: Int = 100, $after: String) {
  previewAs(company: $company, person: $person) { company { name } person { name }
    opportunities(first: $first, after: $after, where: $where, orderBy: [{field: NAME}]) {
      totalCount pageInfo { hasNextPage endCursor }
      nodes { id name status side { stage amount { amount } probability nextStep notes } } } } }"""
ONE = """query($company: ID!, $person: ID, $id: ID!) { previewAs(company: $company, person: $person) {
  opportunity(id: $id) { id name status customer { country } side {
    stage nextStep notes owner { name } solutions { id name status } } } } }"""


async def listed(world: World, who: str = "ann", of: str = "bolt", to: str | None = None, **given: Any) -> Any:
    variables = {"company": company(of), "person": to and person(to), **given}
    return (await world.data(who, LIST, **variables))["previewAs"]


async def code_of(world: World, who: str, query: str, **variables: Any) -> str:
    """The code of the one error."""
    (error,) = (await world.ask(who, query, **variables))["errors"]
    return str(error["extensions"]["code"])


async def test_a_page_shows_what_the_partner_sees(bare: World) -> None:
    record = await deal(bare, "Deal", accepted="bolt", invited="core", **FILLED)
    await bare.done("ann", "shareFields", recordId=record, fields=["amount"], audience=EVERYBODY)
    await define(bare, rule(fields=("notes",), audience=BEA))
    found = await listed(bare, where={"name": {"eq": "Deal"}})
    assert (found["company"], found["person"]) == ({"name": "Bolt"}, None)
    closed = dict.fromkeys(("stage", "probability", "notes"))
    side = {**closed, "amount": {"amount": "1000.00"}, "nextStep": "call"}
    assert found["opportunities"]["nodes"] == [{"id": record, "name": "Deal", "status": "ACCEPTED", "side": side}]
    of_bea = await listed(bare, to="bea", where={"name": {"eq": "Deal"}})
    assert of_bea["person"] == {"name": "Bea"}
    assert of_bea["opportunities"]["nodes"][0]["side"] == {**side, "notes": "ours"}
    of_core = await listed(bare, of="core", where={"name": {"eq": "Deal"}})
    assert of_core["opportunities"]["nodes"] == [{"id": record, "name": "Deal", "status": "INVITED", "side": None}]
    assert (await listed(bare, of="echo"))["opportunities"] == {
        "totalCount": 0,
        "pageInfo": {"hasNextPage": False, "endCursor": None},
        "nodes": [],
    }


async def test_it_is_filtered_by_what_the_asker_sees_of_its_own(bare: World) -> None:
    for place, notes in enumerate(("x", "y", "y")):
        await deal(bare, f"N{place}", accepted="bolt", **{**FILLED, "notes": notes})
    given: dict[str, Any] = {"where": {"mine": {"notes": {"eq": "y"}}}}
    found = (await listed(bare, first=1, **given))["opportunities"]
    assert (found["totalCount"], [node["name"] for node in found["nodes"]]) == (2, ["N1"])
    assert found["nodes"][0]["side"]["notes"] is None
    behind = await listed(bare, after=found["pageInfo"]["endCursor"], **given)
    assert [node["name"] for node in behind["opportunities"]["nodes"]] == ["N2"]
    assert (await listed(bare, "amy", **given))["opportunities"]["totalCount"] == 0  # she hides notes from herself
    cursor = found["pageInfo"]["endCursor"]
    for who, of, to in (("abe", "bolt", None), ("ann", "core", None), ("ann", "bolt", "bea")):
        variables = {"company": company(of), "person": to and person(to), "after": cursor, **given}
        assert await code_of(bare, who, LIST, **variables) == "BAD_INPUT"
    plain = "query($after: String) { opportunities(first: 1, after: $after, orderBy: [{field: NAME}]) { totalCount } }"
    assert await code_of(bare, "ann", plain, after=cursor) == "BAD_INPUT"
    assert await code_of(bare, "ann", LIST, company=company("bolt"), first=None) == "PAGE_SIZE"


async def test_links_are_previews_too(bare: World) -> None:
    shared, private = [
        await bare.done("ann", "createSolution", name=name, invite=[company("bolt")] if name == "Both" else [])
        for name in ("Both", "Ours")
    ]
    for links in ([shared, private], [private]):
        record = await deal(bare, "Linked", accepted="bolt", **{**FILLED, "solutions": links})
        found = (await bare.data("ann", ONE, company=company("bolt"), id=record))["previewAs"]["opportunity"]
        expected = [{"id": shared, "name": "Both", "status": "INVITED"}] if shared in links else None
        assert found["side"]["solutions"] == expected
        real = "query($id: ID!) { opportunity(id: $id) { partners { solutions { id name } } } }"
        (side,) = (await bare.data("bob", real, id=record))["opportunity"]["partners"]
        assert side["solutions"] == (expected and [{"id": shared, "name": "Both"}])


async def test_what_is_unknown_is_answered_alike(bare: World) -> None:
    record = await deal(bare, "Own", accepted="bolt", **FILLED)
    for variables in (
        {"company": made_id("co", "never")},
        {"company": record},
        {"company": company("bolt"), "person": person("cat")},
        {"company": company("bolt"), "person": made_id("pe", "never")},
    ):
        assert await bare.ask("ann", ONE, id=record, **variables) == {"data": {"previewAs": None}}
    alone = await deal(bare, "Alone", **FILLED)
    for id_ in (alone, bare.id("Gamma"), made_id("opp", "never"), made_id("sol", "never"), company("bolt")):
        found = await bare.ask("ann", ONE, company=company("bolt"), id=id_)
        assert found == {"data": {"previewAs": {"opportunity": None}}}, id_


async def test_colleagues_are_for_admins(bare: World) -> None:
    record = await deal(bare, "Inside", accepted="bolt", **FILLED)
    text = 'deny_side_field(viewer, "read", side, "notes", "no readers") if side.own = true and viewer.writes = false;'
    bare.gateway.policies.replace(company("acme"), text)
    given = {"company": company("acme"), "id": record}
    assert await code_of(bare, "ann", ONE, **given, person=person("abe")) == "FORBIDDEN"
    assert await code_of(bare, "ann", ONE, **given, person=person("bob")) == "FORBIDDEN"
    assert await code_of(bare, "ada", ONE, **given) == "BAD_INPUT"
    assert (await bare.ask("ada", ONE, **given, person=person("bob")))["data"] == {"previewAs": None}
    for who, notes in (("abe", None), ("amy", "ours")):  # amy hides private fields from herself: hers to know
        found = (await bare.data("ada", ONE, **given, person=person(who)))["previewAs"]["opportunity"]
        assert found["side"]["notes"] == notes
        assert found["side"]["stage"] == "QUALIFIED"


async def test_a_record_that_a_colleague_does_not_know_is_not_there(bare: World) -> None:
    await deal(bare, "Inside", accepted="bolt", **FILLED)
    before = (await listed(bare, "ada", "acme", "abe"))["opportunities"]["totalCount"]
    text = 'deny_joint_field(viewer, "read", record, "exists", "no") if record.viewer_role = "OWNER" and {};'
    bare.gateway.policies.replace(company("acme"), text.format("viewer.writes = false"))
    owned = "{ opportunities(first: 100, where: {myRole: {eq: OWNER}}) { totalCount } }"
    count = (await bare.data("ann", owned))["opportunities"]["totalCount"]
    found = (await listed(bare, "ada", "acme", "abe"))["opportunities"]
    assert found["totalCount"] == len(found["nodes"]) == before - count
    assert count


async def test_nothing_of_the_partners_is_shown(bare: World) -> None:
    """Neither its people's roles, nor its own policy, nor what they hide from themselves changes anything."""
    record = await deal(bare, "Theirs", accepted="bolt", **FILLED)
    await bare.done("ann", "updateOpportunity", id=record, joint={"customer": {"country": "DE"}})
    before = [await bare.data("ann", ONE, company=company("bolt"), person=person(p), id=record) for p in ("bob", "bud")]
    texts = ('deny_side_field(_v, "read", _s, _f, "none");', 'deny_joint_field(_v, "read", _r, "country", "none");')
    bare.gateway.policies.replace(company("bolt"), "\n".join(texts))
    bare.gateway.policies.replace(
        company("acme"), 'deny_side_field(viewer, "read", side, _f, "no") if side.own = false and viewer.admin = true;'
    )
    await bare.data("bob", "mutation { setHidePrivateFields(on: true) { hidePrivateFields } }")
    after = [await bare.data("ann", ONE, company=company("bolt"), person=person(p), id=record) for p in ("bob", "bud")]
    assert before == after
    assert before[0]["previewAs"]["opportunity"]["side"]["nextStep"] == "call"


async def test_a_decision_is_not_shown_to_who_does_not_see_what_it_was_made_from(bare: World) -> None:
    """Amy hides the probability, which decides whether Bolt sees the amount, from herself."""
    core = {"kind": "SELECTED", "companies": [company("core")]}
    for place, probability in enumerate((10, 90)):
        record = await deal(bare, f"P{place}", accepted="bolt", **{**FILLED, "probability": probability})
        await bare.done("ann", "shareFields", recordId=record, fields=["amount"], audience=core)
    await define(bare, rule(conditions=[{"field": "probability", "op": "GTE", "value": 50}]))
    for who, expected in (("ann", [None, {"amount": "1000.00"}]), ("amy", [None, None])):
        nodes = (await listed(bare, who, where={"name": {"startsWith": "P"}}))["opportunities"]["nodes"]
        assert [node["side"]["amount"] for node in nodes] == expected
    mine = '{ opportunities(first: 9, where: {name: {startsWith: "P"}}) { nodes { mine { amount { amount } } } } }'
    own = (await bare.data("amy", mine))["opportunities"]["nodes"]
    assert own == [{"mine": {"amount": {"amount": "1000.00"}}}] * 2


@pytest.mark.parametrize("kind", ["lead", "solution", "opportunity"])
def test_previews_have_what_is_the_companys_own_to_show(bare: World, kind: str) -> None:
    types = bare.gateway.pipeline.models.base.schema.type_map
    named: Any = types[kind.title() + "Preview"], types[kind.title() + "SidePreview"]
    record, side = (set(type_.fields) for type_ in named)
    assert {"id", "name", "owner", "createdAt", "status", "side"} <= record
    assert not {"mine", "partners", "participants", "updatedAt"} & record
    assert set(bare.catalog.by_name[kind].side_by_name) <= side
    assert not {"sharing", "version", "company"} & side
