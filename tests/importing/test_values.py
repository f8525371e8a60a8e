"""How values are made of what a row holds: every sort of recipe, on CSV and on JSON."""

import json
from typing import Any

import pytest

from tests.importing.world import MAPPING, NESTED, World, lines


@pytest.mark.parametrize(
    ("line", "cell", "value"),
    [
        ('notes = "{{{cell}}} of {office}"', "x", "{x} of East"),
        ('notes = "{cell} of {office}"', "", None),
        ('notes = { first = ["{cell}", "{office}!"] }', "", "East!"),
        ('notes = { first = ["{cell}", "{office}!"] }', " x ", "x"),
        ('notes = { value = "{cell}", alias = { a = "b" } }', "a", "b"),
        ('notes = { value = "{cell}", alias = { a = "b" } }', "c", "c"),
        ('notes = { value = "{cell}", map = { a = "b", "" = "none" } }', "", "none"),
        ('notes = { value = "{cell}", map = { a = "" } }', "a", None),
        ('notes = { value = "{cell}", map = { a = "b" }, otherwise = "c" }', "x", "c"),
        ('notes = { value = "{cell}", map = { a = "b" }, otherwise = "" }', "x", None),
        ('notes = { value = "{cell}", map = { a = "b" }, otherwise = "c" }', "", None),
        ('notes = { value = "{cell}", map = { b = "c" }, alias = { a = "b" } }', "a", "c"),
        ("probability = 40", "", 40),
        ('probability = "{cell}"', "+40", 40),
        ('primaryNeeds = "{cell}"', "", None),
        ('dealType = "{cell}"', "RENEWAL", "RENEWAL"),
        (
            'deliveryModels = { value = "{cell}", split = "/", map = { r = "RESELL", o = "OTHER" } }',
            "r / o/",
            ["RESELL", "OTHER"],
        ),
        ('deliveryModels = ["RESELL", "{cell}"]', "OTHER", ["RESELL", "OTHER"]),
        ('deliveryModels = ["RESELL", "{cell}"]', "", ["RESELL"]),
        ('deliveryModels = ["{cell}"]', "", None),
        (
            'lineItems = [{ name = "{cell}", quantity = "{amount}" }]',
            "Bolt",
            [{"name": "Bolt", "quantity": 2.5, "unitPrice": None, "total": None}],
        ),
        ('teamContact = { name = "{cell}", title = "Boss" }', "", None),
        (
            'teamContact = { name = "{cell}", title = "Boss" }',
            "Ann",
            {"name": "Ann", "email": None, "phone": None, "title": "Boss"},
        ),
        ('amount = { amount = "5", currency = "{cell}" }', "JPY", {"amount": "5", "currency": "JPY"}),
    ],
)
async def test_a_value_of_csv(world: World, line: str, cell: str, value: Any) -> None:
    if line.startswith("amount"):
        mapping = MAPPING.replace('amount = { amount = "{amount}", currency = "USD" }', line)
    else:
        mapping = MAPPING + line + "\n"
    name = line.partition(" ")[0]
    source = f'id,office,name,account,stage,amount,closes,agent,cell\n1,East,First,,Won,2.5,,Ann,"{cell}"\n'
    await world.check(source, (1, 0, 0, 0), mapping)
    assert await world.shown("East", name) == [(value,)]
    await world.check(source, (0, 0, 1, 0), mapping)


@pytest.mark.parametrize(
    ("line", "cell", "value"),
    [
        ('competitor = "{cell}"', 5, "5"),
        ('competitor = "{cell}"', True, "true"),
        ('competitor = "no {cell}"', 1.50, "no 1.5"),
        ('competitor = "{cell.a[1].b}"', {"a": [0, {"b": "deep"}]}, "deep"),
        ('competitor = "{cell.a[1].b}"', {"a": "flat"}, None),
        ('competitor = "{^.^.x}"', 1, None),
        ('competitor = "{^.title} {supplier.name}"', 1, "Roads Alpha"),
        ('probability = "{cell}"', 5.0, 5),
        ('probability = "{cell}"', 7, 7),
        ('deliveryModels = "{cell}"', ["RESELL", "OTHER"], ["RESELL", "OTHER"]),
        ('deliveryModels = "{cell}"', [], None),
        (
            'targetCloseDate = { value = "{cell}", format = "%Y-%m-%dT%H:%M:%S%z" }',
            "2026-01-31T23:59:59+01:00",
            "2026-01-31",
        ),
        ('expectedRevenue = { amount = "{cell}", currency = "GBP" }', 1e3, {"amount": "1000.00", "currency": "GBP"}),
        ('expectedRevenue = { amount = "{cell}", currency = "GBP" }', 0.29, {"amount": "0.29", "currency": "GBP"}),
        ('expectedRevenue = { amount = "{cell}", currency = "GBP" }', 0, {"amount": "0.00", "currency": "GBP"}),
    ],
)
async def test_a_value_of_json(world: World, line: str, cell: Any, value: Any) -> None:
    item = {"id": "1", "cell": cell, "suppliers": [{"name": "Alpha"}]}
    source = json.dumps([{"date": "2026-01-01T00:00:00Z", "title": "Roads", "awards": [item]}])
    await world.check(source, (1, 0, 0, 0), NESTED.replace("[owner_side]", line + "\n[owner_side]"), "data.json")
    assert await world.shown("Alpha", line.partition(" ")[0]) == [(value,)]


async def test_companies_as_values(world: World) -> None:
    joint = 'joint.sourcedBy = "{account}"\njoint.influencedBy = { value = "{agent}", split = ";" }\n[side]'
    mapping = MAPPING.replace("[side]", joint).replace('owner = "{agent}"', "")
    source = lines("1,East,First,West,Won,1,,North; South", "2,East,Second,,Won,1,,")
    await world.check(source, (2, 0, 0, 0), mapping)
    ids = {name: await world.company(name) for name in ("West", "North", "South")}
    shown = await world.shown("East", "joint.sourcedBy", "joint.influencedBy")
    assert shown == [(ids["West"], [ids["North"], ids["South"]]), (None, None)]
    await world.check(source, (0, 0, 2, 0), mapping)


async def test_json_may_be_one_line_or_nest_deeper(world: World) -> None:
    mapping = NESTED.replace("$[*].awards[*]", "$.all[*].inner.awards[*]").replace("{^.title}", "{^.^.title}")
    item = {"id": "1", "suppliers": [{"name": "Alpha"}]}
    inner = {"date": "2026-01-01T00:00:00Z", "awards": [item]}
    source = json.dumps({"x": 1, "all": [{"title": "Above", "inner": inner}, {"inner": None}, {}], "awards": [1]})
    await world.check(source, (1, 0, 0, 0), mapping, "data.json")
    assert await world.shown("Alpha", "joint.name") == [("Above",)]
