"""Attacks as they are met in the wild: each is refused with 4xx in under 100 ms of CPU; what tools ask passes."""

import gzip
import json
from pathlib import Path

import pytest
from graphql import get_introspection_query

from tests.gateway.world import World
from tests.limits.asking import Post, passes, post, refused
from tests.limits.cases import WHO

MIB = 1024 * 1024
PAGE = (Path(__file__).parents[2] / "bench" / "page.graphql").read_text()


COSTLY = "nodes { partners { owner { name } company { name } } participants { company { name } } }"


def bomb(levels: int) -> str:
    """2 to the power of `levels` fields, by fragments that spread the next one twice."""
    links = " ".join(f"fragment F{i} on Viewer {{ ...F{i + 1} ...F{i + 1} }}" for i in range(levels))
    return f"{{ viewer {{ ...F0 }} }} {links} fragment F{levels} on Viewer {{ email }}"


def introspecting(levels: int) -> str:
    return "{ __schema { types { " + "fields { type { " * levels + "name" + " } }" * levels + " } } }"


HOSTILE = {
    "200,000 tokens": (post("{" + "a " * 100_000 + "}"), 400, "TOKENS"),
    "80,000 comments": (post("#\n" * 80_000 + WHO), 400, "TOKENS"),
    "200,000 brackets": (post("{" * 200_000), 400, "NESTING"),
    "an endless string": (post('{ node(id: "' + "\\\\" * 30_000), 400, "PARSE_FAILED"),
    "a string of 250 KB": (post('{ node(id: "' + "x" * 250_000 + '") { id } }'), 400, "BAD_REQUEST"),
    "a comment of 250 KB": (post("#" * 250_000 + "\n" + WHO), 400, "BAD_REQUEST"),
    "250 KB of blanks": (post(" " * 250_000 + WHO), 400, "BAD_REQUEST"),
    "250 KB of no string": (post('{ node(id: "' + "x" * 250_000), 400, "BAD_REQUEST"),
    "an endless block string": (post('{ node(id: """' + '""x' * 20_000), 400, "TOKENS"),
    "a string of escapes": (post('{ node(id: "' + "\\\\" * 20_000 + '\\u0000") { id } }'), 400, "BAD_CHARACTER"),
    "a bomb of 2^14 fields": (post(bomb(14)), 400, "HEIGHT"),
    "a bomb of 2^100 fields": (post(bomb(100)), 400, "HEIGHT"),
    "1,000 aliases": (post("{ " + " ".join(f"a{i}: __typename" for i in range(1_000)) + " }"), 400, "TOKENS"),
    "499 aliases": (post("{ viewer { " + " ".join(f"a{i}: email" for i in range(499)) + " } }"), 400, "ALIASES"),
    "1,900 times one field": (post("{ viewer { " + "email " * 1_900 + "} }"), 400, "HEIGHT"),
    "499 times an unknown field": (post("{ viewer { " + "x " * 499 + "} }"), 400, "VALIDATION_FAILED"),
    "10 unknown directives": (post("{ viewer { email " + "@aa " * 10 + "} }"), 400, "VALIDATION_FAILED"),
    "60 directives": (post("{ viewer { email " + "@aa " * 60 + "} }"), 400, "DIRECTIVES"),
    "60 directives of a variable": (post("query($x: Int " + "@aa " * 60 + ") { viewer { email } }"), 400, "DIRECTIVES"),
    "introspection in a circle": (post(introspecting(5)), 400, "VALIDATION_FAILED"),
    "11 times the schema": (
        post("{ " + " ".join(f"a{i}: __schema {{ description }}" for i in range(11)) + " }"),
        400,
        "COST_ESTIMATED_TOO_EXPENSIVE",
    ),
    "a costly page beside introspection": (
        post("{ __schema { description } opportunities(first: 100) { " + COSTLY + " } }"),
        400,
        "COST_ESTIMATED_TOO_EXPENSIVE",
    ),
    "JSON 20,000 deep": (Post((b'{"query": "", "x": ' + b"[" * 20_000 + b"]" * 20_000 + b"}",)), 400, "BAD_REQUEST"),
    "40,000 JSON values": (Post((b'{"query": "", "x": [' + b"[]," * 40_000 + b"1]}",)), 400, "LIST_TOO_LONG"),
    "40,000 duplicate keys": (Post((b"{" + b'"a":1,' * 40_000 + b'"query":"{a}"}',)), 400, "BAD_REQUEST"),
    "a gzip bomb": (
        Post((gzip.compress(b" " * 50 * MIB),), headers=(("content-encoding", "gzip"),)),
        415,
        "UNSUPPORTED_MEDIA_TYPE",
    ),
    "10 MB, told": (Post((b" " * 10 * MIB,), headers=(("content-length", str(10 * MIB)),)), 413, "REQUEST_TOO_LARGE"),
    "10 MB in pieces": (Post((b" " * 65_536,) * 160), 413, "REQUEST_TOO_LARGE"),
    "a batch of operations": (Post((json.dumps([{"query": WHO}] * 10).encode(),)), 400, "BAD_REQUEST"),
    "10,000 headers": (post(WHO, headers=(("x", "1"),) * 10_000), 431, "HEADERS_TOO_LARGE"),
}  # fmt: skip # reads better side by side


@pytest.mark.parametrize("name", HOSTILE)
async def test_an_attack_is_refused_at_once(bounded: World, name: str) -> None:
    request, status, code = HOSTILE[name]
    found = await refused(bounded, request, status, code)
    if status == 415 or dict(request.headers).get("content-length"):
        assert found.read == 0  # not a byte of the body was taken
    elif status == 413:
        assert found.read == 5


async def test_what_tools_and_the_bench_ask_passes_all_limits(bounded: World) -> None:
    await passes(bounded, post(get_introspection_query(input_value_deprecation=True, specified_by_url=True)))
    await passes(bounded, post(PAGE, {"first": 50}))


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
)
async def test_a_page_of_another_site_cannot_send_a_request(bounded: World, content_type: str) -> None:
    await refused(bounded, post(WHO, content_type=content_type), 415, "UNSUPPORTED_MEDIA_TYPE")
    async with bounded.http() as client:
        for method in ("GET", "HEAD", "OPTIONS"):
            found = await client.request(method, "/graphql", params={"query": WHO})
            assert (found.status_code, found.headers["allow"]) == (405, "POST")


async def test_who_is_not_signed_in_learns_nothing_of_the_schema(bounded: World) -> None:
    texts = ("{ __schema { queryType { name } } }", "{ opportunitie(first: 1) { totalCount } }", "{" * 60_000)
    answers = set()
    for text in texts:
        async with bounded.http() as client:
            found = await client.post("/graphql", json={"query": text})
        answers.add((found.status_code, found.content))
    ((status, body),) = answers
    assert status == 401
    assert b"UNAUTHENTICATED" in body


async def test_misspelt_names_bring_no_suggestion(bounded: World) -> None:
    for text in ("{ viewr { email } }", "{ viewer { emial } }", "{ opportunities(frist: 1) { totalCount } }"):
        found = await refused(bounded, post(text), 400, "VALIDATION_FAILED")
        assert "mean" not in str(found.body)


@pytest.mark.parametrize("path", ["/", "/graphiql", "/assets/graphiql.js", "/docs"])
async def test_there_is_no_graphiql_outside_the_demo(bounded: World, path: str) -> None:
    async with bounded.http() as client:
        assert (await client.get(path, headers={"Accept": "text/html"})).status_code == 404


async def test_a_web_socket_is_not_opened(bounded: World) -> None:
    asking = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Protocol": "graphql-transport-ws"}
    async with bounded.http() as client:
        assert (await client.get("/graphql", headers=asking)).status_code == 405
