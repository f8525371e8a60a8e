"""The contract of history: what a change leaves behind, and which of it a reader is shown."""

import itertools
from dataclasses import replace
from typing import Any

import orjson
import pytest

from schema.field import Base, FieldType
from schema.mask import EXISTS
from schema.money import Money
from schema.names import PersonId
from schema.sharing import NO_OVERRIDES, PRIVATE, Audience, Sharing
from schema.where import Comparison
from spaces.change import Participation, Stale
from spaces.contract import Spaces
from spaces.history import HistoryPage
from tests.spaces.customs import KINDS
from tests.spaces.world import DEAL, OPEN, TIP, A, B, C, bits, change, creation, histories, program

LINKING = replace(
    DEAL,
    side=tuple(
        replace(f, type=FieldType("tips", Base.RECORD, many=True, target="tip")) if f.name == "needs" else f
        for f in DEAL.side
    ),
)
BOB = PersonId("pe_bob")


async def told(spaces: Spaces, company: Any = A, record: str = "r1", **rest: Any) -> list[tuple[Any, ...]]:
    """The history of a record in short: (at, what, key or part, before, after), newest first."""
    (page,) = await spaces.history(histories(company, record, **rest))
    assert page.total == len(page.rows)
    return [
        (row.at, row.what, row.part or row.key, *(None if text is None else orjson.loads(text) for text in row[-2:]))
        for row in page.rows
    ]


class HistoryContract:
    """Needs the fixture `spaces`."""

    async def test_creation_is_an_entry_without_values(self, spaces: Spaces) -> None:
        await spaces.commit(creation("r1", A, "t1", B, joint={"name": "N"}, side={"stage": "s"}, sharing=OPEN))
        assert await told(spaces) == [("t1", "SIDE", "", None, None), ("t1", "OPENED", "", None, None)]
        assert await told(spaces, B) == [("t1", "OPENED", "", None, None)]
        await spaces.commit(change("r1", B, "t2", side={"stage": "mine"}))
        assert await told(spaces, B) == [("t2", "SIDE", "", None, None), ("t1", "OPENED", "", None, None)]

    async def test_each_shape_is_kept_as_it_was_and_became(self, spaces: Spaces) -> None:
        await spaces.commit(creation(side={"amount": Money(5, "USD"), "wonAlone": False, "score": 1.0, "needs": ["a"]}))
        values = {"amount": Money(5, "EUR"), "wonAlone": True, "score": None, "needs": ("a", "b"), "stage": "s"}
        await spaces.commit(change(at="t2", side=values, joint={"open": True, "tags": ("x",), "rank": 1}))
        await spaces.commit(change(at="t3", joint={"open": False, "tags": ("x",), "rank": None}))
        rows = await told(spaces)
        assert [row for row in rows if row[0] == "t3"] == [
            ("t3", "JOINT", "rank", [1], None),
            ("t3", "JOINT", "open", [True], [False]),
        ]
        assert [row for row in rows if row[0] == "t2"] == [
            ("t2", "JOINT", "tags", None, ['["x"]']),
            ("t2", "JOINT", "rank", None, [1]),
            ("t2", "JOINT", "open", None, [True]),
            ("t2", "FIELD", "wonAlone", [False], [True]),
            ("t2", "FIELD", "stage", None, ["s"]),
            ("t2", "FIELD", "score", [1.0], None),
            ("t2", "FIELD", "needs", ['["a"]'], ['["a","b"]']),
            ("t2", "FIELD", "amount", [5, "USD"], [5, "EUR"]),
        ]

    async def test_what_does_not_change_leaves_nothing(self, spaces: Spaces) -> None:
        values: dict[str, Any] = {"amount": Money(5, "USD"), "wonAlone": True, "score": 1.5, "needs": ("a",)}
        await spaces.commit(creation(side=values, joint={"open": True, "name": "N"}))
        before = await told(spaces)
        await spaces.commit(change(at="t2", side=values, joint={"open": True, "name": "N"}, natural_key="k"))
        await spaces.commit(
            change(at="t3", sharing=NO_OVERRIDES, participants=(Participation(A, "OWNER", "ACCEPTED"),))
        )
        assert await told(spaces) == before

    async def test_what_is_computed_has_no_history(self, spaces: Spaces) -> None:
        log = replace(DEAL, side=tuple(replace(f, history_of="stage") if f.name == "needs" else f for f in DEAL.side))
        await spaces.commit(creation(kind=log))
        await spaces.commit(change(at="t2", kind=log, side={"stage": "s", "needs": ("s",)}))
        assert [row[2] for row in await told(spaces, kind=log)] == ["stage", "", ""]

    async def test_audiences(self, spaces: Spaces) -> None:
        await spaces.commit(creation())
        await spaces.commit(
            change(at="t2", sharing=Sharing((("stage", PRIVATE), ("amount", Audience("selected", (B,))))))
        )
        await spaces.commit(change(at="t3", sharing=Sharing((("stage", PRIVATE),))))
        usual, own = ["participants", [], []], ["private", [], []]
        assert (await told(spaces))[:3] == [
            ("t3", "SHARING", "amount", ["selected", [B], []], usual),
            ("t2", "SHARING", "stage", usual, own),
            ("t2", "SHARING", "amount", usual, ["selected", [B], []]),
        ]

    async def test_custom_fields_are_named_by_their_ids(self, spaces: Spaces) -> None:
        kind = KINDS[A]
        await spaces.commit(creation(kind=kind))
        await spaces.commit(change(at="t2", kind=kind, side={"fee": Money(1, "EUR"), "hot": True, "extra": "x"}))
        await spaces.commit(change(at="t3", kind=kind, side={"fee": None, "hot": False}))
        rows = await told(spaces, kind=kind, side=kind.all_side)
        assert rows[:5] == [
            ("t3", "FIELD", "cf_hot", [True], [False]),
            ("t3", "FIELD", "cf_fee", [1, "EUR"], None),
            ("t2", "FIELD", "cf_hot", None, [True]),
            ("t2", "FIELD", "cf_fee", None, [1, "EUR"]),
            ("t2", "FIELD", "cf_extra_1", None, ["x"]),
        ]
        assert await told(spaces) == rows[5:]  # to a kind without them they have no history

    async def test_a_side_is_its_companys_alone(self, spaces: Spaces) -> None:
        await spaces.commit(creation("r1", A, "t1", B))
        await spaces.commit(change(at="t2", side={"stage": "s"}, sharing=OPEN, joint={"name": "N"}))
        assert await told(spaces, B) == [("t2", "JOINT", "name", None, ["N"]), ("t1", "OPENED", "", None, None)]
        (page,) = await spaces.history(histories(B, "r1"))
        assert [(row.company, row.person) for row in page.rows] == [(A, None)] * 2
        (page,) = await spaces.history(histories(A, "r1"))
        assert {(row.company, row.person) for row in page.rows} == {(A, "pe_ann")}

    async def test_hidden_fields_are_neither_shown_nor_counted(self, spaces: Spaces) -> None:
        await spaces.commit(creation())
        await spaces.commit(change(at="t2", side={"stage": "s", "chance": 1}, sharing=Sharing((("stage", PRIVATE),))))
        await spaces.commit(change(at="t3", joint={"name": "N", "rank": 1}))
        shown: dict[str, Any] = {"joint": bits(DEAL, "joint", "rank"), "side": bits(DEAL, "side", "chance")}
        rows = await told(spaces, **shown)
        assert [row[1:3] for row in rows] == [("JOINT", "rank"), ("FIELD", "chance"), ("SIDE", ""), ("OPENED", "")]
        without = [row[1] for row in await told(spaces, joint=EXISTS, side=0)]
        assert without == ["OPENED"]
        named = await told(spaces, fields=frozenset(("stage", "name")))
        assert [row[1:3] for row in named] == [("JOINT", "name"), ("SHARING", "stage"), ("FIELD", "stage")]
        assert await told(spaces, fields=frozenset(("stage", "name")), **shown) == []

    async def test_a_company_sees_what_came_after_it_took_part(self, spaces: Spaces) -> None:
        await spaces.commit(creation("r1", A, joint={"name": "1"}))
        await spaces.commit(change(at="t2", joint={"name": "2"}, participants=(Participation(B, "VIEWER", "INVITED"),)))
        await spaces.commit(change(at="t3", joint={"name": "3"}))
        accepted = Participation(B, "VIEWER", "ACCEPTED")
        await spaces.commit(change("r1", B, "t4", participants=(accepted,), joint={"rank": 1}))
        await spaces.commit(change(at="t5", joint={"name": "5"}))
        await spaces.commit(change(at="t6", participants=(Participation(B, "COLLABORATOR", "ACCEPTED"),)))
        late = [
            ("t6", "PARTICIPANT", B, ["VIEWER", "ACCEPTED"], ["COLLABORATOR", "ACCEPTED"]),
            ("t5", "JOINT", "name", ["3"], ["5"]),
            ("t4", "PARTICIPANT", B, ["VIEWER", "INVITED"], ["VIEWER", "ACCEPTED"]),
        ]
        assert await told(spaces, B) == late
        for status, at in (("WITHDRAWN", "t7"), ("INVITED", "t8"), ("ACCEPTED", "t9")):
            await spaces.commit(change(at=at, participants=(Participation(B, "VIEWER", status),)))
        assert [row[0] for row in await told(spaces, B)] == ["t9"]
        assert len(await told(spaces)) == 12

    async def test_participants_are_shown_as_they_may_be_known(self, spaces: Spaces) -> None:
        await spaces.commit(creation("r1", A, "t1", C))
        steps = ("INVITED", "DECLINED", "INVITED", "ACCEPTED")
        for at, status in enumerate(steps, 2):
            await spaces.commit(change(at=f"t{at}", participants=(Participation(B, "VIEWER", status),)))
        known = program(
            0,
            ((Comparison("status", "in", ("INVITED", "ACCEPTED")),), EXISTS),
            ((Comparison("viewer_role", "eq", "OWNER"),), EXISTS),
            ((Comparison("own", "eq", True),), EXISTS),
        )
        assert [row[0] for row in await told(spaces, C, role="VIEWER", participants=known)] == ["t5", "t2", "t1"]
        assert [row[0] for row in await told(spaces, participants=known)] == ["t5", "t4", "t3", "t2", "t1", "t1"]
        await spaces.commit(change("r1", B, "t6", joint={"name": "B's"}))
        await spaces.commit(change("r1", B, "t7", participants=(Participation(B, "VIEWER", "WITHDRAWN"),)))
        rows = (await spaces.history(histories(C, "r1", role="VIEWER", participants=known)))[0].rows
        assert [(row.at, row.company) for row in rows] == [("t6", None), ("t1", A)]
        (page,) = await spaces.history(histories(A, "r1", participants=known))
        assert (page.total, page.rows[0].company, page.rows[1].company) == (8, B, B)

    async def test_links_show_with_what_they_lead_to(self, spaces: Spaces) -> None:
        for tip, owner in (("ti1", A), ("ti2", A), ("ti3", B)):
            await spaces.commit(creation(tip, owner, kind=TIP))
        await spaces.commit(creation(kind=LINKING, side={"needs": ["ti1", "ti3"]}))
        await spaces.commit(change(at="t2", kind=LINKING, side={"needs": ["ti2", "ti3"]}))
        await spaces.commit(change(at="t3", kind=LINKING, side={"needs": ["ti2"]}))
        expected = [
            ("t2", "FIELD", "ti2", None, ["ti2"]),
            ("t2", "FIELD", "ti1", ["ti1"], None),
        ]
        assert (await told(spaces, kind=LINKING))[:-2] == expected
        masked = ((TIP, program(0, ((Comparison("viewer_role", "eq", "OWNER"),), EXISTS))),)
        assert (await told(spaces, kind=LINKING, links=masked))[:-2] == expected
        left = (Participation(A, "VIEWER", "ACCEPTED"), Participation(B, "OWNER", "ACCEPTED"))
        await spaces.commit(change("ti2", A, "t4", kind=TIP, participants=left))
        assert (await told(spaces, kind=LINKING, links=masked))[:-2] == expected[1:]
        await spaces.commit(change("ti1", A, "t5", kind=TIP, joint={"name": "seen"}))
        for column, value, mine in (
            ("joint__name", "seen", True),
            ("record_id", "ti2", False),
            ("joint__name", "", False),
        ):
            tests = (Comparison("viewer_status", "eq", "ACCEPTED"), Comparison(column, "eq", value))
            of_record = ((TIP, program(0, (tests, EXISTS))), (DEAL, program(EXISTS)))
            shown = [expected[1]] if mine else [expected[0]] if value else []
            assert (await told(spaces, kind=LINKING, links=of_record))[:-2] == shown

    async def test_of_one_field_each_entry_lies_behind_the_last(self, spaces: Spaces) -> None:
        """Whatever the clock says, and of others than this field nothing moves."""
        await spaces.commit(creation(at="t1"))
        for at, value in (("t5", "a"), ("t3", "b"), ("t5", "c"), ("t9", "d")):
            await spaces.commit(change(at=at, side={"stage": value}, joint={"name": value}))
        await spaces.commit(change(at="t4", side={"chance": 1}))
        for what, key in (("FIELD", "stage"), ("JOINT", "name")):
            rows = [row for row in await told(spaces) if row[1:3] == (what, key)]
            assert [row[0] for row in rows] == ["t9", "t5", "t5", "t5"]
            assert [row[3:] for row in rows] == [(["c"], ["d"]), (["b"], ["c"]), (["a"], ["b"]), (None, ["a"])]
        assert ("t4", "FIELD", "chance", None, [1]) in await told(spaces)

    async def test_pages(self, spaces: Spaces) -> None:
        for record in ("r1", "r2"):
            await spaces.commit(creation(record))
            for number in range(4):
                values: dict[str, Any] = {"side": {"stage": str(number)}, "joint": {"name": str(number)}}
                await spaces.commit(change(record, at=f"t{number + 2}", **values))
        (whole,) = await spaces.history(histories(A, "r1"))
        assert whole.total == 10
        positions = [None, *(row.position for row in whole.rows)]
        for after, before, limit, backwards in itertools.product(positions, positions, (1, 3, 20), (False, True)):
            asked: dict[str, Any] = {"after": after, "before": before, "limit": limit, "backwards": backwards}
            first = 0 if after is None else positions.index(after)
            last = 10 if before is None else positions.index(before) - 1
            if backwards:
                first = max(first, last - limit)
            else:
                last = min(last, first + limit)
            if first > last:
                continue  # the second cursor lies before the first
            expected = HistoryPage(whole.rows[first:last], last < 10, first > 0, 10)
            assert await spaces.history(histories(A, "r1", **asked)) == [expected], asked
        pages = await spaces.history(histories(A, "r2", "r1", "r9", limit=3))
        assert [[row.record for row in page.rows] for page in pages] == [["r2"] * 3, ["r1"] * 3, []]
        assert [page[1:] for page in pages] == [(True, False, 10), (True, False, 10), (False, False, 0)]

    async def test_each_entry_says_who_made_it(self, spaces: Spaces) -> None:
        await spaces.commit(creation())
        await spaces.commit(change(at="t2", person=BOB, side={"stage": "s"}, joint={"name": "N"}))
        (page,) = await spaces.history(histories(A, "r1"))
        assert [row.person for row in page.rows] == [BOB, BOB, "pe_ann", "pe_ann"]

    async def test_a_refused_change_leaves_none(self, spaces: Spaces) -> None:
        await spaces.commit(creation())
        before = await told(spaces)
        with pytest.raises(Stale):
            await spaces.commit(change(at="t2", side={"stage": "s"}, joint={"name": "N"}, expect=((B, "ACCEPTED"),)))
        assert await told(spaces) == before
