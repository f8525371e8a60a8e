"""What the naive way fetches and how: open files, a DataLoader for each thing, and Oso asked about each field."""

import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from oso import ForbiddenError, NotFoundError, Oso
from strawberry.dataloader import DataLoader

from gateway.seal import Seal

_SHARED_BY_DEFAULT = ("targetCloseDate", "nextStep")
_LISTED = "IN (SELECT value FROM json_each(?))"


@dataclass(frozen=True)
class Viewer:
    """Who asks."""

    person: str
    company: str


@dataclass(frozen=True)
class Record:
    """A row of the page."""

    row: dict[str, Any]
    viewer_status: str


@dataclass(frozen=True)
class Participant:
    """A company on a record."""

    company: str
    role: str
    status: str
    viewer_status: str
    viewer_role: str


@dataclass(frozen=True)
class Side:
    """A company's side of a record, with its row where it has one, and who may see which field."""

    company: str
    status: str
    viewer_status: str
    row: dict[str, Any] | None
    audiences: dict[str, Any]

    def shared_with(self, viewer: Viewer, field: str) -> bool:
        """Whether the audience of the field holds the viewer."""
        if field not in self.audiences:
            return field in _SHARED_BY_DEFAULT
        kind, companies, people = self.audiences[field]
        return kind == "participants" or viewer.company in companies or viewer.person in people


class Files:
    """Open connections to the files of one data folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._companies: dict[str, sqlite3.Connection] = {}
        self.network = self._open(folder / "network.db")

    def _open(self, path: Path) -> sqlite3.Connection:
        file = sqlite3.connect(path, isolation_level=None)
        file.row_factory = sqlite3.Row
        return file

    def company(self, company: str) -> sqlite3.Connection:
        """The open file of a company."""
        file = self._companies.get(company)
        if file is None:
            file = self._companies[company] = self._open(self._folder / "companies" / f"{company}.db")
            file.execute("ATTACH ? AS net", (str(self._folder / "network.db"),))
        return file

    def close(self) -> None:
        """Closes all."""
        for file in (*self._companies.values(), self.network):
            file.close()


class Context:
    """One request: the viewer and its loaders."""

    def __init__(self, viewer: Viewer, files: Files, oso: Oso, seal: Seal) -> None:
        self.viewer = viewer
        self.files = files
        self.oso = oso
        self.seal = seal
        self.company_names: DataLoader[str, str] = DataLoader(lambda ids: self._named("company", ids))
        self.person_names: DataLoader[str, str] = DataLoader(lambda ids: self._named("person", ids))
        self.participants: DataLoader[str, list[sqlite3.Row]] = DataLoader(self._participants)
        self.sides: DataLoader[tuple[str, str], tuple[dict[str, Any] | None, dict[str, Any]]] = DataLoader(self._sides)

    async def _named(self, table: str, ids: list[str]) -> list[str]:
        sql = f"SELECT id, name FROM {table} WHERE id {_LISTED}"
        found = dict(tuple(row) for row in self.files.network.execute(sql, (json.dumps(ids),)))
        return [found[i] for i in ids]

    async def _participants(self, records: list[str]) -> list[list[sqlite3.Row]]:
        sql = f"SELECT * FROM participant WHERE record_id {_LISTED} ORDER BY accepted IS NULL, accepted, added"
        found: dict[str, list[sqlite3.Row]] = {}
        for row in self.files.network.execute(sql, (json.dumps(records),)):
            found.setdefault(row["record_id"], []).append(row)
        return [found[i] for i in records]

    async def _sides(self, keys: list[tuple[str, str]]) -> list[tuple[dict[str, Any] | None, dict[str, Any]]]:
        wanted: dict[str, list[str]] = {}
        for company, record in keys:
            wanted.setdefault(company, []).append(record)
        found: dict[tuple[str, str], tuple[dict[str, Any], dict[str, Any]]] = {}
        for company, records in wanted.items():
            sql = (
                "SELECT s.*, c.content FROM side_opportunity AS s LEFT JOIN sharing_class AS c ON c.id = s.sharing"
                f" WHERE company_id = ? AND record_id {_LISTED}"
            )
            for row in self.files.company(company).execute(sql, (company, json.dumps(records))):
                audiences = {name: rest for name, *rest in orjson.loads(row["content"] or "[]")}
                found[company, row["record_id"]] = (dict(row), audiences)
        return [found.get(key, (None, {})) for key in keys]

    def may_read(self, thing: Any, field: str) -> bool:
        """Asks Oso."""
        try:
            self.oso.authorize_field(self.viewer, "read", thing, field)
        except (ForbiddenError, NotFoundError):
            return False
        return True
