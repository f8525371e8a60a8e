"""Both executors give equal answers to random queries, for several viewers, and so do all backends."""

import asyncio
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from graphql import ExecutionResult, execute, parse
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from gateway.auth import Authenticator
from gateway.credentials import DEV_AUDIENCE
from gateway.reference import ReferenceContext
from gateway.refusals import error_of
from schema.errors import Refusal
from tests.gateway.made_queries import SEARCHED, MadeQuery, Pool, QueryMaker
from tests.gateway.people import COMPANIES, PEOPLE, company, made_id, person
from tests.gateway.world import ISSUER, World, make_world

EXAMPLES = int(os.environ.get("MULTIWAY_EXAMPLES", "300"))
NEVER = ("VALIDATION_FAILED", "BAD_VARIABLES", "BAD_REQUEST")
"""What a query that is made by the schema is never refused for."""
VIEWERS = ("ann", "abe", "amy", "bob", "bea", "cat", "dan", "eve")


class Pair:
    """The same network on all backends, and a loop to ask it in."""

    def __init__(self, folder: Path) -> None:
        self.runner = asyncio.Runner()
        self.sqlite = self.runner.run(make_world("sqlite", folder))
        self.memory = self.runner.run(make_world("memory", folder))
        self.postgres = self.runner.run(make_world("postgres", folder))
        self.pools = {name: self.runner.run(_pool(self.sqlite, name)) for name in VIEWERS}

    def close(self) -> None:
        self.runner.run(self.sqlite.spaces.close())
        self.runner.run(self.postgres.spaces.close())
        self.runner.close()


async def _pool(world: World, name: str) -> Pool:
    ids: list[str] = [seed.id for seed in world.seeds.values()]
    ids += [company(c) for c in COMPANIES] + [person(p) for p in PEOPLE]
    ids += [made_id(kind.prefix, "never issued") for kind in world.catalog.kinds] + ["opp_x", ""]
    cursors = {}
    for kind in world.catalog.kinds:
        found = await world.data(name, f"{{ it: {kind.plural}(first: 9) {{ edges {{ cursor }} }} }}")
        cursors[kind.plural] = tuple(edge["cursor"] for edge in found["it"]["edges"])
    found = await world.data(name, f'{{ it: search(text: "{SEARCHED}", first: 9) {{ edges {{ cursor }} }} }}')
    cursors["search"] = tuple(edge["cursor"] for edge in found["it"]["edges"])
    return Pool(tuple(ids), cursors)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    pair = Pair(tmp_path_factory.mktemp("pair"))
    yield pair
    pair.close()


async def by_reference(world: World, name: str, query: MadeQuery) -> tuple[Any, list[dict[str, Any]]]:
    """What graphql-core's executor makes of the same resolvers."""
    gateway = world.gateway
    issuer = ISSUER.issuer()
    gate = Authenticator({issuer.name: issuer}, DEV_AUDIENCE, world.spaces, lambda: world.seconds)
    viewer, who, _ = await gate.viewer(world.token(name))
    context = ReferenceContext(gateway.pipeline.context(viewer, who))
    schema = gateway.pipeline.models.base.schema
    found = execute(schema, parse(query.text), variable_values=query.variables, context_value=context)
    result = found if isinstance(found, ExecutionResult) else await found
    errors = []
    for error in result.errors or ():
        assert isinstance(error.original_error, Refusal), repr(error.original_error or error)
        errors.append(error_of(error.original_error, list(error.path or ())[:1]))  # ours tells the root field alone
    return result.data, errors


async def compare(pair: Pair, name: str, query: MadeQuery) -> None:
    ours = await pair.sqlite.answer(name, query.text, query.variables)
    body = orjson.loads(ours.body)
    if ours.status == 400 and body["errors"][0]["extensions"]["code"] not in NEVER:
        return  # a limit refuses it before either executes
    assert ours.status == 200, body
    data, errors = await by_reference(pair.sqlite, name, query)
    assert body["data"] == data
    assert orjson.dumps(body["data"]) == orjson.dumps(data)  # the order of keys, too
    told = body.get("errors", [])
    if data is None:  # once null has spread to the root, graphql-core may leave out what else went wrong
        assert errors
        assert all(error in told for error in errors)
    else:  # ours tells one error of a root field, graphql-core each of those below it
        assert sorted(str(error["path"]) for error in told) == sorted({str(error["path"]) for error in errors})
        assert all(error in errors for error in told)
    assert await pair.memory.answer(name, query.text, query.variables) == ours
    assert await pair.postgres.answer(name, query.text, query.variables) == ours


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.generate, Phase.shrink),
    database=None,
)
@given(seed=st.integers(0, 2**64), name=st.sampled_from(VIEWERS))
def test_both_executors_and_both_backends_answer_alike(pair: Pair, seed: int, name: str) -> None:
    schema = pair.sqlite.gateway.pipeline.models.base.schema
    query = QueryMaker(schema, random.Random(seed), pair.pools[name]).make()
    pair.runner.run(compare(pair, name, query))


@pytest.mark.parametrize(
    "member", ["amount { currency }", "teamContact { name }", "lineItems { name unitPrice { amount } }"]
)
def test_an_object_of_which_directives_leave_nothing_is_empty(pair: Pair, member: str) -> None:
    for inner in (
        member.replace(" }", " @skip(if: true) }"),
        member.replace("{", "{ ... @include(if: false) {", 1) + " }",
    ):
        node = f"name customer {{ name @skip(if: true) }} mine {{ {inner} }}"
        text = f"{{ opportunities(first: 9) {{ nodes {{ {node} }} }} }}"
        pair.runner.run(compare(pair, "ann", MadeQuery(text, {})))
