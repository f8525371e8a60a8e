"""The contract of groups: projection first, then what is counted and summed by what."""

from typing import Any

import pytest

from schema.errors import Fault
from schema.mask import EXISTS
from schema.money import Money
from schema.names import CompanyId
from schema.where import Comparison, Where
from spaces.contract import Spaces
from spaces.fetch import Dimension, GroupFetch, GroupRow, Related, Total
from tests.spaces.world import (
    ALL_JOINT,
    ALL_RELATED,
    ALL_SIDE,
    DEAL,
    OPEN,
    SHUT,
    TIP,
    WHOLE_SIDE,
    A,
    B,
    ByCompany,
    C,
    Masks,
    bits,
    change,
    creation,
    groups,
    program,
    some,
)

HUGE = 2**63 - 1


async def sizes(spaces: Spaces, fetch: GroupFetch) -> list[tuple[Any, ...]]:
    return [(*row.keys, row.size) for row in (await spaces.groups(fetch)).rows]


class GroupContract:
    """Needs the fixture `spaces`."""

    async def dated(self, spaces: Spaces) -> None:
        for record, stage, money, closes, industry in (
            ("r1", "b", Money(3, "USD"), "2026-01-31", "I"),
            ("r2", None, Money(1, "USD"), "2026-03-31", "I"),
            ("r3", "a", Money(3, "EUR"), None, None),
            ("r4", "b", None, "2026-04-01", "J"),
            ("r5", "b", Money(-4, "EUR"), "2025-12-31", "I"),
        ):
            side = {"stage": stage, "amount": money, "closes": closes, "wonAlone": stage == "b"}
            await spaces.commit(creation(record, A, "2026-0" + record[1], joint={"industry": industry}, side=side))

    async def test_the_largest_come_first_then_by_keys_null_first(self, spaces: Spaces) -> None:
        await self.dated(spaces)
        assert await sizes(spaces, groups("mine.stage")) == [("b", 3), (None, 1), ("a", 1)]
        assert await sizes(spaces, groups("joint.industry", "mine.stage")) == [
            ("I", "b", 2),
            (None, "a", 1),
            ("I", None, 1),
            ("J", "b", 1),
        ]
        first = await spaces.groups(groups("joint.industry", "mine.stage", limit=2))
        assert ([row.keys for row in first.rows], first.total) == ([("I", "b"), (None, "a")], 4)
        (won, other) = (await spaces.groups(groups("mine.won_alone"))).rows
        assert (won.keys[0], other.keys[0]) == (True, False)
        assert type(won.keys[0]) is bool

    async def test_each_page_column_is_a_dimension(self, spaces: Spaces) -> None:
        await self.dated(spaces)
        assert await sizes(spaces, groups("role", "status")) == [("OWNER", "ACCEPTED", 5)]
        assert len(await sizes(spaces, groups("created_at", "updated_at"))) == 5

    async def test_nothing_to_group_by(self, spaces: Spaces) -> None:
        assert await spaces.groups(groups(measures=("mine.amount_minor",))) == await spaces.groups(groups())
        assert (await spaces.groups(groups())).total == 0
        await self.dated(spaces)
        (row,) = (await spaces.groups(groups(measures=("mine.amount_minor",)))).rows
        assert (row.keys, row.size) == ((), 5)
        assert row.totals == ((Total("EUR", 2, -1, -4, 3), Total("USD", 2, 4, 1, 3)),)

    async def test_money_is_kept_apart_by_currency(self, spaces: Spaces) -> None:
        await self.dated(spaces)
        found = (await spaces.groups(groups("mine.stage", measures=("mine.amount_minor", "mine.chance")))).rows
        assert found == [
            GroupRow(("b",), 3, ((Total("EUR", 1, -4, -4, -4), Total("USD", 1, 3, 3, 3)), ())),
            GroupRow((None,), 1, ((Total("USD", 1, 1, 1, 1),), ())),
            GroupRow(("a",), 1, ((Total("EUR", 1, 3, 3, 3),), ())),
        ]

    async def test_numbers(self, spaces: Spaces) -> None:
        for record, rank, score in (("r1", 1, 0.1), ("r2", 2, 0.2), ("r3", None, 1e16), ("r4", 4, -1e16)):
            await spaces.commit(creation(record, joint={"rank": rank}, side={"score": score}))
        (row,) = (await spaces.groups(groups(measures=("joint.rank", "mine.score")))).rows
        exact = 0.30000000000000004  # of the doubles 0.1 and 0.2; 1e16 and its negation leave no trace
        assert row.totals == ((Total(None, 3, 7, 1, 4),), (Total(None, 4, exact, -1e16, 1e16),))
        assert [type(each.sum) for (each,) in row.totals] == [int, float]

    async def test_sums_beyond_64_bits(self, spaces: Spaces) -> None:
        for i, minor in enumerate((HUGE, HUGE, HUGE, -HUGE - 1)):
            await spaces.commit(creation(f"r{i}", side={"amount": Money(minor, "USD")}))
        (row,) = (await spaces.groups(groups(measures=("mine.amount_minor",)))).rows
        assert row.totals == ((Total("USD", 4, 2 * HUGE - 1, -HUGE - 1, HUGE),),)

    async def test_sums_beyond_the_largest_float(self, spaces: Spaces) -> None:
        for i, score in enumerate((1e308, 1e308, -1e308)):
            await spaces.commit(creation(f"r{i}", side={"score": score}))
        (row,) = (await spaces.groups(groups(measures=("mine.score",)))).rows
        assert row.totals == ((Total(None, 3, 1e308, -1e308, 1e308),),)
        await spaces.commit(change("r2", side={"score": 1e308}))
        (row,) = (await spaces.groups(groups(measures=("mine.score",)))).rows
        assert row.totals[0][0].sum == float("inf")
        for record in ("r0", "r1", "r2"):
            await spaces.commit(change(record, side={"score": -1e308}))
        (row,) = (await spaces.groups(groups(measures=("mine.score",)))).rows
        assert row.totals[0][0].sum == float("-inf")

    async def test_floats_of_rows_that_differ_in_currency_have_one_sum(self, spaces: Spaces) -> None:
        for i, (currency, score) in enumerate((("USD", 0.1), ("EUR", 0.2), ("USD", 0.3), (None, 0.4))):
            money = Money(1, currency) if currency else None
            await spaces.commit(creation(f"r{i}", side={"amount": money, "score": score}))
        (row,) = (await spaces.groups(groups(measures=("mine.score", "mine.amount_minor")))).rows
        assert row.size == 4
        assert row.totals == (
            (Total(None, 4, 1.0, 0.1, 0.4),),
            (Total("EUR", 1, 1, 1, 1), Total("USD", 2, 2, 1, 1)),
        )

    async def test_dates_are_cut(self, spaces: Spaces) -> None:
        await self.dated(spaces)

        async def cut(column: str, bucket: Any) -> list[tuple[Any, ...]]:
            return await sizes(spaces, groups(Dimension(column, bucket)))

        assert await cut("mine.closes", "year") == [("2026", 3), (None, 1), ("2025", 1)]
        assert await cut("mine.closes", "quarter") == [("2026-Q1", 2), (None, 1), ("2025-Q4", 1), ("2026-Q2", 1)]
        assert (await cut("mine.closes", "month"))[:2] == [(None, 1), ("2025-12", 1)]
        assert await cut("created_at", "year") == [("2026", 5)]
        assert (await cut("updated_at", "month"))[0] == ("2026-01", 1)

    async def test_the_filter_and_the_masks_of_records_hold(self, spaces: Spaces) -> None:
        await self.dated(spaces)
        await spaces.commit(creation("r6", B))
        await spaces.commit(creation("r7", A, kind=TIP))
        where = Where(((Comparison("mine.stage", "eq", "b"),),))
        assert await sizes(spaces, groups("joint.industry", where=where)) == [("I", 2), ("J", 1)]
        invited = program(0, ((Comparison("viewer_status", "eq", "INVITED"),), DEAL.all_joint))
        assert await sizes(spaces, groups("joint.industry", joint_mask=invited)) == []
        fetch = GroupFetch(DEAL, CompanyId("co_none"), ALL_JOINT, WHOLE_SIDE, ())
        assert (await spaces.groups(fetch)).total == 0

    async def test_hidden_values_are_in_the_null_group_and_in_no_total(self, spaces: Spaces) -> None:
        await self.dated(spaces)
        hidden = Masks(program(bits(DEAL, "side", "amount")))
        fetch = groups("mine.stage", masks=hidden, measures=("mine.amount_minor",))
        (row,) = (await spaces.groups(fetch)).rows
        assert (row.keys, row.size, len(row.totals[0])) == ((None,), 5, 2)
        fetch = groups("mine.stage", masks=Masks(program(bits(DEAL, "side", "stage"))), measures=("mine.amount_minor",))
        assert [row.totals for row in (await spaces.groups(fetch)).rows] == [((),)] * 3
        by_row = Masks(program(EXISTS, ((Comparison("stage", "eq", "b"),), ALL_SIDE.always)))
        fetch = groups(Dimension("mine.closes", "year"), masks=by_row, measures=("mine.amount_minor",))
        assert [(row.keys, row.size) for row in (await spaces.groups(fetch)).rows] == [
            ((None,), 2),
            (("2026",), 2),
            (("2025",), 1),
        ]
        dark = program(bits(DEAL, "joint", "name"))
        assert await sizes(spaces, groups("joint.industry", joint_mask=dark)) == [(None, 5)]

    async def pairs(self, spaces: Spaces) -> None:
        """A's deals: with B and C, with B, with nobody."""
        await spaces.commit(creation("r1", A, "t1", B, C, side={"stage": "own", "amount": Money(10, "USD")}))
        await spaces.commit(creation("r2", A, "t2", B, side={"stage": "own", "amount": Money(20, "USD")}))
        await spaces.commit(creation("r3", A, "t3", side={"stage": "own"}))
        await spaces.commit(change("r1", B, side={"stage": "x", "amount": Money(1, "EUR"), "wonAlone": True}))
        await spaces.commit(change("r1", C, side={"stage": "y", "amount": Money(2, "EUR")}, sharing=SHUT))
        await spaces.commit(change("r2", B, side={"stage": "x", "closes": "2026-05-05"}, sharing=OPEN))

    async def test_partners_make_pairs(self, spaces: Spaces) -> None:
        await self.pairs(spaces)
        fetch = groups(
            "partners.company",
            "mine.stage",
            related=ALL_RELATED,
            measures=("mine.amount_minor", "partners.amount_minor"),
        )
        assert (await spaces.groups(fetch)).rows == [
            GroupRow((B, "own"), 2, ((Total("USD", 2, 30, 10, 20),), (Total("EUR", 1, 1, 1, 1),))),
            GroupRow((C, "own"), 1, ((Total("USD", 1, 10, 10, 10),), (Total("EUR", 1, 2, 2, 2),))),
        ]
        by_measure = groups(related=ALL_RELATED, measures=("partners.amount_minor",))
        (row,) = (await spaces.groups(by_measure)).rows
        assert (row.size, row.totals) == (3, ((Total("EUR", 2, 3, 1, 2),),))
        by_date = groups(Dimension("partners.closes", "quarter"), related=ALL_RELATED)
        assert await sizes(spaces, by_date) == [(None, 2), ("2026-Q2", 1)]
        (first, *_) = (await spaces.groups(groups("partners.won_alone", related=ALL_RELATED))).rows
        assert (first.keys, first.size) == ((None,), 2)

    async def test_pairs_of_the_records_that_the_filter_leaves(self, spaces: Spaces) -> None:
        await self.pairs(spaces)
        where = some("stage", "eq", "y")
        assert await sizes(spaces, groups("partners.stage", related=ALL_RELATED, where=where)) == [("x", 1), ("y", 1)]
        assert await sizes(spaces, groups("mine.stage", related=ALL_RELATED, where=where)) == [("own", 1)]
        none = some("stage", "eq", "y", quantifier="none")
        assert await sizes(spaces, groups("mine.stage", related=ALL_RELATED, where=none)) == [("own", 2)]

    async def test_partners_sides_are_projected_first(self, spaces: Spaces) -> None:
        await self.pairs(spaces)
        hidden = Related(ByCompany(WHOLE_SIDE, {B: Masks(program(EXISTS))}), program(EXISTS))
        assert await sizes(spaces, groups("partners.stage", related=hidden)) == [(None, 2), ("y", 1)]
        unseen = Related(ByCompany(WHOLE_SIDE, {B: Masks(program(0))}), program(EXISTS))
        assert await sizes(spaces, groups("partners.stage", related=unseen)) == [("y", 1)]
        by_sharing = Related(ByCompany(Masks(ALL_SIDE, {SHUT: program(EXISTS)})), program(EXISTS))
        fetch = groups(related=by_sharing, measures=("partners.amount_minor",))
        (row,) = (await spaces.groups(fetch)).rows
        assert (row.size, row.totals) == (3, ((Total("EUR", 1, 1, 1, 1),),))

    async def test_partners_sides_are_projected_one_by_one(self, spaces: Spaces) -> None:
        await self.pairs(spaces)
        await spaces.commit(creation("r4", A, "t4", B, side={"stage": "own"}))
        side = {"stage": "z", "amount": Money(7, "EUR"), "closes": "2026-05-31", "chance": 3, "wonAlone": True}
        await spaces.commit(change("r4", B, side=side))
        by_row = Masks(program(EXISTS, ((Comparison("stage", "eq", "x"),), ALL_SIDE.always)))
        related = Related(ByCompany(by_row), program(EXISTS))
        fetch = groups("partners.company", related=related, measures=("partners.amount_minor", "partners.chance"))
        assert (await spaces.groups(fetch)).rows == [
            GroupRow((B,), 3, ((Total("EUR", 1, 1, 1, 1),), ())),
            GroupRow((C,), 1, ((), ())),
        ]
        fetch = groups("partners.won_alone", Dimension("partners.closes", "month"), related=related)
        found = await sizes(spaces, fetch)
        assert found == [(None, None, 2), (None, "2026-05", 1), (True, None, 1)]
        assert type(found[2][0]) is bool
        only_x = Related(
            ByCompany(Masks(program(0, ((Comparison("stage", "eq", "x"),), ALL_SIDE.always)))), program(EXISTS)
        )
        assert await sizes(spaces, groups("partners.stage", related=only_x)) == [("x", 2)]

    async def test_a_partner_without_a_side_is_counted(self, spaces: Spaces) -> None:
        await spaces.commit(creation("r1", A, "t1", B, C, side={"stage": "own"}))
        await spaces.commit(creation("r2", A, "t2", B))
        fetch = groups("partners.company", "partners.stage", related=ALL_RELATED, measures=("partners.amount_minor",))
        assert (await spaces.groups(fetch)).rows == [GroupRow((B, None), 2, ((),)), GroupRow((C, None), 1, ((),))]
        await spaces.commit(change("r2", B, side={"stage": "s", "amount": Money(1, "USD")}))
        assert (await spaces.groups(fetch)).rows == [
            GroupRow((B, None), 1, ((),)),
            GroupRow((B, "s"), 1, ((Total("USD", 1, 1, 1, 1),),)),
            GroupRow((C, None), 1, ((),)),
        ]

    async def test_what_does_not_fit_is_a_fault_of_groups(self, spaces: Spaces) -> None:
        await self.dated(spaces)
        faulty = (
            groups("mine.nothing"),
            groups("partners.stage"),
            groups("stage", related=ALL_RELATED),
            groups(Dimension("mine.stage", "month")),
            groups(Dimension("role", "year")),
            groups(Dimension("mine.amount_minor", "year")),
            groups(measures=("mine.stage",)),
            groups(measures=("mine.won_alone",)),
            groups(measures=("mine.amount",)),
            groups(measures=("mine.amount_currency",)),
            groups(measures=("created_at",)),
            groups(measures=("partners.amount_minor",)),
            groups("mine.stage", where=some("stage", "eq", "x")),
        )
        for fetch in faulty:
            with pytest.raises(Fault):
                await spaces.groups(fetch)
