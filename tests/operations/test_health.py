"""`/health` and `/ready`: constant, for anybody, cheap, within the limits."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from typing import Any

import httpx
import pytest

from gateway.app import application
from gateway.limits.table import LIMITS
from gateway.operations.health import ALIVE, NOT_READY, READY, Readiness, health_routes
from schema.names import CompanyId
from spaces.fetch import CompanyRow
from spaces.memory import MemorySpaces
from tests.gateway.world import World


class Failing(MemorySpaces):
    """Spaces that count who looks at their companies, and fail, or do not answer, when told."""

    def __init__(self) -> None:
        super().__init__()
        self.read, self.broken, self.stuck = 0, False, False

    async def companies(self, ids: Sequence[CompanyId]) -> list[CompanyRow | None]:
        self.read += 1
        if self.stuck:
            await asyncio.Event().wait()
        if self.broken:
            raise OSError("canary: the disk of Acme is gone")
        return await super().companies(ids)


class Probed:
    """A gateway with its health routes, and a clock that tests turn."""

    def __init__(self) -> None:
        self.spaces, self.now = Failing(), 0.0
        self.readiness = Readiness(self.spaces, lambda: self.now)
        world = World(self.spaces, limits=LIMITS)
        app = application(world.gateway.pipeline, health_routes(self.readiness, LIMITS))
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x")

    async def get(self, path: str, **more: Any) -> tuple[int, bytes]:
        response = await self.http.get(path, **more)
        return response.status_code, response.content


@pytest.fixture
async def probed() -> AsyncIterator[Probed]:
    made = Probed()
    async with made.http:
        yield made


async def test_what_lives_and_can_read_is_healthy_and_ready(probed: Probed) -> None:
    assert await probed.get("/health") == (200, ALIVE)
    assert await probed.get("/ready") == (200, READY)
    head = await probed.http.head("/ready")
    assert (head.status_code, head.content) == (200, b"")
    for path in ("/health", "/ready"):
        assert (await probed.http.post(path, content=b"x")).status_code == 405
        assert (await probed.http.get(path)).headers["cache-control"] == "no-store"


async def test_what_cannot_be_read_is_not_ready_and_nothing_is_told(
    probed: Probed, caplog: pytest.LogCaptureFixture
) -> None:
    probed.spaces.broken = True
    assert await probed.get("/ready") == (503, NOT_READY)
    assert await probed.get("/health") == (200, ALIVE)
    probed.spaces.broken, probed.now = False, 1.0
    assert await probed.get("/ready") == (200, READY)
    assert [r.getMessage() for r in caplog.records if r.levelno == logging.WARNING] == [
        "the spaces cannot be read",
        "the spaces can be read again",
    ]
    assert "canary" not in caplog.text


async def test_spaces_that_do_not_answer_are_not_ready(probed: Probed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.operations.health._PATIENCE", 0.05)
    probed.spaces.stuck = True
    assert await probed.get("/ready") == (503, NOT_READY)


async def test_however_many_ask_the_spaces_are_read_once_a_second(probed: Probed) -> None:
    for second in (0.0, 1.0):
        probed.now = second
        answers = await asyncio.gather(*(probed.get("/ready") for _ in range(50)))
        assert set(answers) == {(200, READY)}
        await probed.get("/ready")
    assert probed.spaces.read == 2


async def test_what_drains_is_not_ready_and_still_lives(probed: Probed) -> None:
    probed.readiness.drain()
    assert await probed.get("/ready") == (503, NOT_READY)
    assert await probed.get("/health") == (200, ALIVE)
    assert probed.spaces.read == 0


@pytest.mark.parametrize("path", ["/health", "/ready"])
async def test_the_limits_of_a_head_hold_for_them_too(probed: Probed, path: str) -> None:
    status, body = await probed.get(path, headers={f"x-{i}": "1" for i in range(LIMITS.headers)})
    assert (status, b"HEADERS_TOO_LARGE" in body) == (431, True)
