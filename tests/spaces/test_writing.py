"""How the embedded backend groups writes: waves in order, one batch for those that wait, callers that go away."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import orjson
import pytest

from spaces.change import Change, Participation, Receipt
from spaces.sql.intent import intent_of
from spaces.sqlite.outbox import parsed_intent
from spaces.sqlite.spaces import SqliteSpaces
from spaces.sqlite.waves import waves
from spaces.write_queue import BATCH, WriteQueue
from tests.spaces.world import CATALOG, A, B, C, change, creation, found, with_companies


def test_a_record_occurs_once_a_wave() -> None:
    assert waves([]) == []
    assert waves([change("r1"), change("r2"), change("r3", B)]) == [[0, 1, 2]]
    assert waves([change("r1"), change("r1", B), change("r2"), change("r1"), change("r2")]) == [[0, 2], [1, 4], [3]]


def test_equal_keys_never_overtake() -> None:
    late = [change("r1"), change("r1", natural_key="k", receipt=Receipt("a", "1"))]
    assert waves([*late, change("r2", natural_key="k")]) == [[0], [1, 2]]
    assert waves([*late, change("r2", natural_key="other")]) == [[0, 2], [1]]
    assert waves([*late, change("r2", B, natural_key="k")]) == [[0, 2], [1]]
    assert waves([*late, change("r2", receipt=Receipt("a", "2"))]) == [[0], [1, 2]]
    assert waves([*late, change("r2", receipt=Receipt("b", "2"))]) == [[0, 2], [1]]
    assert waves([*late, change("r2", natural_key="k"), change("r2"), change("r3", natural_key="k")]) == [
        [0],
        [1, 2, 4],
        [3],
    ]


async def test_what_waits_together_is_written_together() -> None:
    batches: list[int] = []

    def write(changes: Sequence[Change]) -> list[Exception | None]:
        batches.append(len(changes))
        return [None] * len(changes)

    queue = WriteQueue(write)
    await asyncio.gather(*[queue.commit([change()]) for _ in range(20)])
    assert batches == [20]
    assert len(await queue.commit([change()] * (BATCH + 1))) == BATCH + 1
    assert batches == [20, BATCH, 1]
    await queue.close()
    await queue.close()


async def test_a_writer_that_fails_fails_all_who_wait_and_goes_on() -> None:
    failures = [RuntimeError("once")]

    def write(changes: Sequence[Change]) -> list[Exception | None]:
        if failures:
            raise failures.pop()
        return [None] * len(changes)

    queue = WriteQueue(write)
    results = await asyncio.gather(queue.commit([change()]), queue.commit([change(), change()]))
    assert [[type(each) for each in errors] for errors in results] == [[RuntimeError], [RuntimeError] * 2]
    assert await queue.commit([change()]) == [None]
    await queue.close()


async def test_a_caller_that_goes_away_stops_nothing(tmp_path: Path) -> None:
    spaces = SqliteSpaces.open(tmp_path, CATALOG)
    await with_companies(spaces)
    gone = asyncio.create_task(spaces.commit(creation("r1")))
    stays = asyncio.create_task(spaces.commit(creation("r2")))
    await asyncio.sleep(0)
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    await stays
    assert await found(change().company, spaces) == ["r1", "r2"]
    await spaces.close()


async def test_close_finishes_what_is_under_way(tmp_path: Path) -> None:
    spaces = SqliteSpaces.open(tmp_path, CATALOG)
    await with_companies(spaces)
    late = asyncio.create_task(spaces.commit_all([creation(f"r{i}") for i in range(300)]))
    await asyncio.sleep(0)
    await spaces.close()
    assert await late == [None] * 300
    spaces = SqliteSpaces.open(tmp_path, CATALOG)
    assert len(await found(change().company, spaces, limit=1000)) == 300
    await spaces.close()


def test_intents_of_earlier_versions_say_nothing_of_associations() -> None:
    made = change(
        participants=(Participation(B, "VIEWER", "INVITED", "Hello", A), Participation(C, "VIEWER", "DECLINED"))
    )
    intent = intent_of(made, None)
    assert parsed_intent(intent.text()) == intent
    assert intent.participants == [(B, "VIEWER", "INVITED", "Hello", A), (C, "VIEWER", "DECLINED", None, None)]
    before = orjson.loads(intent.text())
    before["participants"] = [each[:4] for each in before["participants"]]
    read = parsed_intent(orjson.dumps(before).decode())
    assert read.participants == [(B, "VIEWER", "INVITED", "Hello", None), (C, "VIEWER", "DECLINED", None, None)]
