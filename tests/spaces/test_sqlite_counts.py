"""What is read of the files tells nothing of what is hidden in them: in two worlds that differ in hidden things
alone, the same numbers of statements are run (leaks.md, row 41)."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from spaces.change import Change
from spaces.sqlite.connections import open_file
from spaces.sqlite.spaces import SqliteSpaces
from tests.spaces.counted import BASE, OF_A_STRANGER, PAIRS, STAGES, counts
from tests.spaces.world import CATALOG, A, ByCompany, C, Masks, creation, with_companies


async def counted(
    folder: Path, made: list[Change], masks: Masks | ByCompany, monkeypatch: pytest.MonkeyPatch
) -> list[int]:
    """How many statements A's reads run, of files just opened."""
    seen: list[str] = []

    def traced(*arguments: Any, **rest: Any) -> sqlite3.Connection:
        connection = open_file(*arguments, **rest)
        connection.set_trace_callback(seen.append)
        return connection

    spaces = SqliteSpaces.open(folder, CATALOG)
    await with_companies(spaces)
    assert not any(await spaces.commit_all([*BASE, *made]))
    await spaces.close()
    monkeypatch.setattr("spaces.sqlite.spaces.open_file", traced)
    spaces = SqliteSpaces.open(folder, CATALOG)
    found = await counts(spaces, masks, seen)
    await spaces.close()
    return found


@pytest.mark.parametrize("pair", PAIRS)
async def test_two_worlds_cost_the_same_statements(pair: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    masks, one, other = PAIRS[pair]
    first = await counted(tmp_path / "one", one, masks, monkeypatch)
    monkeypatch.undo()
    assert await counted(tmp_path / "other", other, masks, monkeypatch) == first


async def test_what_the_viewer_knows_does_cost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fewer = await counted(tmp_path / "one", [], STAGES, monkeypatch)
    monkeypatch.undo()
    more = await counted(tmp_path / "other", [creation("r5", A, "t5", C)], STAGES, monkeypatch)
    assert sum(more) > sum(fewer), "statements are counted"


async def test_a_strangers_policy_costs_no_statement(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without = await counted(tmp_path / "one", [], STAGES, monkeypatch)
    monkeypatch.undo()
    assert await counted(tmp_path / "other", [], OF_A_STRANGER, monkeypatch) == without
