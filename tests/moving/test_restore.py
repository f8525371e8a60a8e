"""A space comes back from a backup: as it was then, and as closed as it is now."""

import hashlib
from pathlib import Path
from typing import Any

from gateway.moving.read import Archive
from schema.money import Money
from schema.sharing import PARTICIPANTS, PRIVATE, Audience, Sharing
from spaces.sqlite.spaces import SqliteSpaces
from tests.gateway.world import World
from tests.moving.files import FRESH, leave, nothing
from tests.moving.small import ACME, BOLT, CATALOG, change, done, people, takes

OWNER, BOB = takes(ACME, "OWNER", "ACCEPTED"), takes(BOLT, "PARTICIPANT", "ACCEPTED")
SEEN = """{ opportunities(first: 9) { nodes { name partners { notes nextStep amount { amount } probability }
    mine { notes } } } }"""
OWN = """{ opportunities(first: 9) { nodes { name mine { notes nextStep amount { amount } probability
    nextStepsHistory { value } } history(first: 9, fields: ["notes"]) { nodes { event } } } } }"""


async def backed_up(folder: Path) -> tuple[SqliteSpaces, Path]:
    """Acme's and Bolt's deal, with all of Acme's side open to Bolt at the time of the backup, and some of it later."""
    spaces = SqliteSpaces.open(folder / "data", CATALOG)
    await people(spaces)
    opened = Sharing((("amount", PARTICIPANTS), ("notes", Audience("selected", (BOLT,))), ("probability", PRIVATE)))
    side: dict[str, Any] = {"notes": "old", "nextStep": "call", "amount": Money(100, "EUR"), "probability": 5}
    await done(
        spaces,
        change(
            1, ACME, "deal", creates=True, joint={"name": "Deal"}, side=side, participants=(OWNER, BOB), sharing=opened
        ),
        change(1, BOLT, "deal", side={"notes": "bolt's"}),
    )
    file = await leave(spaces, CATALOG, ACME, folder / "acme.zip")
    closed = Sharing((("nextStep", PRIVATE), ("notes", PRIVATE), ("probability", PARTICIPANTS)))
    await done(
        spaces,
        change(2, ACME, "deal", side={"notes": "spoilt", "nextStep": "spoilt"}, sharing=closed),
        change(3, BOLT, "deal", joint={"name": "New name"}, side={"notes": "bolt's later"}),
    )
    return spaces, file


async def restored(spaces: SqliteSpaces, file: Path) -> int:
    archive = Archive(file, CATALOG)
    try:
        archive.check(nothing)
        with archive.telling():
            return await spaces.bring_back(archive.parcel(FRESH, nothing))
    finally:
        archive.close()


async def test_a_space_is_brought_back_and_no_other_is_touched(tmp_path: Path) -> None:
    spaces, file = await backed_up(tmp_path)
    bolt = tmp_path / "data" / "companies" / f"{BOLT}.db"
    await spaces.close()
    before = hashlib.sha256(bolt.read_bytes()).hexdigest()
    spaces = SqliteSpaces.open(tmp_path / "data", CATALOG)
    assert await restored(spaces, file) == 1
    await spaces.close()
    assert hashlib.sha256(bolt.read_bytes()).hexdigest() == before
    spaces = SqliteSpaces.open(tmp_path / "data", CATALOG)
    (node,) = (await World(spaces).data("ann", OWN))["opportunities"]["nodes"]
    mine = node["mine"]
    assert (node["name"], mine["notes"], mine["nextStep"], mine["probability"]) == ("New name", "old", "call", 5)
    assert [each["event"] for each in node["history"]["nodes"]] == []
    again = await leave(spaces, CATALOG, ACME, tmp_path / "again.zip")
    assert await restored(spaces, again) == 1
    await spaces.close()


async def test_what_was_taken_back_stays_so_also_where_the_file_is_lost(tmp_path: Path) -> None:
    spaces, file = await backed_up(tmp_path)
    await spaces.close()
    (tmp_path / "data" / "companies" / f"{ACME}.db").unlink()
    spaces = SqliteSpaces.open(tmp_path / "data", CATALOG)
    assert await restored(spaces, file) == 1
    (node,) = (await World(spaces).data("bob", SEEN))["opportunities"]["nodes"]
    closed = {"notes": None, "nextStep": None, "amount": None, "probability": None}
    assert node == {"name": "New name", "partners": [closed], "mine": {"notes": "bolt's later"}}
    await spaces.close()
