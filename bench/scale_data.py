"""Networks in PostgreSQL, of any size: made from a seed and brought in by COPY, as the writer would have left them, but
for history and the words of texts, which no page reads."""

import asyncio
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import orjson
import psycopg

from bench.custom_fields import kept, kind_of, template_of, values
from bench.data import CENTRE, Network, joint_values, made_id, side_values, usual_class
from schema.catalog import load_catalog
from schema.kind import Catalog, Kind
from schema.names import PersonId
from schema.sharing import NO_OVERRIDES, Sharing
from schema.values import flatten
from spaces.fetch import CompanyRow, PersonRow
from spaces.postgres.layout import OPTIONS
from spaces.postgres.spaces import PostgresSpaces
from spaces.sql.custom import cells_of
from spaces.sql.names import stored_columns
from spaces.sql.sharings import content_of

_CENTRAL = 5  # one record in so many is of the centre, where the network has one
_BATCH = 5_000  # records that are brought together
_PARTICIPANT = (
    *("company_id", "record_id", "kind", "role", "status", "message", "added", "accepted"),
    *("touched_at", "own_at", "newest"),
)
_SIDE = ("company_id", "record_id", "version", "updated_at", "sharing", "stamps", "participants")


@dataclass(slots=True)
class _Tables:
    """Rows of one batch."""

    participants: list[tuple[Any, ...]] = field(default_factory=list)
    records: list[tuple[Any, ...]] = field(default_factory=list)
    sides: list[tuple[Any, ...]] = field(default_factory=list)


class Loader:
    """Brings a network in, in which every record has so many `members`."""

    def __init__(self, network: Network, members: int) -> None:
        self._network = network
        self._members = members
        self._catalog: Catalog = load_catalog()
        self._kind = self._catalog.by_name["opportunity"]
        self._kinds: Sequence[Kind] = [self._kind] * network.size.companies
        self._classes: dict[tuple[int, Sharing], int] = {}
        self._given: list[int] = [0] * network.size.companies
        self._draw = random.Random(network.size.seed)

    def load(self, address: str) -> None:
        """Fills an empty database."""
        asyncio.run(self._members_of_the_network(address))
        with psycopg.connect(address, options=OPTIONS, autocommit=True) as connection:
            connection.execute(
                "ALTER TABLE side_opportunity NO FORCE ROW LEVEL SECURITY"
            )  # under which COPY is refused
            for start in range(0, self._network.size.records, _BATCH):
                with connection.transaction():
                    self._bring(connection, range(start, min(start + _BATCH, self._network.size.records)))
            classes = ((self._network.companies[c], self._kind.name, id_, s) for (c, s), id_ in self._classes.items())
            rows = [(company, kind, id_, content_of(sharing)) for company, kind, id_, sharing in classes]
            _copy(connection, "sharing_class", ("company_id", "kind", "id", "content"), rows)
            connection.execute("ALTER TABLE side_opportunity FORCE ROW LEVEL SECURITY")
            connection.execute("VACUUM ANALYZE")

    async def _members_of_the_network(self, address: str) -> None:
        network = self._network
        spaces = PostgresSpaces.open(address, self._catalog)
        try:
            for c, company in enumerate(network.companies):
                await spaces.add_company(CompanyRow(company, f"Company {c}"))
                for p, person in enumerate(network.people[c]):
                    email = f"person{p}@company{c}.example"
                    await spaces.put_person(PersonRow(person, company, email, f"Person {p} of {c}", (), False, True))
            if network.size.custom:
                self._kinds = [await self._with_template(spaces, c) for c in range(network.size.companies)]
        finally:
            await spaces.close()

    async def _with_template(self, spaces: PostgresSpaces, c: int) -> Kind:
        ids = iter(range(1_000 * c, 1_000 * c + 1_000))
        company, person = self._network.companies[c], self._network.people[c][0]

        def new_id(prefix: str) -> str:
            return made_id(prefix, self._network.size.seed, next(ids))

        number = self._network.size.custom
        template = template_of(company, number, self._kind, self._catalog.by_name, new_id)
        await spaces.define(kept(template, person))
        return kind_of(company, self._kind, template)

    def _bring(self, connection: "psycopg.Connection[tuple[Any, ...]]", numbers: Sequence[int]) -> None:
        tables = _Tables()
        for number in numbers:
            self._record(tables, number)
        joint = stored_columns(self._kind.joint)
        side = stored_columns([each for each in self._kind.side if each.custom is None])
        _copy(connection, "participant", _PARTICIPANT, tables.participants)
        _copy(connection, "record_opportunity", ("record_id", "owner", "created_at", *joint), tables.records)
        _copy(connection, "side_opportunity", (*_SIDE, *side, "custom"), tables.sides)

    def _record(self, tables: _Tables, number: int) -> None:
        network, kind, draw = self._network, self._kind, self._draw
        central = network.size.centre and number % _CENTRAL == 0
        others = draw.sample(range(int(network.size.centre), network.size.companies), self._members - central)
        members = [CENTRE, *others] if central else others
        record = made_id(kind.prefix, network.size.seed, number)
        minute = f"{1 + number // 1440 % 28:02}T{number // 60 % 24:02}:{number % 60:02}"
        at = f"2026-01-{minute}:00.{draw.randrange(10**6):06}Z"
        joint = joint_values(draw, number)
        cells = [cell for each in kind.joint for cell in flatten(each, joint.get(each.name))]
        owner = network.companies[members[0]]
        tables.records.append((record, owner, at, *cells))
        everyone = [network.companies[c] for c in members]
        for place, c in enumerate(members):
            role = "PARTICIPANT" if place else "OWNER"
            company = network.companies[c]
            tables.participants.append(
                (company, record, kind.name, role, "ACCEPTED", None, place, place, at, at, at),
            )
            tables.sides.append(self._side(record, c, members, at, everyone))

    def _side(self, record: str, c: int, members: list[int], at: str, everyone: list[Any]) -> tuple[Any, ...]:
        network, kind, draw = self._network, self._kinds[c], self._draw
        given = {**side_values(kind, draw, network.people[c]), **values(draw, kind)}
        sharing = self._class(c, usual_class(network, draw, members, c))
        cells = cells_of(kind.side)
        held = (None,) * len(cells.stored)
        written = cells.written([v for each in kind.side for v in flatten(each, given.get(each.name))], held)
        stamps = {each.ident: at for each in kind.side if given.get(each.name) is not None}
        own = [written[name] for name in cells.stored if name != "custom"]
        head = (network.companies[c], record, 1, at, sharing, orjson.dumps(stamps).decode(), everyone)
        return (*head, *own, written.get("custom"))

    def _class(self, c: int, sharing: Sharing) -> int:
        if sharing == NO_OVERRIDES:
            return 0
        if (c, sharing) not in self._classes:
            self._given[c] += 1
            self._classes[c, sharing] = self._given[c]
        return self._classes[c, sharing]


def _copy(
    connection: "psycopg.Connection[tuple[Any, ...]]", table: str, columns: Sequence[str], rows: list[tuple[Any, ...]]
) -> None:
    text = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(text.encode()) as copy:
        for row in rows:
            copy.write_row(row)


def people_of(network: Network, number: int) -> Iterator[PersonId]:
    """One person of each of so many companies, spread over all."""
    step = max(1, network.size.companies // number)
    return (people[0] for people in islice(network.people[::step], number))
