"""Search over GraphQL: what is found, in which order, by whom, and page by page over all kinds."""

from itertools import pairwise
from typing import Any

import orjson
import pytest

from tests.gateway.deals import deal
from tests.gateway.people import company
from tests.gateway.world import World

FOUND = """query($text: String!, $kinds: [RecordKind!]) { search(text: $text, kinds: $kinds, first: 100) {
  totalCount edges { score node { name } } nodes { name } } }"""
WALK = """query($text: String!, $kinds: [RecordKind!], $first: Int, $after: String, $last: Int, $before: String) {
  search(text: $text, kinds: $kinds, first: $first, after: $after, last: $last, before: $before) {
    totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    edges { cursor score node { __typename id updatedAt } } } }"""


async def found(world: World, name: str, text: str, kinds: list[str] | None = None) -> list[tuple[str, int]]:
    """The names of what a person finds, with their scores, in order."""
    page = (await world.data(name, FOUND, text=text, kinds=kinds))["search"]
    assert page["nodes"] == [edge["node"] for edge in page["edges"]]
    assert page["totalCount"] == len(page["edges"])
    return [(edge["node"]["name"], edge["score"]) for edge in page["edges"]]


async def test_the_best_place_of_each_word_counts_and_they_add_up(live: World) -> None:
    await deal(live, "Zanzibar spice", competitor="zanzibar")
    await deal(live, "Zanzibari rugs")
    await live.done("ann", "createSolution", name="Ferries", description="To Zanzibar.")
    await live.done("ann", "createLead", companyName="Dhow tours", useCase="Zanzibarian heritage")
    await deal(live, "Own whole", competitor="Near ZANZIBAR", notes="zanzibaresque")
    await deal(live, "Own beginning", notes="Zanzibarette")
    record = await deal(live, "Theirs", accepted="bolt")
    await live.done("bob", "updateOpportunity", id=record, mine={"nextStep": "Fly to Zanzibar"})
    begun = await deal(live, "Theirs begun", accepted="bolt")
    await live.done("bob", "updateOpportunity", id=begun, mine={"nextStep": "Zanzibarize"})
    whole = [("Zanzibar spice", 8), ("Zanzibari rugs", 7), ("Ferries", 6), ("Dhow tours", 5)]
    whole += [("Own whole", 4), ("Own beginning", 3), ("Theirs", 2), ("Theirs begun", 1)]
    assert await found(live, "ann", "zanzibar") == whole
    assert await found(live, "ann", "Zanzibár  SPI") == [("Zanzibar spice", 15)]
    assert await found(live, "ann", "zanzi their") == [("Theirs begun", 8), ("Theirs", 8)]
    assert await found(live, "ann", "their zanzi their") == [("Theirs begun", 8), ("Theirs", 8)]
    assert await found(live, "ann", "anzibar") == []
    assert await found(live, "bob", "zanzibar") == [("Theirs", 4), ("Theirs begun", 3)]


async def test_kinds_narrow_what_is_found(live: World) -> None:
    await deal(live, "Okapi one")
    await live.done("ann", "createSolution", name="Okapi two")
    assert sorted(await found(live, "ann", "okapi")) == [("Okapi one", 8), ("Okapi two", 8)]
    assert await found(live, "ann", "okapi", ["SOLUTION"]) == [("Okapi two", 8)]
    assert await found(live, "ann", "okapi", ["SOLUTION", "LEAD", "SOLUTION"]) == [("Okapi two", 8)]
    assert await found(live, "ann", "okapi", ["LEAD"]) == []
    assert await found(live, "ann", "okapi", []) == []


async def test_what_was_written_is_found_at_once_and_what_was_replaced_no_more(live: World) -> None:
    record = await deal(live, "Yak herd", notes="cheese")
    assert await found(live, "ann", "yak cheese") == [("Yak herd", 12)]
    await live.done("ann", "updateOpportunity", id=record, joint={"name": "Goat herd"}, mine={"notes": None})
    assert await found(live, "ann", "yak") == []
    assert await found(live, "ann", "goat cheese") == []
    await live.done("ann", "updateOpportunity", id=record, mine={"notes": "yak cheese"})
    assert await found(live, "ann", "goat yak") == [("Goat herd", 12)]


async def test_no_hidden_text_is_found(live: World) -> None:
    record = await deal(live, "Emu farm", accepted="bolt", invited="core", notes="xylophone", nextStep="marimba")
    await live.done("ann", "updateOpportunity", id=record, joint={"customer": {"name": "Vibraphone Ltd"}})
    for name, seen in (("ann", 4), ("bob", 0), ("amy", 0), ("cat", 0), ("eve", 0)):
        assert await found(live, name, "xylo") == [("Emu farm", seen - 1)] * bool(seen), name
    assert await found(live, "bob", "marimba") == [("Emu farm", 2)]
    assert await found(live, "amy", "marimba") == [("Emu farm", 4)]  # shared, so not hidden from herself
    assert await found(live, "cat", "marimba") == []
    assert await found(live, "cat", "vibra") == [("Emu farm", 5)]  # what is shown to who is invited
    for audience, seen in (({"kind": "SELECTED", "companies": [company("bolt")]}, 2), ({"kind": "PRIVATE"}, 0)):
        await live.done("ann", "shareFields", recordId=record, fields=["notes"], audience=audience)
        assert await found(live, "bob", "xylophone") == [("Emu farm", seen)] * bool(seen)
    await live.done("bob", "withdraw", recordId=record)
    assert await found(live, "bob", "emu") == []


@pytest.mark.parametrize(("first", "last"), [(1, 1), (2, 3), (100, 100)])
async def test_pages_merge_the_kinds_forwards_and_backwards(world: World, twin: World, first: int, last: int) -> None:
    whole = (await world.data("ann", WALK, text="re", first=100))["search"]
    edges = whole["edges"]
    assert len({edge["node"]["__typename"] for edge in edges}) == 3
    assert len(edges) == whole["totalCount"] > 15
    order = [(edge["score"], edge["node"]["updatedAt"], edge["node"]["id"]) for edge in edges]
    for (score, changed, id_), following in pairwise(order):
        assert (score, changed) > following[:2] or ((score, changed) == following[:2] and id_ < following[2])
    walked: list[Any] = []
    cursor, more = None, True
    while more:
        page = (await world.data("ann", WALK, text="re", first=first, after=cursor))["search"]
        assert page["pageInfo"]["hasPreviousPage"] is bool(walked)
        assert page["totalCount"] == whole["totalCount"]
        walked += page["edges"]
        cursor, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    assert walked == edges
    walked, cursor, more = [], None, True
    while more:
        page = (await world.data("ann", WALK, text="re", last=last, before=cursor))["search"]
        assert page["pageInfo"]["hasNextPage"] is bool(walked)
        walked = page["edges"] + walked
        cursor, more = page["pageInfo"]["startCursor"], page["pageInfo"]["hasPreviousPage"]
    assert walked == edges
    middle = {"after": edges[3]["cursor"], "before": edges[12]["cursor"]}
    for given in ({"first": 100}, {"last": 100}):
        page = (await world.data("ann", WALK, text="re", **given, **middle))["search"]
        assert page["edges"] == edges[4:12]
        assert page["pageInfo"]["hasNextPage"]
        assert page["pageInfo"]["hasPreviousPage"]
    asked = {"text": "re", "first": 100}
    assert await twin.answer("ann", WALK, asked) == await world.answer("ann", WALK, asked)


async def test_a_cursor_is_good_for_its_search_and_viewer_alone(world: World) -> None:
    cursor = (await world.data("ann", WALK, text="Re  RE", first=2))["search"]["pageInfo"]["endCursor"]
    listed = "{ opportunities(first: 1) { pageInfo { endCursor } } }"
    other = (await world.data("ann", listed))["opportunities"]["pageInfo"]["endCursor"]
    good = {"text": "ré!", "first": 1, "after": cursor}  # the same words
    assert "errors" not in await world.ask("ann", WALK, **good)
    for name, given in (
        ("bob", good),
        ("amy", good),
        ("ann", {**good, "text": "red"}),
        ("ann", {**good, "kinds": ["LEAD"]}),
        ("ann", {**good, "after": other}),
        ("ann", {**good, "after": cursor[:-2]}),
    ):
        (error,) = (await world.ask(name, WALK, **given))["errors"]
        assert error["extensions"] == {"code": "BAD_INPUT", "field": ["after"]}


async def test_what_stands_below_a_hit_is_what_a_record_by_id_gives(world: World) -> None:
    chosen = """__typename id name updatedAt owner { name } participants { company { name } status }
      ... on Opportunity { customer { name region } mine { nextStep notes version owner { name } }
        partners { company { name } nextStep amount { amount } solutions { name } } }
      ... on Solution { products mine { roadmap } partners { updatedAt margin } }
      ... on Lead { useCase mine { qualification score } partners { qualification } }"""
    for name in ("ann", "amy", "bob", "cat"):
        text = f'{{ search(text: "r", first: 6) {{ nodes {{ {chosen} }} }} }}'
        nodes = (await world.data(name, text))["search"]["nodes"]
        assert len(nodes) == 6
        again = f"query($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on Record {{ {chosen} }} }} }}"
        assert (await world.data(name, again, ids=[node["id"] for node in nodes]))["nodes"] == nodes


@pytest.mark.parametrize(
    "text",
    ['"', "*", "^re", "re*", "NEAR(re)", "re AND NOT", "re OR", "a-b", "name : re", "{w_name} : re", "' OR 1=1 --"],
)
async def test_operators_are_words_or_nothing(world: World, twin: World, text: str) -> None:
    answer = await world.answer("ann", FOUND, {"text": text})
    assert answer == await twin.answer("ann", FOUND, {"text": text})
    body = orjson.loads(answer.body)
    if "errors" in body:
        assert not any(c.isalnum() for c in text)
        assert body["errors"][0]["extensions"] == {"code": "SEARCH_TEXT", "field": ["text"]}
        assert answer.status == 400


async def test_a_search_without_a_word_is_refused_before_anything_is_read(world: World) -> None:
    for text in ("", " \n", "—", "\U0001f600", "\u0301"):
        body = await world.ask("ann", FOUND, text=text)
        assert body["errors"][0]["extensions"]["code"] == "SEARCH_TEXT"
        assert "data" not in body
