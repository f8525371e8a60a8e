"""The floor on PostgreSQL: the page of page.graphql alone, written by hand over the thin pipeline that the gateway
reads by, for none is faster: the person; the page and its count; participants; sides; names: five round trips."""

from typing import Any

import orjson
from joserfc.errors import JoseError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.floor_page import PageMaker, Sides
from bench.tokens import Tokens
from spaces.postgres.connections import Connections

_HEADERS = {"Cache-Control": "private, no-store", "Vary": "Authorization", "X-Content-Type-Options": "nosniff"}
_ORDER = [None, [{"field": "UPDATED_AT", "direction": "DESC"}]]
_SIDE = (
    "s.f_stage, s.f_amount_minor, s.f_amount_currency, s.f_probability, s.f_forecast_category,"
    " s.f_target_close_date, s.f_next_step, s.f_owner"
)
_WHERE = "p.company_id = :company AND p.kind = 'opportunity' AND (p.status = 'ACCEPTED' OR p.status = 'INVITED')"
_PAGE = f"""
SELECT p.record_id, p.role, p.status, p.newest, s.version, r.f_name, r.f_customer_account_name, r.f_industry,
    r.f_country, {_SIDE}
FROM participant AS p JOIN record_opportunity AS r ON r.record_id = p.record_id
LEFT JOIN side_opportunity AS s ON s.company_id = p.company_id AND s.record_id = p.record_id
WHERE {_WHERE} ORDER BY p.newest DESC, p.record_id LIMIT :limit
"""
_COUNT = f"SELECT count(*) FROM participant AS p WHERE {_WHERE}"
_PARTICIPANTS = """
SELECT record_id, company_id, role, status FROM participant WHERE record_id = ANY (?)
ORDER BY record_id, accepted IS NULL, accepted, added
"""
_SIDES = f"""
SELECT s.record_id, s.sharing, c.content, {_SIDE}, s.company_id
FROM unnest(?::text[], ?::text[]) AS a (company, record)
JOIN side_opportunity AS s ON s.company_id = a.company AND s.record_id = a.record
LEFT JOIN sharing_class AS c ON c.company_id = s.company_id AND c.kind = 'opportunity' AND c.id = s.sharing
"""
_COMPANIES = "SELECT id, name FROM company WHERE id = ANY (?)"
_PEOPLE = "SELECT id, name FROM person WHERE id = ANY (?)"
_PERSON = "SELECT company, active FROM person WHERE id = ?"


class ServerFloor(PageMaker):
    """The first page over one database."""

    def __init__(self, connections: Connections, tokens: Tokens, seal_key: bytes) -> None:
        super().__init__(seal_key)
        self._connections = connections
        self._tokens = tokens
        self.app = Starlette(routes=[Route("/graphql", self.answer, methods=["POST"])])

    async def answer(self, http: Request) -> Response:
        """The page of the token's person."""
        try:
            person = self._tokens.person(http.headers.get("authorization", ""))
        except (JoseError, ValueError):
            return Response(status_code=401)
        ((company, active),) = await self._connections.rows(None, _PERSON, (person,))
        if not active:
            return Response(status_code=401)
        asked = orjson.loads(await http.body())
        body = await self.page(person, company, (asked.get("variables") or {}).get("first", 50))
        return Response(body, 200, _HEADERS, "application/json; charset=utf-8")

    async def page(self, person: str, company: Any, first: int) -> bytes:
        """The first page of page.graphql."""
        values = {"company": company, "limit": first + 1}
        async with self._connections.reading(company) as reading:
            rows, ((total,),) = await reading.fetch_many([(_PAGE, values), (_COUNT, values)])
            more = len(rows) > first
            del rows[first:]
            participants: dict[str, list[tuple[str, str, str]]] = {}
            for record, other, role, status in await reading.fetch(_PARTICIPANTS, ([row[0] for row in rows],)):
                participants.setdefault(record, []).append((other, role, status))
            wanted = self.wanted(company, rows, participants)
            pairs = [(other, record) for other, records in wanted.items() for record in records]
            sides: Sides = {}
            for row in await reading.fetch(_SIDES, ([other for other, _ in pairs], [record for _, record in pairs])):
                sides[row[11], row[0]] = row[:11]
                self.learn(row[11], row[1], row[2])
            companies = list({each[0] for group in participants.values() for each in group})
            people = self.owners(person, company, rows, sides)
            names = await reading.fetch_many([(_COMPANIES, (companies,)), (_PEOPLE, (people,))])
        scope = ["cursor", person, company, False, [], "opportunity", _ORDER]
        end = self.seal.close(scope, [rows[-1][3], rows[-1][0]]) if rows else None
        return self.body(
            *(person, company, rows, participants, sides, dict(names[0]), dict(names[1]), end, total),
            more=more,
        )
