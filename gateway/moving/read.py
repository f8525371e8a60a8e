"""Reads an archive: first all of it, to refuse what does not fit before anything changes; then again, piece by piece.

Where a line is refused, by the archive's own form or by the network, its part, number and key are told.
"""

import hashlib
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from gateway.definitions import (
    ACCESS_POLICIES,
    ASSOCIATION_RULES,
    SHARING_RULES,
    TEMPLATE,
    Sort,
    made_of,
    receipt_of,
    template_of,
)
from gateway.moving.checked import Checked
from gateway.moving.form import FORMAT, MANIFEST, POLICY, READ, VERSION
from gateway.moving.pieces import Pieces, company_of
from policies.authority import Policies
from schema.errors import BadDeclaration, BadInput
from schema.kind import Catalog, Kind
from spaces.definition import Definition
from spaces.fetch import PersonRow
from spaces.parcel import HeldReceipt, HeldRecord, Misfit, Parcel, Piece, fingerprint

_RULES: Mapping[str, Sort[Any]] = {sort.name: sort for sort in (SHARING_RULES, ACCESS_POLICIES, ASSOCIATION_RULES)}
_SORTS = (TEMPLATE, *_RULES)
MOST_LINE = 64 * 1024 * 1024
"""Bytes of a line: a record with all its history."""
_MOST_MANIFEST = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Part:
    """What the manifest says of a part."""

    name: str
    lines: int
    sha256: str


class Archive:
    """An archive that is being read. `name` is its file's, `company` whose space it holds, `policy` the text of its own
    policy, where it has one."""

    def __init__(self, file: Path, catalog: Catalog) -> None:
        """Opens a file and reads its manifest. Raises Misfit, which names the file."""
        self.name = file.name
        self._place = MANIFEST
        try:
            self._zip = zipfile.ZipFile(file)
        except OSError as error:
            raise Misfit(f"{file}: {error.strerror}.") from None
        except zipfile.BadZipFile:
            raise Misfit(f"{file}: this is no zip file.") from None
        try:
            with self.telling():
                self._read_manifest(catalog)
        except BaseException:
            self._zip.close()
            raise

    def _read_manifest(self, catalog: Catalog) -> None:
        names = self._zip.namelist()
        if sorted(names) not in (sorted((MANIFEST, *READ)), sorted((MANIFEST, POLICY, *READ))):
            raise Misfit(f"it must hold {', '.join((*READ, MANIFEST))}, each once.")
        if any(self._zip.getinfo(name).file_size > _MOST_MANIFEST for name in names if name not in READ):
            raise Misfit("it is too long.")
        keys = ("format", "version", "company", "exportedAt", "catalog", "fingerprint", "parts", "kinds", "policy")
        found = Checked(_parsed(self._zip.read(MANIFEST)), keys)
        if found.text("format") != FORMAT or found.number("version", 1) > VERSION:
            raise Misfit(f"this version reads {FORMAT} up to version {VERSION}.")
        self.company = company_of(found.value("company"), "company")
        self.fingerprint = found.text("fingerprint")
        self._parts = {part.name: part for part in found.all_of("parts", _part)}
        if sorted(self._parts) != sorted(READ):
            raise found.wrong("parts", "each part must be there once")
        self._kinds = catalog.by_name
        self.policy = self._policy(catalog, found.text_or_none("policy"), there=POLICY in names)
        self._pieces = Pieces(catalog, self.company.id, _SORTS)

    def _policy(self, catalog: Catalog, sha256: str | None, *, there: bool) -> str | None:
        if sha256 is None and not there:
            return None
        text = self._zip.read(POLICY) if there else b""
        if hashlib.sha256(text).hexdigest() != sha256:
            raise Misfit(f"{POLICY}: it is not what the manifest says.")
        try:
            Policies(catalog).replace(self.company.id, text.decode())
        except (BadDeclaration, UnicodeDecodeError) as error:
            raise Misfit(f"{POLICY}: {error}") from None
        return text.decode()

    @property
    def lines(self) -> int:
        """How many lines all parts have."""
        return sum(part.lines for part in self._parts.values())

    @property
    def digest(self) -> str:
        """Names what the archive holds: the same space has the same, whenever it was exported."""
        listed = [[part.name, part.sha256] for _, part in sorted(self._parts.items())]
        return hashlib.sha256(orjson.dumps(listed)).hexdigest()

    def check(self, done: Callable[[], None]) -> None:
        """Looks through all of it, and calls `done` for each line. Raises Misfit, which names the place."""
        with self.telling():
            people: list[PersonRow] = []
            defined: dict[str, Definition] = {}
            last: tuple[str, ...] = ()
            seen: set[tuple[str, str]] = set()
            for piece in self._all(done):
                match piece:
                    case PersonRow():
                        people.append(piece)
                        _once(seen, ("id", piece.id))
                        _once(seen, ("email", piece.email))
                    case Definition():
                        _check_definition(self._kinds, piece, defined.get(piece.id))
                        defined[piece.id] = piece
                    case HeldRecord():
                        if not any(each.company == self.company.id for each in piece.participants):
                            raise Misfit("participants: the company itself is missing.")
                        last = _after(last, (piece.id,))
                    case HeldReceipt():
                        last = _after(last if len(last) == 2 else (), (piece.person, piece.key))
            self._place = MANIFEST
            if fingerprint(people, defined.values()) != self.fingerprint:
                raise Misfit("fingerprint: it is not that of these people and definitions.")

    def parcel(self, fresh: int, done: Callable[[], None]) -> Parcel:
        """What a network takes in, of an archive that was checked. `done` is called for each line."""
        return Parcel(self._kinds, self.company, self.digest, self.fingerprint, fresh, self._all(done))

    def _all(self, done: Callable[[], None]) -> Iterator[Piece]:
        for name in READ:
            part, read = self._parts[name], hashlib.sha256()
            self._place = name
            with self._zip.open(name) as lines:
                number = 0
                while line := lines.readline(MOST_LINE):
                    number += 1
                    self._place = f"{name}:{number}"
                    read.update(line)
                    yield self._pieces.read(name, _parsed(line))
                    done()
            self._place = name
            if number != part.lines or read.hexdigest() != part.sha256:
                raise Misfit("it is not what the manifest says: a line is lost, or something was changed.")

    @contextmanager
    def telling(self) -> Iterator[None]:
        """Tells of a Misfit at which place of the archive it was met."""
        try:
            yield
        except Misfit as error:
            raise Misfit(f"{self.name}:{self._place}: {error.message}") from None
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
            raise Misfit(f"{self.name}:{self._place}: the archive is broken.") from None

    def close(self) -> None:
        """Closes the file. Idempotent."""
        self._zip.close()


def _part(value: object, key: str) -> _Part:
    found = Checked(value, ("name", "lines", "sha256"), key)
    return _Part(found.one_of("name", READ), found.number("lines", 0), found.text("sha256"))


def _parsed(line: bytes) -> object:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        raise Misfit("this is not JSON.") from None


def _once(seen: set[tuple[str, str]], what: tuple[str, str]) -> None:
    if what in seen:
        raise Misfit(f"{what[0]}: this is there twice.")
    seen.add(what)


def _after(last: tuple[str, ...], this: tuple[str, ...]) -> tuple[str, ...]:
    if this <= last:
        raise Misfit("lines must be in order, each once.")
    return this


def _check_definition(kinds: Mapping[str, Kind], new: Definition, last: Definition | None) -> None:
    if new.version != (last.version if last else 0) + 1 or (last is not None and last.sort != new.sort):
        raise Misfit("version: versions of a definition must follow one another.")
    try:
        if new.sort == TEMPLATE:
            template_of(new, kinds)
        else:
            made_of(_RULES[new.sort], new)
        receipt_of(new)
    except (BadInput, ValueError, KeyError, IndexError, TypeError):
        raise Misfit("content: this cannot be read.") from None
