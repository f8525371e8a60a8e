"""The floor: a Starlette handler written by hand for this one page and these sharing rules, and nothing else.

It runs the statements that the gateway runs, on the same files with open connections, and gives the same bytes.
`floor_large.py` adds three more answers of the same sort, by the name of the operation.

It does: verify tokens and keep the verified ones; read the person at each request; read in one transaction; apply
the audience of every side field by hand, kept by sharing class and viewer; seal the cursor; answer with orjson.
It does not: read the document (it is the page, whatever the request says), know other fields, kinds, filters,
orders, hide-private, policies of companies, refusals or limits. A rule that changes means finding each place here.
"""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import orjson
from joserfc.errors import JoseError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.floor_page import PageMaker, Sides
from bench.tokens import Tokens

_HEADERS = {"Cache-Control": "private, no-store", "Vary": "Authorization", "X-Content-Type-Options": "nosniff"}
_ORDER = [None, [{"field": "UPDATED_AT", "direction": "DESC"}]]

_SIDE = (
    "f_stage, f_amount_minor, f_amount_currency, f_probability, f_forecast_category, f_target_close_date,"
    " f_next_step, f_owner"
)
_UPDATED = "p.newest"
WHERE = "p.company_id = ? AND p.kind = 'opportunity' AND (p.status = 'ACCEPTED' OR p.status = 'INVITED')"
_JOINED = (
    "net.participant AS p CROSS JOIN net.record_opportunity AS r ON r.record_id = p.record_id"
    " LEFT JOIN main.side_opportunity AS s ON s.company_id = p.company_id AND s.record_id = p.record_id"
)
COLUMNS = (
    f"p.record_id, p.role, p.status, {_UPDATED}, s.version, r.f_name, r.f_customer_account_name, r.f_industry,"
    f" r.f_country, {', '.join('s.' + c for c in _SIDE.split(', '))}"
)
_PAGE = f"SELECT {COLUMNS} FROM {_JOINED} WHERE {WHERE} ORDER BY {_UPDATED} DESC, p.record_id LIMIT ?"
_PAGE_AFTER = _PAGE.replace(
    " ORDER BY", f" AND {_UPDATED} <= ? AND ({_UPDATED} < ? OR ({_UPDATED} = ? AND p.record_id > ?)) ORDER BY"
)
_COUNT = f"SELECT count(*) FROM net.participant AS p WHERE {WHERE}"
_LISTED = "IN (SELECT value FROM json_each(?))"
_PARTICIPANTS = (
    f"SELECT record_id, company_id, role, status FROM participant WHERE record_id {_LISTED}"
    " ORDER BY record_id, accepted IS NULL, accepted, added"
)
COMPANIES = f"SELECT id, name FROM company WHERE id {_LISTED}"
_PEOPLE = f"SELECT id, name FROM person WHERE id {_LISTED}"
_PERSON = "SELECT company, active FROM person WHERE id = ?"
_SIDES_OF = (
    f"SELECT record_id, sharing, content, {_SIDE} FROM side_opportunity"
    " LEFT JOIN sharing_class ON id = sharing WHERE company_id = ? AND record_id "
)
_ONE_SIDE = _SIDES_OF + "= ?"
_SIDES = _SIDES_OF + _LISTED


Answer: TypeAlias = Callable[[str, str, dict[str, Any]], bytes]
"""Answers a person of a company with these variables."""


class Floor(PageMaker):
    """The page over one data folder; `answers` are by the name of the operation."""

    def __init__(self, folder: Path, tokens: Tokens, seal_key: bytes) -> None:
        super().__init__(seal_key)
        self._folder = folder
        self._tokens = tokens
        self.network = sqlite3.connect(folder / "network.db", isolation_level=None)
        self.files: dict[str, sqlite3.Connection] = {}
        self._attached: set[str] = set()
        self.answers: dict[str | None, Answer] = {None: self.page}
        self.app = Starlette(routes=[Route("/graphql", self.answer, methods=["POST"])])

    async def answer(self, http: Request) -> Response:
        """The page of the token's person."""
        person = self._person(http.headers.get("authorization", ""))
        if person is None:
            body = orjson.dumps({"errors": [{"message": "Sign in again.", "path": None}]})
            return Response(body, 401, _HEADERS, "application/json; charset=utf-8")
        asked = orjson.loads(await http.body())
        body = self.answers[asked.get("operationName")](*person, asked.get("variables") or {})
        return Response(body, 200, _HEADERS, "application/json; charset=utf-8")

    def _person(self, header: str) -> tuple[str, str] | None:
        try:
            person = self._tokens.person(header)
        except (JoseError, ValueError):
            return None
        row = self.network.execute(_PERSON, (person,)).fetchone()
        return (person, row[0]) if row and row[1] else None

    def page(self, person: str, company: str, variables: dict[str, Any]) -> bytes:
        """The page of page.graphql."""
        scope = ["cursor", person, company, False, [], "opportunity", _ORDER]
        first, after = variables.get("first", 50), variables.get("after")
        file = self.own_file(company)
        file.execute("BEGIN")
        try:
            if after is None:
                rows = file.execute(_PAGE, (company, first + 1)).fetchall()
            else:
                at, record = self.seal.open(scope, after, "after")
                rows = file.execute(_PAGE_AFTER, (company, at, at, at, record, first + 1)).fetchall()
            total = file.execute(_COUNT, (company,)).fetchone()[0]
        finally:
            file.execute("COMMIT")
        return self.connection(person, company, rows, total, first, scope, (3, 0))

    def connection(
        self,
        person: str,
        company: str,
        rows: list[Any],
        total: int,
        first: int,
        scope: list[Any],
        cursor: tuple[int, ...],
    ) -> bytes:
        """The page of these rows of COLUMNS, of which one may be too many; `cursor` is where its values stand."""
        more = len(rows) > first
        del rows[first:]
        participants: dict[str, list[tuple[str, str, str]]] = {}
        records = listed([row[0] for row in rows])
        for record, other, role, status in self.network.execute(_PARTICIPANTS, (records,)):
            participants.setdefault(record, []).append((other, role, status))
        sides = self._sides(self.wanted(company, rows, participants))
        companies = {each[0] for group in participants.values() for each in group}
        people = self.owners(person, company, rows, sides)
        find = self.network.execute
        company_names = dict(find(COMPANIES, (listed(list(companies)),)).fetchall())
        person_names = dict(find(_PEOPLE, (listed(people),)).fetchall())
        end = self.seal.close(scope, [rows[-1][place] for place in cursor]) if rows else None
        return self.body(
            *(person, company, rows, participants, sides, company_names, person_names, end, total), more=more
        )

    def _sides(self, wanted: dict[str, list[str]]) -> Sides:
        found = {}
        for other, records in wanted.items():
            file = self.files.get(other) or self.open_file(other)
            if len(records) == 1:
                rows = file.execute(_ONE_SIDE, (other, records[0]))
            else:
                rows = file.execute(_SIDES, (other, listed(records)))
            for row in rows:
                found[other, row[0]] = row
                self.learn(other, row[1], row[2])
        return found

    def open_file(self, company: str) -> sqlite3.Connection:
        file = sqlite3.connect(self._folder / "companies" / f"{company}.db", isolation_level=None)
        file.execute("PRAGMA cache_size = -1024")
        self.files[company] = file
        return file

    def own_file(self, company: str) -> sqlite3.Connection:
        file = self.files.get(company) or self.open_file(company)
        if company not in self._attached:
            file.execute("ATTACH ? AS net", (str(self._folder / "network.db"),))
            self._attached.add(company)
        return file

    async def close(self) -> None:
        """Closes all files."""
        for file in (*self.files.values(), self.network):
            file.close()


def listed(values: list[str]) -> str:
    return orjson.dumps(values).decode()
