"""A folder with a source and a mapping, spaces to load it into, and a look at what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from gateway.importing.load import run_import
from gateway.importing.opening import open_source
from gateway.importing.report import Outcome, Summary
from gateway.importing.stored import WholeSides
from schema.catalog import load_catalog
from schema.mask import EXISTS, MaskProgram
from schema.names import CompanyId, random_id
from schema.values import wire
from spaces.contract import Spaces
from spaces.fetch import Order, PageFetch, PageRow, ParticipantFetch, SideFetch

CATALOG = load_catalog()
KIND = CATALOG.by_name["opportunity"]
DAY = "2026-01-01T00:00:{:02d}.000000Z"

MAPPING = """
kind = "opportunity"
source = { format = "csv" }
participants.company = "{office}"
joint.name = "{name}"
joint.customerAccountName = "{account}"
[side]
crmRef = { system = "test", id = "{id}" }
stage = { value = "{stage}", map = { Won = "LAUNCHED", Open = "PROSPECT" } }
amount = { amount = "{amount}", currency = "USD" }
targetCloseDate = { value = "{closes}", format = "%d/%m/%Y" }
owner = "{agent}"
"""
HEAD = "id,office,name,account,stage,amount,closes,agent\n"
GOOD = "1,East,First,Acme,Won,10.50,31/12/2026,Ann Lee\n"

NESTED = """
kind = "opportunity"
[source]
format = "json"
items = "$[*].awards[*]"
newest = "{^.date}"
[participants]
each = "suppliers"
as = "supplier"
company = "{supplier.name}"
[joint]
name = "{^.title}"
[side]
crmRef = { system = "test", id = "{id}" }
nextStep = "{next}"
owner = "Desk"
[owner_side]
amount = { amount = "{value.amount}", currency = "{value.currency}" }
"""


@dataclass
class Told:
    """A reporter that remembers."""

    outcomes: list[Outcome] = field(default_factory=list)
    rows: int = 0
    summaries: list[Summary] = field(default_factory=list)

    def start(self, file: str, rows: int) -> None:
        self.rows = rows

    def outcome(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)

    def finish(self, summary: Summary) -> None:
        self.summaries.append(summary)

    def refused(self) -> list[str]:
        return [f"{o.file}:{o.line}: {o.reason}" for o in self.outcomes if o.result == "refused"]


class World:
    """`spaces` is replaceable, for one that fails."""

    def __init__(self, folder: Path, spaces: Spaces) -> None:
        self.folder = folder
        self.spaces = spaces
        self.told = Told()
        self._seconds = count()

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    async def load(self, content: str | bytes, mapping: str = MAPPING, file: str = "data.csv") -> Summary:
        self.told = Told()
        return await run_import(
            open_source(self.write(file, content), self.write("mapping.toml", mapping), CATALOG),
            self.spaces,
            now=lambda: DAY.format(next(self._seconds)),
            new_id=random_id,
            report=self.told,
        )

    async def check(
        self, content: str | bytes, counts: tuple[int, int, int, int], mapping: str = MAPPING, file: str = "data.csv"
    ) -> Summary:
        """Loads, and holds the counts: loaded, changed, skipped, refused."""
        summary = await self.load(content, mapping, file)
        assert (summary.loaded, summary.changed, summary.skipped, summary.refused) == counts, self.told.outcomes
        assert self.told.summaries == [summary]
        return summary

    async def company(self, name: str) -> CompanyId:
        (row,) = await self.spaces.companies_by_name([name])
        assert row is not None, name
        return row.id

    async def rows(self, name: str) -> list[PageRow]:
        """The records of a company, in the order of their titles."""
        joint = MaskProgram(KIND.all_joint, evaluate=lambda *_: KIND.all_joint)
        company, order = await self.company(name), (Order("joint.name"),)
        fetch = PageFetch(
            KIND, company, joint, WholeSides(KIND), KIND.joint, KIND.side, order=order, limit=10_000, updated=True
        )
        return (await self.spaces.page(fetch)).rows

    async def shown(self, name: str, *fields: str) -> list[tuple[Any, ...]]:
        """Fields of a company's records, as GraphQL prints them; a joint one is `joint.<name>`."""
        return [tuple(_wire(row, field) for field in fields) for row in await self.rows(name)]

    async def sides(self, row: PageRow) -> dict[CompanyId, int]:
        """All participants' sides of a record, with their versions."""
        people = await self.participants(row)
        of = {company: (row.record,) for company, _, _ in people}
        (sides,) = await self.spaces.sides([SideFetch(KIND, None, of, (), WholeSides(KIND))])
        return {side.company: side.version for side in sides}

    async def participants(self, row: PageRow) -> list[tuple[CompanyId, str, str]]:
        fetch = ParticipantFetch((row.record,), MaskProgram(EXISTS))
        return [(each.company, each.role, each.status) for each in await self.spaces.participants(fetch)]


def _wire(row: PageRow, name: str) -> Any:
    joint = name.startswith("joint.")
    fields, values = (KIND.joint, row.joint) if joint else (KIND.side, row.own or ())
    at = 0
    for each in fields:
        upto = at + len(each.columns)
        if each.name == name.removeprefix("joint."):
            return wire(each.type, values[at:upto])
        at = upto
    raise AssertionError(name)


def lines(*rows: str) -> str:
    """A CSV file with the usual head."""
    return HEAD + "".join(row + "\n" for row in rows)


def names(pairs: Sequence[tuple[Any, ...]]) -> list[Any]:
    """The first of each."""
    return [pair[0] for pair in pairs]
