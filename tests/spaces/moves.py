"""`MovesContract`: what every backend keeps of `spaces.parcel.Moves`. Fixtures as for `SpaceContract`, and `elsewhere`,
another such network without any company."""

from collections.abc import Iterable
from typing import Any

import pytest

from schema.names import CompanyId, PersonId, RecordId
from schema.sharing import PRIVATE, Audience, Sharing
from spaces.change import Participation, Receipt
from spaces.definition import Definition
from spaces.fetch import CompanyRow, ParticipantFetch, PersonRow
from spaces.parcel import HeldRecord, Misfit, Moves, Neighbour, Parcel, Piece, Standing, Taken, fingerprint
from tests.spaces.world import (
    ALL_JOINT,
    CATALOG,
    DEAL,
    OPEN,
    SHUT,
    A,
    B,
    C,
    change,
    creation,
    found,
    histories,
    page,
    sides,
)

FRESH = 1_000_000
ZED = PersonRow(PersonId("pe_zed"), A, "zed@a.test", "Zed", ("admin",), False, True, (("team", ("x",)),))


def rule(version: int, at: str = "t1") -> Definition:
    return Definition(A, "template", "tpl_a", version, ZED.id, at, f'{{"version":{version}}}')


async def lived_in(spaces: Moves) -> None:
    """A's space: a deal of its own with B, one of B's, one that only A is on, and one that C declined."""
    await spaces.put_person(ZED)
    await spaces.define(rule(1))
    await spaces.define(rule(2, "t2"))
    side = {"stage": "won", "wonAlone": True, "score": 1.5, "needs": ("x", "y"), "chance": 3}
    receipt = Receipt("key", "hash")
    await spaces.commit(
        creation("r1", A, "t1", B, joint={"name": "one", "open": False}, side=side, natural_key="n1", receipt=receipt)
    )
    await spaces.commit(change("r1", B, "t2", side={"stage": "lost"}))
    await spaces.commit(change("r1", A, "t3", side={"stage": "held"}, sharing=OPEN, joint={"rank": 1}, touched=(A, B)))
    await spaces.commit(creation("r2", B, "t2", joint={"name": "two"}))
    invited = (Participation(A, "COLLABORATOR", "INVITED", "come"),)
    await spaces.commit(change("r2", B, "t3", participants=invited, touched=(A, B)))
    await spaces.commit(creation("r3", A, "t3", joint={"name": "three"}, sharing=SHUT))
    await spaces.commit(creation("r4", A, "t3", joint={"name": "four"}))
    declined = (Participation(C, "VIEWER", "DECLINED"),)
    await spaces.commit(change("r4", A, "t4", participants=declined))


async def seen(spaces: Moves) -> list[Any]:
    """What there is to be seen of the network's records, by everybody."""
    records = ("r1", "r2", "r3", "r4")
    everybody = [[await spaces.page(page(c, updated=True, order=["joint.name"], count=True))] for c in (A, B)]
    rows = await spaces.participants(ParticipantFetch(tuple(map(RecordId, records)), ALL_JOINT))
    held = await spaces.sides([sides(A, *records, stamps=True), sides(B, *records, stamps=True)])
    past = [await spaces.history(histories(c, *records)) for c in (A, B)]
    versions = await spaces.definition_versions(A, "tpl_a")
    own = [await spaces.done(A, PersonId("pe_ann"), "key"), await spaces.people([ZED.id]), await spaces.definitions()]
    keys = await spaces.record_by_natural_key(A, DEAL, ["n1"])
    return [everybody, rows, held, past, versions, own, keys, await spaces.companies([A, B, C])]


async def packed(spaces: Moves, company: CompanyId = A) -> list[Piece]:
    return [piece async for piece in spaces.held(company)]


def parcel(pieces: Iterable[Piece], digest: str = "d") -> Parcel:
    company, *others = pieces
    assert isinstance(company, CompanyRow)
    people = [each for each in others if isinstance(each, PersonRow)]
    defined = [each for each in others if isinstance(each, Definition)]
    return Parcel(CATALOG.by_name, company, digest, fingerprint(people, defined), FRESH, others)


class MovesContract:
    """Every sentence of `spaces.parcel.Moves`, as a test."""

    async def test_a_company_that_was_erased_comes_back_as_it_was(self, spaces: Moves) -> None:
        await lived_in(spaces)
        before, pieces = await seen(spaces), await packed(spaces)
        await spaces.erase(A)
        assert await spaces.take_in(parcel(pieces)) == Taken(brought=2, found=2, left_out=0, sides_left_out=0)
        assert await seen(spaces) == before
        assert await packed(spaces) == pieces

    async def test_after_erasure_partners_keep_their_own_and_nothing_else_is_left(self, spaces: Moves) -> None:
        await lived_in(spaces)
        await spaces.erase(A)
        await spaces.erase(A)
        assert await spaces.companies([A]) == [CompanyRow(A, "")]
        assert await spaces.companies_by_name(["CO_A", ""]) == [None, None]
        assert (await spaces.people([ZED.id]), await spaces.definitions()) == ([None], [])
        assert await spaces.sides([sides(A, "r1", "r3")]) == [[]]
        assert await spaces.done(A, PersonId("pe_ann"), "key") is None
        assert await found(B, spaces) == ["r1", "r2"]
        ((mine,),) = await spaces.sides([sides(B, "r1")])
        assert mine.values[0] == "lost"
        rows = await spaces.participants(ParticipantFetch((RecordId("r1"), RecordId("r2"), RecordId("r4")), ALL_JOINT))
        assert [(r.record, r.company, r.status, r.message) for r in rows] == [
            ("r1", B, "ACCEPTED", None),
            ("r1", A, "WITHDRAWN", None),
            ("r2", B, "ACCEPTED", None),
            ("r2", A, "WITHDRAWN", None),
        ]
        (past,) = await spaces.history(histories(B, "r1"))
        assert {row.person for row in past.rows if row.company == A} <= {"", None}
        with pytest.raises(Misfit):
            await packed(spaces)

    async def test_a_record_stays_where_somebody_who_left_it_has_a_side(self, spaces: Moves) -> None:
        await spaces.commit(creation("r1", A, "t1", B))
        await spaces.commit(change("r1", B, "t2", side={"stage": "mine"}))
        await spaces.commit(change("r1", B, "t3", participants=(Participation(B, "COLLABORATOR", "WITHDRAWN"),)))
        await spaces.erase(A)
        assert len(await spaces.participants(ParticipantFetch((RecordId("r1"),), ALL_JOINT))) == 2

    async def test_a_company_moves_to_a_network_that_lacks_it(self, spaces: Moves, elsewhere: Moves) -> None:
        await lived_in(spaces)
        pieces = await packed(spaces)
        pieces[1:1] = [Neighbour(B, "CO_B"), Neighbour(C, "CO_C")]
        assert await elsewhere.take_in(parcel(pieces)) == Taken(brought=3, found=0, left_out=1, sides_left_out=0)
        assert await found(A, elsewhere) == ["r1", "r3", "r4"]
        theirs = parcel(await packed(spaces, B))
        assert await elsewhere.take_in(theirs) == Taken(brought=1, found=1, left_out=0, sides_left_out=0)
        assert await seen(elsewhere) == await seen(spaces)
        again = list(await packed(elsewhere))
        assert again == [piece for piece in pieces if not isinstance(piece, Neighbour)]

    async def test_the_same_parcel_changes_nothing_and_another_is_refused(self, spaces: Moves) -> None:
        await lived_in(spaces)
        pieces = await packed(spaces)
        with pytest.raises(Misfit, match="not empty"):
            await spaces.take_in(parcel(pieces))
        await spaces.erase(A)
        await spaces.take_in(parcel(pieces))
        await spaces.commit(change("r1", A, "t9", side={"stage": "later"}))
        before = await seen(spaces)
        assert await spaces.take_in(parcel(pieces)) is None
        assert await seen(spaces) == before
        with pytest.raises(Misfit, match="not empty"):
            await spaces.take_in(parcel(pieces, "other"))

    async def test_what_partners_do_meanwhile_stays(self, spaces: Moves) -> None:
        await lived_in(spaces)
        pieces = await packed(spaces)
        await spaces.erase(A)
        await spaces.commit(change("r1", B, "t8", joint={"name": "new"}, side={"stage": "new"}))
        await spaces.take_in(parcel(pieces))
        rows = (await spaces.page(page(A, order=["joint.name"]))).rows
        assert [row.joint[0] for row in rows] == ["four", "new", "three", "two"]
        ((mine,),) = await spaces.sides([sides(B, "r1")])
        assert mine.values[0] == "new"

    async def test_a_company_that_never_wrote_anything_goes_and_comes_as_well(self, spaces: Moves) -> None:
        await lived_in(spaces)
        pieces = await packed(spaces, C)
        assert [type(piece) for piece in pieces] == [CompanyRow, HeldRecord]
        await spaces.erase(C)
        assert await spaces.take_in(parcel(pieces)) == Taken(0, 1, 0, 0)
        assert await packed(spaces, C) == pieces
        assert await spaces.bring_back(parcel(pieces)) == 0
        await spaces.commit(change("r4", C, "t9", participants=(Participation(C, "VIEWER", "ACCEPTED"),), side={}))

    async def test_who_does_not_own_a_record_adds_nobody_to_it(self, spaces: Moves) -> None:
        await lived_in(spaces)
        pieces = await packed(spaces, B)
        more = [
            piece._replace(participants=(*piece.participants, Standing(C, "VIEWER", "ACCEPTED")))
            if isinstance(piece, HeldRecord)
            else piece
            for piece in pieces
        ]
        await spaces.erase(B)
        await spaces.take_in(parcel(more))
        for record, named in (("r1", {A, B}), ("r2", {A, B, C})):
            rows = await spaces.participants(ParticipantFetch((RecordId(record),), ALL_JOINT))
            assert {row.company for row in rows} == named

    async def test_who_has_people_here_has_accepted_nothing_by_anothers_word(
        self, spaces: Moves, elsewhere: Moves
    ) -> None:
        await lived_in(spaces)
        pieces = await packed(spaces)
        await elsewhere.add_company(CompanyRow(B, "CO_B"))
        await elsewhere.put_person(ZED._replace(id=PersonId("pe_bob"), company=B, email="bob@b.test"))
        await elsewhere.take_in(parcel(pieces))
        rows = await elsewhere.participants(ParticipantFetch((RecordId("r1"),), ALL_JOINT))
        assert [(row.company, row.status) for row in rows] == [(A, "ACCEPTED"), (B, "INVITED")]

    async def test_a_side_on_a_record_that_is_left_out_is_left_out_and_told(
        self, spaces: Moves, elsewhere: Moves
    ) -> None:
        await lived_in(spaces)
        await spaces.commit(change("r2", A, "t4", side={"stage": "mine"}))
        assert await elsewhere.take_in(parcel(await packed(spaces))) == Taken(3, 0, 1, 1)
        assert await elsewhere.sides([sides(A, "r2")]) == [[]]

    @pytest.mark.parametrize("wrong", ["person", "address", "definition", "unknown", "twice"])
    async def test_what_does_not_fit_changes_nothing(self, spaces: Moves, wrong: str) -> None:
        await lived_in(spaces)
        pieces = await packed(spaces)
        await spaces.erase(A)
        if wrong == "person":
            await spaces.put_person(ZED._replace(company=B, email="other@b.test"))
        elif wrong == "address":
            await spaces.put_person(ZED._replace(company=B, id=PersonId("pe_yan")))
        elif wrong == "definition":
            await spaces.define(Definition(B, "template", "tpl_a", 1, ZED.id, "t9", "{}"))
        elif wrong == "unknown":
            await spaces.commit(creation("r3", B, "t9"))
        else:
            pieces.append(pieces[-1])
        before = await seen(spaces)
        with pytest.raises(Misfit):
            await spaces.take_in(parcel(pieces))
        assert await seen(spaces) == before

    async def test_an_older_parcel_is_taken_only_where_that_is_accepted(self, spaces: Moves) -> None:
        await lived_in(spaces)
        pieces = await packed(spaces)
        await spaces.put_person(ZED._replace(active=False))
        await spaces.erase(A)
        with pytest.raises(Misfit, match="has changed"):
            await spaces.take_in(parcel(pieces))
        assert await spaces.take_in(parcel(pieces), older=True) is not None

    async def test_what_was_taken_back_since_stays_so(self, spaces: Moves) -> None:
        await lived_in(spaces)
        to_b = Sharing((("amount", Audience("selected", (B, C))), ("stage", Audience("participants"))))
        await spaces.commit(change("r1", A, "t4", sharing=to_b))
        pieces = await packed(spaces)
        now = Sharing((("amount", Audience("selected", (C,))), ("chance", PRIVATE), ("stage", PRIVATE)))
        await spaces.commit(change("r1", A, "t5", sharing=now))
        for again in range(2):
            if again:
                await spaces.erase(A)
                await spaces.take_in(parcel(pieces))
            else:
                assert await spaces.bring_back(parcel(pieces)) == 3
            ((mine,),) = await spaces.sides([sides(A, "r1")])
            assert dict(mine.sharing.overrides) == dict(now.overrides)
            assert mine.version == FRESH

    async def test_sides_are_brought_back_and_all_else_stays(self, spaces: Moves) -> None:
        await lived_in(spaces)
        pieces = await packed(spaces)
        ((before, *_),) = await spaces.sides([sides(A, "r1", stamps=True)])
        await spaces.commit(change("r1", A, "t5", side={"stage": "spoilt"}, joint={"name": "new"}))
        await spaces.commit(change("r2", B, "t5", participants=(Participation(A, "VIEWER", "ACCEPTED"),)))
        await spaces.commit(change("r2", A, "t6", side={"stage": "later"}))
        await spaces.define(rule(3, "t6"))
        others = await spaces.page(page(B, updated=True)), await spaces.sides([sides(B, "r1", stamps=True)])
        assert await spaces.bring_back(parcel(pieces)) == 3
        ((after, *_),) = await spaces.sides([sides(A, "r1", stamps=True)])
        assert after == before._replace(version=FRESH)
        assert await spaces.sides([sides(A, "r2")]) == [[]]
        assert [row.joint[0] for row in (await spaces.page(page(A, order=["joint.name"]))).rows] == [
            "four",
            "new",
            "three",
            "two",
        ]
        assert others == (await spaces.page(page(B, updated=True)), await spaces.sides([sides(B, "r1", stamps=True)]))
        assert len(await spaces.definition_versions(A, "tpl_a")) == 3
        (past,) = await spaces.history(histories(A, "r1"))
        assert [row.at for row in past.rows if row.what == "FIELD"] == ["t3"]
        await spaces.commit(change("r1", A, "t7", side={"stage": "next"}, if_version=FRESH))

    async def test_a_company_that_was_erased_is_not_brought_back(self, spaces: Moves) -> None:
        await lived_in(spaces)
        pieces = await packed(spaces)
        await spaces.erase(A)
        with pytest.raises(Misfit, match="not there"):
            await spaces.bring_back(parcel(pieces))
