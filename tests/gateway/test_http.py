"""The transport: what is no proper request is refused in one clear way, and nothing a client sends is a fault."""

import gzip
import json
import logging
from typing import Any

import httpx
import pytest

from gateway.app import application
from spaces.memory import MemorySpaces
from tests.gateway.world import World, add_people

WHO = "{ viewer { person { name } } }"
NAMES = "query($where: OpportunityWhere) { opportunities(first: 1, where: $where) { totalCount } }"
LINES = """mutation($n: Float) { createOpportunity(input: {name: "x", mine: {lineItems: [{name: "l", quantity: $n}]}}) {
  userErrors { code } } }"""


async def post(world: World, content: Any, name: str = "ann", **headers: str) -> httpx.Response:
    """Posts bytes, or JSON, as a person."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    sent = {"Authorization": f"Bearer {world.token(name)}", "Content-Type": "application/json", **headers}
    async with world.http() as client:
        return await client.post("/graphql", content=body, headers=sent)


def code_of(found: httpx.Response) -> str:
    """The code of the one error."""
    (error,) = found.json()["errors"]
    assert error["message"].endswith((".", ")")), error
    return str(error["extensions"]["code"])


async def test_a_request_is_answered_privately(world: World) -> None:
    found = await post(world, {"query": WHO})
    assert (found.status_code, found.json()) == (200, {"data": {"viewer": {"person": {"name": "Ann"}}}})
    for answer in (found, await post(world, b"{"), await post(world, {"query": "{"}), await post(world, {}, "ali")):
        assert answer.headers["cache-control"] == "private, no-store"
        assert answer.headers["vary"] == "Authorization, Accept, Multiway-Hide-Private, Multiway-Presenting-To"
        assert answer.headers["content-type"] == "application/json; charset=utf-8"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "etag" not in answer.headers


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"])
async def test_only_post_is_taken(world: World, method: str) -> None:
    async with world.http() as client:
        found = await client.request(method, "/graphql", params={"query": WHO})
    assert found.status_code == 405
    assert found.headers["allow"] == "POST"


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "multipart/form-data; boundary=x"},
        {"Content-Type": "application/jsonp"},
        {"Content-Type": ""},
        {"Content-Encoding": "gzip"},
        {"Content-Encoding": "br"},
    ],
)
async def test_only_plain_json_is_taken(world: World, headers: dict[str, str]) -> None:
    body = json.dumps({"query": WHO}).encode()
    found = await post(world, gzip.compress(body) if "Content-Encoding" in headers else body, **headers)
    assert (found.status_code, code_of(found)) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert (await post(world, body, **{"Content-Type": "Application/JSON; charset=utf-8"})).status_code == 200


async def test_a_body_has_at_most_256_kib(world: World) -> None:
    body = json.dumps({"query": WHO}).encode()
    assert (await post(world, body + b" " * (256 * 1024 - len(body)))).status_code == 200
    found = await post(world, body + b" " * (256 * 1024 - len(body) + 1))
    assert (found.status_code, code_of(found)) == (413, "REQUEST_TOO_LARGE")


@pytest.mark.parametrize("length", ["²", "9" * 5_000, "-1", "x", ""])
async def test_a_strange_content_length_is_no_fault(world: World, length: str) -> None:
    sent: list[dict[str, Any]] = []
    headers = [(b"content-type", b"application/json"), (b"content-length", length.encode("latin-1"))]
    scope = {"type": "http", "method": "POST", "path": "/graphql", "headers": headers, "query_string": b""}

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"{}", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await application(world.gateway.pipeline)(scope, receive, send)
    assert sent[0]["status"] in (400, 413)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"x"',
        b"null",
        b"{}",
        b'{"query": 1}',
        b'{"query": null}',
        b'{"query": "{ viewer { email } }", "variables": []}',
        b'{"query": "{ viewer { email } }", "variables": "x"}',
        b'{"query": "{ viewer { email } }", "operationName": 1}',
        b'{"query": "query A { viewer { email } }", "operationName": "B"}',
        b'{"query": "query A { viewer { email } } query B { viewer { email } }"}',
        b'{"query": "fragment F on Viewer { email }"}',
        b'[{"query": "{ viewer { email } }"}]',
        b'{"query": "{ viewer { email } }", "variables": {"x": NaN}}',
        b'{"query": "{ viewer { email } }", "variables": {"x": Infinity}}',
        b'{"query": "\\ud800"}',
        b'{"query": "{ viewer { email } }", "variables": {"x": "\\ud800"}}',
        b'\xff\xfe{"query": "{ viewer { email } }"}',
        b'{"query": "\xff"}',
        b'{"query": "{ viewer { email } }", "variables": ' + b'{"a":' * 5_000 + b"1" + b"}" * 5_000 + b"}",
    ],
)
async def test_what_is_no_graphql_request_is_refused(world: World, body: bytes) -> None:
    found = await post(world, body)
    if b"fragment F" in body:  # a document without an operation, whose fragment nothing uses
        assert (found.status_code, code_of(found)) in ((400, "VALIDATION_FAILED"), (400, "BAD_REQUEST"))
    else:
        assert (found.status_code, code_of(found)) == (400, "BAD_REQUEST")


async def test_a_malformed_query_is_told_with_its_place(world: World) -> None:
    found = await post(world, {"query": "{\n  viewer { person {"})
    assert (found.status_code, code_of(found)) == (400, "PARSE_FAILED")
    assert "(line 2, column 20)" in found.json()["errors"][0]["message"]


@pytest.mark.parametrize(
    "query",
    [
        "{ viewr { email } }",
        "{ viewer { emial } }",
        "{ opportunities(first: 1) { nodes { mine { stag } } } }",
        "{ opportunities(frist: 1) { totalCount } }",
        '{ opportunities(first: 1, where: {nam: {eq: "x"}}) { totalCount } }',
        "{ opportunities(first: 1, orderBy: [{mine: STAG}]) { totalCount } }",
        "{ ... on Opportunty { id } }",
        "{ viewer { email } } fragment F on Viewer { email }",
        "{ viewer @nonsense { email } }",
        "{ viewer { email { x } } }",
        "query($x: OpportunityWher) { viewer { email } }",
        "subscription { viewer { email } }",
    ],
)
async def test_what_does_not_fit_the_schema_is_told_without_suggestions(world: World, query: str) -> None:
    found = await post(world, {"query": query})
    assert (found.status_code, code_of(found)) == (400, "VALIDATION_FAILED")
    assert "Did you mean" not in found.text
    assert "data" not in found.json()


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("query($n: Int!) { opportunities(first: $n) { totalCount } }", {}),
        ("query($n: Int!) { opportunities(first: $n) { totalCount } }", {"n": "1"}),
        ("query($n: Int!) { opportunities(first: $n) { totalCount } }", {"n": 1.5}),
        ("query($n: Int!) { opportunities(first: $n) { totalCount } }", {"n": 2**31}),
        ("query($n: Int!) { opportunities(first: $n) { totalCount } }", {"n": 2**62}),
        ("query($n: Int!) { opportunities(first: $n) { totalCount } }", {"n": True}),
        ("query($id: ID!) { node(id: $id) { id } }", {"id": None}),
        ("query($id: ID!) { node(id: $id) { id } }", {"id": {"a": 1}}),
        ("query($id: ID = \"x\") { node(id: $id) { id } }", {"id": None}),
        ("query($b: Boolean!) { viewer { email @include(if: $b) } }", {"b": "true"}),
        ("query($b: Boolean!) { viewer { email @include(if: $b) } }", {}),
        (NAMES, {"where": {"nonsense": 1}}),
        (NAMES, {"where": {"nam": {"eq": "x"}}}),
        (NAMES, {"where": {"mine": {"stage": {"eq": "PROSPEC"}}}}),
        (NAMES, {"where": {"mine": {"stage": {"eq": "NONSENSE"}}}}),
        (NAMES, {"where": {"createdAt": {"eq": 7}}}),
    ],
)  # fmt: skip # a table, a row a line
async def test_variables_that_do_not_fit_are_refused(world: World, query: str, variables: Any) -> None:
    found = await post(world, {"query": query, "variables": variables})
    assert found.json().get("errors", [{}])[0].get("extensions", {}).get("code") == "BAD_VARIABLES", found.json()
    assert "Did you mean" not in found.text


def nested(depth: int) -> Any:
    where: Any = {"name": {"eq": "x"}}
    for _ in range(depth):
        where = {"not": where}
    return where


def literal_where(depth: int) -> str:
    return "{not: " * depth + '{name: {eq: "x"}}' + "}" * depth


def chain_of_fragments(depth: int) -> str:
    links = (f"fragment F{n} on Viewer {{ ...F{n + 1} }}" for n in range(depth))
    return "{ viewer { ...F0 } } " + " ".join(links) + f" fragment F{depth} on Viewer {{ email }}"


HOSTILE: list[tuple[str, dict[str, Any]]] = [
    *((NAMES, {"where": nested(depth)}) for depth in (30, 100, 200, 300, 400)),
    *((NAMES.replace("$where", "$w", 1).replace("$where", literal_where(d)), {}) for d in (30, 100, 200, 300, 600)),
    *((f"{{ opportunities(first: 1, where: {literal_where(d)}) {{ totalCount }} }}", {}) for d in (60, 120, 180, 240)),
    (NAMES, {"where": {"name": {"eq": "a\x00b"}}}),
    (NAMES, {"where": {"and": [{"or": [{"name": {"eq": "x"}}] * 40}] * 40}}),
    (NAMES, {"where": {"name": {"in": ["x"] * 5_000}}}),
    ("{ opportunities(first: " + "9" * 5_000 + ") { totalCount } }", {}),
    ("{ opportunities(first: -" + "9" * 400 + ") { totalCount } }", {}),
    ('{ node(id: "\\u0000") { id } }', {}),
    ('{ node(id: "\\uD800") { id } }', {}),
    ('{ node(id: ' + "9" * 5_000 + ') { id } }', {}),
    ('query($id: ID!) { node(id: $id) { id } }', {"id": 2**62}),
    ('{ opportunities(first: 1, after: "' + "A" * 5_000 + '") { totalCount } }', {}),
    ('{ opportunities(first: 1, after: "é\\u0000") { totalCount } }', {}),
    (LINES, {"n": 1e308}),
    (LINES.replace("$n: Float", "$m: Float").replace("$n", "1e999"), {}),
    (LINES.replace("($n: Float)", "").replace("$n", "1e999"), {}),
    (LINES.replace("($n: Float)", "").replace("$n", "9" * 5_000), {}),
    *((f"mutation {{ {text} {{ userErrors {{ code }} }} }}", {}) for text in (
        'createOpportunity(input: {name: "a\\u0000"})',
        'createOpportunity(input: {name: "a", clientMutationId: "\\u0000"})',
        'shareFields(input: {recordId: "x", fields: ["\\u0000"], audience: {kind: PRIVATE}})',
        'createOpportunity(input: {name: "a", mine: {amount: {amount: "' + "9" * 5_000 + '", currency: "USD"}}})',
        'createOpportunity(input: {name: "a", mine: {amount: {amount: "1e999999999", currency: "USD"}}})',
        'createOpportunity(input: {name: "a", mine: {targetCloseDate: "0000-00-00"}})',
        'createLead(input: {companyName: "a", acceptBy: "0001-01-01T00:00:00+14:00"})',
    )),
    *((chain_of_fragments(depth), {}) for depth in (50, 150, 230)),
    ("{ __schema { types { fields { type { fields { type { fields { type { name } } } } } } } } }", {}),
    ('query($id: ID = "x") { nodes(ids: [$id]) { id } }', {"id": None}),
    ('mutation($r: ID = "x") { withdraw(input: {recordId: $r}) { userErrors { code } } }', {"r": None}),
    ('query($c: ID = "x") { opportunities(first: 2) { nodes { partners(companies: [$c]) { stage } } } }', {"c": None}),
    ('query($b: Boolean = true) { __typename viewer { email @include(if: $b) } }', {"b": None}),
]  # fmt: skip # a table, a row a line


@pytest.mark.parametrize("number", range(len(HOSTILE)))
async def test_nothing_a_client_sends_is_a_fault(live: World, number: int, caplog: pytest.LogCaptureFixture) -> None:
    query, variables = HOSTILE[number]
    found = await post(live, {"query": query, "variables": variables})
    assert found.status_code in (200, 400), found.text
    assert "INTERNAL" not in found.text
    assert found.status_code == 400 or "data" in found.json()
    assert not [r for r in caplog.records if r.levelno >= logging.ERROR]


@pytest.mark.parametrize("depth", [60, 130, 300])
async def test_a_deep_answer_is_no_fault(live: World, depth: int) -> None:
    solution = await live.done("ann", "createSolution", name="Loop")
    await live.done("ann", "updateSolution", id=solution, joint={"complementary": [solution]})
    text = "{ solution(id: " + json.dumps(solution) + ") { " + "complementary { " * depth + "id" + " }" * depth + " } }"
    found = await post(live, {"query": text})
    assert found.status_code in (200, 400), found.text
    assert "INTERNAL" not in found.text


class Failing(MemorySpaces):
    """Spaces whose pages fail with a secret in the exception's text."""

    async def page(self, fetch: Any) -> Any:
        raise RuntimeError("the secret of the page")


async def test_a_fault_is_told_by_its_id_alone_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    world = World(Failing())
    await add_people(world.spaces)
    create = 'mutation { createOpportunity(input: {name: "x"}) { record { id } } }'
    for query in (
        "{ opportunities(first: 1) { totalCount } }",
        "{ viewer { email } leads(first: 1) { nodes { id } } }",
        create,
    ):
        caplog.clear()
        found = await post(world, {"query": query})
        assert found.status_code == 500, found.text
        (error,) = found.json()["errors"]
        assert error["message"] == "Something failed on our side."
        assert error["extensions"]["code"] == "INTERNAL"
        assert "secret" not in found.text
        assert set(found.json()) == {"errors"}
        assert error["extensions"]["id"] in caplog.text
        assert "the secret of the page" in caplog.text
        assert found.headers["cache-control"] == "private, no-store"
    introspecting = "{ __schema { queryType { name } } opportunities(first: 1) { totalCount } }"
    caplog.clear()
    found = await post(world, {"query": introspecting})
    assert "secret" not in found.text
    (error,) = found.json()["errors"]
    assert error["extensions"]["id"] in caplog.text
