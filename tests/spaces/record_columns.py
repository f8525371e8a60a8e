"""The contract of masks that test columns of the record: the raw values decide, for all that is asked of rows."""

from typing import Any

import pytest

from schema.mask import EXISTS, MaskProgram
from schema.money import Money
from schema.where import Comparison, Op, Scalar
from spaces.contract import Spaces
from spaces.fetch import GroupRow, Related, Total
from tests.spaces.search import search
from tests.spaces.world import (
    ALL_SIDE,
    DEAL,
    WHOLE_SIDE,
    A,
    B,
    ByCompany,
    C,
    Masks,
    bits,
    change,
    creation,
    found,
    groups,
    page,
    program,
    some,
)

HIDDEN = program(bits(DEAL, "joint", "name"))
"""Shows of a record its name alone: what masks test of it is hidden."""


def where(column: str, value: Scalar | tuple[Scalar, ...], op: Op = "eq") -> MaskProgram:
    """All of a side where the record's column is this, its existence elsewhere."""
    return program(EXISTS, ((Comparison(column, op, value),), ALL_SIDE.always))


def beside(masks: MaskProgram) -> Related:
    """B's sides through these masks, all others' as they are."""
    return Related(ByCompany(WHOLE_SIDE, {B: Masks(masks)}), program(EXISTS))


class RecordColumnsContract:
    """Needs the fixture `spaces`."""

    async def three(self, spaces: Spaces) -> None:
        """Deals of A's, with sides of B's, that differ in industry, rank and whether they are open; C is on two."""
        for place, (industry, rank, is_open) in enumerate((("a", 1, True), ("b", 2, False), (None, None, None)), 1):
            record = f"r{place}"
            joint = {"name": f"R{place}", "industry": industry, "rank": rank, "open": is_open}
            others = (B, C) if place < 3 else (B,)
            await spaces.commit(creation(record, A, f"t{place}", *others, joint=joint, side={"stage": f"own{place}"}))
            if place < 3:
                await spaces.commit(change(record, B, side={"stage": f"s{place}", "amount": Money(place, "EUR")}))

    @pytest.mark.parametrize(
        ("column", "op", "value", "shown"),
        [
            ("joint__industry", "eq", "a", ["r1"]),
            ("joint__industry", "ne", "a", ["r2"]),
            ("joint__rank", "gte", 2, ["r2"]),
            ("joint__open", "eq", True, ["r1"]),
            ("joint__open", "eq", False, ["r2"]),
            ("record_id", "in", ("r1", "r2"), ["r1", "r2"]),
            ("record_id", "ne", "r1", ["r2", "r3"]),
        ],
    )
    async def test_what_the_record_holds_decides_seen_or_not(
        self, spaces: Spaces, column: str, op: Op, value: Any, shown: list[str]
    ) -> None:
        await self.three(spaces)
        masks = where(column, value, op)
        for joint_mask in (program(DEAL.all_joint), HIDDEN):
            rest: dict[str, Any] = {"joint_mask": joint_mask}
            stages = Comparison("mine.stage", "null", False)
            assert await found(A, spaces, where=stages, own_masks=Masks(masks), **rest) == shown
            rows = (await spaces.page(page(own_masks=Masks(masks), order=["mine.stage"], **rest))).rows
            assert [row.record for row in rows if row.keys[0] is not None] == shown
            with_side = [record for record in shown if record != "r3"]
            theirs = some("stage", "null", False)
            only_b = Related(beside(masks).partners, program(0, ((Comparison("company", "eq", B),), EXISTS)))
            assert await found(A, spaces, where=theirs, related=only_b, **rest) == with_side
            rows = (await spaces.page(page(order=["max partners.stage"], related=only_b, **rest))).rows
            assert [row.record for row in rows if row.keys[0] is not None] == with_side

    async def test_a_record_exists_where_its_columns_say_so(self, spaces: Spaces) -> None:
        await self.three(spaces)
        dark = program(0, ((Comparison("joint__industry", "eq", "b"),), bits(DEAL, "joint", "name")))
        assert await found(A, spaces, joint_mask=dark) == ["r2"]
        assert (await spaces.page(page(joint_mask=dark, count=True, limit=0))).total == 1
        by_industry = (await spaces.groups(groups("joint.industry", joint_mask=dark))).rows
        assert [(row.keys, row.size) for row in by_industry] == [((None,), 1)]

    async def test_it_is_asked_anew_of_each_read(self, spaces: Spaces) -> None:
        await self.three(spaces)
        related = beside(where("joint__industry", "a"))
        asked = some("stage", "in", ("s1", "s2"))
        assert await found(A, spaces, where=asked, related=related) == ["r1"]
        await spaces.commit(change("r1", joint={"industry": "b"}))
        await spaces.commit(change("r2", joint={"industry": "a"}))
        assert await found(A, spaces, where=asked, related=related) == ["r2"]

    async def test_groups_and_sums(self, spaces: Spaces) -> None:
        await self.three(spaces)
        related = beside(where("joint__rank", 2))
        fetch = groups("partners.company", related=related, measures=("partners.amount_minor",))
        assert (await spaces.groups(fetch)).rows == [
            GroupRow((B,), 3, ((Total("EUR", 1, 2, 2, 2),),)),
            GroupRow((C,), 2, ((),)),
        ]
        unseen = beside(program(0, ((Comparison("joint__rank", "lte", 2),), ALL_SIDE.always)))
        fetch = groups("partners.company", "mine.stage", related=unseen, measures=("partners.amount_minor",))
        assert [(row.keys, row.size) for row in (await spaces.groups(fetch)).rows] == [
            ((B, "own1"), 1),
            ((B, "own2"), 1),
            ((C, "own1"), 1),
            ((C, "own2"), 1),
        ]

    async def test_a_company_that_never_wrote(self, spaces: Spaces) -> None:
        await self.three(spaces)
        masks = Masks(program(0, ((Comparison("joint__industry", "eq", "a"),), EXISTS)))
        related = Related(ByCompany(WHOLE_SIDE, {C: masks}), program(EXISTS))
        assert await found(A, spaces, where=some("company", "eq", C), related=related) == ["r1"]
        rows = (await spaces.groups(groups("partners.company", related=related))).rows
        assert [(row.keys, row.size) for row in rows] == [((B,), 3), ((C,), 1)]

    async def test_search(self, spaces: Spaces) -> None:
        await self.three(spaces)
        for record in ("r1", "r2"):
            await spaces.commit(change(record, side={"stage": "harbour"}))
            await spaces.commit(change(record, B, side={"stage": "harbour"}))
        masks = where("joint__industry", "b")
        for column, rest in (
            ("mine.stage", {"own_masks": Masks(masks)}),
            ("partners.stage", {"related": beside(masks)}),
        ):
            hits = await spaces.page(search("harbour", columns={column: 3}, **rest))
            assert [row.record for row in hits.rows] == ["r2"], column
