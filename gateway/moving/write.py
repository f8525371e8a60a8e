"""Writes an archive: a zip of JSON lines with a manifest, a piece at a time."""

import hashlib
import os
import zipfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson

from gateway.moving.form import FORMAT, MANIFEST, POLICY, VERSION, WRITTEN, part_of, written
from gateway.moving.own_view import OwnView
from schema.field import Field
from schema.kind import Catalog
from schema.names import CompanyId
from spaces.definition import Definition
from spaces.fetch import CompanyRow, PersonRow
from spaces.parcel import HeldRecord, Moves, Neighbour, Piece, fingerprint

_MADE = (1980, 1, 1, 0, 0, 0)  # the least that a zip knows: a space's content alone decides the bytes of its parts


class _Part:
    """A part that is being written."""

    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        self._file = archive.open(_entry(name), "w", force_zip64=True)
        self._hash = hashlib.sha256()
        self.name = name
        self._lines = 0

    def add(self, line: dict[str, Any]) -> None:
        text = orjson.dumps(line) + b"\n"
        self._file.write(text)
        self._hash.update(text)
        self._lines += 1

    def close(self) -> None:
        self._file.close()

    def end(self) -> dict[str, Any]:
        self.close()
        return {"name": self.name, "lines": self._lines, "sha256": self._hash.hexdigest()}


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _MADE)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    return entry


async def write_archive(
    spaces: Moves,
    catalog: Catalog,
    company: CompanyId,
    file: Path,
    now: str,
    done: Callable[[], None],
    *,
    policy: str | None = None,
) -> int:
    """Writes a company's space into a file that is there whole, or not at all; an older one gives place to it. Calls
    `done` for each piece. `policy` is the text of its own policy. Gives how many lines it has. Raises Misfit for a
    company that there is not, and OSError."""
    aside = file.with_name(file.name + ".part")
    try:
        with zipfile.ZipFile(aside, "w", zipfile.ZIP_DEFLATED) as archive, closing(_Parts(archive)) as parts:
            manifest = await _write(parts, spaces, catalog, company, now, done)
            manifest["policy"] = None if policy is None else hashlib.sha256(policy.encode()).hexdigest()
            if policy is not None:
                archive.writestr(_entry(POLICY), policy.encode())
            archive.writestr(_entry(MANIFEST), orjson.dumps(manifest, option=orjson.OPT_INDENT_2))
        with aside.open("rb") as written_file:
            os.fsync(written_file.fileno())
        os.replace(aside, file)
    finally:
        aside.unlink(missing_ok=True)
    return parts.lines


async def _write(
    parts: "_Parts", spaces: Moves, catalog: Catalog, company: CompanyId, now: str, done: Callable[[], None]
) -> dict[str, Any]:
    """Writes all parts; the manifest."""
    view = OwnView(catalog, spaces, company)
    others: dict[CompanyId, None] = {}
    people: list[PersonRow] = []
    defined: list[Definition] = []
    name = ""
    async for piece in spaces.held(company):
        match piece:
            case CompanyRow():
                name = piece.name
                continue
            case PersonRow():
                people.append(piece)
            case Definition():
                defined.append(replace(piece, content=""))  # that may be long, and says nothing here
            case HeldRecord():
                piece = await view.of(piece)
                others.update(dict.fromkeys([piece.owner, *(each.company for each in piece.participants)]))
        parts.add(piece)
        done()
    others.pop(company, None)
    for found in await spaces.companies(list(others)):
        if found is not None and found.name:
            parts.add(Neighbour(*found))
    return {
        "format": FORMAT,
        "version": VERSION,
        "company": written(CompanyRow(company, name)),
        "exportedAt": now,
        "catalog": catalog.digest,
        "fingerprint": fingerprint(people, defined),
        "parts": parts.end(),
        "kinds": {kind.name: {"joint": _columns(kind.joint), "side": _columns(kind.side)} for kind in catalog.kinds},
    }


class _Parts:
    """The parts of an archive, one after another: every one is there, if only empty."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._left = list(WRITTEN)
        self._part = _Part(archive, self._left.pop(0))
        self._ended: list[dict[str, Any]] = []

    @property
    def lines(self) -> int:
        """How many lines those have that are ended."""
        return sum(part["lines"] for part in self._ended)

    def add(self, piece: Piece) -> None:
        """Adds a piece to its part, which is this one or a later one."""
        while self._part.name != part_of(piece):
            self._next()
        self._part.add(written(piece))

    def end(self) -> list[dict[str, Any]]:
        """Ends all; what the manifest says of them."""
        while self._left:
            self._next()
        self._ended.append(self._part.end())
        return self._ended

    def close(self) -> None:
        """Lets go of the part that is being written, also where it is not whole. Idempotent."""
        self._part.close()

    def _next(self) -> None:
        self._ended.append(self._part.end())
        self._part = _Part(self._archive, self._left.pop(0))


def _columns(fields: tuple[Field, ...]) -> dict[str, str]:
    return {column: field.type.name + ("[]" if field.type.many else "") for field in fields for column in field.columns}
