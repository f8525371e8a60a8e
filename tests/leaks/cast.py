"""Who is in the made worlds: four companies and their people, with the same well-formed ids every time."""

import random
from typing import NamedTuple

from schema.catalog import load_catalog
from schema.names import CompanyId, PersonId, RecordId
from spaces.fetch import PersonRow

BASE = load_catalog()
DAY = "2025-07-01"
"""The day on which all that the viewer does happens."""
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_KNOWN_IDS: dict[tuple[str, str], str] = {}


def made_id(prefix: str, name: str) -> str:
    """The same well-formed id for the same name, every time."""
    found = _KNOWN_IDS.get((prefix, name))
    if found is None:
        rng = random.Random(f"{prefix}/{name}")
        found = _KNOWN_IDS[prefix, name] = prefix + "_" + "".join(rng.choices(_ALPHABET, k=26))
    return found


COMPANIES = tuple(CompanyId(made_id("co", n)) for n in ("acme", "bolt", "core", "dune"))
ACME, BOLT, CORE, DUNE = COMPANIES
NAMES = dict(zip(COMPANIES, ("Acme", "Bolt", "Core", "Dune"), strict=True))


def _person(name: str, company: CompanyId, *roles: str, hide: bool = False) -> PersonRow:
    id_ = PersonId(made_id("pe", name))
    return PersonRow(id_, company, f"{name}@{NAMES[company].lower()}.example", name.title(), roles, hide, True)


PEOPLE = (
    _person("ann", ACME),
    _person("amy", ACME, hide=True),
    _person("abe", ACME, "reader"),
    _person("bob", BOLT),
    _person("bea", BOLT),
    _person("cat", CORE),
    _person("dan", DUNE),
    _person("ada", ACME, "admin"),
    _person("bud", BOLT, "admin"),
    _person("cam", CORE, "admin"),
)
BY_NAME = {row.name.lower(): row for row in PEOPLE}
AT_HOME = {
    company: tuple(row.id for row in PEOPLE if row.company == company and "admin" not in row.roles)
    for company in COMPANIES
}


def record_id(prefix: str, number: int) -> RecordId:
    """The n-th record of a kind that a world makes, from 1: rules may name it before it is there."""
    return RecordId(made_id(prefix, f"made {number}"))


class Screen(NamedTuple):
    """What the headers of a viewer's requests say besides its own settings: whether private fields are hidden, and to
    whom the screen is shown."""

    hides: bool = False
    partners: tuple[CompanyId, ...] = ()


OWN_SCREEN = Screen()
