"""For each limit that a single request can meet: a request that has exactly `n` of what it bounds, and is valid."""

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from tests.gateway.people import made_id
from tests.gateway.world import World
from tests.limits.asking import Post, headers_of, post

Make: TypeAlias = Callable[[World, int], Post]
WHO = "{ viewer { email } }"


def tokens(_: World, n: int) -> Post:
    return post("#\n" * (n - 6) + WHO)


def nesting(_: World, n: int) -> Post:
    inner = n - 3  # __schema, types and the operation itself
    return post("{ __schema { types { " + "ofType { " * inner + "name" + " }" * inner + " } } }")


def depth(_: World, n: int) -> Post:
    links = n - 5
    inner = "complementary { " * links + "mine { owner { company { name } } }" + " }" * links
    return post(f'{{ solution(id: "{made_id("sol", "x")}") {{ {inner} }} }}')


def height(_: World, n: int) -> Post:
    return post("{ viewer { " + "email " * (n - 1) + "} }")


def aliases(_: World, n: int) -> Post:
    return post("{ viewer { " + " ".join(f"a{i}: email" for i in range(n)) + " } }")


def query_roots(_: World, n: int) -> Post:
    return post("{ " + "__typename " * n + "}")


def mutation_roots(_: World, n: int) -> Post:
    return post("mutation { " + "__typename " * n + "}")


def directives(_: World, n: int) -> Post:
    return post("{ viewer { " + "email @skip(if: false) " * n + "} }")


def search_characters(_: World, n: int) -> Post:
    return post("query($x: String!) { search(text: $x, first: 1) { totalCount } }", {"x": "é" * n})


def search_words(_: World, n: int) -> Post:
    text = " ".join(["Again", "again"] + [f"w{i}" for i in range(n - 1)])
    return post(f'{{ search(text: "{text}", first: 1) {{ totalCount }} }}')


def page_size(_: World, n: int) -> Post:
    return post("query($n: Int) { opportunities(first: $n) { totalCount } }", {"n": n})


def cost(_: World, n: int) -> Post:
    below = "nodes { owner { name } participants { company { name } } }"
    parts: list[str] = []
    left = n
    while left > 6:  # a page costs 1, and a node of it 6: itself, 1 owner, 2 participants, 2 companies
        size = min((left - 1) // 6, 100)
        parts.append(f"p{len(parts)}: opportunities(first: {size}) {{ {below} }}")
        left -= 1 + 6 * size
    ids = json.dumps([made_id("opp", str(i)) for i in range(left)])
    return post("{ " + " ".join([*parts, f"nodes(ids: {ids}) {{ id }}" if left else ""]) + " }")


def headers(world: World, n: int) -> Post:
    plain = post(WHO)
    more = n - len(headers_of(world, plain))
    return post(WHO, headers=tuple((f"x-{i}", "1") for i in range(more)))


def header_bytes(world: World, n: int) -> Post:
    plain = sum(len(key) + len(value) for key, value in headers_of(world, post(WHO)))
    return post(WHO, headers=(("x", "y" * (n - plain - 1)),))


def body_bytes(_: World, n: int) -> Post:
    (body,) = post(WHO).chunks
    return Post((body + b" " * (n - len(body)),))


def json_depth(_: World, n: int) -> Post:
    value: Any = 1
    for _level in range(n - 1):
        value = [value]
    return post(WHO, {"x": value})


def json_values(_: World, n: int) -> Post:
    left = n - 3  # the body, its document and its variables
    variables: dict[str, list[int]] = {}
    while left > 0:
        size = min(left - 1, 250)
        variables[f"v{len(variables)}"] = [1] * size
        left -= size + 1
    return post(WHO, variables)


def string_bytes(_: World, n: int) -> Post:
    body = json.dumps({"query": WHO, "variables": {"x": "é" * (n // 2) + "x" * (n % 2)}}, ensure_ascii=False)
    return Post((body.encode(),))


def list_items(_: World, n: int) -> Post:
    return post(WHO, {"x": [1] * n})


CASES: Mapping[str, Make] = {
    make.__name__: make
    for make in (
        *(headers, header_bytes, body_bytes, json_depth, json_values, string_bytes, list_items),
        *(tokens, nesting, depth, height, aliases, query_roots, mutation_roots, directives, page_size, cost),
        *(search_characters, search_words),
    )
}
