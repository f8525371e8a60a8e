"""Idempotency keys: one effect, one answer, whatever comes between."""

import asyncio
from typing import Any

from schema.names import RecordId
from spaces.change import Done
from spaces.memory import MemorySpaces
from tests.gateway.deals import deal, mine, usd, version
from tests.gateway.people import company
from tests.gateway.world import World, add_people


async def count(world: World, name: str) -> int:
    text = "query($n: String!) { opportunities(first: 1, where: {name: {eq: $n}}) { totalCount } }"
    return int((await world.data("ann", text, n=name))["opportunities"]["totalCount"])


async def test_the_same_key_with_the_same_input_is_carried_out_once(live: World) -> None:
    given = {"name": "Once", "clientMutationId": "once", "mine": {"amount": usd("1")}}
    first = await live.done("ann", "createOpportunity", **given)
    assert await live.done("ann", "createOpportunity", **given) == first
    assert await count(live, "Once") == 1


async def test_the_same_key_with_other_input_is_refused(live: World) -> None:
    given = {"name": "Mismatch", "clientMutationId": "mismatch"}
    record = await live.done("ann", "createOpportunity", **given)
    refused = ("IDEMPOTENCY_MISMATCH", ["clientMutationId"])
    assert await live.refused("ann", "createOpportunity", **{**given, "name": "Mismatch 2"}) == refused
    assert await live.refused("ann", "createOpportunity", **given, mine={"notes": "x"}) == refused
    other = {"id": record, "mine": {"notes": "x"}, "clientMutationId": "mismatch"}
    assert await live.refused("ann", "updateOpportunity", **other) == refused
    assert await count(live, "Mismatch 2") == 0
    assert (await mine(live, "ann", str(record)))["notes"] is None


async def test_a_key_belongs_to_one_person(live: World) -> None:
    given = {"name": "Personal", "clientMutationId": "personal"}
    first = await live.done("ann", "createOpportunity", **given)
    assert await live.done("amy", "createOpportunity", **given) != first
    assert await live.done("bob", "createOpportunity", **given) != first


async def test_every_mutation_answers_a_repeat_as_the_first_time(live: World) -> None:
    record = await deal(live, "Repeat", accepted="bolt", invited="core")
    before = await version(live, "ann", record)
    steps: list[tuple[str, str, dict[str, Any]]] = [
        ("ann", "updateOpportunity", {"id": record, "mine": {"notes": "1"}, "ifVersion": before}),
        ("ann", "inviteCompanies", {"recordId": record, "companyIds": [company("dune")]}),
        ("cat", "respondToInvitation", {"recordId": record, "accept": True}),
        ("ann", "shareFields", {"recordId": record, "fields": ["notes"], "audience": {"kind": "PARTICIPANTS"}}),
        ("cat", "withdraw", {"recordId": record}),
        ("dan", "respondToInvitation", {"recordId": record, "accept": False}),
    ]
    answers = [await live.change(who, what, **given, clientMutationId=f"r-{what}") for who, what, given in steps]
    assert [a["userErrors"] for a in answers] == [[]] * len(steps)
    state = await version(live, "ann", record)
    for (who, what, given), answer in zip(steps, answers, strict=True):
        again = await live.change(who, what, **given, clientMutationId=f"r-{what}")
        assert again["userErrors"] == []
        assert again["clientMutationId"] == answer["clientMutationId"]
    assert await version(live, "ann", record) == state


async def test_a_key_is_used_up_by_a_request_that_found_nothing_to_do(live: World) -> None:
    record = await deal(live, "Nothing to do", invited="core")
    invite = {"recordId": record, "clientMutationId": "nothing"}
    await live.done("ann", "inviteCompanies", **invite, companyIds=[company("core")])
    await live.done("ann", "inviteCompanies", **invite, companyIds=[company("core")])
    refused = await live.refused("ann", "inviteCompanies", **invite, companyIds=[company("bolt")])
    assert refused == ("IDEMPOTENCY_MISMATCH", ["clientMutationId"])


async def test_a_refused_request_leaves_its_key_unused(live: World) -> None:
    given = {"clientMutationId": "refused first"}
    assert (await live.refused("ann", "createOpportunity", name=" ", **given))[0] == "BAD_INPUT"
    assert await live.done("ann", "createOpportunity", name="Refused first", **given)


async def test_concurrent_duplicates_have_one_effect_and_one_answer(live: World) -> None:
    given: dict[str, Any] = {"name": "Twice at once", "clientMutationId": "twice"}
    answers = await asyncio.gather(*(live.change("ann", "createOpportunity", **given) for _ in range(10)))
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["userErrors"] == []
    assert await count(live, "Twice at once") == 1
    record = str(answers[0]["record"]["id"])
    await live.done("ann", "inviteCompanies", recordId=record, companyIds=[company("bolt")])
    given = {"recordId": record, "accept": True, "clientMutationId": "accept twice"}
    answers = await asyncio.gather(*(live.change("bob", "respondToInvitation", **given) for _ in range(10)))
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["userErrors"] == []


class LateReceipts(MemorySpaces):
    """Spaces in which a receipt is looked for just before another request commits it."""

    def __init__(self) -> None:
        super().__init__()
        self.gap: Any = None

    async def done(self, company: Any, person: Any, key: str) -> Done | None:
        found = await super().done(company, person, key)
        if self.gap is not None:
            gap, self.gap = self.gap, None
            await gap()
        return found


async def test_a_duplicate_that_is_overtaken_is_answered_as_the_first(tmp_path: Any) -> None:
    spaces = LateReceipts()
    world = World(spaces)
    await add_people(spaces)
    record = await deal(world, "Overtaken", accepted="bolt", invited="core")
    old = await version(world, "ann", record)
    for who, what, given in (
        ("cat", "respondToInvitation", {"recordId": record, "accept": True}),
        ("ann", "updateOpportunity", {"id": record, "mine": {"notes": "1"}, "ifVersion": old}),
        ("bob", "withdraw", {"recordId": RecordId(record)}),
    ):
        first: list[Any] = []

        async def overtake(who: str = who, what: str = what, given: Any = given, first: list[Any] = first) -> None:
            first.append(await world.change(who, what, **given, clientMutationId=what))

        spaces.gap = overtake
        second = await world.change(who, what, **given, clientMutationId=what)
        assert first[0]["userErrors"] == []
        assert second == first[0], what


async def test_a_character_that_cannot_be_stored_is_refused_by_every_backend_alike(live: World) -> None:
    record = await deal(live, "Unstorable")
    given: dict[str, Any] = {"name": "Another", "mine": {}, "clientMutationId": "key\0"}
    assert await live.refused("ann", "createOpportunity", **given) == ("BAD_INPUT", ["clientMutationId"])
    invited = {"recordId": record, "companyIds": ["co_\0"]}
    assert await live.refused("ann", "inviteCompanies", **invited) == ("NOT_FOUND", ["companyIds", "0"])
    assert (await live.data("ann", "query($id: ID!) { opportunity(id: $id) { id } }", id=record + "\0")) == {
        "opportunity": None
    }
