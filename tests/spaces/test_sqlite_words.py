"""Words in the embedded backend's files: cut for what is there already, kept in step with the texts, looked up only
where the mask allows."""

import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from schema.errors import Fault
from schema.kind import Catalog
from schema.mask import EXISTS, MaskProgram
from schema.money import Money
from schema.where import Comparison
from spaces.contract import Spaces
from spaces.fetch import PageFetch
from spaces.sql import word_table
from spaces.sql.page import compile_page
from spaces.sql.selection import Programs
from spaces.sqlite import layout, word_index, writer
from spaces.sqlite.dialect import SQLITE
from spaces.sqlite.look_ups import asked
from spaces.sqlite.spaces import SqliteSpaces
from tests.spaces.custom_search import custom_search
from tests.spaces.customs import KINDS, custom
from tests.spaces.search import search
from tests.spaces.world import (
    ALL_SIDE,
    CATALOG,
    DEAL,
    OPEN,
    SHUT,
    TEXT,
    TIP,
    WHOLE_SIDE,
    A,
    B,
    Masks,
    bits,
    change,
    creation,
    program,
    with_companies,
)


async def hits(spaces: Spaces, *words: str, **rest: Any) -> dict[str, int]:
    return {row.record: row.keys[0] for row in (await spaces.page(search(*words, **rest))).rows}


async def filled(folder: Path) -> SqliteSpaces:
    """r1: a joint text, one of A's and one of B's. r2: without texts."""
    spaces = SqliteSpaces.open(folder, CATALOG)
    await with_companies(spaces)
    await spaces.commit(creation("r1", A, "t1", B, joint={"name": "Émile"}, side={"stage": "Été", "chance": 1}))
    await spaces.commit(change("r1", B, side={"needs": ("Été", "ice")}))
    await spaces.commit(creation("r2", joint={"rank": 1}, side={"chance": 1}))
    return spaces


FOUND = {"emi": {"r1": 7}, "ete": {"r1": 4}, "ice": {"r1": 2}}


async def check(spaces: Spaces) -> None:
    assert {word: await hits(spaces, word) for word in FOUND} == FOUND


def made_before_words(path: Path) -> None:
    """Makes a file as it was before there were words."""
    connection = sqlite3.connect(path)
    for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        if name.startswith("words_") or (name.startswith("find_") and name.count("_") == 1):
            connection.execute(f"DROP TABLE {name}")
    connection.execute("PRAGMA user_version = 1")
    connection.close()


async def test_rows_written_before_there_were_words_get_theirs(tmp_path: Path) -> None:
    spaces = await filled(tmp_path)
    await check(spaces)
    await spaces.close()
    for path in (tmp_path / "network.db", *(tmp_path / "companies" / f"{company}.db" for company in (A, B))):
        made_before_words(path)
    spaces = SqliteSpaces.open(tmp_path, CATALOG)
    await check(spaces)
    await spaces.commit(change("r1", at="t3", joint={"name": "Anna"}, side={"stage": "ice"}))
    assert await hits(spaces, "emi") == await hits(spaces, "ete", "anna", columns={"mine.stage": 1}) == {}
    assert await hits(spaces, "ice", "anna") == {"r1": 12}
    await spaces.close()


async def test_words_are_cut_anew_when_their_rule_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spaces = await filled(tmp_path)
    await spaces.close()
    monkeypatch.setattr(word_index, "RULE", "2")
    monkeypatch.setattr(word_table, "words_of", lambda type_, cell: cell and ("always", "ete"))
    spaces = SqliteSpaces.open(tmp_path, CATALOG)
    assert await hits(spaces, "always", columns={"joint.name": 1, "mine.stage": 5}) == {"r1": 6}
    await spaces.close()


async def test_words_are_left_alone_where_nothing_has_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await (await filled(tmp_path)).close()
    monkeypatch.setattr(word_index.Words, "cut_anew", None)
    spaces = SqliteSpaces.open(tmp_path, CATALOG)
    await check(spaces)
    await spaces.close()


async def test_texts_of_a_grown_and_of_a_shrunk_catalog(tmp_path: Path) -> None:
    small = Catalog((replace(DEAL, joint=DEAL.joint[2:3], side=DEAL.side[2:3]), TIP), (), (), "small")
    await (await filled(tmp_path)).close()
    shrunk = SqliteSpaces.open(tmp_path, small)
    await shrunk.commit(replace(change("r1", at="t3", side={"chance": 2}), kind=small.kinds[0]))
    await shrunk.close()
    spaces = SqliteSpaces.open(tmp_path, CATALOG)
    await check(spaces)
    await spaces.close()


@pytest.mark.parametrize("place", ["apply_intent", "mark_applied"])
async def test_an_intent_that_waited_brings_its_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    def disk_full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    spaces = await filled(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(writer, place, disk_full)
        with pytest.raises(Fault):
            await spaces.commit(change("r1", at="t2", joint={"name": "Later"}, side={"stage": "later"}))
    spaces._release()
    made_before_words(tmp_path / "network.db")
    spaces = SqliteSpaces.open(tmp_path, CATALOG)
    assert await hits(spaces, "later") == {"r1": 8}
    assert await hits(spaces, "emi") == {}
    assert await hits(spaces, "later", columns={"mine.stage": 1}) == {"r1": 2}
    await spaces.close()


async def test_a_change_that_fails_leaves_the_words_of_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spaces = await filled(tmp_path)

    def fails(*_: object) -> None:
        raise KeyError

    with monkeypatch.context() as patch:
        patch.setattr(writer, "intent_of", fails)
        with pytest.raises(KeyError):
            await spaces.commit(change("r1", at="t2", side={"stage": "later"}))
    await check(spaces)
    await spaces.commit(change("r1", at="t3", side={"stage": "later"}))
    assert await hits(spaces, "later") == {"r1": 4}
    await spaces.close()


async def test_the_index_holds_what_the_words_are_after_many_changes(tmp_path: Path) -> None:
    spaces = await filled(tmp_path)
    for number in range(60):
        await spaces.commit(change("r1", at=f"t{number}", side={"stage": f"w{number % 7} x"}))
        await spaces.commit(change("r2", at=f"t{number}", side={"needs": (f"w{number % 5}",) if number % 3 else None}))
    await spaces.close()
    connection = sqlite3.connect(tmp_path / "companies" / f"{A}.db", isolation_level=None)
    connection.execute("INSERT INTO find_deal (find_deal, rank) VALUES ('integrity-check', 1)")
    rows = connection.execute("SELECT record_id, w_stage, w_needs FROM words_deal ORDER BY record_id").fetchall()
    assert rows == [("r1", " w3 x ", None), ("r2", None, " w4 ")]
    connection.execute("VACUUM")  # what is found hangs on no hidden row number
    connection.close()
    spaces = SqliteSpaces.open(tmp_path, CATALOG)
    assert await hits(spaces, "w4", columns={"mine.needs": 3}) == {"r2": 4}
    await spaces.close()


async def test_custom_texts_written_before_their_words_were_kept_get_theirs(tmp_path: Path) -> None:
    """Also those of a field that is dropped meanwhile: whoever still has it finds them."""
    spaces = await filled(tmp_path)
    await spaces.commit(change("r1", at="t2", kind=KINDS[A], side={"area": "Été, fern", "hot": True}))
    await spaces.commit(change("r1", B, at="t2", kind=KINDS[B], side={"note": "Moss", "fee": Money(5, "EUR")}))
    await spaces.close()
    for path in (tmp_path / "network.db", *(tmp_path / "companies" / f"{company}.db" for company in (A, B))):
        made_before_words(path)
    spaces = SqliteSpaces.open(tmp_path, CATALOG)
    for word, expected in {"fern": {"r1": 4}, "ete": {"r1": 4}, "mos": {"r1": 1}, "eur": {}, "true": {}}.items():
        assert {row.record: row.keys[0] for row in (await spaces.page(custom_search(word))).rows} == expected
    await spaces.commit(change("r1", at="t3", kind=KINDS[A], side={"area": "lichen"}))
    assert (await spaces.page(custom_search("fern"))).rows == []
    assert [row.keys[0] for row in (await spaces.page(custom_search("lichen", "ete"))).rows] == [8]
    await spaces.close()
    connection = sqlite3.connect(tmp_path / "companies" / f"{A}.db", isolation_level=None)
    connection.execute("INSERT INTO find_deal (find_deal, rank) VALUES ('integrity-check', 1)")
    rows = connection.execute("SELECT record_id, w_stage, custom FROM words_deal ORDER BY record_id").fetchall()
    assert rows == [("r1", " ete ", " cf_area:lichen "), ("r2", None, None)]
    connection.close()


def fetch(masks: Any, **rest: Any) -> PageFetch:
    return search("x", own_masks=masks, **rest)


def looked_up(masks: Any, *programs: MaskProgram) -> list[str]:
    """What is asked of the index where a company's sides have these programs."""
    classes: Programs = [((number,), each) for number, each in enumerate(programs)]
    return [asked(each)[0] for each in compile_page(fetch(masks), classes, SQLITE).look_ups]


def test_the_index_is_asked_only_for_columns_that_the_participation_opens() -> None:
    accepted = (Comparison("viewer_status", "eq", "ACCEPTED"),)
    whole = "{w_stage w_needs w_contact} : "
    assert looked_up(WHOLE_SIDE, ALL_SIDE) == [f'{whole}"x" *']
    assert looked_up(WHOLE_SIDE, program(0, (accepted, DEAL.all_side))) == [f'{whole}"x" *']
    assert looked_up(WHOLE_SIDE, program(bits(DEAL, "side", "needs"))) == ['{w_needs} : "x" *']
    assert looked_up(WHOLE_SIDE, program(EXISTS)) == []
    by_class = Masks(ALL_SIDE, {OPEN: ALL_SIDE, SHUT: program(bits(DEAL, "side", "needs"))})
    assert looked_up(by_class, ALL_SIDE, program(bits(DEAL, "side", "needs"))) == ['{w_needs} : "x" *']
    of_side = program(bits(DEAL, "side", "needs"), ((Comparison("chance", "eq", 1),), DEAL.all_side))
    assert looked_up(WHOLE_SIDE, of_side) == ['{w_needs} : "x" *']
    for column, value in (("joint__rank", 1), ("record_id", "r1")):
        of_record = program(bits(DEAL, "side", "needs"), ((Comparison(column, "eq", value),), DEAL.all_side))
        assert looked_up(WHOLE_SIDE, of_record) == ['{w_needs} : "x" *']


def test_of_custom_fields_only_those_are_asked_for_that_the_participation_opens() -> None:
    every = "{w_stage} : "
    for shown, of_side, expected in (
        (("stage", "area", "extra"), (), [f'{every}"x" * OR custom : "cf_area:x" * OR custom : "cf_extra_1:x" *']),
        (("stage", "extra"), (), [f'{every}"x" * OR custom : "cf_extra_1:x" *']),
        (("stage",), ("extra", "area"), [f'{every}"x" *']),
        (("area",), ("stage", "area", "extra"), ['custom : "cf_area:x" *']),
        (("hot",), (), []),
    ):
        of_a = bits(KINDS[A], "side", *shown), bits(KINDS[A], "side", *of_side)
        masks = program(of_a[0], ((Comparison("chance", "eq", 1),), of_a[1]))
        made = compile_page(custom_search("x", own_masks=Masks(masks, kind=KINDS[A])), [((0,), masks)], SQLITE)
        assert [asked(each)[0] for each in made.look_ups] == expected


async def test_hundreds_of_custom_texts_can_be_looked_up(tmp_path: Path) -> None:
    kind = DEAL.extended(tuple(custom(f"cf_{number}", f"f{number}", TEXT) for number in range(1_000)))
    spaces = SqliteSpaces.open(tmp_path, CATALOG)
    await with_companies(spaces)
    await spaces.commit(creation("r1", kind=kind, side={"f0": "ant", "f999": "bee"}))
    asked = dict.fromkeys([f"mine.cf_{number}" for number in range(1_000)], 3)
    by_side = program(1, ((Comparison("stage", "null", True),), kind.all_side))
    for word, score in (("ant", 4), ("be", 3), ("fly", 0)):
        for masks in (program(kind.all_side), by_side):
            fetch = custom_search(word, kind=kind, columns=asked, own_masks=Masks(masks, kind=kind))
            assert [row.keys[0] for row in (await spaces.page(fetch)).rows] == [score] * bool(score)
    await spaces.close()


def test_joint_texts_are_never_indexed() -> None:
    tables = layout.network_layout(CATALOG)
    assert all(each.index is None for each in tables.words)
    assert "fts5" not in " ".join(statement for each in tables.words for statement in each.create())
