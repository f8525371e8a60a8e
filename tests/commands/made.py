"""Folders with the demo network, made without a process."""

import asyncio
from pathlib import Path

from gateway.compose import utc_now
from gateway.demo.network import make_network
from schema.catalog import load_catalog
from schema.names import CompanyId, PersonId, random_id
from spaces.sqlite.spaces import SqliteSpaces

CATALOG = load_catalog()


def make(folder: Path) -> Path:
    """A folder with the demo network, as nobody serves it yet."""

    async def making() -> None:
        spaces = SqliteSpaces.open(folder, CATALOG)
        await make_network(spaces, CATALOG, utc_now, random_id)
        await spaces.close()

    asyncio.run(making())
    return folder


def person(folder: Path, email: str) -> tuple[PersonId, CompanyId]:
    """The ids of a person and its company."""

    async def looking() -> tuple[PersonId, CompanyId]:
        spaces = SqliteSpaces.observe(folder, CATALOG)
        try:
            found = await spaces.person_by_email(email)
        finally:
            await spaces.close()
        assert found is not None
        return found.id, found.company

    return asyncio.run(looking())
