"""A company that moves is there wholly or not at all: whatever step fails, whenever the process is killed."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from spaces.sql import erasing
from spaces.sqlite import moving, removals
from spaces.sqlite.spaces import SqliteSpaces
from tests.spaces.moves import lived_in, packed, parcel, seen
from tests.spaces.world import CATALOG, A, with_companies

ROOT = Path(__file__).parents[2]


class Crash(BaseException):
    """The process ends here."""


def crashing(*_: Any, **__: Any) -> None:
    raise Crash


async def reopened(spaces: SqliteSpaces, folder: Path) -> SqliteSpaces:
    """The folder as the next process finds it, after one that marked nothing clean."""
    spaces._release()
    return SqliteSpaces.open(folder, CATALOG)


def steps(*places: tuple[Any, str]) -> list[Any]:
    return [pytest.param(*place, id=place[1]) for place in places]


@pytest.mark.parametrize(
    ("where", "step"),
    steps((erasing, "fingerprint"), (removals, "note"), (removals, "finish"), (moving, "remove"),
          (moving, "_forget")),
)  # fmt: skip # the steps of erasing, in order
async def test_a_crash_leaves_a_company_that_is_erased_or_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: Any, step: str
) -> None:
    spaces = SqliteSpaces.open(tmp_path, CATALOG)
    await with_companies(spaces)
    await lived_in(spaces)
    before = await seen(spaces)
    with monkeypatch.context() as patch:
        patch.setattr(where, step, crashing)
        with pytest.raises(Crash):
            await spaces.erase(A)
    spaces = await reopened(spaces, tmp_path)
    (company,) = await spaces.companies([A])
    assert company is not None
    if company.name:
        assert step in ("fingerprint", "note")
        assert await seen(spaces) == before
    else:
        assert step in ("finish", "remove", "_forget")
        assert not (tmp_path / "companies" / f"{A}.db").exists()
        assert b"zed@a.test" not in (tmp_path / "network.db").read_bytes()
    await spaces.close()


@pytest.mark.parametrize(
    ("where", "step"),
    steps((removals, "open_file"), (removals, "note"), (removals, "sync"), (removals, "finish"), (os, "replace")),
)
@pytest.mark.parametrize("way", ["take_in", "bring_back"])
async def test_a_crash_leaves_a_company_that_has_come_or_is_as_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: Any, step: str, way: str
) -> None:
    spaces = SqliteSpaces.open(tmp_path, CATALOG)
    await with_companies(spaces)
    await lived_in(spaces)
    pieces = await packed(spaces)
    move: Callable[[SqliteSpaces], Any]
    if way == "take_in":
        await spaces.erase(A)
        move = lambda spaces: spaces.take_in(parcel(pieces))  # noqa: E731 # it stands beside the other
    else:
        move = lambda spaces: spaces.bring_back(parcel(pieces))  # noqa: E731 # as above
    before = await seen(spaces)
    with monkeypatch.context() as patch:
        patch.setattr(where, step, crashing)
        with pytest.raises(Crash):
            await move(spaces)
    spaces = await reopened(spaces, tmp_path)
    found = await seen(spaces)
    if step in ("open_file", "note", "sync"):
        assert found == before
        await move(spaces)
        found = await seen(spaces)
    assert found != before
    again = await packed(spaces)
    assert len(again) == len(pieces)
    assert not list((tmp_path / "companies").glob("*.arriving*"))  # nothing waits for this test
    await spaces.close()


def killed(folder: Path, seed: int) -> None:
    """Runs the child, and kills it a moment after it has begun a round."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.spaces.move_child", str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        for _ in range(1 + seed):
            assert child.stdout.readline() == "moving\n"
        with suppress(subprocess.TimeoutExpired):
            child.wait(random.Random(seed).uniform(0.001, 0.3))
        child.send_signal(signal.SIGKILL)
    assert child.returncode == -signal.SIGKILL


@pytest.mark.parametrize("seed", range(3))
async def test_kill_9_leaves_a_company_that_is_there_whole_or_not(tmp_path: Path, seed: int) -> None:
    killed(tmp_path, seed)
    spaces = SqliteSpaces.open(tmp_path, CATALOG)
    (company,) = await spaces.companies([A])
    assert company is not None
    if company.name:
        assert len(await packed(spaces)) == 9
    else:
        assert await spaces.definitions() == []
    with sqlite3.connect(tmp_path / "network.db") as network:
        assert network.execute("SELECT count(*) FROM moving").fetchone() == (0,)
        assert network.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    network.close()
    await spaces.close()
