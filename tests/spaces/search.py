"""The contract of search: what is found, what it scores, and through which masks."""

from typing import Any

import pytest

from schema.errors import Fault
from schema.mask import EXISTS
from schema.where import Comparison
from spaces.change import Participation
from spaces.columns import searchable_columns
from spaces.contract import Spaces
from spaces.fetch import PageFetch, Related, Search
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
    page,
    program,
)

COLUMNS = {"joint.name": 7, "joint.industry": 5, "joint.tags": 5}
COLUMNS |= dict.fromkeys(("mine.stage", "mine.needs", "mine.contact"), 3)
COLUMNS |= dict.fromkeys(("partners.stage", "partners.needs", "partners.contact"), 1)
BEST_FIRST = ("-search.score", "-updated_at")


def search(*words: str, columns: Any = None, **rest: Any) -> PageFetch:
    """A page of what A finds, the best first."""
    asked = Search(words, tuple((COLUMNS if columns is None else columns).items()))
    return page(order=rest.pop("order", BEST_FIRST), search=asked, **{"related": ALL_RELATED, **rest})


class SearchContract:
    """Needs the fixture `spaces`."""

    async def hits(self, spaces: Spaces, *words: str, **rest: Any) -> dict[str, int]:
        """The records that A finds, in order, with their scores."""
        found = await spaces.page(search(*words, **rest))
        return {row.record: row.keys[0] for row in found.rows}

    def test_all_columns_that_hold_text_are_searchable(self) -> None:
        assert {*searchable_columns(DEAL)} == {*COLUMNS}

    async def test_each_word_must_begin_a_word_somewhere(self, spaces: Spaces) -> None:
        await spaces.commit(creation("r1", joint={"name": "Harbour Line", "tags": ("ice", "sea-freight")}, side={}))
        await spaces.commit(creation("r2", joint={"name": "Line"}, side={"stage": "harbour"}))
        assert await self.hits(spaces, "har") == {"r1": 7, "r2": 3}
        assert await self.hits(spaces, "line", "har") == {"r1": 15, "r2": 11}
        assert await self.hits(spaces, "freight", "line") == {"r1": 14}
        assert await self.hits(spaces, "arbour") == {}
        assert await self.hits(spaces, "line", "arbour") == {}
        assert await self.hits(spaces, "lines") == {}

    async def test_the_best_place_counts_once_for_each_word(self, spaces: Spaces) -> None:
        side = {"stage": "oak oak oak", "needs": ("oak", "oaks"), "contact": {"email": "oak@oak.example"}}
        await spaces.commit(creation("r1", A, "t1", B, joint={"industry": "oaks"}, side=side))
        await spaces.commit(change("r1", B, side=side))
        assert await self.hits(spaces, "oak") == {"r1": 5}
        assert await self.hits(spaces, "oak", columns={"mine.stage": 3, "partners.stage": 1}) == {"r1": 4}
        assert await self.hits(spaces, "oak", columns={"partners.needs": 1, "mine.contact": 1}) == {"r1": 2}
        assert await self.hits(spaces, "example", columns={"partners.contact": 9, "mine.contact": 3}) == {"r1": 10}
        assert await self.hits(spaces, "oak", columns={}) == {}

    async def test_the_order_is_by_score_then_time_then_id(self, spaces: Spaces) -> None:
        for record, at, name in (("r1", "t1", "elm"), ("r2", "t2", "elms"), ("r3", "t2", "elm"), ("r4", "t2", "elms")):
            await spaces.commit(creation(record, at=at, joint={"name": name}))
        order = ["r3", "r1", "r2", "r4"]
        assert list(await self.hits(spaces, "elm")) == order
        whole = await spaces.page(search("elm", count=True))
        keys = [(*row.keys, row.record) for row in whole.rows]
        assert whole.total == 4
        for place, key in enumerate(keys):
            behind = await spaces.page(search("elm", after=key, limit=2))
            assert [row.record for row in behind.rows] == order[place + 1 : place + 3]
            assert (behind.has_previous, behind.has_next) == (True, place < 1)
            before = await spaces.page(search("elm", before=key, limit=2, backwards=True))
            assert [row.record for row in before.rows] == order[max(place - 2, 0) : place]
            assert (before.has_previous, before.has_next) == (place > 2, True)
        between = await spaces.page(search("elm", after=(8, "t1", "q"), before=(7, "t2", "r4")))
        assert [row.record for row in between.rows] == ["r1", "r2"]
        rising = await spaces.page(search("elm", order=("search.score",)))
        assert [row.record for row in rising.rows] == ["r2", "r4", "r1", "r3"]

    async def test_a_filter_and_a_search_both_hold(self, spaces: Spaces) -> None:
        for record in ("r1", "r2"):
            await spaces.commit(creation(record, joint={"name": "Fir", "industry": record}))
        assert await self.hits(spaces, "fir", where=Comparison("joint.industry", "eq", "r2")) == {"r2": 8}
        assert await self.hits(spaces, "fir", ids=("r1", "r9")) == {"r1": 8}

    async def test_what_is_written_replaces_what_was(self, spaces: Spaces) -> None:
        await spaces.commit(creation(joint={"name": "ash", "industry": "wood"}, side={"stage": "ash", "chance": 1}))
        await spaces.commit(change(at="t2", joint={"industry": None}, side={"stage": "elder"}))
        assert await self.hits(spaces, "wood") == {}
        assert await self.hits(spaces, "ash") == {"r1": 8}
        assert await self.hits(spaces, "ash", columns={"mine.stage": 3}) == {}
        assert await self.hits(spaces, "elder") == {"r1": 4}
        await spaces.commit(change(at="t3", side={"stage": None}))
        await spaces.commit(change(at="t4", side={"chance": 2}))
        assert await self.hits(spaces, "elder") == {}
        await spaces.commit(change(at="t5", side={"needs": ("elder",)}))
        assert await self.hits(spaces, "eld") == {"r1": 3}

    async def test_text_is_only_text(self, spaces: Spaces) -> None:
        odd = ('a"b', "c*", "NEAR OR AND NOT", "{w_stage}: x", "'; DROP TABLE words_deal; --", "ﬁne Straße Ω²", "-_-")
        for number, text in enumerate(odd):
            await spaces.commit(creation(f"r{number}", joint={"name": text}, side={"stage": text}))
        for number, words in enumerate(
            (("a", "b"), ("c",), ("near", "or", "and", "not"), ("w", "stage", "x"), ("drop", "table"), ("fi", "stras"))
        ):
            expected = {f"r{number}": sum(7 + (word not in ("fi", "stras")) for word in words)}
            assert {r: s for r, s in (await self.hits(spaces, *words)).items() if r == f"r{number}"} == expected
            own = await self.hits(spaces, *words, columns={"mine.stage": 3})
            assert f"r{number}" in own
        assert await self.hits(spaces, "ω2", "fine") == {"r5": 16}

    async def test_hidden_texts_are_as_unset_ones(self, spaces: Spaces) -> None:
        side = {"stage": "birch", "needs": ("birch",)}
        await spaces.commit(creation("r1", A, "t1", B, joint={"name": "birch", "industry": "birch"}, side=side))
        await spaces.commit(change("r1", B, side=side))
        masks = {
            "joint_mask": program(bits(DEAL, "joint", "rank")),
            "own_masks": Masks(program(bits(DEAL, "side", "chance"))),
            "related": Related(ByCompany(Masks(program(bits(DEAL, "side", "chance")))), program(EXISTS)),
        }
        seen = {"joint_mask": program(DEAL.all_joint), "own_masks": Masks(ALL_SIDE), "related": ALL_RELATED}
        assert await self.hits(spaces, "birch", **masks) == {}
        for name, score in (("joint_mask", 8), ("own_masks", 4), ("related", 2)):
            assert await self.hits(spaces, "birch", **{**masks, name: seen[name]}) == {"r1": score}
        no_side = Masks(program(0))
        assert await self.hits(spaces, "birch", **{**masks, "own_masks": no_side}) == {}

    async def test_masks_may_depend_on_status_sharing_and_the_side_itself(self, spaces: Spaces) -> None:
        accepted = program(1, ((Comparison("viewer_status", "eq", "ACCEPTED"),), ALL_SIDE.always))
        cold = program(1, ((Comparison("chance", "eq", 1),), bits(DEAL, "side", "stage")))
        for record, status, sharing, chance in (
            ("r1", "ACCEPTED", OPEN, 1),
            ("r2", "ACCEPTED", SHUT, 2),
            ("r3", "INVITED", OPEN, 2),
        ):
            inside = (Participation(A, "OWNER", status), Participation(B, "VIEWER", "ACCEPTED"))
            side = {"stage": "lime", "chance": chance}
            made = change(record, creates=True, participants=inside, side=side, sharing=sharing)
            await spaces.commit(made)
            await spaces.commit(change(record, B, side=side, sharing=sharing))
        for masks, expected in (
            (Masks(ALL_SIDE), ["r1", "r2", "r3"]),
            (Masks(accepted), ["r1", "r2"]),
            (Masks(ALL_SIDE, {SHUT: program(1)}), ["r1", "r3"]),
            (Masks(program(1), {SHUT: accepted}), ["r2"]),
            (Masks(cold), ["r1"]),
        ):
            assert sorted(await self.hits(spaces, "lime", own_masks=masks, columns={"mine.stage": 3})) == expected
            theirs = Related(ByCompany(masks), program(EXISTS))
            assert sorted(await self.hits(spaces, "lime", related=theirs, columns={"partners.stage": 1})) == expected

    async def test_partners_are_those_that_the_viewer_knows_of(self, spaces: Spaces) -> None:
        for record, company, status in (("r1", B, "ACCEPTED"), ("r2", C, "ACCEPTED"), ("r3", B, "WITHDRAWN")):
            inside = (Participation(A, "OWNER", "ACCEPTED"), Participation(company, "VIEWER", status))
            await spaces.commit(change(record, creates=True, participants=inside, side={}))
            await spaces.commit(change(record, company, side={"stage": "yew"}))
        assert sorted(await self.hits(spaces, "yew")) == ["r1", "r2"]
        of_b = program(0, ((Comparison("company", "eq", B),), EXISTS))
        assert await self.hits(spaces, "yew", related=Related(ByCompany(Masks(ALL_SIDE)), of_b)) == {"r1": 2}

    async def test_a_left_record_is_not_found_by_what_is_kept_of_its_side(self, spaces: Spaces) -> None:
        await spaces.commit(creation(joint={"name": "x"}, side={"stage": "teak"}))
        gone = program(0, ((Comparison("viewer_status", "eq", "ACCEPTED"),), DEAL.all_joint))
        assert await self.hits(spaces, "teak", joint_mask=gone) == {"r1": 4}
        await spaces.commit(change(at="t2", participants=(Participation(A, "OWNER", "WITHDRAWN"),)))
        assert await self.hits(spaces, "teak", joint_mask=gone) == {}

    async def test_what_cannot_be_searched_is_a_fault(self, spaces: Spaces) -> None:
        await spaces.commit(creation())
        for column in ("joint.rank", "mine.amount_minor", "partners.closes", "name", "mine.nothing", "search.score"):
            with pytest.raises(Fault, match="no text to be searched"):
                await spaces.page(search("x", columns={column: 1}))
        with pytest.raises(Fault, match="masks"):
            await spaces.page(search("x", related=None))
        with pytest.raises(Fault, match=r"no column search\.score"):
            await spaces.page(page(order=("search.score",)))
        with pytest.raises(Fault, match="do not fit"):
            await spaces.page(search("x", order=("max search.score",)))
        with pytest.raises(ValueError, match="needs a word"):
            Search((), ())
        assert (await spaces.page(search("x", columns={"mine.stage": 1}, related=None))).rows == []
