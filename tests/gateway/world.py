"""A made network of five companies, the same on every backend: seeded ids, values and clock.

Named records carry each way of taking part and of sharing; behind them a crowd of records of every kind has
random values of tiny domains, so that ties, nulls and collisions are the rule. `World.seeds` keeps what was put
in, for models that say what a viewer may see without asking the gateway.
"""

import itertools
import random
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import orjson

from gateway.app import application
from gateway.compose import Gateway, compose
from gateway.credentials import DEV_AUDIENCE, DevelopmentIssuer
from gateway.limits.table import UNMETERED
from gateway.pipeline import Answer, Request
from schema.catalog import load_catalog
from schema.kind import Catalog, Kind
from schema.names import RecordId
from schema.sharing import NO_OVERRIDES, PARTICIPANTS, PRIVATE, Audience, Sharing
from schema.values import natural_key, parse_field
from spaces.change import Change, Participation
from spaces.contract import Spaces
from spaces.fetch import CompanyRow, PersonRow
from spaces.memory import MemorySpaces
from spaces.sqlite.spaces import SqliteSpaces
from tests.gateway.made_values import Values
from tests.gateway.people import COMPANIES, PEOPLE, company, made_id, person
from tests.postgres import borrowed

BACKENDS = ("memory", "sqlite", "postgres")

START = 1_750_000_000.0
"""The world's now, in seconds since 1970."""

CATALOG = load_catalog()
_KEYS = Path(tempfile.mkdtemp(prefix="multiway-test-keys-"))
ISSUER = DevelopmentIssuer(_KEYS)
SEAL_KEY = bytes(range(64))
_SHAPES = replace(UNMETERED, depth=50, height=50_000, aliases=1_000, query_roots=500, directives=1_000, cost=10**9)
GENEROUS = replace(_SHAPES, plan_seconds=60, run_seconds=120)
"""Limits beyond what random queries ask, and what a busy machine takes for them; those of the product have tests of
their own."""


@dataclass(slots=True)
class Seed:
    """A record as it was put in: stored values, and (role, status) by company name in the order of joining."""

    kind: Kind
    id: RecordId
    joint: dict[str, Any]
    standing: dict[str, tuple[str, str]]
    sides: dict[str, dict[str, Any]]
    sharing: dict[str, Sharing] = field(default_factory=dict)
    at: str = ""


class World:
    """The network behind a composed gateway."""

    def __init__(self, spaces: Spaces, catalog: Catalog = CATALOG, **composed: Any) -> None:
        self.spaces = spaces
        self.catalog = catalog
        self.seconds = START
        self.seeds: dict[str, Seed] = {}
        self._ids = itertools.count()
        self._ticks = itertools.count()
        given: dict[str, Any] = {
            "seal_key": SEAL_KEY,
            "issuers": {ISSUER.issuer().name: ISSUER.issuer()},
            "audience": DEV_AUDIENCE,
            "now": self.now,
            "clock": lambda: self.seconds,
            "limits": GENEROUS,
            "new_id": lambda prefix: made_id(prefix, f"new {next(self._ids)}"),
        }
        self.gateway: Gateway = compose(catalog, spaces, **{**given, **composed})

    def now(self) -> str:
        """A new instant at each call, a second apart."""
        minutes, seconds = divmod(next(self._ticks), 60)
        hours, minutes = divmod(minutes, 60)
        days, hours = divmod(hours, 24)
        return f"2025-07-{days + 1:02}T{hours:02}:{minutes:02}:{seconds:02}.000000Z"

    def token(self, name: str) -> str:
        return ISSUER.token(person(name), START)

    def id(self, name: str) -> str:
        """The id of the record put in under this name."""
        return self.seeds[name].id

    async def answer(self, name: str, query: str, variables: Mapping[str, Any] | None = None) -> Answer:
        """The status and bytes that a person gets."""
        return await self.gateway.pipeline.answer(self.token(name), Request(query, variables or {}))

    async def ask(self, name: str, query: str, /, **variables: Any) -> Any:
        """The whole body that a person gets."""
        return orjson.loads((await self.answer(name, query, variables)).body)

    async def data(self, name: str, query: str, /, **variables: Any) -> Any:
        """The `data` that a person gets; there must be no errors."""
        body = await self.ask(name, query, **variables)
        assert "errors" not in body, body
        return body["data"]

    async def check(self, name: str, query: str, variables: Mapping[str, Any], expected: Any) -> None:
        """A query and what it gives, as input and output."""
        found = await self.data(name, query, **variables)
        assert found == expected, f"\n{found}\nis not\n{expected}"

    async def change(self, who: str, mutation: str, /, **given: Any) -> Any:
        """Carries out one mutation with its input; gives the payload's record id and errors."""
        type_name = mutation[0].upper() + mutation[1:] + "Input"
        text = f"""mutation($input: {type_name}!) {{ {mutation}(input: $input) {{
          record {{ id }} clientMutationId userErrors {{ code message field }} }} }}"""
        return (await self.data(who, text, input=given))[mutation]

    async def done(self, who: str, mutation: str, /, **given: Any) -> str | None:
        """Carries out a mutation that must succeed; gives the record's id, None where it is no longer seen."""
        payload = await self.change(who, mutation, **given)
        assert payload["userErrors"] == [], payload
        return payload["record"] and str(payload["record"]["id"])

    async def refused(self, who: str, mutation: str, /, **given: Any) -> tuple[str, list[str] | None]:
        """Carries out a mutation that must be refused; gives code and field of the one error."""
        payload = await self.change(who, mutation, **given)
        (error,) = payload["userErrors"]
        assert payload["record"] is None
        assert error["message"].endswith(".")
        return error["code"], error["field"]

    def http(self) -> httpx.AsyncClient:
        """A client of the ASGI application."""
        transport = httpx.ASGITransport(application(self.gateway.pipeline))
        return httpx.AsyncClient(transport=transport, base_url="http://gateway", trust_env=False)


def open_spaces(backend: str, folder: Path, catalog: Catalog = CATALOG) -> Spaces:
    """Empty spaces of a backend."""
    if backend == "postgres":
        return borrowed(catalog)
    return MemorySpaces() if backend == "memory" else SqliteSpaces.open(folder, catalog)


async def add_people(spaces: Spaces) -> None:
    for name in COMPANIES:
        await spaces.add_company(CompanyRow(company(name), name.title()))
    for name, (home, roles, hide, active) in PEOPLE.items():
        row = PersonRow(person(name), company(home), f"{name}@{home}.example", name.title(), roles, hide, active)
        await spaces.put_person(row)


SHARINGS = (
    NO_OVERRIDES,
    Sharing((("amount", PARTICIPANTS), ("nextStep", PRIVATE))),
    Sharing((("notes", Audience("selected", (company("bolt"),), ())), ("stage", PARTICIPANTS))),
    Sharing((("amount", Audience("selected", (), (person("bea"),))), ("probability", PARTICIPANTS))),
)


async def make_world(
    backend: str,
    folder: Path,
    *,
    crowd: int = 24,
    values: Values | None = None,
    alter: Callable[[Seed], None] = lambda seed: None,
) -> World:
    """The whole network on a backend. `crowd` is how many opportunities stand behind the named ones; `alter`
    changes each seed before it is put in."""
    world = World(open_spaces(backend, folder))
    await add_people(world.spaces)
    seeds = [*_named(values), *_crowd(crowd, values)]
    for seed in seeds:
        alter(seed)
        seed.at = world.now()
        world.seeds[seed.joint[seed.kind.title]] = seed
    changes = [change for seed in seeds for change in _changes(seed)]
    for error in await world.spaces.commit_all(changes):
        assert error is None, error
    return world


def _changes(seed: Seed) -> list[Change]:
    owner = next(iter(seed.standing))
    opening = tuple(Participation(company(c), role, status) for c, (role, status) in seed.standing.items())
    changes = []
    for name in [owner, *(c for c in seed.sides if c != owner)]:
        side = seed.sides.get(name)
        changes.append(
            Change(
                seed.kind,
                seed.id,
                company(name),
                person(next(p for p, row in PEOPLE.items() if row[0] == name)),
                seed.at,
                creates=name == owner,
                joint=seed.joint if name == owner else {},
                side=side,
                sharing=seed.sharing.get(name),
                participants=opening if name == owner else (),
                touched=tuple(map(company, seed.standing)) if name == owner else (),
                natural_key=natural_key(seed.kind, side or {}),
            )
        )
    return changes


def _named(values: Values | None) -> list[Seed]:
    made = values or Values(random.Random(7), full=True)
    deal = CATALOG.by_name["opportunity"]

    def opportunity(name: str, standing: dict[str, tuple[str, str]], sharing: dict[str, Sharing]) -> Seed:
        return _seed(deal, name, standing, sharing, made)

    selected = Sharing(
        (
            ("amount", PARTICIPANTS),
            ("notes", Audience("selected", (), (person("bea"),))),
            ("probability", Audience("selected", (company("bolt"),), ())),
        )
    )
    return [
        opportunity(
            "Alpha",
            {
                "acme": ("OWNER", "ACCEPTED"),
                "bolt": ("PARTICIPANT", "ACCEPTED"),
                "core": ("PARTICIPANT", "INVITED"),
                "dune": ("PARTICIPANT", "DECLINED"),
            },
            {"acme": selected},
        ),
        opportunity(
            "Beta",
            {
                "bolt": ("OWNER", "ACCEPTED"),
                "acme": ("COLLABORATOR", "ACCEPTED"),
                "core": ("VIEWER", "ACCEPTED"),
                "dune": ("PARTICIPANT", "WITHDRAWN"),
            },
            {"bolt": SHARINGS[1], "acme": SHARINGS[2]},
        ),
        opportunity("Gamma", {"core": ("OWNER", "ACCEPTED"), "dune": ("PARTICIPANT", "ACCEPTED")}, {}),
    ]


def _crowd(count: int, values: Values | None) -> list[Seed]:
    rng = random.Random(11)
    made = values or Values(rng)
    seeds: list[Seed] = []
    for kind in reversed(CATALOG.kinds):  # solutions first: opportunities link to them
        for n in range(count if kind.name == "opportunity" else max(count // 3, 3)):
            inside = rng.sample(COMPANIES[:4], k=rng.randint(1, 4))
            standing = {inside[0]: ("OWNER", "ACCEPTED")}
            for other in inside[1:]:
                role = rng.choice(("COLLABORATOR", "VIEWER", "PARTICIPANT"))
                standing[other] = (role, rng.choice(("ACCEPTED",) * 4 + ("INVITED", "DECLINED", "WITHDRAWN")))
            sharing = {c: _fitting(kind, rng.choice(SHARINGS)) for c in inside}
            seeds.append(_seed(kind, f"{kind.name} {n:02}", standing, sharing, made))
            if kind.name == "solution":
                made.links["solution"].append(seeds[-1].id)
    return seeds


def _fitting(kind: Kind, sharing: Sharing) -> Sharing:
    return Sharing(tuple((name, audience) for name, audience in sharing.overrides if name in kind.side_by_name))


def _seed(
    kind: Kind, name: str, standing: dict[str, tuple[str, str]], sharing: dict[str, Sharing], made: Values
) -> Seed:
    joint = {f.name: parse_field(f, made.of(f, name, "joint"), (f.name,)) for f in kind.joint}
    joint[kind.title] = name
    sides = {}
    for owner, (_, status) in standing.items():
        if status in ("ACCEPTED", "WITHDRAWN"):
            made.home = [p for p, row in PEOPLE.items() if row[0] == owner]
            side = {
                f.name: parse_field(f, made.of(f, name, owner), (f.name,)) for f in kind.side if f.history_of is None
            }
            for log in (f for f in kind.side if f.history_of is not None):
                value = side[log.history_of or ""]
                side[log.name] = ({"at": "2025-06-30T00:00:00.000000Z", "value": value},) if value else None
            sides[owner] = side
    kept = {c: s for c, s in sharing.items() if c in sides and s != NO_OVERRIDES}
    return Seed(kind, RecordId(made_id(kind.prefix, name)), joint, standing, sides, kept)
