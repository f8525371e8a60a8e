"""The contract of commits that are refused: the named error, and nothing changed."""

from dataclasses import replace
from typing import Any

import pytest

from schema.errors import Fault
from schema.names import CompanyId
from spaces.change import Change, Done, NaturalKeyTaken, Participation, Receipt, ReceiptExists, Stale, VersionMoved
from spaces.contract import Spaces
from spaces.fetch import ParticipantFetch
from tests.spaces.world import ALL_JOINT, ANN, DEAL, OPEN, SHUT, A, B, C, change, creation, histories, page, sides

EVERYTHING: dict[str, Any] = {
    "joint": {"name": "changed"},
    "side": {"stage": "changed"},
    "sharing": SHUT,
    "participants": (Participation(B, "OWNER", "WITHDRAWN"), Participation(C, "OWNER", "INVITED")),
    "touched": (A, B),
    "natural_key": "changed",
    "receipt": Receipt("changed", "changed"),
}


def effectful(record: str = "r1", **rest: Any) -> Change:
    """A change that would reach every part of the network."""
    return change(record, A, "t9", **{**EVERYTHING, **rest})


async def everything(spaces: Spaces) -> object:
    """All that may be read of the records r1 and r2."""
    ids = (change("r1").record, change("r2").record)
    return (
        [await spaces.page(page(company, updated=True, count=True)) for company in (A, B, C)],
        await spaces.sides([sides(company, *ids, stamps=True) for company in (A, B, C)]),
        await spaces.participants(ParticipantFetch(ids, ALL_JOINT)),
        await spaces.sharing_classes(A, DEAL),
        [await spaces.done(A, ANN, key) for key in ("used", "changed")],
        await spaces.record_by_natural_key(A, DEAL, ["k1", "k2", "changed"]),
        [await spaces.history(histories(company, *ids)) for company in (A, B, C)],
    )


REFUSED: dict[str, tuple[Change, type[Exception]]] = {
    "an id that exists": (effectful(creates=True), Stale),
    "no such record": (effectful("r9"), Stale),
    "another status": (effectful(expect=((A, "ACCEPTED"), (B, "INVITED"))), Stale),
    "no participant": (effectful(expect=((C, "ACCEPTED"),)), Stale),
    "a participant already": (effectful(expect=((B, None),)), Stale),
    "another joint value": (effectful(expect_joint=(("name", "N"), ("rank", 2))), Stale),
    "an unset joint value": (effectful(expect_joint=(("industry", "I"),)), Stale),
    "an old version": (effectful(if_version=1), VersionMoved),
    "a version of no side": (replace(effectful(if_version=1, participants=()), company=B), VersionMoved),
    "a natural key of another record": (effectful(natural_key="k2"), NaturalKeyTaken),
    "a used receipt": (effectful(receipt=Receipt("used", "other")), ReceiptExists),
    "a side of a company outside": (replace(effectful(participants=()), company=C), Stale),
    "an unknown company": (replace(effectful(), company=CompanyId("co_none")), Fault),
    "an unknown joint field": (effectful(joint={"nothing": 1}), Exception),
    "an unknown side field": (effectful(side={"stage": "x", "nothing": 1}), Exception),
}


class RefusalContract:
    """Needs the fixture `spaces`."""

    async def start(self, spaces: Spaces) -> None:
        receipt = Receipt("used", "hash")
        await spaces.commit(
            creation("r1", A, "t1", B, joint={"name": "N", "rank": 1}, natural_key="k1", receipt=receipt)
        )
        await spaces.commit(creation("r2", A, "t2", natural_key="k2"))
        await spaces.commit(change("r1", at="t3", side={"stage": "x"}, sharing=OPEN))

    @pytest.mark.parametrize("case", REFUSED)
    async def test_a_refused_change_changes_nothing(self, spaces: Spaces, case: str) -> None:
        await self.start(spaces)
        before = await everything(spaces)
        refused, error = REFUSED[case]
        with pytest.raises(error):
            await spaces.commit(refused)
        assert await everything(spaces) == before
        ok = change("r2", B, participants=(Participation(B, "VIEWER", "INVITED"),))
        errors = await spaces.commit_all([refused, ok, refused])
        assert [isinstance(each, error) for each in errors] == [True, False, True]
        assert errors[1] is None
        await spaces.commit(change("r2", side={"stage": "still works"}))

    async def test_the_same_change_without_the_obstacle_changes_everything(self, spaces: Spaces) -> None:
        await self.start(spaces)
        before = await everything(spaces)
        await spaces.commit(effectful(if_version=2, expect=((B, "ACCEPTED"), (C, None)), expect_joint=(("name", "N"),)))
        after = await everything(spaces)
        assert isinstance(before, tuple)
        assert isinstance(after, tuple)
        assert all(a != b for a, b in zip(after, before, strict=True))

    async def test_a_used_receipt_tells_for_what_before_anything_else(self, spaces: Spaces) -> None:
        await self.start(spaces)
        with pytest.raises(ReceiptExists) as raised:
            await spaces.commit(effectful("r9", receipt=Receipt("used", "other"), if_version=7))
        assert raised.value.done == Done(change("r1").record, "hash")

    async def test_of_two_with_one_key_or_receipt_the_first_wins(self, spaces: Spaces) -> None:
        await self.start(spaces)
        errors = await spaces.commit_all(
            [
                change("r2", at="t4", side={"stage": "a"}),
                change("r2", at="t5", natural_key="new", receipt=Receipt("new", "1")),
                change("r1", at="t6", natural_key="new"),
                change("r1", at="t7", receipt=Receipt("new", "2")),
            ]
        )
        assert [type(each) for each in errors] == [type(None), type(None), NaturalKeyTaken, ReceiptExists]
        assert await spaces.record_by_natural_key(A, DEAL, ["new"]) == ["r2"]

    async def test_a_later_change_sees_a_refused_one_as_never_made(self, spaces: Spaces) -> None:
        errors = await spaces.commit_all([creation("r1", expect=((B, "ACCEPTED"),)), change("r1", joint={"name": "x"})])
        assert [type(each) for each in errors] == [Stale, Stale]
