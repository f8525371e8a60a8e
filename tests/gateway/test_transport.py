"""GraphQL over HTTP: the answer's media type by Accept, the status with it, and the few documents for GET."""

import json

import httpx
import pytest

from gateway.persisted.documents import document_id
from tests.gateway.world import World

GRAPHQL = "application/graphql-response+json"
JSON = "application/json"
ALIVE = "{ __typename }"
TYPE = "query Type($name: String!) { __type(name: $name) { name } }"


async def send(world: World, method: str = "POST", name: str | None = "ann", **more: object) -> httpx.Response:
    """Sends a request as a person, or as nobody."""
    headers = {"Authorization": f"Bearer {world.token(name)}"} if name else {}
    async with world.http() as client:
        return await client.request(method, "/graphql", headers=headers | more.pop("headers", {}), **more)  # type: ignore[arg-type, operator] # httpx's own


@pytest.mark.parametrize(
    ("accept", "chosen", "status"),
    [
        (GRAPHQL, GRAPHQL, 400),
        (GRAPHQL.upper(), GRAPHQL, 400),
        (JSON, JSON, 200),
        (f"{GRAPHQL}, {JSON}", GRAPHQL, 400),
        (f"{GRAPHQL};charset=utf-8, {JSON};q=0.9", GRAPHQL, 400),
        (f"{GRAPHQL};q=0.5, {JSON}", JSON, 200),
        (f"{GRAPHQL};q=0, */*", JSON, 400),
        (f"{JSON};q=0", JSON, 400),
        (f"{GRAPHQL};q=x, {JSON};q=nan", JSON, 400),
        ("*/*", JSON, 400),
        ("application/*", JSON, 400),
        ("text/html", JSON, 400),
        ("", JSON, 400),
    ],
)
@pytest.mark.parametrize("query", ["{", "{ nonsense }", "query($id: ID!) { node(id: $id) { id } }"])
async def test_accept_decides_on_media_type_and_status(
    world: World, accept: str, chosen: str, status: int, query: str
) -> None:
    found = await send(world, json={"query": query}, headers={"Accept": accept})
    assert (found.status_code, found.headers["content-type"]) == (status, f"{chosen}; charset=utf-8")
    assert set(found.json()) == {"errors"}


@pytest.mark.parametrize(
    ("body", "name", "status"),
    [
        ({"query": ALIVE}, None, 401),
        ({"query": "{ " + "a: __typename " * 2_000 + "}"}, "ann", 400),
        ({"query": "{ opportunities { totalCount } }"}, "ann", 400),
        ({"query": ALIVE, "extensions": []}, "ann", 400),
        ({"query": ALIVE, "extensions": "x"}, "ann", 400),
        ({"query": ALIVE, "extensions": {}}, "ann", 200),
        ({"query": ALIVE, "extensions": None}, "ann", 200),
        ({}, "ann", 400),
    ],
)
@pytest.mark.parametrize("accept", [GRAPHQL, JSON, "*/*"])
async def test_other_refusals_have_one_status(
    world: World, body: object, name: str | None, status: int, accept: str
) -> None:
    found = await send(world, name=name, json=body, headers={"Accept": accept})
    assert found.status_code == status, found.text


async def test_persisted_documents_may_come_by_get(world: World) -> None:
    for asked in ({"query": ALIVE}, {"documentId": document_id(ALIVE)}):
        found = await send(world, "GET", params=asked)
        assert (found.status_code, found.json()) == (200, {"data": {"__typename": "Query"}})
    asked = {"query": TYPE, "variables": json.dumps({"name": "Money"})}
    assert (await send(world, "GET", params=asked)).json() == {"data": {"__type": {"name": "Money"}}}


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"query": "{__typename}"},
        {"query": "{ viewer { email } }"},
        {"query": "mutation { __typename }"},
        {"query": "{ viewer { email } }", "documentId": document_id(ALIVE)},
        {"documentId": document_id("{ viewer { email } }")},
        {"documentId": document_id(ALIVE).removeprefix("sha256:")},
        {"documentId": ALIVE},
        {"query": "\ud83c"},
    ],
)
async def test_no_other_document_may_come_by_get(world: World, asked: dict[str, str]) -> None:
    for name in ("ann", None):
        found = await send(world, "GET", name, params={k: v.encode("utf-8", "surrogatepass") for k, v in asked.items()})
        assert (found.status_code, found.headers["allow"]) == (405, "POST")


async def test_a_get_is_held_to_the_same_bounds(world: World) -> None:
    assert (await send(world, "GET", None, params={"query": ALIVE})).status_code == 401
    assert (await send(world, "HEAD", params={"query": ALIVE})).status_code == 405
    long = await send(world, "GET", params={"query": ALIVE, "x": "a" * 40_000})
    assert long.status_code == 431
    for more in ({"variables": "{"}, {"variables": "[]"}, {"variables": "{}{}"}, {"extensions": "7"}):
        found = await send(world, "GET", params={"query": ALIVE, **more})
        assert found.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST", found.text
        assert found.status_code == 400
    wrong = await send(world, "GET", params={"query": TYPE, "variables": "{}"})
    assert (wrong.status_code, wrong.json()["errors"][0]["extensions"]["code"]) == (400, "BAD_VARIABLES")
