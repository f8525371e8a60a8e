"""The contract of the other reads: participants, sides, sharing classes, companies and people."""

import pytest

from schema.errors import Fault
from schema.money import Money
from schema.names import CompanyId, PersonId, RecordId
from schema.sharing import NO_OVERRIDES, Audience, Sharing
from spaces.change import Participation
from spaces.contract import Spaces
from spaces.fetch import CompanyRow, ParticipantFetch, PersonRow
from tests.spaces.world import ALL_JOINT, ANN, DEAL, OPEN, SHUT, TIP, A, B, C, change, creation, sides

MAX = PersonRow(PersonId("pe_max"), A, "max@a.example", "Max", ("seller",), True, True)


def participants(*records: str) -> ParticipantFetch:
    return ParticipantFetch(tuple(map(RecordId, records)), ALL_JOINT)


class ReadContract:
    """Needs the fixture `spaces`."""

    async def test_participants_come_as_they_accepted_then_as_they_were_added(self, spaces: Spaces) -> None:
        await spaces.commit(creation("r1", A))
        invited = [Participation(c, "VIEWER", "INVITED", f"hi {c}") for c in (CompanyId("co_d"), C, B)]
        await spaces.commit(change("r1", participants=tuple(invited)))
        await spaces.commit(change("r1", B, participants=(Participation(B, "VIEWER", "ACCEPTED"),)))
        await spaces.commit(creation("r2", B))

        async def order() -> list[tuple[str, str, str, str | None]]:
            return [row[1:] for row in await spaces.participants(participants("r1"))]

        a, b = (A, "OWNER", "ACCEPTED", None), (B, "VIEWER", "ACCEPTED", None)
        d, c = ("co_d", "VIEWER", "INVITED", "hi co_d"), (C, "VIEWER", "INVITED", "hi co_c")
        assert await order() == [a, b, d, c]
        await spaces.commit(change("r1", C, participants=(Participation(C, "VIEWER", "ACCEPTED"),)))
        await spaces.commit(change("r1", A, participants=(Participation(A, "VIEWER", "ACCEPTED"),)))
        assert [row[0] for row in await order()] == [A, B, C, "co_d"]
        await spaces.commit(change("r1", B, participants=(Participation(B, "VIEWER", "WITHDRAWN"),)))
        assert [row[0] for row in await order()] == [A, C, "co_d", B]
        await spaces.commit(change("r1", B, participants=(Participation(B, "VIEWER", "ACCEPTED"),)))
        assert [row[0] for row in await order()] == [A, C, B, "co_d"]

    async def test_participants_come_by_record_as_asked(self, spaces: Spaces) -> None:
        for record, company in (("r1", A), ("r2", B), ("r3", C)):
            await spaces.commit(creation(record, company))
        rows = await spaces.participants(participants("r3", "r0", "r1"))
        assert [(row.record, row.company) for row in rows] == [("r3", C), ("r1", A)]
        assert await spaces.participants(participants()) == []

    async def test_sides_come_by_fetch_and_record_as_asked(self, spaces: Spaces) -> None:
        await spaces.commit(creation("r1", A, "t1", B, side={"amount": Money(1, "EUR"), "wonAlone": True}))
        await spaces.commit(creation("r2", A, "t2", side={"stage": "x"}, sharing=OPEN))
        await spaces.commit(change("r1", B, side={"stage": "b"}))
        b, a, none, one = await spaces.sides(
            [sides(B, "r2", "r1"), sides(A, "r2", "r9", "r1"), sides(C, "r1"), sides(A, "r1")]
        )
        assert [(row.record, row.company) for row in b] == [("r1", B)]
        assert [row.record for row in a] == ["r2", "r1"]
        assert a[0] == ("r2", A, OPEN, 1, ("x", None, None, None, None, None, None, None, None), None)
        assert (a[1].values, a[1].sharing) == ((None, 1, "EUR", None, True, None, None, None, None), NO_OVERRIDES)
        assert a[1].values[4] is True
        assert one == [a[1]]
        assert none == []
        assert await spaces.sides([]) == []
        assert await spaces.sides([sides(CompanyId("co_none"), "r1"), sides(A)]) == [[], []]

    async def test_a_side_is_of_its_kind(self, spaces: Spaces) -> None:
        await spaces.commit(creation("r1", A, kind=TIP))
        assert await spaces.sides([sides(A, "r1"), sides(A, "r1", "r2")]) == [[], []]
        ((side,),) = await spaces.sides([sides(A, "r1", kind=TIP)])
        assert side.version == 1

    async def test_stamps_come_where_wanted(self, spaces: Spaces) -> None:
        await spaces.commit(creation("r1", A, "t1", side={"stage": "a", "chance": None}))
        await spaces.commit(change("r1", A, "t2", side={"chance": 3, "stage": "a"}))
        ((side,),) = await spaces.sides([sides(A, "r1", stamps=True)])
        assert side.stamps == {"stage": "t1", "chance": "t2"}

    async def test_sharing_classes_are_all_that_ever_were(self, spaces: Spaces) -> None:
        assert await spaces.sharing_classes(A, DEAL) == [NO_OVERRIDES]
        assert await spaces.sharing_classes(CompanyId("co_none"), DEAL) == [NO_OVERRIDES]
        some = Sharing((("stage", Audience("selected", (B, C), (ANN,))),))
        for record, sharing in (("r1", OPEN), ("r2", some), ("r3", NO_OVERRIDES), ("r4", OPEN)):
            await spaces.commit(creation(record, sharing=sharing))
        await spaces.commit(change("r1", sharing=SHUT))
        await spaces.commit(creation("r5", kind=TIP, sharing=OPEN))
        found = await spaces.sharing_classes(A, DEAL)
        assert found[0] == NO_OVERRIDES
        assert len(found) == 4
        assert set(found) == {NO_OVERRIDES, OPEN, SHUT, some}
        assert await spaces.sharing_classes(A, TIP) == [NO_OVERRIDES, OPEN]
        assert await spaces.sharing_classes(B, DEAL) == [NO_OVERRIDES]

    async def test_companies(self, spaces: Spaces) -> None:
        none = CompanyId("co_none")
        assert await spaces.companies([B, none, A, B]) == [(B, "CO_B"), None, (A, "CO_A"), (B, "CO_B")]
        assert await spaces.companies_by_name(["CO_C", "co_c", "CO_A"]) == [(C, "CO_C"), None, (A, "CO_A")]
        await spaces.commit(creation("r1", A))
        await spaces.add_company(CompanyRow(A, "New"))
        await spaces.add_company(CompanyRow(C, "New"))
        assert await spaces.companies([A]) == [(A, "New")]
        assert await spaces.companies_by_name(["New", "CO_A"]) == [(A, "New"), None]
        assert len((await spaces.sides([sides(A, "r1")]))[0]) == 1

    async def test_an_id_that_cannot_be_one_finds_nothing(self, spaces: Spaces) -> None:
        asked = CompanyId(A + "\0")
        assert [row and row.id for row in await spaces.companies([asked, A])] == [None, A]
        assert await spaces.people([PersonId("pe_\0")]) == [None]
        assert await spaces.companies_by_name(["A\0"]) == [None]
        assert await spaces.participants(participants("r1\0")) == []

    async def test_people(self, spaces: Spaces) -> None:
        await spaces.put_person(MAX)
        assert await spaces.people([PersonId("pe_none"), MAX.id]) == [None, MAX]
        assert await spaces.person_by_email("Max@A.example") == MAX
        assert await spaces.person_by_email("m") is None
        new = MAX._replace(email="New@a.example", roles=(), hide_private=False, active=False, name="N", company=B)
        await spaces.put_person(new)
        assert await spaces.people([MAX.id]) == [new._replace(email="new@a.example")]
        assert await spaces.person_by_email(MAX.email) is None

    async def test_what_is_set_of_a_person_is_set_alone(self, spaces: Spaces) -> None:
        await spaces.put_person(MAX)
        said = (("clearance", ("high",)), ("region", ("EMEA", "Ä")))
        await spaces.set_attributes(MAX.id, said)
        await spaces.set_hide_private(MAX.id, (A, B), on=False)
        changed = MAX._replace(attributes=said, hide_private=False, presenting=(A, B))
        assert await spaces.people([MAX.id]) == [changed]
        assert await spaces.person_by_email(MAX.email) == changed
        await spaces.put_person(changed._replace(name="N"))
        assert await spaces.people([MAX.id]) == [changed._replace(name="N")]
        await spaces.set_attributes(MAX.id, ())
        await spaces.set_attributes(PersonId("pe_none"), said)
        await spaces.set_hide_private(PersonId("pe_none"), (), on=True)
        assert await spaces.people([MAX.id, PersonId("pe_none")]) == [changed._replace(name="N", attributes=()), None]

    async def test_an_address_belongs_to_one_person(self, spaces: Spaces) -> None:
        await spaces.put_person(MAX)
        with pytest.raises(Fault):
            await spaces.put_person(MAX._replace(id=PersonId("pe_other"), email="MAX@a.example"))
        assert await spaces.people([PersonId("pe_other"), MAX.id]) == [None, MAX]

    async def test_close_twice(self, spaces: Spaces) -> None:
        await spaces.close()
        await spaces.close()
