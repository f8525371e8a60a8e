"""The contract of pages: projection first, then filter, order, cursors, counts."""

import pytest

from schema.errors import Fault
from schema.mask import EXISTS
from schema.money import Money
from schema.names import CompanyId, RecordId
from schema.where import Comparison, Where
from spaces.change import Participation
from spaces.contract import Spaces
from tests.spaces.world import (
    ALL_SIDE,
    DEAL,
    OPEN,
    SHUT,
    SHUT_AMOUNT,
    TIP,
    WHOLE_SIDE,
    A,
    B,
    C,
    Masks,
    bits,
    change,
    creation,
    found,
    page,
    program,
)


class PageContract:
    """Needs the fixture `spaces`."""

    async def five(self, spaces: Spaces) -> None:
        for record, stage, minor in (
            ("r1", "b", 3),
            ("r2", None, 1),
            ("r3", "a", 3),
            ("r4", "b", None),
            ("r5", "c", 2),
        ):
            money = None if minor is None else Money(minor, "USD")
            await spaces.commit(
                creation(
                    record, A, "t" + record[1], joint={"name": record.upper()}, side={"stage": stage, "amount": money}
                )
            )

    async def test_a_row_is_raw_and_whole(self, spaces: Spaces) -> None:
        joint = {"name": "N", "industry": "I", "rank": 7, "tags": ("x", "y"), "open": True}
        side = {
            "stage": "s",
            "amount": Money(-5, "JPY"),
            "chance": 3,
            "wonAlone": False,
            "score": 2,
            "needs": ["é", "b"],
            "contact": {"b": 1, "a": None},
        }
        await spaces.commit(creation(joint=joint, side=side, sharing=OPEN, at="t3"))
        none = program(EXISTS)
        fetch = page(order=["-mine.stage", "joint.name"], updated=True, joint_mask=none, own_masks=Masks(none))
        (row,) = (await spaces.page(fetch)).rows
        joint_cells = ("N", "I", 7, '["x","y"]', True)
        own_cells = ("s", -5, "JPY", 3, False, 2.0, '["é","b"]', '{"a":null,"b":1}', None)
        assert (row.joint, row.own, row.sharing, row.own_version) == (joint_cells, own_cells, OPEN, 1)
        assert (row.record, row.owner, row.role, row.status) == ("r1", A, "OWNER", "ACCEPTED")
        assert (row.created_at, row.updated_at, row.own_updated_at, row.keys) == ("t3", "t3", None, (None, None))
        assert [type(value) for value in (row.joint[4], own_cells[4])] == [bool, type(row.own and row.own[4])]

    async def test_only_asked_fields_come_in_the_asked_order(self, spaces: Spaces) -> None:
        await spaces.commit(creation(joint={"name": "N", "rank": 1}, side={"stage": "s", "chance": 2}))
        fetch = page()
        fields = (DEAL.joint[2], DEAL.joint[0]), (DEAL.side[2], DEAL.side[0])
        (row,) = (await spaces.page(type(fetch)(DEAL, A, fetch.joint_mask, fetch.own_masks, *fields))).rows
        assert (row.joint, row.own) == ((1, "N"), (2, "s"))
        assert row.updated_at is None

    async def test_records_are_those_of_the_company_and_the_kind(self, spaces: Spaces) -> None:
        await spaces.commit(creation("r1", A, "t1", B))
        await spaces.commit(creation("r2", B))
        await spaces.commit(creation("r3", A, kind=TIP))
        assert await found(A, spaces) == ["r1"]
        assert await found(B, spaces) == ["r1", "r2"]
        assert await found(C, spaces) == []
        unknown = await spaces.page(page(CompanyId("co_none"), count=True))
        assert (unknown.rows, unknown.has_next, unknown.has_previous, unknown.total) == ([], False, False, 0)

    async def test_ids_restrict(self, spaces: Spaces) -> None:
        await self.five(spaces)
        assert await found(A, spaces, ids=(RecordId("r4"), RecordId("r2"), RecordId("r9"))) == ["r2", "r4"]
        assert await found(A, spaces, ids=()) == []

    async def test_a_record_without_a_side(self, spaces: Spaces) -> None:
        await spaces.commit(creation("r1", A, "t1", B))
        (row,) = (await spaces.page(page(B, updated=True))).rows
        assert (row.own, row.sharing, row.own_version, row.own_updated_at) == (None, None, None, None)
        assert (row.role, row.status, row.updated_at) == ("COLLABORATOR", "ACCEPTED", "t1")

    async def test_a_hidden_record_does_not_exist(self, spaces: Spaces) -> None:
        await spaces.commit(creation("r1", A, "t1", B))
        await spaces.commit(creation("r2", B))
        await spaces.commit(change("r2", B, participants=(Participation(A, "VIEWER", "INVITED"),)))
        accepted = program(0, ((Comparison("viewer_status", "eq", "ACCEPTED"),), DEAL.all_joint))
        shown = await spaces.page(page(A, joint_mask=accepted, count=True))
        assert ([row.record for row in shown.rows], shown.total) == (["r1"], 1)
        assert await found(A, spaces, joint_mask=accepted, ids=(RecordId("r2"),)) == []
        assert await found(A, spaces, joint_mask=program(0)) == []
        by_role = program(0, ((Comparison("viewer_role", "in", ("VIEWER", "X")),), EXISTS))
        assert await found(A, spaces, joint_mask=by_role) == ["r2"]

    async def test_a_hidden_column_is_null_to_filter_and_order(self, spaces: Spaces) -> None:
        await self.five(spaces)
        hidden = Masks(program(bits(DEAL, "side", "amount")))
        assert await found(A, spaces, where=Comparison("mine.stage", "eq", "b"), own_masks=hidden) == []
        assert await found(A, spaces, where=Comparison("mine.stage", "ne", "b"), own_masks=hidden) == []
        assert len(await found(A, spaces, where=Comparison("mine.stage", "null", True), own_masks=hidden)) == 5
        assert await found(A, spaces, order=["-mine.stage"], own_masks=hidden) == ["r1", "r2", "r3", "r4", "r5"]
        dark = program(bits(DEAL, "joint", "industry"))
        assert await found(A, spaces, where=Comparison("joint.name", "eq", "R1"), joint_mask=dark) == []
        rows = (await spaces.page(page(order=["joint.name"], joint_mask=dark))).rows
        assert {row.keys for row in rows} == {(None,)}

    async def test_a_column_is_shown_where_columns_of_the_row_say_so(self, spaces: Spaces) -> None:
        await self.five(spaces)
        by_stage = Masks(
            program(
                EXISTS,
                ((Comparison("stage", "eq", "b"), Comparison("owner_status", "eq", "ACCEPTED")), ALL_SIDE.always),
            )
        )
        assert await found(A, spaces, where=Comparison("mine.amount_minor", "null", False), own_masks=by_stage) == [
            "r1"
        ]
        assert await found(A, spaces, order=["-mine.amount_minor"], own_masks=by_stage) == [
            "r1",
            "r2",
            "r3",
            "r4",
            "r5",
        ]

    async def test_a_column_is_shown_by_the_sharing_of_its_row(self, spaces: Spaces) -> None:
        await self.five(spaces)
        await spaces.commit(change("r1", sharing=OPEN))
        await spaces.commit(change("r3", sharing=SHUT))
        masks = Masks(
            program(EXISTS),
            {OPEN: ALL_SIDE, SHUT: program(EXISTS, ((Comparison("viewer_status", "eq", "INVITED"),), ALL_SIDE.always))},
        )
        assert await found(A, spaces, where=Comparison("mine.stage", "null", False), own_masks=masks) == ["r1"]
        await spaces.commit(change("r4", sharing=SHUT_AMOUNT))
        masks = Masks(ALL_SIDE, {SHUT_AMOUNT: program(EXISTS)})
        assert await found(A, spaces, where=Comparison("mine.stage", "eq", "b"), own_masks=masks) == ["r1"]

    async def test_a_side_that_does_not_exist_for_the_viewer(self, spaces: Spaces) -> None:
        await self.five(spaces)
        blind = Masks(program(ALL_SIDE.always & ~EXISTS))
        (row, *_) = (await spaces.page(page(own_masks=blind, updated=True))).rows
        assert (row.own, row.sharing, row.own_version, row.own_updated_at) == (None, None, None, None)
        assert await found(A, spaces, where=Comparison("mine.stage", "null", False), own_masks=blind) == []

    async def test_updated_at_is_the_newest_that_the_viewer_may_see(self, spaces: Spaces) -> None:
        await spaces.commit(creation("r1", A, "t1", side={"stage": "a", "chance": 1}))
        await spaces.commit(change("r1", at="t3", side={"chance": 2}))
        await spaces.commit(creation("r2", A, "t2", side={"stage": "a"}))

        async def times(*shown: str) -> list[tuple[str, str | None, str | None]]:
            masks = Masks(program(bits(DEAL, "side", *shown)))
            rows = (await spaces.page(page(own_masks=masks, order=["-updated_at"], updated=True))).rows
            return [(row.record, row.updated_at, row.own_updated_at) for row in rows]

        assert await times() == [("r2", "t2", None), ("r1", "t1", None)]
        assert await times("stage") == [("r2", "t2", "t2"), ("r1", "t1", "t1")]
        assert await times("chance") == [("r1", "t3", "t3"), ("r2", "t2", None)]
        assert await times(*DEAL.side_by_name) == [("r1", "t3", "t3"), ("r2", "t2", "t2")]
        await spaces.commit(change("r2", at="t5", touched=(A,)))
        assert await times("stage") == [("r2", "t5", "t2"), ("r1", "t1", "t1")]
        assert await times(*DEAL.side_by_name) == [("r2", "t5", "t2"), ("r1", "t3", "t3")]

    async def test_updated_at_is_the_later_of_both_whichever_came_last(self, spaces: Spaces) -> None:
        await spaces.commit(creation("r1", A, "t5", side={"stage": "a"}))
        await spaces.commit(change("r1", at="t3", touched=(A,)))
        await spaces.commit(creation("r2", A, "t1", side={"stage": "a"}))
        await spaces.commit(change("r2", at="t6", touched=(A,)))
        await spaces.commit(change("r2", at="t4", side={"stage": "b"}))
        for masks in (WHOLE_SIDE, Masks(program(bits(DEAL, "side", "stage")))):
            rows = (await spaces.page(page(own_masks=masks, order=["updated_at"], updated=True))).rows
            assert [(row.record, row.updated_at, row.own_updated_at) for row in rows] == [
                ("r1", "t5", "t5"),
                ("r2", "t6", "t4"),
            ]
        await spaces.commit(change("r2", at="t2", touched=(A,)))
        (row,) = (await spaces.page(page(ids=(RecordId("r2"),), updated=True))).rows
        assert row.updated_at == "t4"

    async def test_updated_at_where_an_invited_company_sees_a_part_of_its_side(self, spaces: Spaces) -> None:
        """Beside a whole one where it takes part, which alone would be the usual mask."""
        invited = (Participation(A, "VIEWER", "INVITED"),)
        accepted = (Comparison("viewer_status", "eq", "ACCEPTED"),)
        await spaces.commit(creation("r1", B, "t1"))
        await spaces.commit(change("r1", B, "t2", participants=invited))
        await spaces.commit(change("r1", A, "t5", side={"stage": "a"}))
        await spaces.commit(creation("r2", A, "t3", side={"stage": "a"}))
        part = bits(DEAL, "side", "stage")
        for always, expected in ((part, ["r1", "r2"]), (0, ["r2", "r1"])):
            masks = Masks(program(always, (accepted, DEAL.all_side)))
            assert await found(A, spaces, own_masks=masks, order=["-updated_at"]) == expected

    async def test_updated_at_of_a_company_that_takes_part_no_longer(self, spaces: Spaces) -> None:
        takes_part = (Comparison("viewer_status", "eq", "ACCEPTED"),)
        usual = Masks(program(0, (takes_part, DEAL.all_side)))

        async def times(masks: Masks) -> list[tuple[str, str | None]]:
            rows = (await spaces.page(page(own_masks=masks, order=["-updated_at"], updated=True))).rows
            return [(row.record, row.updated_at) for row in rows]

        await spaces.commit(creation("r1", A, "t1", side={"stage": "a"}))
        await spaces.commit(creation("r2", A, "t2"))
        await spaces.commit(change("r1", at="t5", side={"stage": "b"}))
        assert await times(usual) == await times(WHOLE_SIDE) == [("r1", "t5"), ("r2", "t2")]
        await spaces.commit(change("r1", at="t3", participants=(Participation(A, "OWNER", "WITHDRAWN"),)))
        assert await times(usual) == [("r2", "t2"), ("r1", "t1")]
        assert await times(WHOLE_SIDE) == [("r1", "t5"), ("r2", "t2")]
        await spaces.commit(change("r1", at="t3", touched=(A,)))
        assert await times(usual) == [("r1", "t3"), ("r2", "t2")]
        await spaces.commit(change("r1", at="t6", side={"stage": "c"}))
        assert await times(usual) == [("r1", "t3"), ("r2", "t2")]
        assert await times(WHOLE_SIDE) == [("r1", "t6"), ("r2", "t2")]
        await spaces.commit(change("r1", at="t7", participants=(Participation(A, "OWNER", "ACCEPTED"),)))
        assert await times(usual) == [("r1", "t6"), ("r2", "t2")]

    async def test_order_puts_null_first_and_breaks_ties_by_id(self, spaces: Spaces) -> None:
        await self.five(spaces)
        assert await found(A, spaces, order=["mine.stage"]) == ["r2", "r3", "r1", "r4", "r5"]
        assert await found(A, spaces, order=["-mine.stage"]) == ["r5", "r1", "r4", "r3", "r2"]
        assert await found(A, spaces, order=["-mine.stage", "mine.amount_minor"]) == ["r5", "r4", "r1", "r3", "r2"]
        assert await found(A, spaces, order=["-created_at"]) == ["r5", "r4", "r3", "r2", "r1"]

    async def test_text_sorts_by_code_point(self, spaces: Spaces) -> None:
        names = ["a", "B", "é", "\U0001f600", "\uffff", "ab", ""]
        for i, name in enumerate(names):
            await spaces.commit(creation(f"r{i}", joint={"name": name}))
        rows = (await spaces.page(page(order=["joint.name"]))).rows
        assert [row.joint[0] for row in rows] == sorted(names)

    @pytest.mark.parametrize(
        "order",
        [
            [],
            ["mine.stage"],
            ["-mine.stage"],
            ["-mine.stage", "mine.amount_minor"],
            ["mine.amount_minor", "-mine.stage"],
            ["-updated_at"],
        ],
    )
    async def test_cursors_walk_both_ways(self, spaces: Spaces, order: list[str]) -> None:
        await self.five(spaces)
        whole = (await spaces.page(page(order=order))).rows
        for i, row in enumerate(whole):
            cursor = (*row.keys, row.record)
            for limit in (0, 1, 2, 9):
                behind = await spaces.page(page(order=order, after=cursor, limit=limit))
                assert behind.rows == whole[i + 1 : i + 1 + limit]
                assert (behind.has_next, behind.has_previous) == (i + 1 + limit < 5, True)
                before = await spaces.page(page(order=order, before=cursor, limit=limit, backwards=True))
                assert before.rows == whole[max(i - limit, 0) : i]
                assert (before.has_next, before.has_previous) == (True, i > limit)
        between = await spaces.page(
            page(
                order=order, after=(*whole[0].keys, whole[0].record), before=(*whole[4].keys, whole[4].record), limit=2
            )
        )
        assert (between.rows, between.has_next, between.has_previous) == (whole[1:3], True, True)

    async def test_first_and_last_pages_without_a_cursor(self, spaces: Spaces) -> None:
        await self.five(spaces)
        first, last = await spaces.page(page(limit=2)), await spaces.page(page(limit=2, backwards=True))
        assert ([r.record for r in first.rows], first.has_next, first.has_previous) == (["r1", "r2"], True, False)
        assert ([r.record for r in last.rows], last.has_next, last.has_previous) == (["r4", "r5"], False, True)

    async def test_the_count_is_of_the_whole_filter(self, spaces: Spaces) -> None:
        await self.five(spaces)
        fetch = page(where=Comparison("mine.stage", "in", ("b", "c")), limit=1, after=("r1",), count=True)
        assert (await spaces.page(fetch)).total == 3
        assert (await spaces.page(page(limit=0, count=True))).total == 5
        assert (await spaces.page(page(where=Where(()), count=True))).total == 0
        assert (await spaces.page(page(where=Comparison("joint.name", "eq", "R1"), count=True))).total == 1
        assert (await spaces.page(page(where=Comparison("created_at", "gt", "t3"), count=True))).total == 2
        assert (await spaces.page(page())).total is None

    async def test_filters_on_each_page_column(self, spaces: Spaces) -> None:
        await self.five(spaces)
        for column, value, records in (
            ("created_at", "t2", ["r2"]),
            ("updated_at", "t3", ["r3"]),
            ("role", "VIEWER", []),
            ("status", "ACCEPTED", ["r1", "r2", "r3", "r4", "r5"]),
            ("mine.amount_minor", 3, ["r1", "r3"]),
            ("mine.amount_currency", "USD", ["r1", "r2", "r3", "r5"]),
        ):
            assert await found(A, spaces, where=Comparison(column, "eq", value)) == records, column

    async def test_an_unknown_column_is_a_fault(self, spaces: Spaces) -> None:
        await self.five(spaces)
        for column in ("mine.nothing", "joint.stage", "touched_at"):
            with pytest.raises(Fault):
                await spaces.page(page(where=Comparison(column, "null", True)))
