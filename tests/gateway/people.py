"""Who is in the made network, and the ids of its companies, people and records: the same ones every time."""

import random
from collections.abc import Mapping

from schema.names import CompanyId, PersonId

COMPANIES = ("acme", "bolt", "core", "dune", "echo")  # echo takes part in nothing

PEOPLE: Mapping[str, tuple[str, tuple[str, ...], bool, bool]] = {
    # name: company, roles, hide_private, active
    "ann": ("acme", (), False, True),
    "abe": ("acme", ("reader",), False, True),
    "amy": ("acme", (), True, True),
    "ali": ("acme", (), False, False),
    "bob": ("bolt", (), False, True),
    "bea": ("bolt", (), False, True),
    "cat": ("core", (), False, True),
    "dan": ("dune", (), False, True),
    "eve": ("echo", (), False, True),
    "ada": ("acme", ("admin",), False, True),
    "bud": ("bolt", ("admin",), False, True),
}

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def made_id(prefix: str, name: str) -> str:
    """The same well-formed id for the same name, every time."""
    rng = random.Random(f"{prefix}/{name}")
    return prefix + "_" + "".join(rng.choice(_ALPHABET) for _ in range(26))


def company(name: str) -> CompanyId:
    return CompanyId(made_id("co", name))


def person(name: str) -> PersonId:
    return PersonId(made_id("pe", name))
