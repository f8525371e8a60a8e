"""Nothing acknowledged is lost and nothing is half done where the power goes: a file keeps what was synced, and of the
rest what chance will have. `make powercut` cuts more often."""

import asyncio
import os
import random
from pathlib import Path

import pytest

from schema.names import CompanyId
from spaces.sqlite.spaces import SqliteSpaces
from tests.spaces.crash_child import WRITERS, write
from tests.spaces.power import Disk, recording
from tests.spaces.test_crash import check_whole
from tests.spaces.world import CATALOG, with_companies

CUTS = int(os.environ.get("MULTIWAY_CUTS", "25"))
WRITES = 12


async def written(folder: Path, synchronous: str = "FULL") -> tuple[Disk, int]:
    """A disk that spaces were written to, and how many events of it came before the first of these writes."""
    disk = Disk(folder)
    with recording(disk, synchronous):
        spaces = SqliteSpaces.open(folder, CATALOG)
        await with_companies(spaces)
        began = len(disk.events)
        await asyncio.gather(*[write(spaces, writer, disk.note, WRITES) for writer in range(WRITERS)])
        await spaces.close()
    return disk, began


async def check_after(disk: Disk, until: int, folder: Path, seed: int) -> None:
    """What was acknowledged by a cut is there after it, and nothing is half done."""
    disk.cut(until, folder, random.Random(seed))
    spaces = SqliteSpaces.open(folder, CATALOG)
    try:
        acknowledged = [(CompanyId(owner), record, value) for owner, record, value in map(str.split, disk.noted(until))]
        await check_whole(spaces, acknowledged)
    finally:
        await spaces.close()


async def check_cuts(disk: Disk, began: int, folder: Path, cuts: int) -> None:
    """The same of so many cuts at random places."""
    rng = random.Random(0)
    for cut in range(cuts):
        await check_after(disk, rng.randrange(began, len(disk.events) + 1), folder / str(cut), cut)


async def test_a_loss_of_power_loses_no_acknowledged_write_and_leaves_no_half_one(tmp_path: Path) -> None:
    disk, began = await written(tmp_path / "disk")
    assert len(disk.noted(len(disk.events))) == WRITERS * WRITES
    await check_cuts(disk, began, tmp_path / "cut", CUTS)


async def test_writing_that_syncs_less_is_found_out(tmp_path: Path) -> None:
    disk, began = await written(tmp_path / "disk", "NORMAL")
    with pytest.raises(AssertionError):
        await check_cuts(disk, began, tmp_path / "cut", 20)
