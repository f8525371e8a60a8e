"""`where` and `orderBy` beyond one's own company: what they mean, and what is refused."""

from typing import Any

import pytest

from tests.gateway.deals import deal, usd
from tests.gateway.people import company, person
from tests.gateway.world import World

IDS = """query($where: OpportunityWhere, $order: [OpportunityOrder!]) {
  it: opportunities(where: $where, orderBy: $order, first: 100) { totalCount nodes { name } } }"""


async def names(world: World, viewer: str, where: Any = None, order: Any = None) -> list[str]:
    """The names of the opportunities that a filter and an order give, those alone that begin with "Q "."""
    own = {"name": {"startsWith": "Q "}}
    asked = {"and": [own, where]} if where is not None else own
    found = (await world.data(viewer, IDS, where=asked, order=order))["it"]
    assert found["totalCount"] == len(found["nodes"])
    return [node["name"].removeprefix("Q ") for node in found["nodes"]]


@pytest.fixture
async def asked(live: World) -> World:
    """Four deals of Acme's: with Bolt; with Bolt and Core; with Core invited; alone."""
    if await names(live, "ann"):
        return live
    one = await deal(live, "Q one", accepted="bolt", stage="PROSPECT", amount=usd("5"))
    two = await deal(
        live, "Q two", accepted="bolt core", stage="QUALIFIED", amount={"amount": "900", "currency": "JPY"}
    )
    await deal(live, "Q three", invited="core", stage="PROSPECT", amount=usd("7"))
    await deal(live, "Q four")
    everyone = {"kind": "PARTICIPANTS"}
    for who, record, mine, shown in (
        ("bob", one, {"stage": "COMMITTED", "probability": 30, "targetCloseDate": "2026-03-31"}, ["stage"]),
        ("bob", two, {"stage": "COMMITTED", "probability": 90, "targetCloseDate": "2026-04-01"}, ["probability"]),
        ("cat", two, {"stage": "QUALIFIED", "probability": 10, "nextStep": "Call"}, ["stage", "probability"]),
    ):
        await live.done(who, "updateOpportunity", id=record, mine=mine)
        await live.done(who, "shareFields", recordId=record, fields=shown, audience=everyone)
    return live


def stage(value: str) -> dict[str, Any]:
    return {"stage": {"eq": value}}


BOLT, CORE = {"company": {"eq": company("bolt")}}, {"company": {"eq": company("core")}}


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"partners": {"some": {}}}, "one two"),
        ({"partners": {"none": {}}}, "four three"),
        ({"partners": {"every": {}}}, "four one three two"),
        ({"partners": {}}, "four one three two"),
        ({"partners": {"some": BOLT}}, "one two"),
        ({"partners": {"some": CORE}}, "two"),
        ({"partners": {"none": CORE}}, "four one three"),
        ({"partners": {"every": BOLT}}, "four one three"),
        ({"partners": {"some": BOLT, "none": CORE}}, "one"),
        ({"partners": {"some": stage("COMMITTED")}}, "one"),  # Bolt's stage of two is hidden: as if unset
        ({"partners": {"some": {**BOLT, "stage": {"isNull": True}}}}, "two"),
        ({"partners": {"some": {"not": stage("COMMITTED")}}}, "two"),
        ({"partners": {"none": stage("COMMITTED")}}, "four three two"),
        ({"not": {"partners": {"some": stage("COMMITTED")}}}, "four three two"),
        ({"not": {"partners": {"every": BOLT}}}, "two"),
        ({"not": {"partners": {"none": {}}}}, "one two"),
        ({"partners": {"every": stage("QUALIFIED")}}, "four three"),
        ({"partners": {"some": {"or": [stage("COMMITTED"), {"nextStep": {"contains": "CALL"}}]}}}, "one two"),
        ({"partners": {"some": {"or": []}}}, ""),
        ({"partners": {"some": {"and": []}}}, "one two"),
        ({"partners": {"some": {"and": [BOLT, {"probability": {"gte": 90}}]}}}, "two"),
        ({"or": [{"partners": {"some": CORE}}, {"mine": stage("PROSPECT")}]}, "one three two"),
        ({"participants": {"some": {**CORE, "status": {"eq": "INVITED"}}}}, "three"),
        ({"participants": {"some": CORE}}, "three two"),
        (
            {"participants": {"some": {"role": {"eq": "OWNER"}, "company": {"eq": company("acme")}}}},
            "four one three two",
        ),
        ({"participants": {"every": {"status": {"eq": "ACCEPTED"}}}}, "four one two"),
        ({"participants": {"none": {"not": {"company": {"in": [company("acme"), company("bolt")]}}}}}, "four one"),
        ({"participants": {"some": {"company": {"isNull": True}}}}, ""),
        ({}, "four one three two"),
        ({"and": []}, "four one three two"),
        ({"or": []}, ""),
        ({"not": {}}, ""),
        ({"mine": {}, "customer": {}, "participants": {}}, "four one three two"),
    ],
)
async def test_a_filter_looks_at_partners_and_participants(asked: World, where: Any, expected: str) -> None:
    found = await names(asked, "ann", where, [{"field": "NAME", "direction": "ASC"}])
    assert " ".join(found) == expected


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ([{"partners": "PROBABILITY"}, {"field": "NAME"}], "four one three two"),  # Bolt's 30 of one is hidden
        ([{"partners": "PROBABILITY", "direction": "DESC"}, {"field": "NAME"}], "two four one three"),
        ([{"partners": "STAGE", "direction": "DESC"}, {"field": "NAME"}], "two one four three"),
        ([{"partners": "STAGE", "aggregate": "MIN"}, {"field": "NAME", "direction": "DESC"}], "three four one two"),
        (
            [{"partners": "TARGET_CLOSE_DATE", "aggregate": "MAX", "direction": "DESC"}, {"field": "NAME"}],
            "two one four three",
        ),
        ([{"mine": "AMOUNT"}], "four two one three"),  # by the currency first, then by the amount
        ([{"mine": "AMOUNT", "direction": "DESC"}], "three one two four"),
    ],
)
async def test_an_order_looks_at_the_partners_visible_values(asked: World, order: Any, expected: str) -> None:
    assert " ".join(await names(asked, "ann", None, order)) == expected


async def test_an_order_by_partners_money_is_by_currency_then_amount(live: World) -> None:
    for name, money, shown in (
        ("five", usd("5"), True),
        ("nine", {"amount": "9", "currency": "EUR"}, True),
        ("seven", usd("7"), True),
        ("hidden", usd("8"), False),
    ):
        record = await deal(live, f"M {name}", accepted="bolt", amount=usd("100"))
        await live.done("bob", "updateOpportunity", id=record, mine={"amount": money})
        if shown:
            await live.done("bob", "shareFields", recordId=record, fields=["amount"], audience={"kind": "PARTICIPANTS"})
    where = {"name": {"startsWith": "M "}}
    for aggregate in ({}, {"aggregate": "MIN"}):
        order = [{"partners": "AMOUNT", "direction": "DESC", **aggregate}]
        found = (await live.data("ann", IDS, where=where, order=order))["it"]["nodes"]
        assert [node["name"] for node in found] == ["M seven", "M five", "M nine", "M hidden"]
    found = (await live.data("bob", IDS, where=where, order=[{"partners": "AMOUNT"}, {"field": "NAME"}]))["it"]["nodes"]
    assert [node["name"] for node in found] == ["M five", "M hidden", "M nine", "M seven"]  # Acme's are hidden


NULL = "Leave out what is not to be tested; `isNull` tests for no value."
ONE = "Give one of `field`, `mine` and `partners`."


@pytest.mark.parametrize(
    ("arguments", "field", "message"),
    [
        ("where: {partners: null}", ["where", "partners"], NULL),
        ("where: {partners: {some: null}}", ["where", "partners", "some"], NULL),
        ("where: {name: {eq: null}}", ["where", "name", "eq"], NULL),
        ("where: {name: null}", ["where", "name"], NULL),
        ("where: {not: null}", ["where", "not"], NULL),
        ("where: {or: null}", ["where", "or"], NULL),
        ("where: {customer: {name: null}}", ["where", "customer", "name"], NULL),
        ("where: {or: [{}, {mine: {stage: {eq: null}}}]}", ["where", "or", "1", "mine", "stage", "eq"], NULL),
        (
            "where: {partners: {some: {and: [{company: {in: null}}]}}}",
            ["where", "partners", "some", "and", "0", "company", "in"],
            NULL,
        ),
        (
            'where: {partners: {some: {company: {eq: "Bolt"}}}}',
            ["where", "partners", "some", "company", "eq"],
            None,
        ),
        ("orderBy: [{direction: ASC}]", ["orderBy", "0"], ONE),
        ("orderBy: [{mine: STAGE, partners: STAGE}]", ["orderBy", "0"], ONE),
        ("orderBy: [{field: NAME}, {field: null}]", ["orderBy", "1"], ONE),
        (
            "orderBy: [{field: NAME, aggregate: MAX}]",
            ["orderBy", "0", "aggregate"],
            "`aggregate` goes with `partners`.",
        ),
        (
            "orderBy: [{mine: STAGE, aggregate: MIN}]",
            ["orderBy", "0", "aggregate"],
            "`aggregate` goes with `partners`.",
        ),
    ],
)
async def test_what_a_page_cannot_mean_is_refused_by_path(
    world: World, arguments: str, field: list[str], message: str | None
) -> None:
    body = await world.ask("ann", f"{{ opportunities(first: 1, {arguments}) {{ totalCount }} }}")
    (error,) = body["errors"]
    assert error["extensions"] == {"code": "BAD_INPUT", "field": field}
    assert message is None or error["message"] == message


@pytest.mark.parametrize(
    "arguments",
    [
        'where: {secret: {eq: "x"}}',
        "where: {partner: {some: {}}}",
        "where: {partners: {stage: {eq: PROSPECT}}}",
        "where: {partners: {all: {}}}",
        'where: {partners: {some: {secret: {eq: "x"}}}}',
        "where: {partners: {some: {partners: {some: {}}}}}",
        "where: {partners: {some: {mine: {}}}}",
        'where: {participants: {some: {message: {eq: "x"}}}}',
        "where: {participants: {some: {stage: {eq: PROSPECT}}}}",
        "where: {partners: [{some: {}}]}",
        'where: {partners: {some: {stage: {like: "x"}}}}',
        'where: {mine: {company: {eq: "x"}}}',
        "orderBy: [{partners: NOTES}]",
        "orderBy: [{partners: COMPANY}]",
        "orderBy: [{partners: STAGE, aggregate: SUM}]",
        "orderBy: [{participants: ROLE}]",
    ],
)
async def test_what_the_schema_does_not_know_is_refused_not_dropped(world: World, arguments: str) -> None:
    answer = await world.answer("ann", f"{{ opportunities(first: 1, {arguments}) {{ totalCount }} }}")
    assert answer.status == 400
    assert b"VALIDATION" in answer.body
    assert b"Did you mean" not in answer.body


async def test_the_same_through_variables(world: World) -> None:
    unknown: tuple[Any, ...] = (
        {"secret": {"eq": "x"}},
        {"partners": {"some": {"secret": {}}}},
        {"partners": {"stage": {}}},
        {"$or": []},
    )
    for where in unknown:
        answer = await world.answer("ann", IDS, {"where": where})
        assert answer.status == 400, where
        assert b'"data"' not in answer.body


async def test_a_cursor_walks_an_order_by_partners(asked: World) -> None:
    text = """query($after: String) { it: opportunities(first: 1, after: $after, where: {name: {startsWith: "Q "}},
      orderBy: [{partners: STAGE, direction: DESC}]) {
        totalCount nodes { name } pageInfo { hasNextPage endCursor } } }"""
    found, after = [], None
    for _ in range(4):
        page = (await asked.data("ann", text, after=after))["it"]
        assert page["totalCount"] == 4
        found += [node["name"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    assert page["pageInfo"]["hasNextPage"] is False
    assert sorted(found) == ["Q four", "Q one", "Q three", "Q two"]
    assert found[:2] == ["Q two", "Q one"]


async def test_a_persons_share_opens_a_filter_for_that_person_alone(live: World) -> None:
    record = await deal(live, "Personal", accepted="bolt", notes="Red")
    await live.done(
        "ann",
        "shareFields",
        recordId=record,
        fields=["notes"],
        audience={"kind": "SELECTED", "people": [person("bea")]},
    )
    where = {"name": {"eq": "Personal"}, "partners": {"some": {"notes": {"eq": "Red"}}}}
    for name, expected in (("bea", 1), ("bob", 0)):
        assert (await live.data(name, IDS, where=where))["it"]["totalCount"] == expected
