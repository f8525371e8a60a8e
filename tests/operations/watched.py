"""A gateway that is watched, and requests full of canaries."""

import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx

from gateway.app import application
from gateway.operations.seen import Seen, Watch
from gateway.seal import Seal
from schema.names import CompanyId
from spaces.fetch import CompanyRow
from spaces.memory import MemorySpaces
from tests.gateway.deals import deal
from tests.gateway.world import SEAL_KEY, World, add_people

CANARY = "zanzibar"
"""Is in every value, name and header that the requests below have, and in all that they find."""


class Broken(MemorySpaces):
    """Spaces whose companies cannot be read, once told so; the fault quotes a value, as those of databases do."""

    broken = False

    async def companies(self, ids: Sequence[CompanyId]) -> list[CompanyRow | None]:
        if self.broken:
            try:
                raise KeyError(CANARY)
            except KeyError as error:
                raise OSError(f"UNIQUE failed: {CANARY}") from error
        return await super().companies(ids)


class Watched:
    """A gateway over a few people, watched by these."""

    def __init__(self, *told: Callable[[Seen], None], **composed: Any) -> None:
        self.spaces = Broken()
        self.world = World(self.spaces, **composed)
        app = application(self.world.gateway.pipeline, watch=Watch(Seal(SEAL_KEY), *told))
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self.http = httpx.AsyncClient(transport=transport, base_url="http://x")
        self.secrets: set[str] = {CANARY}
        """What may stand in no log: the canary, ids and tokens of all."""

    async def ask(self, query: str, variables: Any = None, name: str = "ann", operation: str | None = None) -> int:
        """One request, with canaries in its headers. Its status."""
        token = self.world.token(name)
        self.secrets |= {token, token.split(".")[2]}
        trace = f"00-{'a' * 32}-{'b' * 16}-01"
        body = {"query": query, "variables": variables or {}, "operationName": operation}
        return await self.post(json.dumps(body), f"Bearer {token}", **{"X-Request-Id": CANARY, "traceparent": trace})

    async def post(self, content: str, token: str, kind: str = "application/json", **headers: str) -> int:
        """Bytes, as they are. The status of what comes."""
        sent = {"Authorization": token, "Content-Type": kind, **headers}
        return (await self.http.post("/graphql", content=content, headers=sent)).status_code

    async def ask_all(self) -> list[int]:
        """Requests of all sorts, each full of canaries. Their statuses."""
        record = await deal(self.world, f"{CANARY} deal", notes=CANARY, accepted="bolt")
        self.secrets.add(record)
        side = f'{{name: "{CANARY} too", mine: {{notes: "{CANARY}"}}}}'
        texts: list[tuple[str, Any, str | None]] = [
            (f"query {CANARY} {{ {CANARY}: opportunities(first: 9) {{ nodes {{ id name }} }} }}", None, CANARY),
            ("query($id: ID!) { opportunity(id: $id) { id name mine { notes } } }", {"id": record}, None),
            (f'{{ search(text: "{CANARY}", first: 3) {{ totalCount }} }}', None, None),
            (f'{{ opportunities(first: 1, where: {{name: {{eq: "{CANARY}"}}}}) {{ totalCount }} }}', None, None),
            (f"mutation {{ createOpportunity(input: {side}) {{ userErrors {{ code }} }} }}", None, None),
            (f"{{ {CANARY} }}", None, None),
            (f"{{ {CANARY}", None, None),
            (f"query(${CANARY}: Int!) {{ opportunities(first: ${CANARY}) {{ totalCount }} }}", {CANARY: CANARY}, None),
            (f'{{ opportunities(first: 1, after: "{CANARY}") {{ totalCount }} }}', None, None),
            ("{ __schema { types { name } } }", None, None),
            ("{ viewer { email } }", None, CANARY),
        ]
        found = [await self.ask(query, variables, operation=name) for query, variables, name in texts]
        found.append(await self.post(CANARY, f"Bearer {CANARY}"))
        found.append(await self.post(CANARY, CANARY, CANARY))
        found.append((await self.http.get(f"/graphql?{CANARY}={CANARY}")).status_code)
        found.append(await self.post('{"query": "{ viewer { email } }"}', f"Bearer {CANARY}.{CANARY}.x"))
        self.spaces.broken = True
        found.append(await self.ask(f"query {CANARY} {{ viewer {{ company {{ name }} }} }}"))
        self.spaces.broken = False
        self.secrets |= {f"{person}@" for person in ("ann", "bob")}
        return found


@asynccontextmanager
async def watched(*told: Callable[[Seen], None], **composed: Any) -> AsyncIterator[Watched]:
    """A watched gateway, closed at the end."""
    found = Watched(*told, **composed)
    await add_people(found.spaces)
    async with found.http:
        yield found
