"""An export is a read by the company: its own, and of the rest what it may see. What is wrong in a file is told."""

import asyncio
import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from schema.money import Money
from schema.sharing import PARTICIPANTS, Sharing
from spaces.change import Receipt
from spaces.memory import MemorySpaces
from spaces.parcel import HeldRecord, Misfit
from tests.moving.files import arrive, leave, parts, repacked
from tests.moving.small import ACME, BOLT, CATALOG, CORE, DUNE, change, defined, done, people, record, takes

OWNS, WITH = takes(BOLT, "OWNER", "ACCEPTED"), takes(ACME, "PARTICIPANT", "ACCEPTED")


async def network(hidden: str) -> MemorySpaces:
    """What Acme may not see has this word in it, and more of it happens for some words than for others."""
    spaces = MemorySpaces()
    await people(spaces, mark=hidden)
    more = hidden > "b"
    opened = Sharing((("notes", PARTICIPANTS),))
    theirs: dict[str, Any] = {"notes": hidden, "amount": Money(len(hidden), "EUR")}
    await done(
        spaces,
        change(1, BOLT, "with", creates=True, joint={"name": "With"}, side=theirs, participants=(OWNS, WITH)),
        change(2, ACME, "with", side={"notes": "ours"}, receipt=Receipt("key", "hash"), touched=(ACME,)),
        change(3, BOLT, "with", side={"notes": hidden * 2}, sharing=opened, receipt=Receipt(hidden, hidden)),
        change(4, BOLT, "with", participants=(takes(CORE, "VIEWER", "DECLINED" if more else "WITHDRAWN"),)),
        change(4, BOLT, "with", participants=(takes(DUNE, "VIEWER", "INVITED", hidden),)),
        change(4, BOLT, "asked", creates=True, joint={"name": "Asked", "segment": "ENTERPRISE"}, side=theirs,
               participants=(OWNS, takes(CORE, "PARTICIPANT", "ACCEPTED"))),
        change(5, BOLT, "asked", joint={"segment": "SMALL" if more else "MIDMARKET"}, touched=(BOLT, CORE)),
        change(6, BOLT, "asked", participants=(takes(ACME, "VIEWER", "INVITED", "come"),), touched=(BOLT, ACME)),
        change(7, BOLT, "asked", participants=(takes(DUNE, "VIEWER", "INVITED", hidden),), touched=(BOLT,)),
        change(4, BOLT, "left", creates=True, joint={"name": "Left"}, participants=(OWNS, WITH), touched=(ACME,)),
        change(5, ACME, "left", side={"notes": "was there"}, touched=(ACME,)),
        change(6, ACME, "left", participants=(takes(ACME, "PARTICIPANT", "WITHDRAWN"),), touched=(ACME,)),
        change(7, BOLT, "left", joint={"name": hidden}),
        change(4, BOLT, "late", creates=True, joint={"name": hidden}, participants=(OWNS,)),
        change(5, BOLT, "late", joint={"name": "Late"}),
        change(6, BOLT, "late", participants=(WITH,), touched=(ACME, BOLT)),
        change(8, BOLT, "theirs", creates=True, joint={"name": hidden}, side=theirs, participants=(OWNS,)),
    )  # fmt: skip # reads better side by side
    if more:
        await done(spaces, change(9, BOLT, "also", creates=True, joint={"name": "x"}, participants=(OWNS,)))
    await spaces.define(defined(BOLT, "theirs", f'"{hidden}"'))
    return spaces


async def test_what_a_company_may_not_see_makes_no_difference_to_its_export(tmp_path: Path) -> None:
    first = await leave(await network("aardvark"), CATALOG, ACME, tmp_path / "first.zip")
    second = await leave(await network("zebra"), CATALOG, ACME, tmp_path / "second.zip")
    assert first.read_bytes() == second.read_bytes()


async def test_an_export_holds_no_word_of_what_is_hidden(tmp_path: Path) -> None:
    found = parts(await leave(await network("canary"), CATALOG, ACME, tmp_path / "acme.zip"))
    assert [name for name, content in found.items() if b"canary" in content] == []
    lines = {each["id"]: each for each in map(orjson.loads, found["records.jsonl"].splitlines())}
    assert lines.keys() == {record(name) for name in ("with", "asked", "left", "late")}
    seen = {
        name: ([each["company"] for each in lines[record(name)]["participants"]], lines[record(name)]["joint"])
        for name in ("with", "asked", "left", "late")
    }
    assert seen == {
        "with": ([BOLT, ACME, DUNE], {"name": "With"}),
        "asked": ([BOLT, ACME], {"name": "Asked"}),
        "left": ([ACME], {}),
        "late": ([BOLT, ACME], {"name": "Late"}),
    }
    assert lines[record("left")]["side"]["values"] == {"notes": "was there"}
    assert (lines[record("left")]["owner"], lines[record("left")]["history"]) == ("", [])
    assert [each["what"] for each in lines[record("late")]["history"]] == ["PARTICIPANT"]
    assert lines[record("asked")]["participants"][1]["message"] == "come"
    assert b"theirs" not in found["definitions.jsonl"]


async def test_an_export_of_a_company_that_there_is_not_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(Misfit):
        await leave(MemorySpaces(), CATALOG, ACME, tmp_path / "acme.zip")
    assert os.listdir(tmp_path) == []


def resealed(entries: dict[str, bytes]) -> dict[str, bytes]:
    """The entries with a manifest that tells of them as they are now."""
    manifest = orjson.loads(entries["manifest.json"])
    for part in manifest["parts"]:
        content = entries[part["name"]]
        part |= {"lines": content.count(b"\n"), "sha256": hashlib.sha256(content).hexdigest()}
    return entries | {"manifest.json": orjson.dumps(manifest)}


Change = Callable[[dict[str, bytes]], dict[str, bytes]]


def line(name: str, place: int, change: Callable[[Any], Any]) -> Change:
    """Changes one line of a part."""

    def changed(entries: dict[str, bytes]) -> dict[str, bytes]:
        lines = entries[name].splitlines()
        found = orjson.loads(lines[place])
        change(found)
        lines[place] = orjson.dumps(found)
        return resealed(entries | {name: b"".join(each + b"\n" for each in lines)})

    return changed


def of_record(change: Callable[[Any], Any], name: str = "with") -> Change:
    """Changes the line of a record."""
    places = sorted(record(each) for each in ("with", "asked", "left", "late"))
    return line("records.jsonl", places.index(record(name)), change)


def manifest(**given: Any) -> Change:
    """Changes the manifest."""
    return lambda entries: (
        entries | {"manifest.json": orjson.dumps({**orjson.loads(entries["manifest.json"]), **given})}
    )


def cut(entries: dict[str, bytes]) -> dict[str, bytes]:
    return entries | {"records.jsonl": entries["records.jsonl"][:-200]}


def without(name: str) -> Change:
    return lambda entries: {key: content for key, content in entries.items() if key != name}


def torn(entries: dict[str, bytes]) -> dict[str, bytes]:
    return resealed(entries | {"people.jsonl": b'{"id": \n'})


def twice(name: str) -> Change:
    return lambda entries: resealed(entries | {name: entries[name] + entries[name].splitlines(keepends=True)[-1]})


def with_policy(text: bytes, sealed: bytes) -> Change:
    return lambda entries: manifest(policy=hashlib.sha256(sealed).hexdigest())(entries | {"policy.polar": text})


WRONG: dict[str, tuple[Change, str]] = {
    "a part is missing": (without("people.jsonl"), "manifest.json: it must hold"),
    "another format": (manifest(format="other"), "manifest.json: this version reads"),
    "a later version": (manifest(version=2), "manifest.json: this version reads"),
    "an unknown key": (manifest(more=1), "manifest.json: more: there is no such key"),
    "a line is lost": (cut, "records.jsonl"),
    "no JSON": (torn, "people.jsonl:1: this is not JSON"),
    "another policy": (with_policy(b"", b"x"), "manifest.json: policy.polar: it is not what"),
    "a broken policy": (with_policy(b"allow(", b"allow("), "manifest.json: policy.polar:"),
    "another fingerprint": (manifest(fingerprint="x"), "manifest.json: fingerprint:"),
    "a person twice": (twice("people.jsonl"), "people.jsonl:2: id:"),
    "a record twice": (twice("records.jsonl"), "records.jsonl:5: lines must be in order"),
    "another's person": (line("people.jsonl", 0, lambda p: p.update(id="co_x")), "people.jsonl:1: id:"),
    "capital letters": (line("people.jsonl", 0, lambda p: p.update(email="A@x")), "people.jsonl:1: email:"),
    "a role": (of_record(lambda r: r["participants"][0].update(role="KING")), "participants[0].role: one of"),
    "no such kind": (of_record(lambda r: r.update(kind="deal")), "kind: one of"),
    "no such column": (of_record(lambda r: r["joint"].update(price=1)), "joint.price: there is no such column"),
    "of another type": (of_record(lambda r: r["side"]["values"].update(probability="x")), "side.values.probability:"),
    "half of money": (of_record(lambda r: r["side"]["values"].update(amount_minor=True)), "side.values.amount_minor:"),
    "no list": (of_record(lambda r: r["joint"].update(influenced_by="x")), "joint.influenced_by:"),
    "no audience": (
        of_record(lambda r: r["side"]["sharing"].update(notes={"kind": "x"})),
        "side.sharing.notes.kind:",
    ),
    "no history": (of_record(lambda r: r["history"][0].update(what="SIDE")), "history[0].what:"),
    "not of JSON": (of_record(lambda r: r["history"][0].update(after="{")), "history[0].after:"),
    "a company twice": (of_record(lambda r: r["participants"].append(r["participants"][0])), "participants: a company"),
    "itself missing": (of_record(lambda r: r["participants"].pop(1)), "the company itself is missing"),
    "no stamp": (of_record(lambda r: r["side"]["changedAt"].update(notes="")), "changedAt.notes:"),
    "no receipt": (line("receipts.jsonl", 0, lambda r: r.update(key="")), "receipts.jsonl:1: key:"),
    "no content": (line("definitions.jsonl", 0, lambda d: d.update(content="{")), "definitions.jsonl:1: content:"),
}


@pytest.fixture(scope="module")
def entries(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    async def leaving() -> Path:
        spaces = await network("canary")
        await spaces.define(defined(ACME, "ours", '{"template":null,"receipt":null}'))
        return await leave(spaces, CATALOG, ACME, tmp_path_factory.mktemp("whole") / "acme.zip")

    return parts(asyncio.run(leaving()))


@pytest.mark.parametrize("wrong", WRONG)
async def test_what_is_wrong_is_told_by_its_place_and_changes_nothing(
    entries: dict[str, bytes], tmp_path: Path, wrong: str
) -> None:
    change, told = WRONG[wrong]
    file = repacked(tmp_path / "acme.zip", change(dict(entries)))
    spaces = MemorySpaces()
    with pytest.raises(Misfit) as error:
        await arrive(spaces, CATALOG, file)
    assert told in error.value.message
    assert error.value.message.startswith("acme.zip:")
    assert await spaces.companies([ACME, BOLT]) == [None, None]


async def test_what_the_network_refuses_is_told_by_its_place(entries: dict[str, bytes], tmp_path: Path) -> None:
    spaces = MemorySpaces()
    await people(spaces)
    file = repacked(tmp_path / "acme.zip", entries)
    with pytest.raises(Misfit, match="space is not empty"):
        await arrive(spaces, CATALOG, file)
    await spaces.erase(ACME)
    await done(spaces, change(1, BOLT, "late", creates=True, participants=(OWNS,)))
    place = 1 + sorted(record(each) for each in ("with", "asked", "left", "late")).index(record("late"))
    with pytest.raises(Misfit, match=f"acme.zip:records.jsonl:{place}: {record('late')}: the network has this record"):
        await arrive(spaces, CATALOG, file, older=True)


async def test_a_file_that_is_no_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "acme.zip").write_bytes(b"x" * 100)
    for name in ("acme.zip", "none.zip"):
        with pytest.raises(Misfit, match=name):
            await arrive(MemorySpaces(), CATALOG, tmp_path / name)


async def test_the_same_space_has_the_same_parts(entries: dict[str, bytes], tmp_path: Path) -> None:
    spaces = MemorySpaces()
    await arrive(spaces, CATALOG, repacked(tmp_path / "acme.zip", entries))
    held = [piece async for piece in spaces.held(ACME) if isinstance(piece, HeldRecord)]
    # what Acme was invited to, and what it left, waits for who owns it
    assert {each.id for each in held} == {record("with"), record("late")}
