"""Groups through the API: against the plain model, from each group back to its records, and what is refused."""

import os
import random
from typing import Any

import pytest

from tests.gateway import model, model_groups
from tests.gateway.deals import deal, usd
from tests.gateway.made_queries import Pool, QueryMaker
from tests.gateway.people import COMPANIES, PEOPLE, company, person
from tests.gateway.world import World

EXAMPLES = int(os.environ.get("MULTIWAY_EXAMPLES", "300"))
VIEWERS = ("ann", "amy", "bob", "bea", "cat", "dan")


def text_of(kind: Any, measures: Any) -> str:
    """All that groups tell; `measures` are left out where a kind has none."""
    declared, given = (f", $measures: [{kind.type_name}Measure!]", "measures: $measures, ") if measures else ("", "")
    return f"""query($where: {kind.type_name}Where, $by: [{kind.type_name}GroupBy!]!{declared}, $first: Int! = 100) {{
      it: {kind.name}Groups(where: $where, by: $by, {given}first: $first) {{ totalCount nodes {{
        keys {{ name value company {{ id }} person {{ id }} }} count where
        totals {{ name currency number sum average min max }} }} }} }}"""


def made_arguments(world: World, rng: random.Random, type_name: str) -> dict[str, Any]:
    """Random arguments over ids that the world holds."""
    ids: list[str] = [seed.id for seed in world.seeds.values()]
    ids += [company(c) for c in COMPANIES] + [person(p) for p in PEOPLE]
    maker = QueryMaker(world.gateway.pipeline.models.base.schema, rng, Pool(tuple(ids)))
    types = world.gateway.pipeline.models.base.schema.type_map
    arguments: dict[str, Any] = {
        "by": [maker._value("by", types[f"{type_name}GroupBy"]) for _ in range(rng.randint(1, 3))],
        "first": rng.choice((1, 3, 100, 1_000)),
    }
    if rng.random() < 0.4:
        arguments["where"] = maker._value("where", types[f"{type_name}Where"])
    if rng.random() < 0.7:
        arguments["measures"] = [
            maker._value("measures", types[f"{type_name}Measure"]) for _ in range(rng.randint(1, 3))
        ]
    return arguments


async def back_to_rows(world: World, viewer: str, kind: Any, where: Any) -> list[str]:
    """The ids that the list of a kind gives for a group's `where`."""
    text = f"""query($where: {kind.type_name}Where) {{ it: {kind.plural}(where: $where, first: 100) {{ totalCount
      nodes {{ id }} }} }}"""
    found = (await world.data(viewer, text, where=where))["it"]
    assert found["totalCount"] == len(found["nodes"])
    return [node["id"] for node in found["nodes"]]


def members(kind: Any, arguments: dict[str, Any], rows: list[model.Row], values: list[Any]) -> list[str]:
    """The records that the model puts in the group of these values."""
    key_of = [
        (row["id"], pair)
        for row in rows
        if model.matches(kind, arguments.get("where"), row)
        for pair in (
            [(row, partner) for partner in row["partners"]]
            if any("partners" in key for key in (*arguments["by"], *arguments.get("measures", ())))
            else [(row, {})]
        )
    ]
    found = [
        id_
        for id_, pair in key_of
        if [model_groups.shown(model_groups.value(kind, key, pair)) for key in arguments["by"]] == values
    ]
    return sorted(dict.fromkeys(found))


async def test_groups_are_those_of_the_projection_and_lead_back_to_their_records(world: World) -> None:
    rng = random.Random(31)
    told = several = summed = paired = unset = 0
    for _ in range(EXAMPLES):
        kind, viewer = rng.choice(world.catalog.kinds), rng.choice(VIEWERS)
        arguments = made_arguments(world, rng, kind.type_name)
        body = await world.ask(viewer, text_of(kind, arguments.get("measures")), **arguments)
        if "errors" in body:
            assert body["errors"][0]["extensions"]["code"] == "BAD_INPUT", body
            told += 1
            continue
        rows = model.rows(world, kind, viewer)
        expected = model_groups.groups(kind, arguments, rows)
        found = body["data"]["it"]
        wheres = [node.pop("where") for node in found["nodes"]]
        links = [[(key.pop("company"), key.pop("person")) for key in node["keys"]] for node in found["nodes"]]
        assert found == expected, (viewer, arguments)
        for node, keys in zip(found["nodes"], links, strict=True):
            for key, (its_company, its_person) in zip(node["keys"], keys, strict=True):
                ids = {(link or {}).get("id") for link in (its_company, its_person)} - {None}
                assert ids == {value for value in (key["value"],) if str(value).startswith(("co_", "pe_"))}
        for node, where in list(zip(found["nodes"], wheres, strict=True))[:4]:
            values = [key["value"] for key in node["keys"]]
            assert await back_to_rows(world, viewer, kind, where) == members(kind, arguments, rows, values), where
            unset += None in values
        several += len(found["nodes"]) > 1
        summed += any(node["totals"] for node in found["nodes"])
        paired += bool(found["nodes"]) and any("partners" in key for key in arguments["by"])
    assert told < EXAMPLES / 3
    assert min(several, summed, paired, unset) > EXAMPLES / 10, (several, summed, paired, unset)


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ("by: [{}]", ["by", "0"]),
        ("by: [{mine: STAGE}, {bucket: YEAR}]", ["by", "1"]),
        ("by: [{mine: STAGE, partners: STAGE}]", ["by", "0"]),
        ("by: [{field: MOTION, mine: null, partners: COMPANY}]", ["by", "0"]),
        ("by: [{mine: STAGE, bucket: YEAR}]", ["by", "0", "bucket"]),
        ("by: [{partners: COMPANY, bucket: MONTH}]", ["by", "0", "bucket"]),
        ("by: [{field: MY_ROLE, bucket: MONTH}]", ["by", "0", "bucket"]),
        ("by: [" + "{mine: STAGE}" * 6 + "]", ["by"]),
        ("by: [{mine: STAGE}], measures: [{}]", ["measures", "0"]),
        ("by: [{mine: STAGE}], measures: [{mine: AMOUNT, partners: AMOUNT}]", ["measures", "0"]),
        ("by: [{mine: STAGE}], measures: [" + "{mine: AMOUNT}" * 11 + "]", ["measures"]),
        ("by: [{mine: STAGE}], first: 0", ["first"]),
        ("by: [{mine: STAGE}], first: -1", ["first"]),
        ("by: [{mine: STAGE}], first: 1001", ["first"]),
        ("by: [{mine: STAGE}], where: {partners: {some: {stage: null}}}", ["where", "partners", "some", "stage"]),
    ],
)
async def test_groups_refuse_what_they_cannot_read(world: World, arguments: str, field: list[str]) -> None:
    body = await world.ask("ann", f"{{ viewer {{ email }} opportunityGroups({arguments}) {{ totalCount }} }}")
    (error,) = body["errors"]
    assert (error["extensions"], error["path"]) == ({"code": "BAD_INPUT", "field": field}, ["opportunityGroups"])
    assert body["data"] is None


@pytest.mark.parametrize(
    "arguments",
    [
        "",
        "by: null",
        "by: [{mine: AMOUNT}]",  # money is measured, not grouped by
        "by: [{mine: NOTES}]",
        "by: [{mine: PRIMARY_NEEDS}]",
        "by: [{partner: COMPANY}]",
        "by: [{mine: SECRET}]",
        "by: [{mine: STAGE, bucket: WEEK}]",
        "by: [{mine: STAGE}], measures: [{mine: STAGE}]",
        "by: [{mine: STAGE}], measures: [{partners: COMPANY}]",
        "by: [{mine: STAGE}], first: null",
        "by: [{mine: STAGE}], after: 3",
        'by: [{mine: STAGE}], where: {secret: {eq: "x"}}',
    ],
)
async def test_what_the_schema_of_groups_does_not_know_is_refused(world: World, arguments: str) -> None:
    given = f"({arguments})" if arguments else ""
    answer = await world.answer("ann", f"{{ opportunityGroups{given} {{ totalCount }} }}")
    assert answer.status == 400
    assert b"Did you mean" not in answer.body


async def test_a_groups_where_is_read_and_never_given(world: World) -> None:
    answer = await world.answer("ann", "query($where: JSON) { viewer { email @skip(if: $where) } }", {"where": {}})
    assert answer.status == 400
    used = "query($where: JSON, $ids: [ID!]) { nodes(ids: $ids) { id } }"
    assert (await world.answer("ann", used, {"where": {"name": {}}, "ids": []})).status == 400


BY_PARTNER_AND_STAGE = """{ it: opportunityGroups(where: {name: {startsWith: "P "}},
  by: [{partners: COMPANY}, {partners: STAGE}], measures: [{partners: AMOUNT}, {mine: PROBABILITY}]) {
  totalCount nodes { keys { name value company { name } } count
    totals { name currency number sum average min max } } } }"""


async def test_the_pipeline_by_partner_by_stage_is_one_query(live: World) -> None:
    euro = {"kind": "SELECTED", "companies": [company("acme")]}
    for name, who, stage, amount in (
        ("P 1", "bob", "QUALIFIED", usd("100.00")),
        ("P 2", "bob", "QUALIFIED", usd("50.05")),
        ("P 3", "bob", "QUALIFIED", {"amount": "7", "currency": "EUR"}),
        ("P 4", "cat", "QUALIFIED", usd("1")),
    ):
        record = await deal(live, name, accepted="bolt" if who == "bob" else "core", probability=20)
        await live.done(who, "updateOpportunity", id=record, mine={"stage": stage, "amount": amount})
        shown = ["stage", "amount"] if who == "bob" else ["amount"]
        await live.done(who, "shareFields", recordId=record, fields=shown, audience=euro)
    bolt, core = {"name": "Bolt"}, {"name": "Core"}
    stage_of_bolt = {"name": "partners.stage", "value": "QUALIFIED", "company": None}
    percent = {"name": "mine.probability", "currency": None, "average": "20", "min": "20", "max": "20"}
    money = {"name": "partners.amount"}
    expected = [
        {
            "keys": [{"name": "partners.company", "value": company("bolt"), "company": bolt}, stage_of_bolt],
            "count": 3,
            "totals": [
                {
                    **money,
                    "currency": "EUR",
                    "number": 1,
                    "sum": "7.00",
                    "average": "7.00",
                    "min": "7.00",
                    "max": "7.00",
                },
                {**money, "currency": "USD", "number": 2, "sum": "150.05", "average": "75.02"}
                | {"min": "50.05", "max": "100.00"},
                {**percent, "number": 3, "sum": "60"},
            ],
        },
        {  # Core's stage is hidden, and grouped as one that is unset
            "keys": [
                {"name": "partners.company", "value": company("core"), "company": core},
                {**stage_of_bolt, "value": None},
            ],
            "count": 1,
            "totals": [
                {
                    **money,
                    "currency": "USD",
                    "number": 1,
                    "sum": "1.00",
                    "average": "1.00",
                    "min": "1.00",
                    "max": "1.00",
                },
                {**percent, "number": 1, "sum": "20"},
            ],
        },
    ]
    await live.check("ann", BY_PARTNER_AND_STAGE, {}, {"it": {"totalCount": 2, "nodes": expected}})


async def test_dates_are_grouped_by_month_quarter_and_year(live: World) -> None:
    for index, day in enumerate(("2025-12-31", "2026-01-01", "2026-02-28", "2026-03-31", "2024-02-29", None)):
        await deal(live, f"D {index}", targetCloseDate=day)
    text = """query($bucket: DateBucket) { it: opportunityGroups(where: {name: {startsWith: "D "}},
      by: [{mine: TARGET_CLOSE_DATE, bucket: $bucket}]) { nodes { keys { value } count where } } }"""
    for bucket, groups in (
        ("MONTH", "-:1 2024-02:1 2025-12:1 2026-01:1 2026-02:1 2026-03:1"),
        ("QUARTER", "2026-Q1:3 -:1 2024-Q1:1 2025-Q4:1"),
        ("YEAR", "2026:3 -:1 2024:1 2025:1"),
        (None, "-:1 2024-02-29:1 2025-12-31:1 2026-01-01:1 2026-02-28:1 2026-03-31:1"),
    ):
        found = (await live.data("ann", text, bucket=bucket))["it"]["nodes"]
        assert " ".join(f"{node['keys'][0]['value'] or '-'}:{node['count']}" for node in found) == groups
        for node in found:
            rows = await back_to_rows(live, "ann", live.catalog.by_name["opportunity"], node["where"])
            assert len(rows) == node["count"], node["where"]


async def test_by_nothing_all_is_one_group(live: World) -> None:
    for name in ("T 1", "T 2"):
        await deal(live, name, amount={"amount": "92233720368547758.07", "currency": "USD"})
    text = """query($name: String!) { it: opportunityGroups(where: {name: {startsWith: $name}}, by: [],
      measures: [{mine: AMOUNT}]) { totalCount nodes { keys { name } count where totals { sum } } } }"""
    whole = {
        "keys": [],
        "count": 2,
        "where": {"name": {"startsWith": "T "}},
        "totals": [{"sum": "184467440737095516.14"}],
    }
    await live.check("ann", text, {"name": "T "}, {"it": {"totalCount": 1, "nodes": [whole]}})
    await live.check("ann", text, {"name": "nothing"}, {"it": {"totalCount": 0, "nodes": []}})


async def test_a_groups_where_holds_what_was_asked_for_as_well(world: World) -> None:
    text = """query($where: OpportunityWhere) { it: opportunityGroups(where: $where, first: 1,
      by: [{field: CUSTOMER_COUNTRY}, {mine: STAGE}, {partners: STAGE}, {partners: COMPANY}]) { nodes {
        where keys { value } } } }"""
    asked = {"mine": {"stage": {"in": ["PROSPECT", "QUALIFIED"]}}, "name": {"isNull": False}}
    (node,) = (await world.data("ann", text, where=asked))["it"]["nodes"]
    country, mine, theirs, whose = [key["value"] for key in node["keys"]]

    def equals(value: Any) -> dict[str, Any]:
        return {"isNull": True} if value is None else {"eq": value}

    assert node["where"] == {
        "and": [
            asked,
            {"customer": {"country": equals(country)}},
            {"mine": {"stage": equals(mine)}},
            {"partners": {"some": {"stage": equals(theirs), "company": equals(whose)}}},
        ]
    }
