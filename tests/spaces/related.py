"""The contract of what hangs on a record: filters over partners' sides and participants, orders by aggregates."""

from typing import Any

import pytest

from schema.errors import Fault
from schema.mask import EXISTS, MaskProgram
from schema.matching import both
from schema.money import Money
from schema.names import CompanyId
from schema.where import ALWAYS, NEVER, Comparison, Quantified, Where
from spaces.change import Participation
from spaces.contract import Spaces
from spaces.fetch import Order, Related
from tests.spaces.world import (
    ALL_RELATED,
    ALL_SIDE,
    DEAL,
    OPEN,
    SHUT,
    A,
    B,
    ByCompany,
    C,
    Masks,
    bits,
    change,
    creation,
    found,
    page,
    program,
    some,
)

EVERYONE = program(EXISTS)


def through(otherwise: MaskProgram, **by_company: MaskProgram) -> Related:
    """Partners' sides through these programs, e.g. `b=...` for company B; every participant is known."""
    masks = {CompanyId(f"co_{name}"): Masks(each) for name, each in by_company.items()}
    return Related(ByCompany(Masks(otherwise), masks), EVERYONE)


class RelatedContract:
    """Needs the fixture `spaces`."""

    async def network(self, spaces: Spaces) -> None:
        """r1: B has stage x and 5, C stage y and 7. r2: B has stage y. r3: B without a side. r4: nobody else."""
        await spaces.commit(creation("r1", A, "t1", B, C, joint={"name": "R1"}, side={"stage": "own"}))
        await spaces.commit(creation("r2", A, "t2", B, side={}))
        await spaces.commit(creation("r3", A, "t3", B, side={}))
        await spaces.commit(creation("r4", A, "t4", side={}))
        await spaces.commit(change("r1", B, side={"stage": "x", "amount": Money(5, "EUR"), "wonAlone": True}))
        await spaces.commit(change("r1", C, side={"stage": "y", "amount": Money(7, "EUR")}, sharing=OPEN))
        await spaces.commit(change("r2", B, side={"stage": "y", "amount": Money(3, "USD")}, sharing=SHUT))

    async def among(self, spaces: Spaces, where: Where, related: Related = ALL_RELATED, **rest: Any) -> list[str]:
        return await found(A, spaces, where=where, related=related, **rest)

    async def each(self, spaces: Spaces, column: str, op: Any, value: Any, related: Related) -> list[list[str]]:
        """The records for some, none, every and gap."""
        return [
            await self.among(spaces, some(column, op, value, quantifier=quantifier), related)
            for quantifier in ("some", "none", "every", "gap")
        ]

    async def test_quantifiers_range_over_partners_sides(self, spaces: Spaces) -> None:
        await self.network(spaces)
        assert await self.each(spaces, "stage", "eq", "x", ALL_RELATED) == [
            ["r1"],
            ["r2", "r3", "r4"],
            ["r4"],
            ["r1", "r2", "r3"],
        ]
        assert await self.each(spaces, "stage", "in", ("x", "y"), ALL_RELATED) == [
            ["r1", "r2"],
            ["r3", "r4"],
            ["r1", "r2", "r4"],
            ["r3"],
        ]

    async def test_a_side_without_a_row_is_a_row_of_nulls(self, spaces: Spaces) -> None:
        await self.network(spaces)
        assert await self.among(spaces, some("stage", "null", True)) == ["r3"]
        closed = Related(ByCompany(Masks(program(0), {OPEN: ALL_SIDE, SHUT: ALL_SIDE})), EVERYONE)
        assert await self.among(spaces, some("company", "null", False), closed) == ["r1", "r2"]

    async def test_a_company_that_never_wrote_has_sides_of_nulls(self, spaces: Spaces) -> None:
        await spaces.commit(creation("r1", A, "t1", C))
        assert await self.among(spaces, some("stage", "null", True)) == ["r1"]
        assert await self.among(spaces, some("company", "eq", C)) == ["r1"]
        by_stage = through(program(0, ((Comparison("stage", "null", True),), EXISTS)))
        assert await self.among(spaces, some("company", "eq", C), by_stage) == ["r1"]

    async def test_partners_are_the_others_who_accepted(self, spaces: Spaces) -> None:
        await self.network(spaces)
        await spaces.commit(change("r4", participants=(Participation(B, "VIEWER", "INVITED"),)))
        assert await self.among(spaces, some("company", "eq", B)) == ["r1", "r2", "r3"]
        assert await self.among(spaces, some("company", "eq", A)) == []
        assert await self.among(spaces, some("stage", "eq", "own")) == []

    async def test_a_partner_that_the_viewer_does_not_know_of_has_no_row(self, spaces: Spaces) -> None:
        await self.network(spaces)
        related = Related(ALL_RELATED.partners, program(0, ((Comparison("company", "ne", C),), EXISTS)))
        assert await self.among(spaces, some("company", "eq", C), related) == []
        assert await self.among(spaces, some("stage", "eq", "y"), related) == ["r2"]
        by_roles = program(
            0, ((Comparison("viewer_role", "eq", "OWNER"), Comparison("role", "eq", "COLLABORATOR")), EXISTS)
        )
        assert await self.among(spaces, some("stage", "eq", "x"), Related(ALL_RELATED.partners, by_roles)) == ["r1"]
        by_status = program(0, ((Comparison("viewer_status", "eq", "INVITED"),), EXISTS))
        assert await self.among(spaces, some("stage", "eq", "x"), Related(ALL_RELATED.partners, by_status)) == []

    async def test_a_side_that_does_not_exist_for_the_viewer_is_no_row(self, spaces: Spaces) -> None:
        await self.network(spaces)
        dark = through(ALL_SIDE, b=program(ALL_SIDE.always & ~EXISTS))
        assert await self.each(spaces, "stage", "eq", "x", dark) == [
            [],
            ["r1", "r2", "r3", "r4"],
            ["r2", "r3", "r4"],
            ["r1"],
        ]

    async def test_a_hidden_column_is_null(self, spaces: Spaces) -> None:
        await self.network(spaces)
        hidden = through(program(bits(DEAL, "side", "amount")))
        for op, value in (("eq", "x"), ("ne", "x"), ("nin", ("z",))):
            assert await self.among(spaces, some("stage", op, value), hidden) == []
        assert await self.among(spaces, some("stage", "null", False), hidden) == []
        assert await self.among(spaces, some("amount_minor", "gte", 5), hidden) == ["r1"]

    async def test_masks_hang_on_sharing_columns_and_statuses(self, spaces: Spaces) -> None:
        await self.network(spaces)
        by_sharing = Related(ByCompany(Masks(program(EXISTS), {OPEN: ALL_SIDE})), EVERYONE)
        assert await self.among(spaces, some("stage", "eq", "y"), by_sharing) == ["r1"]
        by_column = through(program(EXISTS, ((Comparison("amount_minor", "lt", 4),), ALL_SIDE.always)))
        assert await self.among(spaces, some("stage", "eq", "y"), by_column) == ["r2"]
        by_flag = through(program(EXISTS, ((Comparison("won_alone", "eq", True),), ALL_SIDE.always)))
        assert await self.among(spaces, some("stage", "null", False), by_flag) == ["r1"]
        accepted = (Comparison("viewer_status", "eq", "ACCEPTED"), Comparison("owner_status", "eq", "ACCEPTED"))
        assert await self.among(spaces, some("stage", "eq", "x"), through(program(0, (accepted, ALL_SIDE.always)))) == [
            "r1"
        ]
        await spaces.commit(creation("r5", B, "t5", side={"stage": "x"}))
        await spaces.commit(change("r5", B, participants=(Participation(A, "VIEWER", "INVITED"),)))
        assert await self.among(spaces, some("stage", "eq", "x")) == ["r1", "r5"]
        assert await self.among(spaces, some("stage", "eq", "x"), through(program(0, (accepted, ALL_SIDE.always)))) == [
            "r1"
        ]

    async def test_a_boolean_is_no_number(self, spaces: Spaces) -> None:
        await self.network(spaces)
        assert await self.among(spaces, some("won_alone", "eq", True)) == ["r1"]
        assert await self.among(spaces, some("won_alone", "eq", 1)) == []

    async def test_tests_over_rows_stand_among_others(self, spaces: Spaces) -> None:
        await self.network(spaces)
        stage_y, cheap = some("stage", "eq", "y"), some("amount_minor", "lt", 6)
        assert await self.among(spaces, both(stage_y, cheap)) == ["r1", "r2"]
        assert await self.among(spaces, both(stage_y, some("stage", "eq", "y", quantifier="gap"))) == ["r1"]
        own = Where(((Comparison("mine.stage", "eq", "own"),),))
        assert await self.among(spaces, both(stage_y, own)) == ["r1"]
        assert await self.among(spaces, Where((own.any_of[0], some("stage", "null", True).any_of[0]))) == ["r1", "r3"]
        nobody = Where(((Quantified("partners", "none", ALWAYS),),))
        assert await self.among(spaces, nobody) == ["r4"]
        assert await self.among(spaces, Where(((Quantified("partners", "every", NEVER),),))) == ["r4"]
        shown = await spaces.page(page(where=stage_y, related=ALL_RELATED, limit=1, count=True))
        assert ([row.record for row in shown.rows], shown.total, shown.has_next) == (["r1"], 2, True)

    async def test_participants(self, spaces: Spaces) -> None:
        await self.network(spaces)
        await spaces.commit(change("r4", participants=(Participation(B, "VIEWER", "INVITED"),)))

        async def over(quantifier: str, column: str, op: str, value: Any, mask: MaskProgram = EVERYONE) -> list[str]:
            related = Related(ALL_RELATED.partners, mask)
            return await self.among(spaces, some(column, op, value, "participants", quantifier), related)

        assert await over("some", "status", "eq", "INVITED") == ["r4"]
        assert await over("none", "company", "eq", C) == ["r2", "r3", "r4"]
        assert await over("every", "status", "eq", "ACCEPTED") == ["r1", "r2", "r3"]
        assert await over("gap", "role", "in", ("OWNER", "COLLABORATOR")) == ["r4"]
        accepted = program(0, ((Comparison("status", "eq", "ACCEPTED"),), EXISTS))
        assert await over("some", "status", "eq", "INVITED", mask=accepted) == []
        assert await over("every", "status", "eq", "ACCEPTED", mask=accepted) == ["r1", "r2", "r3", "r4"]
        unknown = program(0, ((Comparison("viewer_status", "eq", "INVITED"),), EXISTS))
        assert await over("some", "company", "null", False, mask=unknown) == []
        for relation in (ALWAYS, NEVER):
            where = Where(((Quantified("participants", "gap", relation),),))
            assert len(await self.among(spaces, where)) == (4 if relation == NEVER else 0)

    async def test_order_by_an_aggregate(self, spaces: Spaces) -> None:
        await self.network(spaces)

        async def by(order: str, related: Related = ALL_RELATED) -> list[tuple[str, Any]]:
            rows = (await spaces.page(page(order=[order], related=related))).rows
            return [(row.record, row.keys[0]) for row in rows]

        assert await by("max partners.amount_minor") == [("r3", None), ("r4", None), ("r2", 3), ("r1", 7)]
        assert await by("-min partners.amount_minor") == [("r1", 5), ("r2", 3), ("r3", None), ("r4", None)]
        assert await by("min partners.stage") == [("r3", None), ("r4", None), ("r1", "x"), ("r2", "y")]
        assert (await by("-max partners.company"))[0] == ("r1", C)
        dark = through(ALL_SIDE, c=program(bits(DEAL, "side", "stage")))
        assert (await by("max partners.amount_minor", dark))[-1] == ("r1", 5)
        dark = through(ALL_SIDE, b=program(0))
        assert await by("max partners.amount_minor", dark) == [("r2", None), ("r3", None), ("r4", None), ("r1", 7)]

    async def test_order_by_money_is_by_one_sides_money(self, spaces: Spaces) -> None:
        await self.network(spaces)
        await spaces.commit(creation("r5", A, "t5", B, C, side={}))
        await spaces.commit(change("r5", B, side={"amount": Money(9, "EUR")}))
        await spaces.commit(change("r5", C, side={"amount": Money(1, "USD")}, sharing=SHUT))

        async def by(aggregate: str, related: Related = ALL_RELATED) -> list[tuple[Any, ...]]:
            order = [f"{aggregate} partners.amount_currency", f"{aggregate} partners.amount_minor"]
            rows = (await spaces.page(page(order=order, related=related))).rows
            return [(row.record, *row.keys) for row in rows]

        none = [("r3", None, None), ("r4", None, None)]
        assert await by("max") == [*none, ("r1", "EUR", 7), ("r5", "USD", 1), ("r2", "USD", 3)]
        assert await by("min") == [*none, ("r1", "EUR", 5), ("r5", "EUR", 9), ("r2", "USD", 3)]
        assert await by("-max") == [("r2", "USD", 3), ("r5", "USD", 1), ("r1", "EUR", 7), *none]
        dark = through(ALL_SIDE, c=program(bits(DEAL, "side", "stage")))
        assert await by("max", dark) == [*none, ("r1", "EUR", 5), ("r5", "EUR", 9), ("r2", "USD", 3)]
        (row, *_) = (await spaces.page(page(order=["-max partners.amount_minor"], related=ALL_RELATED))).rows
        assert (row.record, row.keys) == ("r1", (7,))

    @pytest.mark.parametrize(
        "order",
        [
            ["max partners.amount_minor"],
            ["-max partners.stage", "-mine.stage"],
            ["-max partners.amount_currency", "-max partners.amount_minor"],
            ["min partners.amount_currency", "min partners.amount_minor"],
        ],
    )
    async def test_cursors_walk_an_aggregate(self, spaces: Spaces, order: list[str]) -> None:
        await self.network(spaces)
        whole = (await spaces.page(page(order=order, related=ALL_RELATED))).rows
        for i, row in enumerate(whole):
            cursor = (*row.keys, row.record)
            behind = await spaces.page(page(order=order, related=ALL_RELATED, after=cursor, limit=2))
            assert (behind.rows, behind.has_next, behind.has_previous) == (whole[i + 1 : i + 3], i + 3 < 4, True)
            before = await spaces.page(
                page(order=order, related=ALL_RELATED, before=cursor, limit=2, backwards=True, count=True)
            )
            assert (before.rows, before.has_next, before.total) == (whole[max(i - 2, 0) : i], True, 4)

    async def test_what_does_not_fit_is_a_fault(self, spaces: Spaces) -> None:
        await self.network(spaces)
        inside = Quantified("partners", "some", some("stage", "eq", "x"))
        faulty = (
            page(where=some("stage", "eq", "x")),
            page(where=some("company", "eq", "x", "participants")),
            page(where=some("mine.stage", "eq", "x"), related=ALL_RELATED),
            page(where=some("stage", "eq", "x", "participants"), related=ALL_RELATED),
            page(where=Where(((inside,),)), related=ALL_RELATED),
            page(order=["max partners.stage"]),
            page(order=["partners.stage"], related=ALL_RELATED),
            page(order=["max partners.nothing"], related=ALL_RELATED),
            page(order=["max mine.stage"], related=ALL_RELATED),
        )
        for fetch in faulty:
            with pytest.raises(Fault):
                await spaces.page(fetch)
        assert Order("partners.stage", aggregate="max") == page(order=["max partners.stage"]).order[0]
