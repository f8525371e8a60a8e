"""Filters, orders, counts and cursors through the API, against the plain model over what the viewer may see."""

import base64
import os
import random
from typing import Any

import pytest

from tests.gateway import model
from tests.gateway.deals import deal
from tests.gateway.made_queries import Pool, QueryMaker
from tests.gateway.people import COMPANIES, PEOPLE, company, person
from tests.gateway.world import World

EXAMPLES = int(os.environ.get("MULTIWAY_EXAMPLES", "300"))
VIEWERS = ("ann", "amy", "bob", "cat", "dan")


def money(amount: str, currency: str) -> dict[str, str]:
    return {"amount": amount, "currency": currency}


def text_of(plural: str, type_name: str) -> str:
    return f"""query($where: {type_name}Where, $order: [{type_name}Order!], $first: Int, $after: String,
        $last: Int, $before: String) {{
      page: {plural}(where: $where, orderBy: $order, first: $first, after: $after, last: $last, before: $before) {{
        totalCount nodes {{ id }} edges {{ cursor node {{ id }} }}
        pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}"""


def made_input(world: World, rng: random.Random, type_name: str) -> tuple[Any, list[Any]]:
    """A random filter and order, over ids that the world holds."""
    ids: list[str] = [seed.id for seed in world.seeds.values()]
    ids += [company(c) for c in COMPANIES] + [person(p) for p in PEOPLE]
    maker = QueryMaker(world.gateway.pipeline.models.base.schema, rng, Pool(tuple(ids)))
    types = world.gateway.pipeline.models.base.schema.type_map
    where = maker._value("where", types[f"{type_name}Where"]) if rng.random() < 0.9 else None
    order = [maker._value("order", types[f"{type_name}Order"]) for _ in range(rng.randint(0, 2))]
    return where, order


async def test_a_page_is_the_projection_filtered_and_sorted(world: World) -> None:
    rng = random.Random(21)
    told = some = part = 0
    for _ in range(EXAMPLES):
        kind, viewer = rng.choice(world.catalog.kinds), rng.choice(VIEWERS)
        where, order = made_input(world, rng, kind.type_name)
        text = text_of(kind.plural, kind.type_name)
        body = await world.ask(viewer, text, where=where, order=order, first=100)
        if "errors" in body:
            assert body["errors"][0]["extensions"]["code"] == "BAD_INPUT", body
            told += 1
            continue
        known = model.rows(world, kind, viewer)
        matching = [row for row in known if model.matches(kind, where, row)]
        expected = [row["id"] for row in model.ordered(kind, order, matching)]
        page = body["data"]["page"]
        assert [node["id"] for node in page["nodes"]] == expected, (viewer, where, order)
        assert page["totalCount"] == len(expected)
        some += bool(expected)
        part += 0 < len(expected) < len(known)
    assert told < EXAMPLES / 2
    assert some > EXAMPLES / 5
    assert part > EXAMPLES / 15


async def test_cursors_walk_each_row_once_in_both_directions(world: World) -> None:
    rng = random.Random(22)
    for _ in range(25):
        kind, viewer = world.catalog.by_name["opportunity"], rng.choice(VIEWERS)
        _, order = made_input(world, rng, kind.type_name)
        text, size = text_of(kind.plural, kind.type_name), rng.randint(1, 5)
        whole = (await world.data(viewer, text, order=order, first=100))["page"]
        every = [node["id"] for node in whole["nodes"]]
        for limit, cursor, more, end in (
            ("first", "after", "hasNextPage", "endCursor"),
            ("last", "before", "hasPreviousPage", "startCursor"),
        ):
            walked: list[str] = []
            at = None
            while True:
                page = (await world.data(viewer, text, order=order, **{limit: size, cursor: at}))["page"]
                found = [edge["node"]["id"] for edge in page["edges"]]
                walked = walked + found if limit == "first" else found + walked
                assert page["totalCount"] == len(every)
                assert len(found) == size or not page["pageInfo"][more]
                assert page["pageInfo"]["hasPreviousPage" if limit == "first" else "hasNextPage"] is (at is not None)
                if not page["pageInfo"][more]:
                    break
                at = page["pageInfo"][end]
                assert at == page["edges"][-1 if limit == "first" else 0]["cursor"]
            assert walked == every


async def test_a_cursor_is_good_for_its_viewer_and_query_alone(world: World) -> None:
    text = text_of("opportunities", "Opportunity")
    order = [{"mine": "STAGE", "direction": "ASC"}]
    page = (await world.data("ann", text, order=order, first=2))["page"]
    good = page["pageInfo"]["endCursor"]
    assert (await world.data("ann", text, order=order, first=2, after=good))["page"]["nodes"]
    raw = base64.urlsafe_b64decode(good + "=" * (-len(good) % 4))
    assert b"opp_" not in raw
    rng = random.Random(1)
    bad: list[tuple[str, dict[str, Any]]] = [
        ("bob", {"order": order, "after": good}),
        ("amy", {"order": order, "after": good}),
        ("abe", {"order": order, "after": good}),
        ("ann", {"after": good}),
        ("ann", {"order": [{"mine": "STAGE", "direction": "DESC"}], "after": good}),
        ("ann", {"order": order, "after": good, "where": {"name": {"eq": "x"}}}),
        *(("ann", {"order": order, "after": forged}) for forged in ("", "x", "é", good[:-2], good + "A", good * 99)),
    ]
    for _ in range(200):
        changed = bytearray(raw)
        changed[rng.randrange(len(raw))] ^= 1 << rng.randrange(8)
        bad.append(("ann", {"order": order, "after": base64.urlsafe_b64encode(changed).decode().rstrip("=")}))
    bodies = {(await world.answer(name, text, {**given, "first": 2})).body for name, given in bad}
    assert len(bodies) == 1
    (body,) = bodies
    assert b'"BAD_INPUT"' in body
    assert b"This after is not valid here." in body
    of_leads = "{ leads(first: 2, after: %s) { totalCount } }"
    plain = (await world.data("ann", "{ opportunities(first: 1) { pageInfo { endCursor } } }"))["opportunities"]
    foreign = of_leads % f'"{plain["pageInfo"]["endCursor"]}"'
    assert (await world.ask("ann", foreign))["errors"][0]["message"] == "This after is not valid here."


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ("first: 1, orderBy: [{direction: ASC}]", ["orderBy", "0"]),
        ("first: 1, orderBy: [{field: NAME, mine: STAGE}]", ["orderBy", "0"]),
        ("first: 1, orderBy: [" + "{field: NAME}, " * 6 + "]", ["orderBy"]),
        ("first: 1, where: {mine: {probability: {between: [1]}}}", ["where", "mine", "probability", "between"]),
        ('first: 1, where: {customer: {country: {eq: "XX"}}}', ["where", "customer", "country", "eq"]),
        ('first: 1, where: {mine: {owner: {eq: "x"}}}', ["where", "mine", "owner", "eq"]),
    ],
)
async def test_a_page_refuses_what_it_cannot_read(world: World, arguments: str, field: list[str]) -> None:
    given = f"({arguments})" if arguments else ""
    body = await world.ask("ann", f"{{ viewer {{ email }} opportunities{given} {{ totalCount }} }}")
    (error,) = body["errors"]
    assert (error["extensions"], error["path"]) == ({"code": "BAD_INPUT", "field": field}, ["opportunities"])
    assert body["data"] is None


async def test_a_cursor_ends_with_the_view_that_it_was_given_in(live: World) -> None:
    for name in ("View 1", "View 2"):
        await deal(live, name, by="dan")
    text = text_of("opportunities", "Opportunity")
    set_hidden = "mutation($on: Boolean!) { setHidePrivateFields(on: $on) { hidePrivateFields } }"
    given = {"order": [{"mine": "STAGE", "direction": "ASC"}], "first": 1}
    after = (await live.data("dan", text, **given))["page"]["pageInfo"]["endCursor"]
    await live.data("dan", set_hidden, on=True)
    refused = await live.ask("dan", text, **given, after=after)
    await live.data("dan", set_hidden, on=False)
    assert refused["errors"][0]["extensions"] == {"code": "BAD_INPUT", "field": ["after"]}
    assert (await live.data("dan", text, **given, after=after))["page"]["nodes"]


@pytest.mark.parametrize(
    ("test", "found"),
    [
        ({"eq": money("10", "USD")}, "b"),
        ({"ne": money("10", "USD")}, "acd"),
        ({"lt": money("10", "USD")}, "a"),
        ({"gte": money("10", "USD")}, "bc"),
        ({"gt": money("0", "JPY")}, "d"),
        ({"in": [money("9.99", "USD"), money("1000", "JPY")]}, "ad"),
        ({"between": [money("9", "USD"), money("10.00", "USD")]}, "ab"),
        ({"isNull": True}, "e"),
        ({"isNull": False}, "abcd"),
    ],
)
async def test_money_compares_within_its_currency_alone(live: World, test: Any, found: str) -> None:
    amounts = {"a": money("9.99", "USD"), "b": money("10", "USD"), "c": money("20", "USD"), "d": money("1000", "JPY")}
    mark = f"money {sorted(test)} {test}"
    for letter in "abcde":
        await deal(live, letter, by="cat", amount=amounts.get(letter), notes=mark)
    page = "opportunities(first: 9, where: $w, orderBy: [{field: NAME}]) { nodes { name } }"
    text = f"query($w: OpportunityWhere) {{ {page} }}"

    async def names(amount: Any, negated: bool = False) -> str:
        tested: Any = {"amount": amount}
        where = {"mine": {"notes": {"eq": mark}, "and": [{"not": tested} if negated else tested]}}
        return "".join(node["name"] for node in (await live.data("cat", text, w=where))["opportunities"]["nodes"])

    assert await names(test) == found
    rest = "abcde" if "isNull" in test else "abcd"  # of a null neither a test nor its opposite is true
    assert await names(test, negated=True) == "".join(letter for letter in rest if letter not in found)
