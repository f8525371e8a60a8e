"""How the embedded backend keeps custom fields: in one JSON text, of which files of before know nothing."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from schema.errors import Fault
from schema.money import Money
from schema.where import Comparison
from spaces.fetch import Order
from spaces.sqlite.spaces import SqliteSpaces
from tests.spaces.customs import KINDS, WHOLE_SIDES, custom, custom_page, custom_sides
from tests.spaces.world import CATALOG, DEAL, TEXT, A, Masks, change, creation, page, program, sides, with_companies


def stored(folder: Path, *statements: str) -> list[str | None]:
    """The JSON text of each of A's sides, after these statements."""
    with closing(sqlite3.connect(folder / "companies" / f"{A}.db", isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)
        return [row[0] for row in connection.execute("SELECT custom FROM side_deal ORDER BY record_id")]


async def test_the_text_holds_what_is_set(tmp_path: Path) -> None:
    spaces = SqliteSpaces.open(tmp_path, CATALOG)
    await with_companies(spaces)
    set_: dict[str, object] = {"hot": True, "fee": Money(5, "EUR"), "wishes": ("a",), "area": "x", "size": None}
    await spaces.commit(creation("r1", kind=KINDS[A], side=set_))
    await spaces.commit(creation("r2", side={"stage": "s"}))
    await spaces.commit(creation("r3", kind=KINDS[A], side={"hot": True}))
    await spaces.commit(change("r3", kind=KINDS[A], side={"hot": None}))
    await spaces.close()
    first, *others = stored(tmp_path)
    held = {"cf_hot": True, "cf_fee_minor": 5, "cf_fee_currency": "EUR", "cf_wishes": '["a"]', "cf_area": "x"}
    assert orjson.loads(first or "") == held
    assert others == [None, None]


async def test_what_belongs_to_no_field_stays(tmp_path: Path) -> None:
    spaces = SqliteSpaces.open(tmp_path, CATALOG)
    await with_companies(spaces)
    await spaces.commit(creation(kind=KINDS[A], side={"hot": True}))
    stored(tmp_path, """UPDATE side_deal SET custom = '{"cf_gone":[1,{"a":null}],"cf_hot":true}'""")
    await spaces.commit(change(kind=KINDS[A], side={"hot": None, "area": "x"}))
    await spaces.close()
    assert stored(tmp_path) == ['{"cf_gone":[1,{"a":null}],"cf_area":"x"}']


async def test_a_file_of_before_is_opened_and_written(tmp_path: Path) -> None:
    spaces = SqliteSpaces.open(tmp_path, CATALOG)
    await with_companies(spaces)
    await spaces.commit(creation(side={"stage": "s"}))
    await spaces.close()
    with closing(sqlite3.connect(tmp_path / "companies" / f"{A}.db", isolation_level=None)) as connection:
        connection.execute("ALTER TABLE side_deal DROP COLUMN custom")
        connection.execute("PRAGMA user_version = 1")
    spaces = SqliteSpaces.open(tmp_path, CATALOG)
    assert (await spaces.sides([custom_sides(A, "r1")]))[0][0].values == (None,) * 10
    unset = custom_page(where=Comparison("mine.cf_hot", "null", True))
    assert [row.own and row.own[0] for row in (await spaces.page(unset)).rows] == ["s"]
    await spaces.commit(change(kind=KINDS[A], at="t2", side={"hot": False}))
    assert (await spaces.sides([custom_sides(A, "r1")]))[0][0].values[4] is False
    await spaces.close()


async def test_numbers_are_compared_as_they_were_given(tmp_path: Path) -> None:
    spaces = SqliteSpaces.open(tmp_path, CATALOG)
    await with_companies(spaces)
    numbers = (0.1, 1 / 3, 5e-324, 1.7976931348623157e308, 123456789.12345679, -2.2250738585072014e-308, 1e22)
    for i, number in enumerate(numbers):
        await spaces.commit(creation(f"r{i}", kind=KINDS[A], side={"ratio": number}))
    for i, number in enumerate(numbers):
        rows = (await spaces.page(custom_page(where=Comparison("mine.cf_ratio", "eq", number)))).rows
        assert [row.record for row in rows] == [f"r{i}"], number
    await spaces.close()


@pytest.mark.parametrize("id_", ["cf_x') OR 1 --", "cf_x.y", "cf_X", "x", "cf_", "cf_x\n", "cf_é"])
async def test_an_id_that_could_leave_its_place_is_a_fault(tmp_path: Path, id_: str) -> None:
    kind = DEAL.extended((custom(id_, "odd", TEXT),))
    spaces = SqliteSpaces.open(tmp_path, CATALOG)
    await with_companies(spaces)
    await spaces.commit(creation(side={}))
    masks = Masks(program(kind.all_side), kind=kind)
    fetch = replace(page(own_masks=masks, where=Comparison(f"mine.{id_}", "eq", "x")), kind=kind)
    with pytest.raises(Fault, match="cannot name a column"):
        await spaces.page(fetch)
    with pytest.raises(Fault, match="cannot name a column"):
        await spaces.page(replace(fetch, where=page().where, order=(Order(f"mine.{id_}"),)))
    await spaces.close()


async def test_statements_are_kept(tmp_path: Path) -> None:
    spaces = SqliteSpaces.open(tmp_path, CATALOG)
    await with_companies(spaces)
    await spaces.commit(creation(kind=KINDS[A], side={"hot": True}))
    for _ in range(3):
        again = DEAL.extended(KINDS[A].custom)  # an equal kind, made anew
        await spaces.page(replace(custom_page(own_masks=WHOLE_SIDES[A]), kind=again, own=again.side))
        await spaces.sides([sides(A, "r1", kind=again)])
    assert (len(spaces._pages._kept._kept), len(spaces._sides._kept._kept)) == (1, 1)
    await spaces.close()
