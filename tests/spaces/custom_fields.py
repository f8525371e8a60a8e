"""The contract of custom fields: kept by their ids beside a side's own fields, whatever the kind that asks."""

from dataclasses import replace
from typing import Any

import pytest

from schema.errors import Fault
from schema.kind import Kind
from schema.mask import EXISTS
from schema.money import Money
from schema.sharing import NO_OVERRIDES
from schema.where import Comparison
from spaces.contract import Spaces
from spaces.fetch import Dimension, GroupFetch, Related
from tests.spaces.customs import (
    AREA,
    EXTRA_TEXT,
    EXTRA_WHOLE,
    KINDS,
    SHUT_AREA,
    WHOLE_RELATED,
    WHOLE_SIDES,
    custom_page,
    custom_sides,
)
from tests.spaces.world import (
    ALL_JOINT,
    DEAL,
    A,
    B,
    ByCompany,
    C,
    Masks,
    bits,
    change,
    creation,
    page,
    program,
    sides,
    some,
)

VALUES: dict[str, Any] = {
    "area": 'North "é" \\ {}',
    "fee": Money(5, "EUR"),
    "due": "2026-05-01",
    "hot": False,
    "size": 2**63 - 1,
    "ratio": 0.1,
    "wishes": ("a", 'b"'),
    "boss": "pe_ann",
    "extra": "",
}
CELLS = (VALUES["area"], 5, "EUR", "2026-05-01", False, 2**63 - 1, 0.1, '["a","b\\""]', "pe_ann", "")


def shown(kind: Kind, *names: str) -> Masks:
    """Masks of a kind's owner that show some of its fields."""
    return Masks(program(bits(kind, "side", *names)), kind=kind)


async def records(spaces: Spaces, **rest: Any) -> list[str]:
    return [str(row.record) for row in (await spaces.page(custom_page(**rest))).rows]


def grouped(*by: str | Dimension, **rest: Any) -> GroupFetch:
    """Groups of A's deals by columns of A's kind."""
    asked = tuple(each if isinstance(each, Dimension) else Dimension(each) for each in by)
    return GroupFetch(KINDS[A], A, ALL_JOINT, WHOLE_SIDES[A], asked, **rest)


class CustomContract:
    """Needs the fixture `spaces`."""

    async def put(self, spaces: Spaces, record: str, company: Any = A, at: str = "t1", **side: Any) -> None:
        """A record of the company's with B and C, and a side."""
        others = [each for each in (A, B, C) if each != company]
        await spaces.commit(creation(record, company, at, *others, kind=KINDS[company], side=side))

    async def test_each_shape_comes_back_as_it_was(self, spaces: Spaces) -> None:
        await self.put(spaces, "r1", **VALUES, stage="s")
        ((side,),) = await spaces.sides([custom_sides(A, "r1", stamps=True)])
        assert side.values == CELLS
        assert [type(value) for value in side.values] == [type(value) for value in CELLS]
        assert side.stamps == {"stage": "t1", **{f.ident: "t1" for f in KINDS[A].custom}}
        (row,) = (await spaces.page(custom_page())).rows
        assert row.own == ("s", *[None] * 8, *CELLS)
        mixed = replace(custom_page(), own=(KINDS[A].custom[3], DEAL.side[0], DEAL.side[1], *KINDS[A].custom[1:3]))
        assert (await spaces.page(mixed)).rows[0].own == (False, "s", None, None, 5, "EUR", "2026-05-01")

    async def test_only_named_fields_change_and_none_clears(self, spaces: Spaces) -> None:
        await self.put(spaces, "r1", area="x", fee=Money(5, "EUR"), hot=True, stage="s")
        later: dict[str, Any] = {"fee": None, "size": 3, "stage": "z", "hot": True}
        await spaces.commit(change("r1", kind=KINDS[A], at="t2", side=later))
        ((side,),) = await spaces.sides([custom_sides(A, "r1", stamps=True)])
        assert side.values == ("x", None, None, None, True, 3, None, None, None, None)
        assert (side.version, side.stamps) == (
            2,
            {"stage": "t2", "cf_area": "t1", "cf_fee": "t2", "cf_hot": "t1", "cf_size": "t2"},
        )
        await spaces.commit(change("r1", kind=KINDS[A], at="t3", side={"area": None, "hot": None, "size": None}))
        ((side,),) = await spaces.sides([custom_sides(A, "r1", stamps=True)])
        assert (side.values, side.version) == ((None,) * 10, 3)
        assert side.stamps == {"stage": "t2", "cf_area": "t3", "cf_fee": "t2", "cf_hot": "t3", "cf_size": "t3"}

    async def test_what_the_kind_has_not_stays(self, spaces: Spaces) -> None:
        await self.put(spaces, "r1", **VALUES)
        await spaces.commit(change("r1", side={"stage": "s"}))
        other = DEAL.extended((EXTRA_WHOLE,))
        await spaces.commit(change("r1", kind=other, side={"extra": 7}))
        ((side,), (plain,), (extra,)) = await spaces.sides(
            [custom_sides(A, "r1"), sides(A, "r1"), replace(sides(A, "r1", kind=other), fields=other.custom)]
        )
        assert (side.values, plain.values[0], extra.values) == (CELLS, "s", (7,))
        await spaces.commit(change("r1", kind=other, side={"extra": None}))
        assert (await spaces.sides([custom_sides(A, "r1")]))[0][0].values == CELLS

    async def test_a_field_declared_again_under_its_name_begins_with_nothing(self, spaces: Spaces) -> None:
        before, after = DEAL.extended((EXTRA_TEXT,)), DEAL.extended((EXTRA_WHOLE,))
        await spaces.commit(creation("r1", kind=before, side={"extra": "old"}))
        old, new = (
            replace(page(own_masks=shown(kind, "extra"), updated=True), kind=kind, own=kind.custom)
            for kind in (before, after)
        )
        assert [(row.own, row.own_updated_at) for row in (await spaces.page(old)).rows] == [(("old",), "t1")]
        assert [(row.own, row.own_updated_at) for row in (await spaces.page(new)).rows] == [((None,), None)]
        unset = replace(new, where=page(where=Comparison("mine.cf_extra_2", "null", True)).where)
        assert len((await spaces.page(unset)).rows) == 1
        await spaces.commit(change("r1", kind=after, at="t2", side={"extra": 7}))
        assert [(row.own, row.own_updated_at) for row in (await spaces.page(new)).rows] == [((7,), "t2")]
        assert [(row.own, row.own_updated_at) for row in (await spaces.page(old)).rows] == [(("old",), "t1")]
        with pytest.raises(Fault):
            await spaces.page(replace(new, where=page(where=Comparison("mine.cf_extra_1", "eq", "old")).where))

    async def test_what_is_kept_of_one_fields_never_serves_anothers(self, spaces: Spaces) -> None:
        """The same masks, filter and names, again and again, over two fields."""
        text, whole = DEAL.extended((EXTRA_TEXT,)), DEAL.extended((EXTRA_WHOLE,))
        await spaces.commit(creation("r1", A, "t1", B, kind=text, side={"extra": "a"}))
        await spaces.commit(change("r1", kind=whole, at="t2", side={"extra": 7}))
        masks = shown(text, "extra")
        for kind, value, at in [(text, "a", "t1"), (whole, 7, "t2")] * 3:
            fetch = replace(page(own_masks=masks, updated=True), kind=kind, own=kind.custom)
            (row,) = (await spaces.page(fetch)).rows
            assert (row.own, row.own_updated_at) == ((value,), at)
            ((side,),) = await spaces.sides([replace(sides(A, "r1", kind=kind), fields=kind.custom)])
            assert side.values == (value,)
            newest = GroupFetch(kind, A, ALL_JOINT, masks, (Dimension("updated_at"),))
            assert (await spaces.groups(newest)).rows[0].keys == (max(at, "t1"),)

    async def test_filters(self, spaces: Spaces) -> None:
        await self.put(spaces, "r1", **VALUES)
        await self.put(spaces, "r2", area="south", fee=Money(7, "USD"), hot=True, size=1, ratio=2.0, wishes=("c",))
        await self.put(spaces, "r3")
        for column, op, value, expected in (
            ("area", "contains", "NORTH", ["r1"]),
            ("area", "starts", "s", ["r2"]),
            ("area", "null", True, ["r3"]),
            ("fee_minor", "gt", 5, ["r2"]),
            ("fee_currency", "in", ("EUR", "USD"), ["r1", "r2"]),
            ("due", "lt", "2026-05-02", ["r1"]),
            ("hot", "eq", False, ["r1"]),
            ("hot", "eq", 1, []),
            ("hot", "ne", False, ["r2"]),
            ("size", "eq", 2**63 - 1, ["r1"]),
            ("size", "eq", True, []),
            ("ratio", "eq", 0.1, ["r1"]),
            ("ratio", "gte", 2, ["r2"]),
            ("wishes", "has", 'b"', ["r1"]),
            ("wishes", "lacks", "a", ["r2"]),
            ("boss", "nin", ("pe_max",), ["r1"]),
            ("extra_1", "eq", "", ["r1"]),
        ):
            test: Any = op
            found = await records(spaces, where=Comparison(f"mine.cf_{column}", test, value))
            assert found == expected, (column, op, value)

    async def test_orders_and_cursors(self, spaces: Spaces) -> None:
        for record, size, hot in (("r1", 3, None), ("r2", None, True), ("r3", 1, False), ("r4", 3, True)):
            await self.put(spaces, record, size=size, hot=hot)
        order = ["-mine.cf_size", "mine.cf_hot"]
        whole = (await spaces.page(custom_page(order=order))).rows
        assert [row.record for row in whole] == ["r1", "r4", "r3", "r2"]
        for i, row in enumerate(whole):
            behind = await spaces.page(custom_page(order=order, after=(*row.keys, row.record)))
            assert (behind.rows, behind.has_previous) == (whole[i + 1 :], True)

    async def test_groups(self, spaces: Spaces) -> None:
        await self.put(spaces, "r1", due="2026-01-31", hot=True, fee=Money(3, "USD"), ratio=0.1, size=2**62)
        await self.put(spaces, "r2", due="2026-03-31", hot=True, fee=Money(4, "USD"), ratio=0.2, size=2**62)
        await self.put(spaces, "r3", fee=Money(5, "EUR"), hot=False)
        sums = ("mine.cf_fee_minor", "mine.cf_ratio", "mine.cf_size")
        dated, undated = (await spaces.groups(grouped(Dimension("mine.cf_due", "quarter"), measures=sums))).rows
        assert (dated.keys, dated.size, undated.keys, undated.size) == (("2026-Q1",), 2, (None,), 1)
        assert [[(t.currency, t.sum) for t in each] for each in dated.totals] == [
            [("USD", 7)],
            [(None, 0.1 + 0.2)],
            [(None, 2**63)],
        ]
        assert [[(t.currency, t.sum) for t in each] for each in undated.totals] == [[("EUR", 5)], [], []]
        flags = [row.keys[0] for row in (await spaces.groups(grouped("mine.cf_hot"))).rows]
        assert flags == [True, False]
        assert [type(flag) for flag in flags] == [bool, bool]

    async def partners(self, spaces: Spaces) -> None:
        """r1 and r2 of A, with sides of B: one shut, one without an area; r3 has none."""
        for record in ("r1", "r2", "r3"):
            await self.put(spaces, record, area="own", boss="pe_ann")
        values: dict[str, Any] = {"area": "x", "fee": Money(5, "EUR"), "hot": True, "extra": 1, "level": "low"}
        await spaces.commit(change("r1", B, kind=KINDS[B], side={**values, "flagged": True}))
        more: dict[str, Any] = {"fee": Money(7, "EUR"), "hot": False, "extra": 2, "flagged": False, "ratio": 0.5}
        await spaces.commit(change("r2", B, kind=KINDS[B], side=more, sharing=SHUT_AREA))

    async def test_an_owners_bits_count_for_its_sides(self, spaces: Spaces) -> None:
        await self.partners(spaces)

        async def found(masks: Masks, column: str, op: Any, value: Any) -> list[str]:
            related = Related(ByCompany(masks), program(EXISTS))
            return await records(spaces, where=some(column, op, value), related=related)

        whole = WHOLE_SIDES[B]
        assert await found(whole, "cf_area", "eq", "x") == ["r1"]
        assert await found(whole, "cf_hot", "eq", False) == ["r2"]
        assert await found(whole, "cf_fee_minor", "gte", 5) == ["r1", "r2"]
        for field in KINDS[B].custom:
            masks = shown(KINDS[B], field.name)
            assert await found(masks, "cf_area", "eq", "x") == ["r1"] * (field.ident == "cf_area")
            assert await found(masks, "cf_fee_minor", "eq", 7) == ["r2"] * (field.ident == "cf_fee")
            assert await found(masks, "cf_hot", "eq", True) == ["r1"] * (field.ident == "cf_hot")
            related = Related(ByCompany(Masks(program(0)), {B: masks}), program(EXISTS))
            pairs = grouped("partners.cf_hot", measures=("partners.cf_fee_minor",), related=related)
            rows = (await spaces.groups(pairs)).rows
            hot, sums = [row.keys[0] for row in rows], [[t.sum for t in row.totals[0]] for row in rows]
            assert hot == ([None, False, True] if field.ident == "cf_hot" else [None])
            assert sums[0] == ([12] if field.ident == "cf_fee" else [])

    async def test_what_an_owner_has_not_is_null(self, spaces: Spaces) -> None:
        await self.partners(spaces)
        kept = DEAL.extended((EXTRA_TEXT, AREA))  # B once had both
        await spaces.commit(change("r1", B, kind=kept, side={"extra": "of before"}))

        async def found(column: str, op: Any, value: Any) -> list[str]:
            return await records(spaces, where=some(column, op, value), related=WHOLE_RELATED)

        assert await found("cf_boss", "null", False) == []
        assert await found("cf_extra_1", "null", False) == []
        assert await found("cf_area", "null", False) == ["r1"]
        with pytest.raises(Fault):
            await found("cf_extra_2", "eq", 1)

    async def test_an_owners_masks_may_test_what_the_viewer_has_not(self, spaces: Spaces) -> None:
        await self.partners(spaces)
        whole = KINDS[B].all_side
        for test, expected in (
            (Comparison("cf_flagged", "eq", True), ["r1"]),
            (Comparison("cf_flagged", "ne", True), ["r2"]),
            (Comparison("cf_flagged", "eq", 1), []),
            (Comparison("cf_extra_2", "eq", 2), ["r2"]),
            (Comparison("cf_level", "starts", "l"), ["r1"]),
            (Comparison("cf_level", "null", True), ["r2"]),
            (Comparison("cf_ratio", "eq", 0.5), ["r2"]),
        ):
            related = Related(ByCompany(Masks(program(EXISTS, ((test,), whole)), kind=KINDS[B])), program(EXISTS))
            shows = await records(spaces, where=some("cf_fee_minor", "null", False), related=related)
            assert shows == expected, test
            pairs = grouped("partners.cf_hot", measures=("partners.cf_fee_minor",), related=related)
            sums = {row.keys[0]: [t.sum for t in row.totals[0]] for row in (await spaces.groups(pairs)).rows}
            shown_sums: dict[bool | None, list[int]] = {True: [5]} if expected == ["r1"] else {False: [7]}
            assert sums == {None: [], **(shown_sums if expected else {})}, test

    async def test_partners_are_grouped_and_sorted_by_them(self, spaces: Spaces) -> None:
        await self.partners(spaces)
        rows = (await spaces.groups(grouped("partners.company", "partners.cf_hot", related=WHOLE_RELATED))).rows
        assert [(*row.keys, row.size) for row in rows] == [(C, None, 3), (B, None, 1), (B, False, 1), (B, True, 1)]
        mixed = grouped("mine.cf_boss", "partners.cf_area", measures=("partners.cf_ratio",), related=WHOLE_RELATED)
        rows = (await spaces.groups(mixed)).rows
        assert [(*row.keys, row.size, [t.sum for t in row.totals[0]]) for row in rows] == [
            ("pe_ann", None, 5, [0.5]),
            ("pe_ann", "x", 1, []),
        ]
        order = ["-max partners.cf_fee_minor"]
        assert await records(spaces, order=order, related=WHOLE_RELATED) == ["r2", "r1", "r3"]
        hidden = Related(ByCompany(shown(KINDS[B], "area")), program(EXISTS))
        assert await records(spaces, order=order, related=hidden) == ["r1", "r2", "r3"]

    async def test_visible_stamps_alone_move_the_own_time(self, spaces: Spaces) -> None:
        await self.put(spaces, "r1", area="x")
        await spaces.commit(change("r1", kind=KINDS[A], at="t2", side={"size": 1}))
        for names, at in ((("area",), "t1"), (("size",), "t2"), (("area", "size"), "t2"), (("hot",), None)):
            (row,) = (await spaces.page(custom_page(own_masks=shown(KINDS[A], *names), updated=True))).rows
            assert row.own_updated_at == at, names
        (row,) = (await spaces.page(custom_page(updated=True))).rows
        assert (row.own_updated_at, row.updated_at) == ("t2", "t2")

    async def test_a_sharing_names_a_field_by_its_id(self, spaces: Spaces) -> None:
        await self.partners(spaces)
        assert await spaces.sharing_classes(B, KINDS[B]) == [NO_OVERRIDES, SHUT_AREA]
        by_sharing = Masks(program(EXISTS), {SHUT_AREA: program(KINDS[B].all_side)}, kind=KINDS[B])
        related = Related(ByCompany(by_sharing), program(EXISTS))
        assert await records(spaces, where=some("cf_fee_minor", "null", False), related=related) == ["r2"]
