"""What is served: the page, its files and the people, each with its headers, and to whom."""

import re

import pytest
from graphql import parse, print_ast
from httpx import ASGITransport, AsyncClient, Response
from starlette.applications import Starlette

from gateway.graphiql import FIRST_QUERY, DemoPerson, routes
from gateway.graphiql.serve import CONTENT_TYPES, HERE
from tests.graphiql.fake_gateway import ANN, BEN
from tests.house.tree import ROOT

SAFE = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-resource-policy": "same-origin",
}
PEOPLE = "/demo/people.json"


def client(host: str = "127.0.0.1:8000", peer: str = "127.0.0.1", app: Starlette | None = None) -> AsyncClient:
    app = app or Starlette(routes=routes(lambda: [ANN, BEN], first_query="{ a }"))
    return AsyncClient(transport=ASGITransport(app, client=(peer, 50000)), base_url=f"http://{host}")


async def get(path: str, host: str = "127.0.0.1:8000", peer: str = "127.0.0.1") -> Response:
    async with client(host, peer) as http:
        return await http.get(path)


def addresses(page: str) -> list[str]:
    return re.findall(r'(?:src|href)="([^"]+)"', page)


async def test_the_page_is_at_the_root() -> None:
    response = await get("/")
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["cache-control"] == "no-cache"
    assert "{{" not in response.text


@pytest.mark.parametrize("path", ["/", PEOPLE, "/graphiql/0/static/page.js"])
async def test_every_answer_has_the_headers_of_safety(path: str) -> None:
    headers = (await get(path)).headers
    assert {name: headers[name] for name in SAFE} == SAFE
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["script-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["object-src"] == policy["base-uri"] == "'none'"
    assert "http" not in headers["content-security-policy"]


async def test_the_page_has_no_script_or_style_of_its_own() -> None:
    page = (await get("/")).text
    assert re.findall(r"<script[^>]*>[^<]", page) == []
    assert re.findall(r"<style|\son\w+=|\sstyle=", page) == []


async def test_every_file_of_the_page_is_served_and_kept_for_a_year() -> None:
    async with client() as http:
        named = addresses((await http.get("/")).text)
        assert len(named) == 9
        for address in named:
            response = await http.get(address)
            assert response.status_code == 200, address
            assert response.headers["content-type"] == CONTENT_TYPES["." + address.rsplit(".", 1)[1]]
            assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
            assert response.content == (HERE / address.split("/", 3)[3]).read_bytes()


@pytest.mark.parametrize("name", ["serve.py", "static/../serve.py", "static/..%2Fserve.py", "static/index.html", "x"])
async def test_nothing_else_is_served(name: str) -> None:
    async with client() as http:
        version = addresses((await http.get("/")).text)[0].split("/")[2]
        assert (await http.get(f"/graphiql/{version}/{name}")).status_code == 404
        stale = await http.get("/graphiql/0123456789abcdef/static/page.js")
        assert (stale.status_code, stale.headers["cache-control"]) == (404, "no-store")


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000", "LOCALHOST", "[::1]:8000"])
async def test_the_people_are_given_to_this_machine(host: str) -> None:
    response = await get(PEOPLE, host)
    assert response.headers["cache-control"] == "no-store"
    assert response.json() == {
        "endpoint": "/graphql",
        "firstQuery": "{ a }",
        "people": [
            {"name": "Ann Archer", "company": "Northwind", "email": "ann@northwind.example", "token": "token-of-ann"},
            {"name": "Ben Baker", "company": "Contoso", "email": "ben@contoso.example", "token": "token-of-ben"},
        ],
    }


@pytest.mark.parametrize(
    ("host", "peer"),
    [
        ("127.0.0.1:8000", "192.0.2.7"),
        ("127.0.0.1:8000", "testclient"),
        ("rebound.example:8000", "127.0.0.1"),
        ("127.0.0.1.example", "127.0.0.1"),
        ("localhost.example", "127.0.0.1"),
        ("192.0.2.7:8000", "127.0.0.1"),
    ],
)
async def test_the_people_are_kept_from_others(host: str, peer: str) -> None:
    response = await get(PEOPLE, host, peer)
    assert response.status_code == 403
    assert "token" not in response.text


async def test_the_people_are_asked_for_anew_each_time() -> None:
    given = iter([[ANN], [BEN]])
    app = Starlette(routes=routes(lambda: next(given)))
    async with client(app=app) as http:
        assert [(await http.get(PEOPLE)).json()["people"][0]["name"] for _ in range(2)] == [ANN.name, BEN.name]


@pytest.mark.parametrize("endpoint", ["https://example.org/graphql", "//example.org/graphql", "graphql", ""])
def test_tokens_go_to_no_other_host(endpoint: str) -> None:
    with pytest.raises(ValueError, match="no path on it"):
        routes(lambda: [ANN], endpoint)


def test_a_person_is_printed_without_its_token() -> None:
    assert "secret" not in repr(DemoPerson("Ann", "Northwind", "ann@northwind.example", "secret"))


def test_the_first_query_is_the_page_of_ten() -> None:
    assert "$first: Int! = 10" in FIRST_QUERY
    contract = ROOT.parent / "shared" / "contract" / "page.graphql"
    if not contract.exists():
        pytest.skip("the contract's page query is not beside this tree")
    page = contract.read_text(encoding="utf-8").replace("$first: Int! = 50", "$first: Int! = 10")
    assert print_ast(parse(FIRST_QUERY)) == print_ast(parse(page))
