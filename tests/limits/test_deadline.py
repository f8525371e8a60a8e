"""An operation ends at its deadline (run_seconds): what waits is cancelled, and SQL is cut short in the statement."""

import asyncio
import dataclasses
import time
from pathlib import Path
from typing import Any

from gateway.limits.table import LIMITS
from spaces.memory import MemorySpaces
from spaces.sqlite.spaces import SqliteSpaces
from tests.gateway.people import company, made_id
from tests.gateway.world import CATALOG, World, add_people
from tests.limits.asking import ask, post
from tests.limits.cases import WHO

SHORT = dataclasses.replace(LIMITS, run_seconds=0.2)
SLOW = post("{ viewer { email } opportunities(first: 1) { totalCount } }")
ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


class Hanging(MemorySpaces):
    """Spaces whose pages never come."""

    def __init__(self) -> None:
        super().__init__()
        self.cancelled = False

    async def page(self, fetch: Any) -> Any:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            self.cancelled = True
            raise


async def test_what_waits_too_long_is_cancelled() -> None:
    spaces = Hanging()
    world = World(spaces, limits=SHORT)
    await add_people(spaces)
    start = time.monotonic()
    found = await ask(world, SLOW)
    assert 0.2 <= time.monotonic() - start < 2
    assert (found.status, found.code) == (504, "DEADLINE_EXCEEDED")
    assert set(found.body) == {"errors"}
    await asyncio.sleep(0)
    assert spaces.cancelled


async def test_root_fields_that_are_whole_by_the_deadline_are_answered() -> None:
    world = World(Hanging(), limits=SHORT)
    await add_people(world.spaces)
    whole = f'one: company(id: "{company("acme")}") {{ name }}'
    late = f'two: node(id: "{made_id("opp", "x")}") {{ id }}'
    found = await ask(world, post(f"{{ {whole} {late} }}"))
    assert found.status == 200
    assert found.body["data"] == {"one": {"name": "Acme"}, "two": None}
    assert [(e["path"], e["extensions"]["code"]) for e in found.body["errors"]] == [(["two"], "DEADLINE_EXCEEDED")]
    assert (await ask(world, post(f"{{ {late} }}"))).status == 504


class Endless(SqliteSpaces):
    """Spaces whose pages are a statement without an end."""

    async def page(self, fetch: Any) -> Any:
        file = self._readers.take(fetch.company, attach=self._folder.network)
        return file.connection.execute(ENDLESS).fetchone()


async def test_a_statement_is_cut_short_though_no_timer_can_fire(tmp_path: Path) -> None:
    spaces = Endless.open(tmp_path, CATALOG)
    world = World(spaces, limits=SHORT)
    await add_people(spaces)
    start = time.monotonic()
    found = await ask(world, SLOW)
    assert 0.2 <= time.monotonic() - start < 2
    assert (found.status, found.code) == (504, "DEADLINE_EXCEEDED")
    assert (await ask(world, post(WHO))).status == 200  # the connection is as good as before
    assert (await ask(world, SLOW)).status == 504
    await spaces.close()


async def test_a_fault_before_the_deadline_stays_a_fault() -> None:
    class Failing(MemorySpaces):
        async def page(self, fetch: Any) -> Any:
            raise RuntimeError

    world = World(Failing(), limits=SHORT)
    await add_people(world.spaces)
    assert (await ask(world, SLOW)).code == "INTERNAL"
