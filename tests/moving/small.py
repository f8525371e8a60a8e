"""A small network whose places are known by name: Acme's own, and what is hidden from it."""

from typing import Any

from schema.catalog import load_catalog
from schema.names import CompanyId, RecordId
from spaces.change import Change, Participation
from spaces.definition import Definition
from spaces.fetch import CompanyRow, PersonRow
from spaces.parcel import Moves
from tests.gateway.people import company, made_id, person

CATALOG = load_catalog()
DEAL = CATALOG.by_name["opportunity"]
ACME, BOLT, CORE, DUNE = (company(name) for name in ("acme", "bolt", "core", "dune"))
ANN, BOB = person("ann"), person("bob")


def record(name: str, kind: str = "opp") -> RecordId:
    """The record of this name."""
    return RecordId(made_id(kind, name))


def at(day: int) -> str:
    """A day of June."""
    return f"2025-06-{day:02}T00:00:00.000000Z"


def change(day: int, by: CompanyId, name: str, /, **rest: Any) -> Change:
    """A change of a deal, by the one person of its company."""
    who = ANN if by == ACME else BOB
    return Change(DEAL, record(name), by, who, at(day), **rest)


def takes(company: CompanyId, role: str, status: str, message: str | None = None) -> Participation:
    """A company on a record."""
    return Participation(company, role, status, message)


async def people(spaces: Moves, mark: str = "", ann: str = "Ann") -> None:
    """Four companies; Ann of Acme and Bob of Bolt, whose names and addresses have a mark."""
    for each, name in ((ACME, f"Acme{ann}"), (BOLT, "Bolt"), (CORE, "Core"), (DUNE, "Dune")):
        await spaces.add_company(CompanyRow(each, name))
    said = (("team", (f"team {ann}",)),)
    await spaces.put_person(PersonRow(ANN, ACME, f"{ann.lower()}@acme.test", ann, ("admin",), False, True, said))
    await spaces.put_person(PersonRow(BOB, BOLT, f"bob{mark}@bolt.test", f"Bob {mark}", ("admin",), False, True))


async def done(spaces: Moves, *changes: Change) -> None:
    """Commits changes."""
    for error in await spaces.commit_all(changes):
        if error is not None:
            raise error


def defined(by: CompanyId, id_: str, content: str, version: int = 1) -> Definition:
    """A template, as the spaces keep it."""
    who = ANN if by == ACME else BOB
    return Definition(by, "template", made_id("tpl", id_), version, who, at(version), content)
