"""The network that is measured: made from a seed through the spaces' own door, and kept between runs.

Every company has people, every record three accepted companies, each with a side. Sharing is what a network would
have: half of the sides as the kind says, the rest in a dozen classes, among them companies and people chosen by name.
Company 0 is the wide one: it gives every side a sharing class of its own, and company 1 is with it on all of them.
In a network with a `centre` there is no such company; instead company 0 owns every record.
"""

import asyncio
import hashlib
import json
import random
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import count
from pathlib import Path
from typing import Any

from bench.custom_fields import kept, kind_of, template_of, values
from schema.catalog import load_catalog
from schema.kind import Catalog, Kind
from schema.money import Money
from schema.names import CompanyId, PersonId, RecordId
from schema.sharing import NO_OVERRIDES, PARTICIPANTS, PRIVATE, Audience, Sharing
from spaces.change import Change, Participation
from spaces.fetch import CompanyRow, PersonRow
from spaces.sqlite.spaces import SqliteSpaces

_FORMAT = 3  # rises when this file makes other data from the same parameters
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_WORDS = ("Harbour", "Copper", "North", "Quartz", "Willow", "Delta", "Ember", "Atlas", "Juniper", "Signal")
_CURRENCIES = ("USD", "EUR", "GBP", "JPY", "BHD")
_COUNTRIES = ("DE", "US", "GB", "FR", "JP", "SE", "BR", "IN")
_BATCH = 10_000  # records that are committed together
WIDE, BESIDE_WIDE = 0, 1
"""The company that has a sharing class for each of its sides, and the one that is with it on all of them."""
CENTRE = 0
"""The company that owns every record, in a network that has such a one."""


@dataclass(frozen=True, slots=True)
class Size:
    """How large a network is. `classes` are those of the wide company, which takes part in as many records."""

    companies: int = 200
    people: int = 5
    records: int = 20_000
    classes: int = 1_000
    seed: int = 7
    centre: bool = False
    custom: int = 0  # custom fields of each company


SMALL = Size(companies=8, people=3, records=160, classes=40)
"""A network for tests: the same in all but size."""
CUSTOM = Size(custom=30)
SMALL_CUSTOM = Size(companies=8, people=3, records=160, classes=40, custom=30)
"""The same networks, where every company has custom fields."""
LARGE = Size(companies=50, classes=0, centre=True)
"""A network in which one company has all records: 20,000 sides of its own, each with those of two partners."""
SMALL_LARGE = Size(companies=6, people=3, records=700, classes=0, centre=True)
"""The same for tests."""


@dataclass(frozen=True, slots=True)
class Network:
    """A made network: its folder, and the people of each company, in order of company."""

    folder: Path
    size: Size
    companies: tuple[CompanyId, ...]
    people: tuple[tuple[PersonId, ...], ...]


def made_id(prefix: str, seed: int, number: int) -> str:
    """A well-formed public id that is always the same for these."""
    bits = int.from_bytes(hashlib.sha256(f"{prefix} {seed} {number}".encode()).digest(), "big")
    return f"{prefix}_" + "".join(_ALPHABET[(bits >> shift) & 31] for shift in range(0, 130, 5))


def describe(folder: Path, size: Size) -> Network:
    """The network of this size, whether or not the folder holds it."""
    companies = tuple(CompanyId(made_id("co", size.seed, c)) for c in range(size.companies))
    people = tuple(
        tuple(PersonId(made_id("pe", size.seed, c * size.people + p)) for p in range(size.people))
        for c in range(size.companies)
    )
    return Network(folder, size, companies, people)


def kept_network(size: Size) -> Network:
    """The network of this size in the folder for temporary files, made if it is not there yet. Not to be called
    while an event loop runs."""
    catalog = load_catalog()
    parameters = json.dumps([_FORMAT, asdict(size), repr(catalog.by_name["opportunity"])])
    name = f"multiway-bench-{hashlib.sha256(parameters.encode()).hexdigest()[:12]}"
    folder = Path(tempfile.gettempdir()) / name
    if not folder.exists():
        fresh = Path(tempfile.mkdtemp(prefix=name + "-"))
        asyncio.run(make_network(fresh, size))
        try:
            fresh.rename(folder)
        except OSError:  # another run was faster
            shutil.rmtree(fresh)
    return describe(folder, size)


async def make_network(folder: Path, size: Size) -> Network:
    """Makes the network in an empty folder and closes it."""
    network = describe(folder, size)
    catalog = load_catalog()
    kind = catalog.by_name["opportunity"]
    draw = random.Random(size.seed)
    spaces = SqliteSpaces.open(folder, catalog)
    try:
        for c, company in enumerate(network.companies):
            name = f"{_WORDS[c % len(_WORDS)]} {_WORDS[c // len(_WORDS) % len(_WORDS)]} {c}"
            await spaces.add_company(CompanyRow(company, name))
            for p, person in enumerate(network.people[c]):
                email = f"person{p}@company{c}.example"
                await spaces.put_person(PersonRow(person, company, email, f"Person {p} of {c}", (), False, True))
        kinds = [kind] * size.companies
        if size.custom:
            kinds = [await _with_template(spaces, network, catalog, kind, c) for c in range(size.companies)]
        batch: list[Change] = []
        for number in range(size.records):
            batch += _changes(network, kind, draw, number, kinds)
            if len(batch) >= 3 * _BATCH or number == size.records - 1:
                failed = [error for error in await spaces.commit_all(batch) if error]
                if failed:
                    raise failed[0]
                batch = []
    finally:
        await spaces.close()
    return network


async def _with_template(spaces: SqliteSpaces, network: Network, catalog: Catalog, kind: Kind, c: int) -> Kind:
    """Gives the company a template; the kind as its sides have it then."""
    ids = count()
    company, person = network.companies[c], network.people[c][0]

    def new_id(prefix: str) -> str:
        return made_id(prefix, network.size.seed, 1_000 * c + next(ids))

    template = template_of(company, network.size.custom, kind, catalog.by_name, new_id)
    await spaces.define(kept(template, person))
    return kind_of(company, kind, template)


def _changes(network: Network, kind: Kind, draw: random.Random, number: int, kinds: Sequence[Kind]) -> Iterator[Change]:
    """The record of this number: one change that opens it, and one for each partner's side. `kinds` are the companies'
    own, with their custom fields, whose values take nothing from `draw`: the rest is as without them."""
    own_draw = random.Random(f"{network.size.seed} {number}")
    size = network.size
    # The wide company's records are spread over all, so that its pages are as the others' are.
    step = max(1, size.records // max(1, size.classes))
    wide = number % step == 0 and number // step < size.classes
    others = range(2, size.companies)
    if size.centre:
        members = [CENTRE, *draw.sample(range(1, size.companies), 2)]
    else:
        members = [WIDE, BESIDE_WIDE, draw.choice(others)] if wide else draw.sample(others, 3)
    record = RecordId(made_id(kind.prefix, size.seed, number))
    joined = tuple(
        Participation(network.companies[c], "PARTICIPANT" if place else "OWNER", "ACCEPTED")
        for place, c in enumerate(members)
    )
    everyone = tuple(p.company for p in joined)
    for place, c in enumerate(members):
        own_class = wide and c == WIDE
        minutes = number * 3 + place
        yield Change(
            kinds[c],
            record,
            network.companies[c],
            network.people[c][0],
            f"2026-01-{1 + minutes // 4320 % 28:02}T{minutes // 180 % 24:02}:{minutes // 3 % 60:02}"
            f":{draw.randrange(60):02}.{draw.randrange(10**6):06}Z",
            creates=place == 0,
            joint=joint_values(draw, number) if place == 0 else {},
            side={**side_values(kind, draw, network.people[c]), **values(own_draw, kinds[c])},
            sharing=_own_class(network, number // step) if own_class else usual_class(network, draw, members, c),
            participants=joined if place == 0 else (),
            touched=everyone,
        )


def joint_values(draw: random.Random, number: int) -> dict[str, Any]:
    """The joint fields of the record of this number."""
    return {
        "name": f"{draw.choice(_WORDS)} programme {number}",
        "customerAccountName": f"{draw.choice(_WORDS)} & {draw.choice(_WORDS)} Ltd",
        "industry": draw.choice(("AEROSPACE", "RETAIL", "MANUFACTURING", "HEALTHCARE")),
        "region": "EMEA",
        "country": draw.choice(_COUNTRIES),
        "motion": "CO_SELL",
        "engagementStage": "ENGAGED",
    }


def side_values(kind: Kind, draw: random.Random, people: tuple[PersonId, ...]) -> dict[str, Any]:
    """A side, now and then with fields that are not set."""
    side = {
        "stage": draw.choice(kind.side_by_name["stage"].type.options),
        "forecastCategory": draw.choice(kind.side_by_name["forecastCategory"].type.options),
        "amount": Money(draw.randrange(10**9), draw.choice(_CURRENCIES)),
        "probability": draw.randrange(101),
        "owner": draw.choice(people),
        "nextStep": f"Call the {draw.choice(_WORDS)} team about the offer",
        "targetCloseDate": f"2026-{draw.randrange(1, 13):02}-{draw.randrange(1, 29):02}",
        "notes": "Not for partners. " * draw.randrange(4),
        "dealType": "NET_NEW",
    }
    for name in ("amount", "probability", "owner", "nextStep"):
        if draw.random() < 0.1:
            side[name] = None
    return side


def usual_class(network: Network, draw: random.Random, members: list[int], own: int) -> Sharing:
    """One of the classes of an ordinary company: mostly the kind's defaults, now and then somebody by name."""
    partner = draw.choice([c for c in members if c != own])
    named = Audience("selected", companies=(network.companies[partner],))
    person = Audience("selected", people=(network.people[partner][0],))
    return draw.choices(
        (
            NO_OVERRIDES,
            NO_OVERRIDES.changed({"amount": PARTICIPANTS}),
            NO_OVERRIDES.changed({"stage": PARTICIPANTS, "amount": PARTICIPANTS, "owner": PARTICIPANTS}),
            NO_OVERRIDES.changed({"nextStep": PRIVATE, "targetCloseDate": PRIVATE}),
            NO_OVERRIDES.changed({"stage": PARTICIPANTS, "probability": named, "amount": named}),
            NO_OVERRIDES.changed({"forecastCategory": person, "owner": PARTICIPANTS}),
        ),
        (50, 15, 15, 5, 10, 5),
    )[0]


def _own_class(network: Network, number: int) -> Sharing:
    """The class of this number of the wide company. Each names two other companies; every second one also opens a
    field to the company beside it, and every third one to all participants."""
    others = network.companies[2:]
    first, turn = number % len(others), number // len(others)
    pair = {others[first], others[(first + 1 + 3 * turn) % len(others)]}
    audiences = {("stage", "amount", "owner")[turn % 3]: Audience("selected", companies=tuple(sorted(pair)))}
    if number % 2:
        beside = Audience("selected", companies=(network.companies[BESIDE_WIDE],))
        audiences[("probability", "forecastCategory")[number % 4 // 2]] = beside
    if number % 3 == 0:
        audiences["notes"] = PARTICIPANTS
    return NO_OVERRIDES.changed(audiences)
