"""Nothing acknowledged is lost and nothing is half done: not by kill -9, not by a crash at any place between the
two transactions of a change, not by a disk that refuses."""

import random
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from schema.errors import Fault
from schema.names import CompanyId
from spaces.contract import Spaces
from spaces.fetch import ParticipantFetch
from spaces.sqlite import writer
from spaces.sqlite.spaces import SqliteSpaces
from tests.spaces.world import ALL_JOINT, ANN, CATALOG, A, B, change, creation, histories, page, with_companies

ROOT = Path(__file__).parents[2]


def killed_after(folder: Path, writes: int) -> list[tuple[CompanyId, str, str]]:
    """Runs the child until it has acknowledged so many writes, kills it, and returns all it acknowledged."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.spaces.crash_child", str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        lines = [child.stdout.readline() for _ in range(writes)]
        child.send_signal(signal.SIGKILL)
        lines += child.stdout.readlines()
    assert child.returncode == -signal.SIGKILL
    acknowledged = [line.split() for line in lines if line.endswith("\n")]
    return [(CompanyId(owner), record, value) for owner, record, value in acknowledged]


async def check_whole(spaces: Spaces, acknowledged: list[tuple[CompanyId, str, str]]) -> None:
    """Every acknowledged write is there, and each record's parts are of one write."""
    latest = {}
    for owner, record, value in acknowledged:
        assert await spaces.done(owner, ANN, f"{record}:{value}") is not None
        latest[record] = value
    seen = {}
    for owner in (A, B):
        for row in (await spaces.page(page(owner, limit=1000, updated=True))).rows:
            value = str(row.joint[0])
            assert row.own is not None
            assert (row.own[0], row.updated_at, row.own_updated_at) == (value, "t" + value, "t" + value)
            assert row.own_version == int(value) % 10 + 1
            rows = await spaces.participants(ParticipantFetch((row.record,), ALL_JOINT))
            assert len(rows) == row.own_version
            (past,) = await spaces.history(histories(owner, str(row.record), limit=1000))
            whats = Counter(each.what for each in past.rows)
            made = row.own_version - 1  # each change but the first wrote a field of each part and a participant
            assert [whats[what] for what in ("OPENED", "SIDE", "JOINT", "FIELD", "PARTICIPANT")] == [1, 1] + [made] * 3
            seen[str(row.record)] = value
    for owner, record, value in acknowledged:
        kept = [each.content for each in await spaces.definition_versions(owner, f"tpl_{record[1]}")]
        assert kept == [f"{number:03}" for number in range(len(kept))]
        assert value in kept
    assert latest.keys() <= seen.keys()
    assert all(seen[record] in (value, f"{int(value) + 1:03}") for record, value in latest.items())


@pytest.mark.parametrize("seed", range(4))
async def test_kill_9_loses_no_acknowledged_write_and_leaves_no_half_one(tmp_path: Path, seed: int) -> None:
    acknowledged = killed_after(tmp_path, random.Random(seed).randrange(1, 200))
    spaces = SqliteSpaces.open(tmp_path, CATALOG)
    try:
        await check_whole(spaces, acknowledged)
    finally:
        await spaces.close()


def disk_full(*_: object) -> None:
    raise sqlite3.OperationalError("database or disk is full")


async def crashed_at(folder: Path, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    """A folder whose process met a fault between a change's two transactions."""
    spaces = SqliteSpaces.open(folder, CATALOG)
    await with_companies(spaces)
    await spaces.commit(creation("r1", joint={"name": "one"}, side={"stage": "one"}))
    with monkeypatch.context() as patch:
        patch.setattr(writer, place, disk_full)
        with pytest.raises(Fault):
            await spaces.commit(change("r1", at="t2", joint={"name": "two"}, side={"stage": "two"}, touched=(A,)))
    spaces._release()  # as the end of the process would: nothing is marked clean


async def kept(spaces: Spaces) -> list[str]:
    """The history of the one record, in short."""
    (found,) = await spaces.history(histories(A, "r1"))
    return [f"{row.what} {row.at}" for row in found.rows]


@pytest.mark.parametrize("place", ["apply_intent", "mark_applied"])
async def test_what_waits_in_an_outbox_is_finished_before_serving(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    await crashed_at(tmp_path, monkeypatch, place)
    spaces = SqliteSpaces.open(tmp_path, CATALOG)
    (row,) = (await spaces.page(page(updated=True))).rows
    assert (row.joint[0], row.own and row.own[0], row.updated_at, row.own_version) == ("two", "two", "t2", 2)
    assert await kept(spaces) == ["JOINT t2", "FIELD t2", "SIDE t1", "OPENED t1"]
    await spaces.close()


@pytest.mark.parametrize("place", ["write_side", "intent_of"])
async def test_a_change_that_fails_before_its_first_commit_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    await crashed_at(tmp_path, monkeypatch, place)
    spaces = SqliteSpaces.open(tmp_path, CATALOG)
    (row,) = (await spaces.page(page(updated=True))).rows
    assert (row.joint[0], row.own and row.own[0], row.updated_at, row.own_version) == ("one", "one", "t1", 1)
    assert await kept(spaces) == ["SIDE t1", "OPENED t1"]
    await spaces.close()


async def test_after_a_failure_of_the_network_file_the_next_write_finishes_the_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spaces = SqliteSpaces.open(tmp_path, CATALOG)
    await with_companies(spaces)
    await spaces.commit(creation("r1", A, "t1", B, joint={"name": "one"}, side={"stage": "one"}))
    with monkeypatch.context() as patch:
        patch.setattr(writer, "mark_applied", disk_full)
        with pytest.raises(Fault, match="full"):
            await spaces.commit(change("r1", at="t2", joint={"name": "two"}, side={"stage": "two"}))
        with pytest.raises(Fault, match="full"):
            await spaces.commit(change("r1", B, at="t3", joint={"name": "three"}))
    await spaces.commit(change("r1", B, at="t4", joint={"rank": 4}, expect_joint=(("name", "two"),)))
    (row,) = (await spaces.page(page())).rows
    assert (row.joint[:3], row.own and row.own[0]) == (("two", None, 4), "two")
    await spaces.close()
    spaces = SqliteSpaces.open(tmp_path, CATALOG)
    assert [row.joint[0] for row in (await spaces.page(page())).rows] == ["two"]
    await spaces.close()


async def test_one_broken_company_file_stops_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spaces = SqliteSpaces.open(tmp_path, CATALOG)
    await with_companies(spaces)
    (tmp_path / "companies" / f"{B}.db").write_bytes(b"not a database, " * 500)
    errors = await spaces.commit_all([creation("r1", A), creation("r2", B), creation("r3", A)])
    assert [type(error) for error in errors] == [type(None), writer.NotWritten, type(None)]
    assert len((await spaces.page(page(A))).rows) == 2
    await spaces.close()
