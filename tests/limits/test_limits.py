"""Every limit: at it a request passes, one past it is refused; documented, and each with a test."""

import dataclasses

import orjson
import pytest

from gateway.limits.table import LIMITS, Limits
from gateway.refusals import status_of
from tests.gateway.people import made_id
from tests.gateway.world import World
from tests.house.test_documents import ours, rows
from tests.house.tree import files, source
from tests.limits.asking import Post, passes, post, refused
from tests.limits.cases import CASES, WHO

FIELDS = {field.name: field for field in dataclasses.fields(Limits)}
ELSEWHERE = {
    "header_seconds": "test_connections.py",
    "body_seconds": "test_connections.py",
    "stall_seconds": "test_connections.py",
    "connections": "test_connections.py",
    "viewer_requests": "test_traffic.py",
    "running_requests": "test_admission.py",
    "waiting_requests": "test_admission.py",
    "cost_per_minute": "test_traffic.py",
    "run_seconds": "test_deadline.py",
    "plan_seconds": "test_cost.py",
    "plan_steps": "test_cost.py",
}
"""Limits that no single request meets, and who tests them, by name."""


@pytest.mark.parametrize("name", sorted(CASES))
async def test_at_the_limit_a_request_passes(bounded: World, name: str) -> None:
    await passes(bounded, CASES[name](bounded, getattr(LIMITS, name)))


@pytest.mark.parametrize("name", sorted(CASES))
async def test_one_past_the_limit_is_refused(bounded: World, name: str) -> None:
    limit = getattr(LIMITS, name)
    told = FIELDS[name].metadata
    await refused(bounded, CASES[name](bounded, limit + 1), told["status"], told["code"], numbers=(limit, limit + 1))


def test_every_limit_has_its_test() -> None:
    assert {*CASES, *ELSEWHERE} == {*FIELDS}
    for name, file in ELSEWHERE.items():
        assert name in source(f"tests/limits/{file}")


def test_every_limit_is_documented_with_its_value_and_place() -> None:
    documented = [tuple(cell.strip("`") for cell in row) for row in rows(source("docs/limits.md"))]
    declared = []
    for field in FIELDS.values():
        told = field.metadata
        declared.append((field.name, str(field.default), told["code"], str(told["status"]), told["where"]))
    assert documented == declared
    statuses = {refusal.code: status_of(refusal()) for refusal in ours()}
    for _, _, code, status, place in declared:
        assert place in files()
        assert code == "closed" or statuses[code] == int(status)


@pytest.mark.parametrize("literal", ["[" + "1 " * 251 + "]", "[{a: [" + "1 " * 251 + "]}]"])
async def test_a_list_in_the_document_is_bounded_as_one_in_the_variables(bounded: World, literal: str) -> None:
    await refused(bounded, post(f"{{ nodes(ids: {literal}) {{ id }} }}"), 400, "LIST_TOO_LONG")
    await refused(bounded, post(f"query($x: [ID!] = {literal}) {{ nodes(ids: $x) {{ id }} }}"), 400, "LIST_TOO_LONG")
    given = {"query": "{ viewer { email } }", "variables": {"input": {"fields": [{}, {"options": [0] * 251}]}}}
    found = await refused(bounded, Post((orjson.dumps(given),)), 400, "LIST_TOO_LONG", numbers=(250, 251))
    assert found.body["errors"][0]["message"] == "variables.input.fields[1].options: This list has too many items."
    names = "[" + '"x" ' * 250 + "]"
    await passes(bounded, post(f"{{ opportunities(first: 1, where: {{name: {{in: {names}}}}}) {{ totalCount }} }}"))


async def test_pages_need_one_size_that_is_positive(bounded: World) -> None:
    for given in ("", "(first: 0)", "(first: -1)", "(last: 101)", "(first: 1, last: 1)", "(first: null)"):
        found = await refused(
            bounded,
            post(f"{{ viewer {{ email }} opportunities{given} {{ totalCount }} }}"),
            400,
            "PAGE_SIZE",
            numbers=(100,),
        )
        assert found.body["errors"][0]["extensions"]["field"]


async def test_what_is_spread_often_counts_often(bounded: World) -> None:
    spread = "{ viewer { " + "...F " * 31 + "} } fragment F on Viewer { a: email }"
    await refused(bounded, post(spread), 400, "ALIASES")
    fields = "{ viewer { " + "...F " * 50 + "} } fragment F on Viewer { " + "email " * 10 + "}"
    await refused(bounded, post(fields), 400, "HEIGHT")
    marked = "{ viewer { " + "...F " * 51 + "} } fragment F on Viewer @skip(if: false) { email }"
    await refused(bounded, post(marked), 400, "DIRECTIVES")
    roots = "{ ...F ...F } fragment F on Query { " + "__typename " * 11 + "}"
    await refused(bounded, post(roots), 400, "ROOT_FIELDS")


@pytest.mark.parametrize("cycle", ["...F", "person { ...G }"])
async def test_fragments_in_a_circle_are_refused(bounded: World, cycle: str) -> None:
    text = f"{{ viewer {{ ...F }} }} fragment F on Viewer {{ {cycle} }} fragment G on Person {{ ...H }}"
    await refused(bounded, post(text + " fragment H on Person { ...G }"), 400, "VALIDATION_FAILED")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('{"query": "Q", "variables": {"x": 9223372036854775808}}', "The body has a number beyond 64 bits."),
        ('{"query": "Q", "variables": {"x": -9223372036854775809}}', "The body has a number beyond 64 bits."),
        ('{"query": "Q", "variables": {"x": ' + "9" * 300 + "}}", "The body has a number beyond 64 bits."),
        ('{"query": "Q", "variables": {"x": ' + "9" * 5_000 + "}}", "The body is not valid JSON."),
        ('{"query": "Q", "variables": {"x": 1e999}}', "The body is not valid JSON."),
        ('{"query": "Q", "variables": {"x": NaN}}', "The body is not valid JSON."),
        ('{"query": "Q", "variables": {"x": -Infinity}}', "The body is not valid JSON."),
        ('{"query": "Q", "variables": {"x": "\\ud800"}}', "The body is not valid JSON."),
        ('{"query": "Q", "variables": {"x": "\\u0000"}}', "The body has a string with U+0000."),
        ('{"query": "Q", "variables": {"\\u0000": 1}}', "The body has a string with U+0000."),
        ('{"query": "Q", "query": "Q"}', "The body has an object with the same key twice."),
        (
            '{"query": "Q", "variables": {"x": {"a": 1, "\\u0061": 2}}}',
            "The body has an object with the same key twice.",
        ),
        (
            '{"query": "Q", "variables": {"x": ' + "[" * 1_000 + "]" * 1_000 + ', "x": 1}}',
            "The body is not valid JSON.",
        ),
        ('[{"query": "Q"}]', "The body must be a JSON object with the document in `query`."),
    ],
)
async def test_what_json_leaves_open_is_refused(bounded: World, body: str, message: str) -> None:
    found = await refused(bounded, Post((body.replace("Q", WHO).encode(),)), 400, "BAD_REQUEST")
    assert found.body["errors"][0]["message"] == message


@pytest.mark.parametrize("number", ["9223372036854775807", "-9223372036854775808", "1e308", "-0.5", "1e20"])
async def test_numbers_of_64_bits_pass(bounded: World, number: str) -> None:
    await passes(bounded, Post((b'{"query": "%s", "variables": {"x": %s}}' % (WHO.encode(), number.encode()),)))


@pytest.mark.parametrize(
    ("literal", "code"),
    [
        (r'"\u0000"', "BAD_CHARACTER"),
        (r'"\u{0}"', "BAD_CHARACTER"),
        (r'"\u{000}"', "BAD_CHARACTER"),
        (r'"\\\u0000"', "BAD_CHARACTER"),
        (r'"\uD800"', "PARSE_FAILED"),
        (r'"\u{110000}"', "PARSE_FAILED"),
        (r'"\\u0000"', None),
    ],
)
async def test_a_literal_may_not_hold_what_no_text_may(bounded: World, literal: str, code: str | None) -> None:
    request = post(f"{{ node(id: {literal}) {{ id }} }}")
    if code:
        await refused(bounded, request, 400, code)
    else:
        await passes(bounded, request)


async def test_ids_that_are_no_ids_are_as_unknown_ones(bounded: World) -> None:
    for public_id in ("\u202eopp_1", "é", "e\u0301", made_id("opp", "none")):
        found = await passes(bounded, post("query($id: ID!) { node(id: $id) { id } }", {"id": public_id}))
        assert found.body == {"data": {"node": None}}
