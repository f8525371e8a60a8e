"""The contract of associations: by whose rules a company stands on a record."""

from typing import Any

import pytest

from schema.names import CompanyId, RecordId
from spaces.change import Change, Participation, Stale
from spaces.contract import Spaces
from tests.spaces.world import A, B, C, change, creation


def standing(
    record: str, company: CompanyId = B, status: str = "INVITED", by: CompanyId | None = A, **rest: Any
) -> Change:
    """A change of A's by which a company stands so, by the rules of `by`."""
    made = Participation(company, "PARTICIPANT", status, None, by)
    return change(record, participants=(made,), **rest)


class AssociationContract:
    """Needs the fixture `spaces`."""

    async def test_a_participation_says_by_whose_rules_it_is(self, spaces: Spaces) -> None:
        await spaces.commit(creation("r1", A, "t1", C, side=None))
        await spaces.commit(creation("r2", A, "t1", side=None))
        assert await spaces.associations([RecordId("r2"), RecordId("r1")]) == [(), ()]
        await spaces.commit(standing("r1"))
        assert await spaces.associations([RecordId("r2"), RecordId("r1")]) == [(), ((B, A),)]
        await spaces.commit(standing("r1", C, by=B))
        assert await spaces.associations([RecordId("r1"), RecordId("none")]) == [((B, A), (C, B)), ()]
        await spaces.commit(standing("r1", B, "WITHDRAWN"))
        await spaces.commit(change("r1", joint={"name": "N"}, touched=(B,)))
        assert await spaces.associations([RecordId("r1")]) == [((B, A), (C, B))]
        await spaces.commit(standing("r1", B, "DECLINED", None))
        assert await spaces.associations([RecordId("r1")]) == [((C, B),)]

    async def test_records_on_which_somebody_stands_by_a_companys_rules(self, spaces: Spaces) -> None:
        for name, status, by in (
            ("r3", "INVITED", A),
            ("r1", "ACCEPTED", A),
            ("r2", "INVITED", None),
            ("r4", "INVITED", C),
            ("r5", "WITHDRAWN", A),
            ("r6", "DECLINED", A),
            ("r7", "ACCEPTED", A),
        ):
            await spaces.commit(creation(name, A, "t1", side=None))
            await spaces.commit(standing(name, status=status, by=by))
        await spaces.commit(standing("r3", C))
        assert await spaces.associated_records(A, None, 9) == ["r1", "r3", "r7"]
        assert await spaces.associated_records(A, None, 2) == ["r1", "r3"]
        assert await spaces.associated_records(A, RecordId("r1"), 1) == ["r3"]
        assert await spaces.associated_records(A, RecordId("r7"), 9) == []
        assert await spaces.associated_records(B, None, 9) == []

    async def test_what_is_expected_of_associations_must_hold(self, spaces: Spaces) -> None:
        await spaces.commit(creation("r1", A, "t1", side=None, expect_associations=()))
        await spaces.commit(standing("r1", expect_associations=()))
        for wrong in ((), ((B, C),), ((C, A),), ((B, A), (C, A))):
            with pytest.raises(Stale):
                await spaces.commit(standing("r1", status="WITHDRAWN", by=None, expect_associations=wrong))
        assert await spaces.associated_records(A, None, 9) == ["r1"]
        await spaces.commit(standing("r1", status="WITHDRAWN", by=None, expect_associations=((B, A),)))
        assert await spaces.associations([RecordId("r1")]) == [()]
