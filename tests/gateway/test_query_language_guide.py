"""Every example of the guide to the query language, run against the demo network. Ids of companies, which are random,
stand there as `co_...`."""

import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import pytest

from gateway.compose import utc_now
from gateway.demo.network import make_network
from gateway.pipeline import Request
from schema.names import random_id
from spaces.memory import MemorySpaces
from tests.gateway.world import CATALOG, ISSUER, START, World

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "query-language.md"
ANA = "ana@nimbus.example"


class Example(NamedTuple):
    """A query, who asks it, its variables, and what it gives."""

    query: str
    email: str
    variables: dict[str, Any]
    answer: Any


def examples() -> list[Example]:
    """All examples of the guide: a block of GraphQL, maybe one of variables, and one of the answer."""
    blocks = re.findall(r"^```(\S+)( variables)?\n(.*?)^```$", GUIDE.read_text(), re.DOTALL | re.MULTILINE)
    found: list[Example] = []
    for language, variables, text in blocks:
        if language == "graphql":
            who = re.match(r"# as (\S+)\n", text)
            found.append(Example(text, who[1] if who else ANA, {}, None))
        elif variables:
            found[-1] = found[-1]._replace(variables=json.loads(text))
        else:
            assert language == "json"
            assert found[-1].answer is None
            found[-1] = found[-1]._replace(answer=json.loads(text))
    return found


@pytest.fixture(scope="module")
def demo() -> Iterator[World]:
    spaces = MemorySpaces()
    asyncio.run(make_network(spaces, CATALOG, utc_now, random_id))
    yield World(spaces)
    asyncio.run(spaces.close())


def test_there_are_examples_and_each_has_an_answer() -> None:
    found = examples()
    assert len(found) >= 8
    assert all(example.answer for example in found)


@pytest.mark.parametrize("example", examples(), ids=lambda example: " ".join(example.query.split())[:60])
async def test_an_example_gives_what_the_guide_says(demo: World, example: Example) -> None:
    person = await demo.spaces.person_by_email(example.email)
    assert person
    token = ISSUER.token(person.id, START)
    found = await demo.gateway.pipeline.answer(token, Request(example.query, example.variables))
    assert orjson.loads(re.sub(rb"\bco_\w{26}", b"co_...", found.body)) == {"data": example.answer}
