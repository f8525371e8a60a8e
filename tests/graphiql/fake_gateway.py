"""A gateway of two people without Multiway behind it: each token has its own schema and its own answer."""

from typing import Any

from graphql import build_schema, graphql_sync
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.graphiql import DemoPerson, routes

ANN = DemoPerson("Ann Archer", "Northwind", "ann@northwind.example", "token-of-ann")
BEN = DemoPerson("Ben Baker", "Contoso", "ben@contoso.example", "token-of-ben")

SDL = """
type Query { opportunities(first: Int!, after: String, orderBy: [OrderBy!]): OpportunityPage! }
type Mutation { rename(name: String!): String }
input OrderBy { field: OrderField!, direction: Direction! }
enum OrderField { UPDATED_AT }
enum Direction { ASC DESC }
type OpportunityPage { totalCount: Int!, pageInfo: PageInfo!, nodes: [Opportunity!]! }
type PageInfo { hasNextPage: Boolean!, endCursor: String }
type Opportunity {
  id: ID!, name: String!, customer: Customer, participants: [Participant!]!, mine: OpportunitySide
  partners: [OpportunitySide!]!
}
type Customer { name: String, industry: String, country: String }
type Participant { company: Company!, role: String!, status: String! }
type Company { id: ID!, name: String! }
type Person { name: String! }
type Money { amount: String!, currency: String! }
type OpportunitySide {
  company: Company!, stage: String, amount: Money, probability: Int, forecastCategory: String, targetCloseDate: String
  nextStep: String, owner: Person, EXTRA: String
}
"""
SCHEMAS = {
    ANN.token: build_schema(SDL.replace("EXTRA", "onlyOfNorthwind")),
    BEN.token: build_schema(SDL.replace("EXTRA", "onlyOfContoso")),
}
SIDES = {
    ANN.token: {
        "company": {"id": "c1", "name": ANN.company},
        "stage": "QUALIFIED",
        "amount": {"amount": "125000.00", "currency": "EUR"},
        "probability": 60,
        "forecastCategory": "BEST_CASE",
        "targetCloseDate": "2031-03-31",
        "nextStep": "Send the joint proposal",
        "owner": {"name": ANN.name},
    },
    BEN.token: {
        "company": {"id": "c2", "name": BEN.company},
        "stage": "COMMITTED",
        "amount": {"amount": "88000.00", "currency": "EUR"},
        "probability": 85,
        "forecastCategory": "COMMIT",
        "targetCloseDate": "2031-04-15",
        "nextStep": "<img src=x onerror=alert(1)>",
        "owner": {"name": BEN.name},
    },
}
SHARED = ("company", "targetCloseDate", "nextStep")


def answer_for(token: str) -> dict[str, Any]:
    """What a caller gets: its own side whole, the others' with just what they share; one record more for Ann."""
    others = [{key: side[key] for key in SHARED} for owner, side in SIDES.items() if owner != token]
    people = [{"company": {"name": p.company}, "role": "COLLABORATOR", "status": "ACCEPTED"} for p in (ANN, BEN)]
    nodes = [
        {
            "id": f"rec-{number}",
            "name": f"Joint deal {number}",
            "customer": {"name": "Fabrikam", "industry": "RETAIL", "country": "DE"},
            "participants": people,
            "mine": SIDES[token],
            "partners": others,
        }
        for number in range(1 if token == ANN.token else 2, 4)
    ]
    page = {"totalCount": len(nodes), "pageInfo": {"hasNextPage": False, "endCursor": None}, "nodes": nodes}
    return {"opportunities": page}


def fake_gateway(seen: list[tuple[str, str]], people: list[DemoPerson]) -> Starlette:
    """The app, with these people on its page. Each request is noted in `seen`: token, operation."""

    async def graphql(request: Request) -> Response:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        asked = await request.json()
        seen.append((token, asked.get("operationName") or asked["query"].split("{")[0].strip()))
        if token not in SCHEMAS:
            return JSONResponse({"errors": [{"message": "Sign in."}]}, 401)
        result = graphql_sync(
            SCHEMAS[token],
            asked["query"],
            answer_for(token) | {"rename": lambda info, name: name},
            variable_values=asked.get("variables"),
            operation_name=asked.get("operationName"),
        )
        return JSONResponse(result.formatted)

    return Starlette(routes=[Route("/graphql", graphql, methods=["POST"]), *routes(lambda: people)])
