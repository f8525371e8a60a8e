"""The contract of commits that succeed: what they write, versions and stamps, order, many at once."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from schema.money import Money
from schema.sharing import NO_OVERRIDES
from spaces.change import Change, Done, Participation, Receipt, Stale, VersionMoved
from spaces.contract import Spaces
from spaces.fetch import SideRow
from tests.spaces.world import ANN, DEAL, OPEN, SHUT, TIP, A, B, C, change, creation, page, sides


async def side(spaces: Spaces, record: str = "r1") -> SideRow:
    ((row,),) = await spaces.sides([sides(A, record, stamps=True)])
    return row


class CommitContract:
    """Needs the fixture `spaces`."""

    async def test_only_named_joint_fields_change_and_none_clears(self, spaces: Spaces) -> None:
        await spaces.commit(creation(joint={"name": "N", "rank": 1}))
        await spaces.commit(change(joint={"rank": None, "industry": "I"}))
        (row,) = (await spaces.page(page())).rows
        assert row.joint == ("N", "I", None, None, None)
        assert (row.own, row.own_version) == ((None,) * 9, 1)

    async def test_only_named_side_fields_change_and_none_clears(self, spaces: Spaces) -> None:
        await spaces.commit(creation(side={"amount": Money(5, "USD"), "stage": "s", "chance": 1}))
        await spaces.commit(change(at="t2", side={"amount": None, "chance": 2}))
        assert (await side(spaces)).values == ("s", None, None, 2, None, None, None, None, None)

    async def test_a_side_is_there_only_where_one_was_written(self, spaces: Spaces) -> None:
        await spaces.commit(creation("r1", A, "t1", B, side=None))
        assert await spaces.sides([sides(A, "r1")]) == [[]]
        await spaces.commit(change(side={}))
        assert ((await side(spaces)).version, (await side(spaces)).stamps) == (1, {})
        await spaces.commit(change(side={}, at="t2"))
        assert (await side(spaces)).version == 1

    async def test_the_version_rises_with_each_naming(self, spaces: Spaces) -> None:
        await spaces.commit(creation(side={"stage": "a"}))
        namings: tuple[dict[str, Any], ...] = (
            {"side": {"stage": "a"}},
            {"sharing": OPEN},
            {"side": {"chance": 1}, "sharing": SHUT},
        )
        for version, named in enumerate(namings, 2):
            await spaces.commit(change(at=f"t{version}", **named))
            (row,) = (await spaces.page(page())).rows
            assert (row.own_version, row.own_updated_at, (await side(spaces)).version) == (
                version,
                f"t{version}",
                version,
            )
        await spaces.commit(change(at="t9", joint={"name": "N"}, touched=(A,), natural_key="k"))
        assert (await side(spaces)).version == 4
        assert (await side(spaces)).stamps == {"stage": "t1", "chance": "t4"}

    async def test_equal_values_keep_their_stamp(self, spaces: Spaces) -> None:
        await spaces.commit(
            creation(at="t1", side={"amount": Money(5, "USD"), "wonAlone": True, "score": 1.5, "needs": ["a"]})
        )
        await spaces.commit(
            change(at="t2", side={"amount": Money(5, "USD"), "wonAlone": True, "score": 1.5, "needs": ("a",)})
        )
        assert set(((await side(spaces)).stamps or {}).values()) == {"t1"}
        await spaces.commit(
            change(at="t3", side={"amount": Money(5, "EUR"), "wonAlone": None, "score": 1.5, "needs": ["b"]})
        )
        assert (await side(spaces)).stamps == {"amount": "t3", "wonAlone": "t3", "score": "t1", "needs": "t3"}

    async def test_the_sharing_stays_until_it_is_replaced(self, spaces: Spaces) -> None:
        await spaces.commit(creation(sharing=OPEN))
        await spaces.commit(change(side={"stage": "x"}))
        assert (await side(spaces)).sharing == OPEN
        await spaces.commit(change(sharing=NO_OVERRIDES))
        assert (await side(spaces)).sharing == NO_OVERRIDES

    async def test_touched_participants_move(self, spaces: Spaces) -> None:
        await spaces.commit(creation("r1", A, "t1", B, C, side=None))
        await spaces.commit(change("r1", A, "t2", joint={"name": "N"}, touched=(A, B)))
        times = [(await spaces.page(page(c, updated=True))).rows[0].updated_at for c in (A, B, C)]
        assert times == ["t2", "t2", "t1"]

    async def test_a_new_participation_does_not_touch_an_old_one(self, spaces: Spaces) -> None:
        await spaces.commit(creation("r1", A, "t1", side=None))
        await spaces.commit(
            change(
                "r1",
                A,
                "t2",
                participants=(Participation(A, "VIEWER", "DECLINED"), Participation(B, "OWNER", "INVITED")),
            )
        )
        rows = [(await spaces.page(page(c, updated=True))).rows[0] for c in (A, B)]
        assert [(row.role, row.status, row.updated_at) for row in rows] == [
            ("VIEWER", "DECLINED", "t1"),
            ("OWNER", "INVITED", "t2"),
        ]
        assert [(row.owner, row.created_at) for row in rows] == [(A, "t1")] * 2

    async def test_a_receipt_tells_what_was_done(self, spaces: Spaces) -> None:
        assert await spaces.done(A, ANN, "k") is None
        await spaces.commit(creation(receipt=Receipt("k", "hash")))
        assert await spaces.done(A, ANN, "k") == Done(change().record, "hash")
        assert await spaces.done(B, ANN, "k") is None
        assert await spaces.done(A, type(ANN)("pe_bob"), "k") is None
        await spaces.commit(change("r1", person=type(ANN)("pe_bob"), receipt=Receipt("k", "other")))

    async def test_natural_keys_find_their_record(self, spaces: Spaces) -> None:
        await spaces.commit(creation("r1", natural_key="k1"))
        await spaces.commit(creation("r2", B, natural_key="k1"))
        await spaces.commit(creation("r3", A, kind=TIP, natural_key="k1"))
        await spaces.commit(change("r1", side={"stage": "x"}))
        assert await spaces.record_by_natural_key(A, DEAL, ["k2", "k1", "k1"]) == [None, "r1", "r1"]
        assert await spaces.record_by_natural_key(A, TIP, ["k1"]) == ["r3"]
        assert await spaces.record_by_natural_key(C, DEAL, ["k1"]) == [None]
        await spaces.commit(change("r1", natural_key="k2"))
        assert await spaces.record_by_natural_key(A, DEAL, ["k2", "k1"]) == ["r1", None]
        await spaces.commit(change("r1", natural_key=""))
        assert await spaces.record_by_natural_key(A, DEAL, ["k2", ""]) == [None, None]
        await spaces.commit(creation("r5", A, natural_key=""))
        await spaces.commit(creation("r6", A, natural_key="k2"))

    async def test_expectations_that_hold(self, spaces: Spaces) -> None:
        await spaces.commit(creation("r1", joint={"name": "N", "tags": ["x"]}))
        held = (("name", "N"), ("tags", ("x",)), ("rank", None))
        await spaces.commit(
            change(expect=((A, "ACCEPTED"), (B, None)), expect_joint=held, if_version=1, side={"stage": "x"})
        )
        await spaces.commit(change(if_version=2, joint={"name": "M"}))
        assert (await side(spaces)).version == 2

    async def test_a_role_that_changed_is_stale(self, spaces: Spaces) -> None:
        await spaces.commit(creation("r1"))
        await spaces.commit(change(participants=(Participation(B, "COLLABORATOR", "INVITED"),)))
        accept = change(participants=(Participation(B, "COLLABORATOR", "ACCEPTED"),), expect=((B, "INVITED"),))
        await spaces.commit(change(participants=(Participation(B, "VIEWER", "INVITED"),)))
        for roles in (((B, "COLLABORATOR"),), ((C, "VIEWER"),)):
            with pytest.raises(Stale):
                await spaces.commit(replace(accept, expect_roles=roles))
        await spaces.commit(replace(accept, expect_roles=((B, "VIEWER"), (A, "OWNER"))))

    async def test_concurrent_commits_lose_nothing(self, spaces: Spaces) -> None:
        await spaces.commit(creation(side={"chance": 0}))

        async def count_up() -> int:
            tries = 0
            while True:
                tries += 1
                row = await side(spaces)
                try:
                    await spaces.commit(change(at="t2", side={"chance": row.values[3] + 1}, if_version=row.version))
                except VersionMoved:
                    continue
                return tries

        await asyncio.gather(*[count_up() for _ in range(20)])
        row = await side(spaces)
        assert (row.values[3], row.version) == (20, 21)

    async def test_only_one_of_many_acceptances_wins(self, spaces: Spaces) -> None:
        await spaces.commit(creation("r1", A, side=None))
        answer = change("r1", B, expect=((B, None),), participants=(Participation(B, "VIEWER", "INVITED"),))
        results = await asyncio.gather(*[spaces.commit(answer) for _ in range(10)], return_exceptions=True)
        assert results.count(None) == 1
        assert sum(isinstance(each, Stale) for each in results) == 9

    async def test_many_changes_keep_their_order(self, spaces: Spaces) -> None:
        changes: list[Change] = []
        for i in range(30):
            changes.append(creation(f"r{i}", (A, B)[i % 2], "t1", C, joint={"name": "first"}))
            changes.append(change(f"r{i}", C, "t2", side={"stage": str(i)}, joint={"name": "second"}))
            changes.append(change(f"r{i}", (A, B)[i % 2], "t3", joint={"name": "third"}, if_version=1))
        assert await spaces.commit_all(changes) == [None] * 90
        rows = (await spaces.page(page(C))).rows
        assert {row.joint[0] for row in rows} == {"third"}
        assert sorted(int(row.own[0]) for row in rows if row.own) == list(range(30))
        assert await spaces.commit_all([]) == []
