"""The contract of search in custom fields: found by their ids, and where the owner's masks show them."""

from dataclasses import replace
from typing import Any

import pytest

from schema.errors import Fault
from schema.kind import Kind
from schema.mask import EXISTS
from schema.money import Money
from schema.where import Comparison
from spaces.columns import PARTNERS_CUSTOM, searchable_columns
from spaces.contract import Spaces
from spaces.fetch import PageFetch, Related
from tests.spaces.customs import AREA, EXTRA_TEXT, KINDS, WHOLE_RELATED, custom
from tests.spaces.search import BEST_FIRST, search
from tests.spaces.world import DEAL, OPEN, SHUT, TEXT, A, B, ByCompany, Masks, bits, change, creation, program

AGAIN = custom("cf_area_2", "area", TEXT)
OWN = {"mine.cf_area": 3, "mine.cf_extra_1": 3}
THEIRS = {PARTNERS_CUSTOM: 1}
ALL = {"joint.name": 7, "mine.stage": 3, **OWN, "partners.stage": 1, **THEIRS}


def custom_search(*words: str, kind: Kind = KINDS[A], columns: Any = None, **rest: Any) -> PageFetch:
    """A page of what A finds, the best first, with A's sides whole unless told otherwise."""
    rest.setdefault("own_masks", Masks(program(kind.all_side), kind=kind))
    fetch = search(*words, columns=ALL if columns is None else columns, **{"related": WHOLE_RELATED, **rest})
    return replace(fetch, kind=kind, own=kind.side)


def of_b(*names: str, kind: Kind = KINDS[B], **rest: Any) -> Related:
    """Masks that show these fields of B's sides."""
    return Related(ByCompany(Masks(program(0)), {B: Masks(program(bits(kind, "side", *names)), kind=kind, **rest)}), ON)


ON = program(EXISTS)


class CustomSearchContract:
    """Needs the fixture `spaces`."""

    async def finds(self, spaces: Spaces, *words: str, **rest: Any) -> dict[str, int]:
        """The records that A finds, in order, with their scores."""
        found = await spaces.page(custom_search(*words, **rest))
        return {row.record: row.keys[0] for row in found.rows}

    def test_custom_texts_are_searchable(self) -> None:
        more = {"mine.cf_area", "mine.cf_extra_1"}
        assert {*searchable_columns(KINDS[A])} == {*searchable_columns(DEAL)} | more
        assert {*searchable_columns(KINDS[B])} == {*searchable_columns(DEAL)} | {"mine.cf_area", "mine.cf_note"}
        assert PARTNERS_CUSTOM not in searchable_columns(KINDS[A])

    async def test_own_ones_count_as_the_sides_other_texts(self, spaces: Spaces) -> None:
        side = {"stage": "Elms", "area": "Straße, Elm-tree", "extra": "oaks"}
        await spaces.commit(creation("r1", kind=KINDS[A], joint={"name": "Oak"}, side=side))
        await spaces.commit(creation("r2", kind=KINDS[A], side={"extra": "elm"}))
        await spaces.commit(creation("r3", kind=KINDS[A], side={"stage": "elms"}))
        assert await self.finds(spaces, "elm") == {"r1": 4, "r2": 4, "r3": 3}
        assert await self.finds(spaces, "strasse", "tre", "oak") == {"r1": 15}
        assert await self.finds(spaces, "oak", columns=OWN) == {"r1": 3}
        assert await self.finds(spaces, "elm", columns={"mine.cf_area": 5, "mine.cf_extra_1": 1}) == {"r1": 6, "r2": 2}
        assert await self.finds(spaces, "tree", "oaks", columns={"mine.cf_area": 5}) == {}
        assert await self.finds(spaces, "lm") == {}
        whole = [row.record for row in (await spaces.page(custom_search("elm"))).rows]
        for place, row in enumerate((await spaces.page(custom_search("elm"))).rows):
            behind = await spaces.page(custom_search("elm", after=(*row.keys, row.record)))
            assert [each.record for each in behind.rows] == whole[place + 1 :]

    async def test_what_is_written_replaces_what_was(self, spaces: Spaces) -> None:
        await spaces.commit(creation("r1", kind=KINDS[A], side={"area": "ash", "extra": "yew", "stage": "fir"}))
        await spaces.commit(change("r1", kind=KINDS[A], at="t2", side={"area": "elder"}))
        assert await self.finds(spaces, "ash") == {}
        assert await self.finds(spaces, "elder", "yew", "fir") == {"r1": 12}
        await spaces.commit(change("r1", at="t3", side={"stage": "beech"}))  # by one who knows no custom field
        assert await self.finds(spaces, "elder", "yew", "beech") == {"r1": 12}
        await spaces.commit(change("r1", kind=KINDS[A], at="t4", side={"extra": None}))
        assert await self.finds(spaces, "yew") == {}
        await spaces.commit(change("r1", kind=KINDS[A], at="t5", side={"area": None}))
        assert await self.finds(spaces, "elder") == {}
        assert await self.finds(spaces, "beech") == {"r1": 4}

    async def test_nothing_but_texts_is_found(self, spaces: Spaces) -> None:
        side: dict[str, Any] = {"fee": Money(7, "EUR"), "due": "2026-05-01", "boss": "pe_ann", "wishes": ("maple",)}
        await spaces.commit(creation("r1", A, "t1", B, kind=KINDS[A], side={**side, "hot": True, "size": 7}))
        await spaces.commit(change("r1", B, kind=KINDS[B], side={"level": "low", "fee": Money(7, "EUR")}))
        for word in ("eur", "2026", "pe", "ann", "maple", "true", "7", "low", "cf", "area"):
            assert await self.finds(spaces, word) == {}, word
        for column in ("mine.cf_fee_currency", "mine.cf_wishes", "mine.cf_note", "partners.cf_area", "mine.cf_*"):
            with pytest.raises(Fault, match="no text to be searched"):
                await spaces.page(custom_search("x", columns={column: 1}))

    async def test_a_text_is_only_found_in_its_field(self, spaces: Spaces) -> None:
        odd = "cf_extra_1:lime cf_extra_1 lime } OR w_stage : cf_note:lime"
        await spaces.commit(creation("r1", A, "t1", B, kind=KINDS[A], side={"area": odd}))
        await spaces.commit(change("r1", B, kind=KINDS[B], side={"area": odd}))
        for words in (("lime",), ("cf",), ("1", "extra"), ("or", "stage")):
            assert await self.finds(spaces, *words, columns={"mine.cf_extra_1": 3, "mine.stage": 3}) == {}
            assert await self.finds(spaces, *words, columns={"mine.cf_area": 3}) == {"r1": 4 * len(words)}
            assert await self.finds(spaces, *words, columns=THEIRS, related=of_b("note", "stage")) == {}
            assert await self.finds(spaces, *words, columns=THEIRS, related=of_b("area")) == {"r1": 2 * len(words)}

    async def test_hidden_ones_are_as_unset_ones(self, spaces: Spaces) -> None:
        await spaces.commit(creation("r1", A, "t1", B, kind=KINDS[A], side={"area": "pine"}))
        await spaces.commit(change("r1", B, kind=KINDS[B], side={"area": "pine", "note": "larch"}))
        whole = KINDS[A].all_side
        for shown, expected in ((whole, {"r1": 4}), (whole & ~KINDS[A].side_by_name["area"].bit, {}), (0, {})):
            masks = Masks(program(shown), kind=KINDS[A])
            assert await self.finds(spaces, "pine", columns=OWN, own_masks=masks) == expected
        for field in KINDS[B].side:
            related = of_b(field.name)
            assert await self.finds(spaces, "pine", columns=THEIRS, related=related) == (
                {"r1": 2} if field.ident == "cf_area" else {}
            )
            assert await self.finds(spaces, "lar", columns=THEIRS, related=related) == (
                {"r1": 1} if field.ident == "cf_note" else {}
            )
        assert await self.finds(spaces, "pine", "larch", columns=THEIRS, related=of_b("area")) == {}
        assert await self.finds(spaces, "pine", "larch", columns=THEIRS) == {"r1": 4}

    async def test_partners_have_fields_that_the_viewer_has_not(self, spaces: Spaces) -> None:
        await spaces.commit(creation("r1", A, "t1", B, kind=DEAL, joint={"name": "Cedar"}))
        await spaces.commit(change("r1", B, kind=KINDS[B], side={"note": "Of cedars", "area": "cedar"}))
        assert await self.finds(spaces, "cedar", kind=DEAL, columns={"joint.name": 7, **THEIRS}) == {"r1": 8}
        for names, score in ((("note", "area"), 2), (("note",), 1), (("area",), 2)):
            found = await self.finds(spaces, "cedar", kind=DEAL, columns=THEIRS, related=of_b(*names))
            assert found == {"r1": score}
        assert await self.finds(spaces, "of", "cedar", kind=DEAL, columns=THEIRS) == {"r1": 4}

    async def test_masks_may_hang_on_sharing_and_on_the_side(self, spaces: Spaces) -> None:
        closed = ~(AREA_OF_A | KINDS[A].side_by_name["extra"].bit)
        cold = program(1, ((Comparison("cf_hot", "eq", True),), KINDS[A].all_side))
        for record, sharing, hot in (("r1", OPEN, True), ("r2", SHUT, False)):
            await spaces.commit(
                creation(record, A, "t1", B, kind=KINDS[A], sharing=sharing, side={"area": "box", "hot": hot})
            )
            side = {"note": "box", "hot": hot}
            await spaces.commit(change(record, B, kind=KINDS[B], sharing=sharing, side=side))
        open_ = program(KINDS[A].all_side)
        for masks, expected in (
            (Masks(open_, kind=KINDS[A]), ["r1", "r2"]),
            (Masks(open_, {SHUT: program(KINDS[A].all_side & closed)}, KINDS[A]), ["r1"]),
            (Masks(program(1), {SHUT: open_}, KINDS[A]), ["r2"]),
            (Masks(cold, kind=KINDS[A]), ["r1"]),
        ):
            assert sorted(await self.finds(spaces, "box", columns=OWN, own_masks=masks)) == expected
        warm = program(1, ((Comparison("cf_hot", "eq", True),), KINDS[B].all_side))
        for masks, expected in (
            (Masks(warm, kind=KINDS[B]), ["r1"]),
            (Masks(program(1), {SHUT: program(KINDS[B].all_side)}, KINDS[B]), ["r2"]),
        ):
            theirs = Related(ByCompany(masks), ON)
            assert sorted(await self.finds(spaces, "box", columns=THEIRS, related=theirs)) == expected

    async def test_each_side_is_looked_at_as_its_own_mask_shows_it(self, spaces: Spaces) -> None:
        """Two sides of one partner, with the same word in a field that is seen of the one and hidden of the other."""
        sees = {OPEN: program(bits(KINDS[B], "side", "area")), SHUT: program(bits(KINDS[B], "side", "note"))}
        related = Related(ByCompany(Masks(program(0), sees, KINDS[B])), ON)
        for record, sharing, side in (
            ("r1", OPEN, {"area": "gum"}),
            ("r2", SHUT, {"area": "gum"}),
            ("r3", OPEN, {"note": "gum"}),
            ("r4", SHUT, {"note": "gum"}),
        ):
            await spaces.commit(creation(record, A, "t1", B))
            await spaces.commit(change(record, B, kind=KINDS[B], sharing=sharing, side=side))
        assert sorted(await self.finds(spaces, "gum", columns=THEIRS, related=related)) == ["r1", "r4"]

    async def test_a_dropped_field_is_never_found_and_the_next_begins_with_nothing(self, spaces: Spaces) -> None:
        """`area` is dropped, then declared again under its name; `extra` stays."""
        before, dropped, after = (
            DEAL.extended(each) for each in ((AREA, EXTRA_TEXT), (EXTRA_TEXT,), (EXTRA_TEXT, AGAIN))
        )
        await spaces.commit(creation("r1", A, "t1", B, kind=before, side={"area": "rowan", "extra": "rowans"}))
        await spaces.commit(change("r1", B, kind=before, side={"area": "rowan", "extra": "rowans"}))

        async def found(word: str, kind: Kind) -> tuple[dict[str, int], dict[str, int]]:
            own = {column: 3 for column in searchable_columns(kind) if column.startswith("mine.cf_")}
            masks = Masks(program(kind.all_side), kind=kind)
            mine = await self.finds(spaces, word, kind=kind, columns=own)
            return mine, await self.finds(spaces, word, columns=THEIRS, related=Related(ByCompany(masks), ON))

        assert await found("rowan", before) == ({"r1": 4}, {"r1": 2})
        assert await found("rowan", dropped) == await found("rowan", after) == ({"r1": 3}, {"r1": 1})
        for company in (A, B):
            await spaces.commit(change("r1", company, kind=after, at="t2", side={"area": "rowan two"}))
        assert await found("two", after) == ({"r1": 4}, {"r1": 2})
        assert await found("two", before) == await found("two", dropped) == ({}, {})
        assert await found("rowan", dropped) == ({"r1": 3}, {"r1": 1})

    async def test_a_side_that_was_never_written_holds_nothing(self, spaces: Spaces) -> None:
        await spaces.commit(creation("r1", A, "t1", B, kind=KINDS[A], joint={"name": "Palm"}))
        assert await self.finds(spaces, "palm", order=BEST_FIRST) == {"r1": 8}
        assert await self.finds(spaces, "palm", columns={**OWN, **THEIRS}) == {}


AREA_OF_A = KINDS[A].side_by_name["area"].bit
