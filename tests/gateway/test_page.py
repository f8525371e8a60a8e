"""The main job: one page of joint pipeline, each caller seeing just its part."""

from pathlib import Path
from typing import Any

from tests.gateway.deals import deal, partners, usd
from tests.gateway.people import company, person
from tests.gateway.world import World

PAGE = (Path(__file__).parent / "plans" / "page.graphql").read_text()

ANN: dict[str, Any] = {
    "stage": "QUALIFIED",
    "amount": usd("1250.5"),
    "probability": 40,
    "forecastCategory": "COMMIT",
    "targetCloseDate": "2025-12-24",
    "nextStep": "Call them",
}
BOB = {"stage": "PROSPECT", "amount": usd("99"), "probability": 10, "forecastCategory": "PIPELINE", "nextStep": "Wait"}


def hidden(side: dict[str, Any], *shared: str) -> dict[str, Any]:
    """A side of which another caller sees these fields alone."""
    return {name: value if name in shared else None for name, value in side.items()}


async def test_one_page_gives_each_caller_its_own_side_whole_and_of_the_other_what_is_shared(live: World) -> None:
    record = await deal(live, "Page", accepted="bolt", invited="core dune", **ANN)
    await live.done("dan", "respondToInvitation", recordId=record, accept=False)
    await live.done("bob", "updateOpportunity", id=record, mine=BOB)
    await live.done("bob", "shareFields", recordId=record, fields=["amount"], audience={"kind": "PARTICIPANTS"})
    ann = {**ANN, "amount": usd("1250.50"), "owner": None}
    bob = {**BOB, "amount": usd("99.00"), "targetCloseDate": None, "owner": None}

    def node(mine: Any, partners: list[Any], *others: tuple[str, str]) -> dict[str, Any]:
        inside = (("Acme", "OWNER", "ACCEPTED"), ("Bolt", "PARTICIPANT", "ACCEPTED"), *((*o, "") for o in others))
        return {
            "id": record,
            "name": "Page",
            "customer": {"name": None, "industry": None, "country": None},
            "participants": [
                {"company": {"name": c}, "role": r if s else "PARTICIPANT", "status": s or r} for c, r, s in inside
            ],
            "mine": mine,
            "partners": partners,
        }

    ends = {"first": 100}  # other tests leave records, too
    seen_by_ann = node(
        ann,
        [{"company": {"id": company("bolt"), "name": "Bolt"}, **hidden(bob, "amount", "nextStep")}],
        ("Core", "INVITED"),
        ("Dune", "DECLINED"),
    )
    seen_by_bob = node(
        bob,
        [{"company": {"id": company("acme"), "name": "Acme"}, **hidden(ann, "nextStep", "targetCloseDate")}],
        ("Core", "INVITED"),
    )
    for name, expected in (("ann", seen_by_ann), ("bob", seen_by_bob)):
        page = (await live.data(name, PAGE, **ends))["opportunities"]
        assert page["nodes"][0] == expected  # the newest change that both may see
        assert page["totalCount"] == len(page["nodes"])
    invited = (await live.data("cat", PAGE))["opportunities"]["nodes"]
    (seen_by_cat,) = [n for n in invited if n["id"] == record]
    assert (seen_by_cat["mine"], seen_by_cat["partners"], seen_by_cat["name"]) == (None, [], "Page")
    assert [p["company"]["name"] for p in seen_by_cat["participants"]] == ["Acme", "Core"]
    for outsider in ("dan", "eve"):
        assert record not in str(await live.data(outsider, PAGE))


async def test_sharing_and_taking_back_hold_on_the_next_read(live: World) -> None:
    record = await deal(live, "Shared", accepted="bolt core", amount=usd("5"), notes="secret", probability=7)

    async def seen(name: str) -> Any:
        side = (await partners(live, name, record))["Acme"]
        return {field: side[field] for field in ("amount", "notes", "probability")}

    async def share(kind: str, *fields: str, **who: Any) -> None:
        audience = {"kind": kind, **who}
        await live.done("ann", "shareFields", recordId=record, fields=list(fields), audience=audience)

    nothing = {"amount": None, "notes": None, "probability": None}
    assert await seen("bob") == await seen("cat") == nothing
    await share("PARTICIPANTS", "amount")
    assert await seen("bob") == await seen("cat") == {**nothing, "amount": usd("5.00")}
    await share("SELECTED", "amount", "probability", companies=[company("core")])
    assert await seen("bob") == nothing
    assert await seen("cat") == {**nothing, "amount": usd("5.00"), "probability": 7}
    await share("SELECTED", "notes", people=[person("bea")])
    assert (await seen("bea"), await seen("bob")) == ({**nothing, "notes": "secret"}, nothing)
    await share("PRIVATE", "amount", "probability", "notes")
    for name in ("bob", "bea", "cat"):
        assert await seen(name) == nothing
