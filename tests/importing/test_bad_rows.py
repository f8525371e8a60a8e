"""Rows that cannot be loaded: each is refused with its line and reason, and the others are loaded."""

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.importing.json_items import JsonFile
from gateway.importing.sources import BadRow, CsvFile, UnreadableSource
from tests.importing.world import GOOD, HEAD, MAPPING, NESTED, World, lines

LAST = "9,East,Last,Acme,Won,1,,Ann"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1,East,First", "the number of values is 3, of columns 8."),
        ("1,East,First,,Won,1,,Ann,more", "the number of values is 9, of columns 8."),
        ('1,East,"First"x,,Won,1,,Ann', "this is not CSV: ',' expected after '\"'."),
        (",East,First,,Won,1,,Ann", "side.crmRef: the natural key is empty."),
        ("1,,First,,Won,1,,Ann", "participants.company: a company has no name."),
        ("1,East,,,Won,1,,Ann", "joint.name: This field is required."),
        (
            f"1,East,{'x' * 256},,Won,1,,Ann",
            f'joint.name: This text is longer than 255 characters. The row has "{"x" * 57}...".',
        ),
        ("1,East,First,,Lost,1,,Ann", 'side.stage: "Lost" is not in the map.'),
        (
            "1,East,First,,Won,1e3,,Ann",
            'side.amount.amount: An amount is a decimal string, e.g. "123.45". The row has "1e3".',
        ),
        ('1,East,First,,Won,"1,000",,Ann', "side.amount.amount: An amount is a decimal string"),
        ("1,East,First,,Won,1.005,,Ann", "side.amount.amount: An amount in USD has at most 2 decimals."),
        (
            "1,East,First,,Won,1,2026-12-31,Ann",
            'side.targetCloseDate: "2026-12-31" is not a time of the form %d/%m/%Y.',
        ),
        ("1,East,First,,Won,1,31/02/2026,Ann", 'side.targetCloseDate: "31/02/2026" is not a time'),
        (f"1,East,First,,Won,1,,{'x' * 256}", "side.owner.name: This text is longer than 255 characters."),
        (f"1,{'x' * 256},First,,Won,1,,Ann", "participants.company: This text is longer than 255 characters."),
    ],
)
async def test_a_bad_row_is_refused_alone(world: World, row: str, reason: str) -> None:
    await world.check(lines(GOOD.strip().replace("1,East", "8,East"), row, LAST), (2, 0, 0, 1))
    (told,) = world.told.refused()
    assert told.startswith(f"data.csv:3: {reason}")


async def test_lines_are_those_of_the_file(world: World) -> None:
    source = (
        b"\xef\xbb\xbf" + HEAD.replace("\n", "\r\n").encode() + b"\r\n"  # a mark, then a blank line
        b'1,East,"A ""quoted""\r\nname, here",,Won,1,,Ann\r\n'
        b"2,East,Bad,,Nope,1,,Ann\r\n"
        b"3,East,\xff\xfe,,Won,1,,Ann\r\n"
        b'4,East,"Open\r\n'
        b"5,East,Fine,,Won,1,,Ann\r\n"
        b"6,East,Fine too,,Won,1,,Ann"
    )
    await world.check(source, (3, 0, 0, 3))
    assert [told.split(": ")[:2] for told in world.told.refused()] == [
        ["data.csv:5", "side.stage"],
        ["data.csv:6", "joint.name"],
        ["data.csv:7", "this is not CSV"],
    ]
    assert await world.shown("East", "joint.name") == [('A "quoted"\r\nname, here',), ("Fine",), ("Fine too",)]
    assert world.told.rows == 6


async def test_a_key_that_comes_again_is_refused(world: World) -> None:
    await world.check(HEAD + GOOD + GOOD, (1, 0, 0, 1))
    assert world.told.refused() == ["data.csv:3: the row of line 2 has the same natural key."]


async def test_other_delimiters_and_encodings(world: World) -> None:
    mapping = MAPPING.replace('"csv"', '"csv", delimiter = ";", encoding = "latin-1"')
    source = (HEAD + "1,East,Müller & Söhne,,Won,1,,Ann\n").replace(",", ";").encode("latin-1")
    await world.check(source, (1, 0, 0, 0), mapping)
    assert await world.shown("East", "joint.name") == [("Müller & Söhne",)]


LOOKUP = MAPPING.replace('"{office}"', '"{team.office}"').replace(
    "[side]",
    '[lookup.team]\nfile = "teams.csv"\nkey = "code"\nby = { value = "{office}", alias = { E = "EA" } }\n[side]',
)


async def test_a_lookup_is_joined_and_its_bad_lines_are_told(world: World) -> None:
    world.write("teams.csv", "code,office\nEA,East\nEA,West\nbroken\nWE,West\n")
    source = lines("1,E,First,,Won,1,,Ann", "2,WE,Second,,Won,1,,Ann", "3,XX,Third,,Won,1,,Ann")
    await world.check(source, (2, 0, 0, 3), LOOKUP)
    assert world.told.refused() == [
        'teams.csv:3: an earlier line has the code "EA".',
        "teams.csv:4: the number of values is 1, of columns 2.",
        'data.csv:4: teams.csv has no code "XX".',
    ]
    assert len(await world.rows("East")) == len(await world.rows("West")) == 1
    optional = LOOKUP.replace('key = "code"', 'key = "code"\noptional = true')
    await world.load(source, optional)
    assert world.told.refused()[2] == "data.csv:4: participants.company: a company has no name."


def release(*awards: Any) -> dict[str, Any]:
    return {"date": "2026-01-01T00:00:00Z", "title": "T", "awards": list(awards)}


async def test_bad_items_of_json_have_the_line_where_they_begin(world: World) -> None:
    good = {"id": "1", "value": {"amount": 10.25, "currency": "GBP"}, "suppliers": [{"name": "Alpha"}]}
    bad: list[Any] = [
        {**good, "suppliers": [{"name": None}]},
        {**good, "suppliers": []},
        {**good, "suppliers": "Alpha"},
        {**good, "id": None},
        {**good, "id": {"a": 1}},
        {**good, "id": "2", "value": {"amount": 1, "currency": "XXX"}},
        {**good, "id": "3", "value": {"amount": True, "currency": "GBP"}},
        {**good, "id": "4\ud800"},
        "no object",
    ]
    releases = [release(good), release(*bad), {"awards": 5}, {**release({**good, "id": "5"}), "date": "once"}, {}]
    text = json.dumps(releases, indent=1)
    await world.check(text, (1, 0, 0, 11), NESTED, "data.json")
    found = [told.split(": ", 2) for told in world.told.refused()]
    begins = [number for number, line in enumerate(text.split("\n"), 1) if line in ("   {", '   "no object"')][1:]
    begins.insert(9, text.split("\n").index('  "awards": 5') + 1)
    assert [place for place, *_ in found] == [f"data.json:{number}" for number in begins]
    assert [": ".join(reason) for _, *reason in found] == [
        "participants.company: a company has no name.",
        "participants: there are none.",
        "participants.each: a list is expected.",
        "side.crmRef: the natural key is empty.",
        "side.crmRef.id: A text is expected.",
        'owner_side.amount.currency: This is not an ISO 4217 currency. The row has "XXX".',
        'owner_side.amount.amount: An amount is a decimal string, e.g. "123.45". The row has "true".',
        'side.crmRef.id: This text has a character that cannot be stored. The row has "4".',
        "an item must be an object.",
        "a list is expected here.",
        "source.newest: A time is written YYYY-MM-DDTHH:MM:SS, with up to 6 decimals and with Z or an offset"
        " like +02:00.",
    ]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "data.json:1: this is not JSON"),
        ('[\n{"awards": [\n{]}]', "data.json:3: this is not JSON"),
        ('[\n{"awards" [1]}]', "data.json:2: this is not JSON: Expecting ':' delimiter."),
        ("[{'awards': 1}]", "data.json:1: this is not JSON: Expecting property name"),
        ('[{"awards": []}\n{}]', "data.json:2: this is not JSON: Expecting ',' delimiter."),
        ('[{"awards": []}]\n\n1', "data.json:3: this is not JSON: Extra data."),
        ("[" * 100_000, "data.json: this JSON nests too deep"),
    ],
)
def test_what_is_no_json_is_told_with_its_line(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "data.json"
    path.write_text(text)
    way = (None,) * 2 if text.startswith("[[") else (None, "awards", None)
    with pytest.raises(UnreadableSource) as caught:
        JsonFile(path, "utf-8-sig", way)
    assert str(caught.value).startswith(f"{tmp_path}/{reason}")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "data.csv is empty; its first line must name the columns."),
        (b"a,b,a\n", 'data.csv:1: the column "a" is there twice.'),
        (b'"a"b\n', "data.csv:1: this is not CSV"),
    ],
)
def test_a_header_that_is_none(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "data.csv"
    path.write_bytes(content)
    with pytest.raises(UnreadableSource) as caught:
        CsvFile(path, "utf-8-sig", ",")
    assert str(caught.value).startswith(f"{tmp_path}/{reason}")


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UnreadableSource, match=rf"^{tmp_path}/none\.csv cannot be read: No such file or directory\.$"):
        CsvFile(tmp_path / "none.csv", "utf-8-sig", ",")
    (tmp_path / "odd.csv").write_bytes(b"abc")
    with pytest.raises(UnreadableSource, match="it is not in the encoding that the mapping names"):
        CsvFile(tmp_path / "odd.csv", "utf-16", ",")


def test_broken_quotes_cost_one_line_each(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text('a,b\n1,"x\n2,y\n3,"z\n4,w\n"5",v\n')
    rows = list(CsvFile(path, "utf-8-sig", ",").rows())
    assert [(row.line, isinstance(row, BadRow)) for row in rows] == [
        (2, True),
        (3, False),
        (4, True),
        (5, False),
        (6, False),
    ]
