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
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

import orjson
from joserfc.errors import JoseError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.tokens import Tokens
from gateway.seal import Seal

_SHOWN = ("stage", "amount", "probability", "forecastCategory", "targetCloseDate", "nextStep", "owner")
_SHARED_BY_DEFAULT = ("targetCloseDate", "nextStep")
_DECIMALS = {"JPY": 0, "KRW": 0, "BHD": 3, "KWD": 3, "TND": 3}  # of all others 2
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


class Floor:
    """The page over one data folder; `answers` are by the name of the operation."""

    def __init__(self, folder: Path, tokens: Tokens, seal_key: bytes) -> None:
        self._folder = folder
        self._tokens = tokens
        self.seal = Seal(seal_key)
        self.network = sqlite3.connect(folder / "network.db", isolation_level=None)
        self.files: dict[str, sqlite3.Connection] = {}
        self._attached: set[str] = set()
        self._audiences: dict[tuple[str, int], dict[str, Any]] = {}
        self.shown = lru_cache(65_536)(self._decide)
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
        wanted: dict[str, list[str]] = {}
        for row in rows:
            if row[2] == "ACCEPTED":
                for other, _, status in participants[row[0]]:
                    if status == "ACCEPTED" and other != company:
                        wanted.setdefault(other, []).append(row[0])
        sides = self._sides(wanted)
        people = {row[16] for row in rows if row[2] == "ACCEPTED"}
        for (other, _), side in sides.items():
            if side[10] is not None and self.shown(other, side[1], company, person)[6]:
                people.add(side[10])
        people.discard(None)
        companies = {each[0] for group in participants.values() for each in group}
        find = self.network.execute
        company_names = dict(find(COMPANIES, (listed(list(companies)),)).fetchall())
        person_names = dict(find(_PEOPLE, (listed(list(people)),)).fetchall())
        nodes = []
        for row in rows:
            record, role, viewer = row[0], row[1], row[2]
            group = participants[record]
            accepted = viewer == "ACCEPTED"
            partners = []
            if accepted:
                for other, _, status in group:
                    if status != "ACCEPTED" or other == company:
                        continue
                    shown: dict[str, Any] = {"company": {"id": other, "name": company_names[other]}}
                    found = sides.get((other, record))
                    if found is None:
                        shown.update(dict.fromkeys(_SHOWN))
                    else:
                        _, sharing, _, stage, minor, currency, probability, forecast, closes, step, owner = found
                        see = self.shown(other, sharing, company, person)
                        shown["stage"] = stage if see[0] else None
                        shown["amount"] = money(minor, currency) if see[1] and minor is not None else None
                        shown["probability"] = probability if see[2] else None
                        shown["forecastCategory"] = forecast if see[3] else None
                        shown["targetCloseDate"] = closes if see[4] else None
                        shown["nextStep"] = step if see[5] else None
                        shown["owner"] = {"name": person_names[owner]} if see[6] and owner is not None else None
                    partners.append(shown)
            mine = None
            if accepted and row[4] is not None:
                stage, minor, currency, probability, forecast, closes, step, owner = row[9:17]
                mine = {
                    "stage": stage,
                    "amount": None if minor is None else money(minor, currency),
                    "probability": probability,
                    "forecastCategory": forecast,
                    "targetCloseDate": closes,
                    "nextStep": step,
                    "owner": None if owner is None else {"name": person_names[owner]},
                }
            nodes.append(
                {
                    "id": record,
                    "name": row[5],
                    "customer": {"name": row[6], "industry": row[7], "country": row[8]},
                    "participants": [
                        {"company": {"name": company_names[other]}, "role": their_role, "status": status}
                        for other, their_role, status in group
                        if _known(other == company, their_role, status, role, accepted)
                    ],
                    "mine": mine,
                    "partners": partners,
                }
            )
        end = self.seal.close(scope, [rows[-1][place] for place in cursor]) if rows else None
        page = {"totalCount": total, "pageInfo": {"hasNextPage": more, "endCursor": end}, "nodes": nodes}
        return orjson.dumps({"data": {"opportunities": page}})

    def _sides(self, wanted: dict[str, list[str]]) -> dict[tuple[str, str], tuple[Any, ...]]:
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

    def learn(self, owner: str, sharing: int, content: str | None) -> None:
        """Keeps what a sharing class holds."""
        if (owner, sharing) not in self._audiences:
            read = orjson.loads(content or "[]")
            self._audiences[owner, sharing] = {name: (kind, chosen, people) for name, kind, chosen, people in read}

    def _decide(self, owner: str, sharing: int, company: str, person: str) -> tuple[bool, ...]:
        """Which of the shown fields this class of the owner's opens to this viewer. Classes never change."""
        audiences = self._audiences[owner, sharing]
        shown = []
        for field in _SHOWN:
            if field in audiences:
                kind, chosen, people = audiences[field]
                shown.append(kind == "participants" or company in chosen or person in people)
            else:
                shown.append(field in _SHARED_BY_DEFAULT)
        return tuple(shown)

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


def _known(own: bool, role: str, status: str, viewer_role: str, accepted: bool) -> bool:
    """Whether the viewer may know of a participant."""
    if own or (status == "ACCEPTED" and (accepted or role == "OWNER")):
        return True
    return accepted and (status == "INVITED" or viewer_role in ("OWNER", "COLLABORATOR"))


def listed(values: list[str]) -> str:
    return orjson.dumps(values).decode()


def money(minor: int, currency: str) -> dict[str, str]:
    digits = _DECIMALS.get(currency, 2)
    if not digits:
        return {"amount": str(minor), "currency": currency}
    text = f"{abs(minor):0{digits + 1}d}"
    return {"amount": f"{'-' if minor < 0 else ''}{text[:-digits]}.{text[-digits:]}", "currency": currency}
