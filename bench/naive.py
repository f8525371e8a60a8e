"""The page as one would write it without thinking: Strawberry types with a resolver for each field, a DataLoader for
each thing that is fetched, and Oso's `authorize_field` before each value.

It gives the same data as the gateway and the floor, from the same files. It is not made slow: the loaders batch,
connections stay open, verified tokens are kept.
"""

from enum import Enum
from pathlib import Path
from typing import Any

import strawberry
from graphql import GraphQLError
from oso import Oso
from strawberry.asgi import GraphQL
from strawberry.types import Info

from bench.naive_loading import Context, Files, Participant, Record, Side, Viewer
from bench.tokens import Tokens
from gateway.seal import Seal
from schema.amounts import show_amount

POLICY = Path(__file__).with_name("naive.polar")


_Info = Info[Context, None]


@strawberry.enum
class OrderField(Enum):
    """What a page may be sorted by."""

    UPDATED_AT = "UPDATED_AT"


@strawberry.enum
class Direction(Enum):
    """Which way."""

    DESC = "DESC"


@strawberry.input
class OrderBy:
    """A sort key."""

    field: OrderField
    direction: Direction


@strawberry.type
class Money:
    """An amount in a currency."""

    amount: str
    currency: str


@strawberry.type
class Named:
    """A person."""

    id: strawberry.Private[str]

    @strawberry.field
    async def name(self, info: _Info) -> str:
        """Its name."""
        return await info.context.person_names.load(self.id)


@strawberry.type
class Company:
    """A company."""

    id: str

    @strawberry.field
    async def name(self, info: _Info) -> str:
        """Its name."""
        return await info.context.company_names.load(self.id)


@strawberry.type
class ParticipantType:
    """A company on a record."""

    about: strawberry.Private[Participant]

    @strawberry.field
    def company(self, info: _Info) -> Company | None:
        """Which."""
        return Company(id=self.about.company) if info.context.may_read(self.about, "company") else None

    @strawberry.field
    def role(self, info: _Info) -> str | None:
        """As what."""
        return self.about.role if info.context.may_read(self.about, "role") else None

    @strawberry.field
    def status(self, info: _Info) -> str | None:
        """Whether it accepted."""
        return self.about.status if info.context.may_read(self.about, "status") else None


@strawberry.type
class SideType:
    """A company's side."""

    about: strawberry.Private[Side]

    def _text(self, info: _Info, field: str, column: str) -> str | None:
        value = self._value(info, field, column)
        return None if value is None else str(value)

    def _value(self, info: _Info, field: str, column: str) -> Any:
        if not info.context.may_read(self.about, field) or self.about.row is None:
            return None
        return self.about.row[column]

    @strawberry.field
    def company(self) -> Company:
        """Whose."""
        return Company(id=self.about.company)

    @strawberry.field
    def stage(self, info: _Info) -> str | None:
        """Its stage."""
        return self._text(info, "stage", "f_stage")

    @strawberry.field
    def amount(self, info: _Info) -> Money | None:
        """Its amount."""
        minor = self._value(info, "amount", "f_amount_minor")
        if minor is None or self.about.row is None:
            return None
        currency = self.about.row["f_amount_currency"]
        return Money(amount=show_amount(minor, currency), currency=currency)

    @strawberry.field
    def probability(self, info: _Info) -> int | None:
        """Its chance."""
        chance = self._value(info, "probability", "f_probability")
        return None if chance is None else int(chance)

    @strawberry.field
    def forecast_category(self, info: _Info) -> str | None:
        """Its forecast."""
        return self._text(info, "forecastCategory", "f_forecast_category")

    @strawberry.field
    def target_close_date(self, info: _Info) -> str | None:
        """When it closes."""
        return self._text(info, "targetCloseDate", "f_target_close_date")

    @strawberry.field
    def next_step(self, info: _Info) -> str | None:
        """What it does next."""
        return self._text(info, "nextStep", "f_next_step")

    @strawberry.field
    def owner(self, info: _Info) -> Named | None:
        """Who looks after it."""
        person = self._value(info, "owner", "f_owner")
        return None if person is None else Named(id=person)


@strawberry.type
class Customer:
    """The end customer."""

    about: strawberry.Private[Record]

    @strawberry.field
    def name(self, info: _Info) -> str | None:
        """Its name."""
        return _joint(info, self.about, "customerAccountName", "f_customer_account_name")

    @strawberry.field
    def industry(self, info: _Info) -> str | None:
        """Its business."""
        return _joint(info, self.about, "industry", "f_industry")

    @strawberry.field
    def country(self, info: _Info) -> str | None:
        """Its country."""
        return _joint(info, self.about, "country", "f_country")


def _joint(info: _Info, record: Record, field: str, column: str) -> str | None:
    value = record.row[column] if info.context.may_read(record, field) else None
    return None if value is None else str(value)


@strawberry.type
class Opportunity:
    """A deal."""

    about: strawberry.Private[Record]

    @strawberry.field
    def id(self) -> str:
        """Its id."""
        return str(self.about.row["record_id"])

    @strawberry.field
    def name(self, info: _Info) -> str | None:
        """Its name."""
        return _joint(info, self.about, "name", "f_name")

    @strawberry.field
    def customer(self) -> Customer:
        """Its customer."""
        return Customer(about=self.about)

    @strawberry.field
    async def participants(self, info: _Info) -> list[ParticipantType]:
        """The companies on it."""
        row, found = self.about.row, await info.context.participants.load(self.about.row["record_id"])
        every = [Participant(p["company_id"], p["role"], p["status"], row["status"], row["role"]) for p in found]
        return [ParticipantType(about=p) for p in every if info.context.may_read(p, "company")]

    @strawberry.field
    async def mine(self, info: _Info) -> SideType | None:
        """The own side."""
        sides = await self._sides(info, [(info.context.viewer.company, self.about.row["status"])])
        return sides[0] if sides and sides[0].about.row is not None else None

    @strawberry.field
    async def partners(self, info: _Info) -> list[SideType]:
        """The others' sides."""
        found = await info.context.participants.load(self.about.row["record_id"])
        own = info.context.viewer.company
        return await self._sides(info, [(p["company_id"], p["status"]) for p in found if p["company_id"] != own])

    async def _sides(self, info: _Info, companies: list[tuple[str, str]]) -> list[SideType]:
        record, viewer = self.about.row["record_id"], self.about.row["status"]
        accepted = [company for company, status in companies if status == viewer == "ACCEPTED"]
        found = await info.context.sides.load_many([(company, record) for company in accepted])
        return [
            SideType(about=Side(company, "ACCEPTED", viewer, row, audiences))
            for company, (row, audiences) in zip(accepted, found, strict=True)
        ]


@strawberry.type
class PageInfo:
    """Where the page lies."""

    has_next_page: bool
    end_cursor: str | None


@strawberry.type
class Connection:
    """A page."""

    total_count: int
    page_info: PageInfo
    nodes: list[Opportunity]


_UPDATED = "max(p.touched_at, coalesce(CASE WHEN p.status = 'ACCEPTED' THEN s.updated_at END, ''))"
_PAGE = f"""
SELECT r.*, p.role, p.status, {_UPDATED} AS changed FROM net.participant AS p
CROSS JOIN net.record_opportunity AS r ON r.record_id = p.record_id
LEFT JOIN side_opportunity AS s ON s.company_id = p.company_id AND s.record_id = p.record_id
WHERE p.company_id = ? AND p.kind = 'opportunity' AND p.status IN ('ACCEPTED', 'INVITED')
ORDER BY changed DESC, p.record_id
"""


@strawberry.type
class Query:
    """The root."""

    @strawberry.field
    async def opportunities(
        self, info: _Info, first: int, order_by: list[OrderBy], after: str | None = None
    ) -> Connection:
        """A page of deals, the newest first. Only the first page: nobody paged while this was written."""
        context = info.context
        if after is not None:
            raise GraphQLError("only the first page")
        viewer = context.viewer
        rows = context.files.company(viewer.company).execute(_PAGE + "LIMIT ?", (viewer.company, first + 1)).fetchall()
        sql = "SELECT count(*) FROM participant WHERE company_id = ? AND kind = 'opportunity'"
        sql += " AND status IN ('ACCEPTED', 'INVITED')"
        total = context.files.network.execute(sql, (viewer.company,)).fetchone()[0]
        page = [Opportunity(about=Record(dict(row), row["status"])) for row in rows[:first]]
        asked = [None, [{"field": key.field.value, "direction": key.direction.value} for key in order_by]]
        scope = ["cursor", viewer.person, viewer.company, False, [], "opportunity", asked]
        end = rows[: len(page)][-1] if page else None
        cursor = None if end is None else context.seal.close(scope, [end["changed"], end["record_id"]])
        return Connection(
            total_count=total, page_info=PageInfo(has_next_page=len(rows) > first, end_cursor=cursor), nodes=page
        )


class Naive(GraphQL[Context, None]):
    """The ASGI application."""

    def __init__(self, folder: Path, tokens: Tokens, seal_key: bytes) -> None:
        super().__init__(strawberry.Schema(Query), graphql_ide=None)
        self._files = Files(folder)
        self._tokens = tokens
        self._seal = Seal(seal_key)
        self._oso = Oso()
        for one in (Viewer, Record, Participant, Side):
            self._oso.register_class(one)  # type: ignore[no-untyped-call]  # oso's own code has no types
        self._oso.load_files([str(POLICY)])

    async def get_context(self, request: Any, response: Any) -> Context:
        """The context of a request. Raises ValueError for a token that does not hold."""
        person = self._tokens.person(request.headers.get("authorization", ""))
        row = self._files.network.execute("SELECT company, active FROM person WHERE id = ?", (person,)).fetchone()
        if row is None or not row["active"]:
            raise ValueError("sign in again")
        return Context(Viewer(person, row["company"]), self._files, self._oso, self._seal)

    async def close(self) -> None:
        """Closes all files."""
        self._files.close()
