"""Text is text: whatever a client sends in a string is stored and compared verbatim, never read as SQL."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.limits.table import UNMETERED
from tests.gateway.world import World, add_people, open_spaces

HOSTILE = (
    *(
        "'",
        '"',
        "`",
        "\\",
        ";",
        "--",
        "/*",
        "*/",
        "%",
        "_",
        "?",
        ":a",
        "@a",
        "$a",
        "$1",
        "{{x}}",
        "${x}",
        "[0]",
        "NULL",
    ),
    *("' OR '1'='1", "'); DROP TABLE record_opportunity; --", '$."a"', "' UNION SELECT 1 --", "x' COLLATE NOCASE"),
)
TEXT = st.lists(
    st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=4)),
    min_size=1,
    max_size=6,
).map(lambda parts: "n" + "".join(parts)[:150])
MAKE = """mutation($input: CreateOpportunityInput!) { createOpportunity(input: $input) {
  record { id } clientMutationId userErrors { code message field } } }"""
READ = """query($id: ID!, $text: String!, $public: ID!) {
  opportunity(id: $id) { name customer { name } mine { notes nextStep lineItems { name } crmRef { system id } } }
  eq: opportunities(first: 100, where: {customer: {name: {eq: $text}}}) { nodes { id } }
  in: opportunities(first: 100, where: {mine: {notes: {in: [$text, "x"]}}}) { nodes { id } }
  has: opportunities(first: 100, where: {mine: {notes: {contains: $text}}}) { nodes { id } }
  starts: opportunities(first: 100, where: {mine: {nextStep: {startsWith: $text}}}) { nodes { id } }
  ne: opportunities(first: 100, where: {mine: {notes: {ne: $text}}}) { nodes { id } }
  node(id: $public) { id }
  after: opportunities(first: 1, after: $text) { totalCount }
}"""


class Network:
    """Two empty networks, one a backend, and the loop that they live in."""

    def __init__(self, folder: Path) -> None:
        self.runner = asyncio.Runner()
        self.worlds = [World(open_spaces(backend, folder), limits=UNMETERED) for backend in ("memory", "sqlite")]
        for world in self.worlds:
            self.runner.run(add_people(world.spaces))

    def close(self) -> None:
        for world in self.worlds:
            self.runner.run(world.spaces.close())
        self.runner.close()


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    made = Network(tmp_path_factory.mktemp("injection"))
    yield made
    made.close()


async def check(world: World, text: str) -> None:
    """The text, put wherever a client may put text, comes back as it was, is found, and is no other text."""
    reference = {"system": "s" + text[:30], "id": text}
    side = {"notes": text, "nextStep": text, "lineItems": [{"name": text}], "crmRef": reference}
    made = {"name": "n" + text, "customer": {"name": text}, "mine": side, "clientMutationId": text}
    payload = (await world.data("ann", MAKE, input=made))["createOpportunity"]
    if payload["userErrors"]:  # the same text again: its natural key is taken
        assert {error["code"] for error in payload["userErrors"]} <= {"NATURAL_KEY_TAKEN", "IDEMPOTENCY_MISMATCH"}
        return
    assert payload["clientMutationId"] == text
    record = payload["record"]["id"]
    body = await world.ask("ann", READ, id=record, text=text, public=text)
    assert [error["path"] for error in body["errors"]] == [["after"]]  # no cursor, whatever it is
    assert body["data"] is None
    without = READ.replace("  after: opportunities(first: 1, after: $text) { totalCount }\n", "")
    data = await world.data("ann", without, id=record, text=text, public=text)
    found: Any = data.pop("opportunity")
    assert found == {"name": "n" + text, "customer": {"name": text}, "mine": side}
    assert data.pop("node") is None
    for test, answer in data.items():
        assert ({"id": record} in answer["nodes"]) is (test != "ne"), test


@given(text=TEXT)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_hostile_text_is_kept_and_found_verbatim(network: Network, text: str) -> None:
    for world in network.worlds:
        network.runner.run(check(world, text))
