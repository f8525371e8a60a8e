"""Companies that leave a network as files, and come into one from them."""

import zipfile
from pathlib import Path

from gateway.moving.read import Archive
from gateway.moving.write import write_archive
from schema.kind import Catalog
from schema.names import CompanyId
from spaces.parcel import Moves, Taken

NOW = "2025-07-30T00:00:00.000000Z"
FRESH = 1_000_000


def nothing() -> None:
    """Progress that nobody watches."""


async def leave(spaces: Moves, catalog: Catalog, company: CompanyId, file: Path) -> Path:
    """The archive of a company."""
    await write_archive(spaces, catalog, company, file, NOW, nothing)
    return file


async def arrive(spaces: Moves, catalog: Catalog, file: Path, *, older: bool = False) -> Taken | None:
    """What became of an archive."""
    archive = Archive(file, catalog)
    try:
        archive.check(nothing)
        with archive.telling():
            return await spaces.take_in(archive.parcel(FRESH, nothing), older=older)
    finally:
        archive.close()


def parts(file: Path) -> dict[str, bytes]:
    """What the entries of an archive hold."""
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def repacked(file: Path, entries: dict[str, bytes]) -> Path:
    """An archive of these entries."""
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return file
