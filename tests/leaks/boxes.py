"""A real gateway in a box, over spaces that a scenario fills anew, with everything counted that leaves it."""

import asyncio
import hashlib
import re
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

import orjson

from gateway.app import application
from gateway.compose import compose
from gateway.credentials import DEV_AUDIENCE, DevelopmentIssuer
from gateway.limits.table import UNMETERED
from policies.decide import CompanySides, Decisions
from policies.engine import Rules
from spaces.change import Change
from spaces.contract import Spaces
from spaces.fetch import CompanyRow, PersonRow
from spaces.memory import MemorySpaces
from spaces.sqlite import connections
from spaces.sqlite.spaces import SqliteSpaces
from tests.leaks.cast import BASE, NAMES, OWN_SCREEN, PEOPLE, Screen, made_id
from tests.leaks.defined import Defined
from tests.leaks.postgres_store import PostgresStore
from tests.leaks.settings import PLAIN, Setting

START = 1_750_000_000.0
ISSUER = DevelopmentIssuer(Path(tempfile.mkdtemp(prefix="multiway-leaks-")))
TOKENS = {row.id: ISSUER.token(row.id, START) for row in PEOPLE}
STRIPPED = frozenset({b"date"})
"""Headers that are not compared; a server sends it, and it is the same clock for all."""


class Observed(NamedTuple):
    """What a caller gets, and what it cost."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    counts: tuple[tuple[str, int], ...]

    def without_questions(self) -> "Observed":
        """The same without the counts of questions to the policies, of which some are answered from memory."""
        return self._replace(counts=tuple(c for c in self.counts if not c[0].startswith(("asked", "policy"))))


class Watched:
    """Spaces that count their calls; `inner` is put in by each scenario."""

    def __init__(self, counts: Counter[str]) -> None:
        self.inner: Any = None
        self._counts = counts

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.inner, name)

        async def counted(*args: Any, **named: Any) -> Any:
            self._counts["fetch " + name] += 1
            if name == "sides":
                self._counts["side fetches"] += len(args[0])
            return await method(*args, **named)

        return counted


class Box:
    """One world's gateway. `counts` are what happened since they were cleared."""

    def __init__(self, backend: str, **composed: Any) -> None:
        self.counts: Counter[str] = Counter()
        self.spaces = Watched(self.counts)
        self.store = MemoryStore() if backend == "memory" else _STORES[backend](self.counts)
        self.tick = 0
        self.half = 0
        self.actor = ""
        self.acting = False
        self._made: Counter[str] = Counter()
        self._number = 0
        given: dict[str, Any] = {
            "seal_key": bytes(range(64)),
            "issuers": {ISSUER.issuer().name: ISSUER.issuer()},
            "audience": DEV_AUDIENCE,
            "now": self.now,
            "clock": lambda: START,
            "new_id": self.new_id,
            "limits": replace(UNMETERED, plan_seconds=60, run_seconds=120),
        }
        spaces: Any = self.spaces
        self.gateway = compose(BASE, spaces, **{**given, **composed})
        self.defined = Defined(self.gateway)
        self.app = application(self.gateway.pipeline)

    def now(self) -> str:
        """The viewer's own operations move the clock by a second; what others do in between happens at a half."""
        minutes, seconds = divmod(self.tick, 60)
        return f"2025-07-01T00:{minutes:02}:{seconds:02}.{self.half}00000Z"

    def new_id(self, prefix: str) -> str:
        """The n-th id that the acting company makes, whatever others make."""
        self._made[self.actor] += 1
        world = self._number if prefix in ("tpl", "cf", "shr") else ""
        return made_id(prefix, f"new {self.actor} {self._made[self.actor]}{world}")

    async def fill(
        self, people: Iterable[PersonRow], changes: Sequence[Change], setting: Setting = PLAIN, number: int = 0
    ) -> None:
        """Empties the box and puts a world in. Definitions made in it have ids that no world of another number has."""
        self._number = number
        self.defined.put(setting)
        self.tick = self.half = 0
        self._made.clear()
        self.spaces.inner = await self.store.fresh(people)
        errors = await self.spaces.inner.commit_all(changes)
        assert not any(errors), errors

    async def post(
        self, who: PersonRow, text: str, variables: Mapping[str, Any], screen: Screen = OWN_SCREEN
    ) -> Observed:
        """What a person gets for a request, and what happened meanwhile."""
        self.actor = who.company
        self.counts.clear()
        global _counting
        _counting = self.counts
        self.acting = True
        try:
            body = orjson.dumps({"query": text, "variables": variables})
            status, headers, answer = await call(self.app, TOKENS[who.id], body, screen)
        finally:
            _counting = Counter()
            self.acting = False
        kept = tuple((k, v) for k, v in headers if k not in STRIPPED)
        return Observed(status, kept, answer, tuple(sorted(self.counts.items())))

    async def close(self) -> None:
        await self.store.close()


def forget(gateway: Any) -> None:
    """Empties the caches of decisions, so that each request pays for what it asks."""
    epochs = gateway.policies._epochs
    for epoch in (epochs.shared, *epochs.own.values()):
        for kept in (epoch.decide, epoch.side_rules, epoch._sets, epoch._by_class):
            kept.cache_clear()


_SCOPE = {
    "type": "http",
    "method": "POST",
    "path": "/graphql",
    "raw_path": b"/graphql",
    "root_path": "",
    "scheme": "http",
    "query_string": b"",
    "http_version": "1.1",
    "client": ("127.0.0.1", 1),
    "server": ("gateway", 80),
    "asgi": {"version": "3.0"},
}


async def call(
    app: Any, token: str, body: bytes, screen: Screen = OWN_SCREEN
) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """One POST through the ASGI application, without a client library in between."""
    headers = [(b"content-type", b"application/json"), (b"authorization", b"Bearer " + token.encode())]
    if screen.hides:
        headers.append((b"multiway-hide-private", b"true"))
    if screen.partners:
        headers.append((b"multiway-presenting-to", ",".join(screen.partners).encode()))
    scope = {**_SCOPE, "headers": headers, "state": {}}
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    answer = b"".join(m.get("body", b"") for m in sent[1:])
    return sent[0]["status"], sent[0]["headers"], answer


class MemoryStore:
    """Makes empty spaces in memory."""

    async def fresh(self, people: Iterable[PersonRow]) -> Spaces:
        spaces = MemorySpaces()
        for company, name in NAMES.items():
            spaces._companies[company] = name
        for row in people:
            spaces._people[row.id] = row
        return spaces

    async def close(self) -> None:
        """Nothing is open."""


_INSIDE_INDEX = re.compile(r"(-- )?(PRAGMA 'main'\.data_version|[^\n]*'main'\.'find_)")
"""What FTS5 runs by itself: as many as its index has parts, which hangs on how often the own company has written."""


class SqliteStore:
    """Keeps one set of files and empties their tables: making files takes longer than a scenario."""

    def __init__(self, counts: Counter[str]) -> None:
        memory = Path("/dev/shm")  # noqa: S108 # a folder of its own is made in it; files in memory are faster
        root = memory if memory.is_dir() else None
        self._folder = tempfile.TemporaryDirectory(prefix="multiway-leaks-", dir=root)
        self._opened: list[sqlite3.Connection] = []
        self._spaces: SqliteSpaces | None = None
        self._counts = counts

    async def fresh(self, people: Iterable[PersonRow]) -> Spaces:
        if self._spaces is None:
            self._spaces = await self._open()
        for company_file in (*self._spaces._written._files.values(), *self._spaces._readers._files.values()):
            for id_ in [i for i in company_file.sharings if i]:
                del company_file.sharings[id_]
            company_file.classes.clear()
        for file in self._spaces._written._files.values():
            _empty(file.connection, ("applied", "company", "state"))
        _empty(self._spaces._network_writes, ("company", "state", "applied"))
        for row in people:
            await self._spaces.put_person(row)
        return self._spaces

    async def _open(self) -> SqliteSpaces:
        plain = connections.open_file

        def watched(*args: Any, **kwargs: Any) -> sqlite3.Connection:
            connection = plain(*args, **kwargs)
            connection.execute("PRAGMA synchronous = OFF")
            connection.set_trace_callback(self._trace)
            self._opened.append(connection)
            return connection

        with patch("spaces.sqlite.spaces.open_file", watched):
            spaces = SqliteSpaces.open(Path(self._folder.name), BASE)
            for company, name in NAMES.items():
                await spaces.add_company(CompanyRow(company, name))
                spaces._readers.take(company, attach=spaces._folder.network)  # as whoever has read before
                spaces._written.take(company)
        return spaces

    def _trace(self, sql: str) -> None:
        if not _INSIDE_INDEX.match(sql):
            self._counts["sql"] += 1

    async def close(self) -> None:
        if self._spaces is not None:
            await self._spaces.close()
        self._folder.cleanup()


_STORES: dict[str, Any] = {"sqlite": SqliteStore, "postgres": PostgresStore}


def _empty(connection: sqlite3.Connection, kept: tuple[str, ...]) -> None:
    names = connection.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'").fetchall()
    connection.execute("BEGIN IMMEDIATE")
    for (name,) in names:
        if name.startswith("find_"):  # an index, and beside it the tables of its own
            if name.count("_") == 1:
                connection.execute(f"INSERT INTO main.{name} ({name}) VALUES ('delete-all')")
        elif name not in kept and not name.startswith("sqlite_"):
            connection.execute(f"DELETE FROM main.{name}")
    connection.execute("COMMIT")


_counting: Counter[str] = Counter()


def _count(owner: Any, method: str, name: str) -> None:
    plain = getattr(owner, method)

    def counted(*args: Any, **kwargs: Any) -> Any:
        _counting[name] += 1
        return plain(*args, **kwargs)

    setattr(owner, method, counted)


def count_decisions() -> None:
    """Counts questions to the policies from now on, in whichever box is asked at the time."""
    for method in ("joint", "participants", "sides"):
        _count(Decisions, method, f"asked for {method}")
    _count(CompanySides, "program", "asked for a program")
    _count(Rules, "ask", "policy queries")


def digest(*parts: Any) -> str:
    """A short name of some values, for reports."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]


def run(awaitable: Any) -> Any:
    """Runs to the end in a loop of its own."""
    return asyncio.run(awaitable)
