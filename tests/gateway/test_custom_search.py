"""Search in custom fields over GraphQL: one's own, those of partners as far as they are shared, and nothing else."""

from typing import Any

from tests.gateway.deals import deal
from tests.gateway.people import company
from tests.gateway.test_search import found
from tests.gateway.test_templates import RETIRE, SHARE, define
from tests.gateway.world import World

FIELDS: list[dict[str, Any]] = [
    {"key": "remark", "type": "LONG_TEXT", "label": "Remark"},
    {"key": "code", "type": "TEXT", "label": "Code", "audience": "PARTICIPANTS"},
    {"key": "site", "type": "URL", "label": "Site"},
    {"key": "mail", "type": "EMAIL", "label": "Mail"},
    {"key": "phone", "type": "PHONE", "label": "Phone"},
    {"key": "both", "type": "FORMULA", "label": "Both", "formula": 'concat("saola ", code)'},
    {"key": "risk", "type": "PICKLIST", "label": "Risk", "options": [{"value": "TAPIR", "label": "Tapir"}]},
    {"key": "day", "type": "DATE", "label": "Day"},
    {"key": "fee", "type": "MONEY", "label": "Fee"},
]
SIDE = {"remark": "Notes of a\nquagga", "code": "Numbat 7", "site": "https://quokka.example/x", "risk": "TAPIR"}
SIDE |= {"mail": "aye@aye.example", "phone": "+49 30 1234567", "day": "2027-03-04"}


async def shared(world: World, template: Any, *companies: str) -> None:
    given = {"templateId": template["id"], "companies": [company(each) for each in companies]}
    assert (await world.data("ada", SHARE, input=given))["shareTemplate"]["userErrors"] == []


async def told(world: World, record: str, fields: list[str], audience: dict[str, Any]) -> None:
    await world.done("ann", "shareFields", recordId=record, fields=fields, audience=audience)


async def test_texts_of_every_type_are_found_on_ones_own_side_and_nothing_else_is(bare: World) -> None:
    await define(bare, fields=FIELDS)
    await deal(bare, "Zoo", accepted="bolt", **SIDE, fee={"amount": "5.00", "currency": "EUR"})
    for word, score in (
        *(("quagga", 4), ("quag", 3), ("numb", 3), ("quokka", 4), ("aye", 4), ("49301234567", 4), ("saola", 4)),
        *(("tapir", 0), ("eur", 0), ("2027", 0), ("uagga", 0), ("remark", 0), ("cf", 0)),
    ):
        assert await found(bare, "ann", word) == [("Zoo", score)] * bool(score), word
    assert await found(bare, "ann", "zoo quagga numbat") == [("Zoo", 16)]
    assert await found(bare, "eve", "quagga") == []


async def test_partners_find_what_is_shared_with_them_whether_or_not_the_template_is(bare: World) -> None:
    template = await define(bare, fields=FIELDS)
    record = await deal(bare, "Zoo", accepted="bolt core", **SIDE)
    for companies in ((), ("bolt",), ()):
        await shared(bare, template, *companies)
        assert await found(bare, "bob", "numbat") == [("Zoo", 2)]  # the template shows it to participants
        assert await found(bare, "bob", "zoo numb") == [("Zoo", 9)]
        for audience, seen in (
            ({"kind": "SELECTED", "companies": [company("bolt")]}, {"bob": 2, "cat": 0}),
            ({"kind": "PARTICIPANTS"}, {"bob": 2, "cat": 2}),
            ({"kind": "PRIVATE"}, {"bob": 0, "cat": 0}),
        ):
            await told(bare, record, ["remark"], audience)
            for name, score in {**seen, "ann": 4, "eve": 0}.items():
                assert await found(bare, name, "quagga") == [("Zoo", score)] * bool(score), (companies, audience, name)
    await told(bare, record, ["code"], {"kind": "PRIVATE"})
    assert await found(bare, "bob", "numbat") == await found(bare, "bob", "numbat zoo") == []


async def test_a_partner_writes_the_fields_of_a_shared_template_on_its_own_side(bare: World) -> None:
    await shared(bare, await define(bare, fields=FIELDS), "bolt")
    record = await deal(bare, "Zoo", accepted="bolt", code="Numbat")
    await bare.done("bob", "updateOpportunity", id=record, mine={"code": "Okapi", "remark": "Kudu"})
    assert await found(bare, "bob", "okapi kudu numbat") == [("Zoo", 10)]
    assert await found(bare, "ann", "okapi") == []
    await bare.done("bob", "shareFields", recordId=record, fields=["code"], audience={"kind": "PARTICIPANTS"})
    assert await found(bare, "ann", "okapi") == [("Zoo", 2)]
    assert await found(bare, "ann", "kudu") == []


async def test_hidden_from_oneself_is_not_found(bare: World) -> None:
    await define(bare, fields=FIELDS)
    await deal(bare, "Zoo", accepted="bolt", **SIDE)
    assert await found(bare, "amy", "quagga") == []
    assert await found(bare, "amy", "numbat") == [("Zoo", 4)]  # shared, so not hidden from herself


async def test_a_dropped_field_is_never_found_and_declared_again_only_its_new_values_are(bare: World) -> None:
    template = await define(bare, fields=FIELDS)
    record = await deal(bare, "Zoo", accepted="bolt", **SIDE)
    rest = [field for field in FIELDS if field["key"] not in ("code", "both")]
    await define(bare, templateId=template["id"], fields=rest)
    for name in ("ann", "bob"):
        assert await found(bare, name, "numbat") == await found(bare, name, "saola") == []
    assert await found(bare, "ann", "quagga") == [("Zoo", 4)]
    await define(bare, templateId=template["id"], fields=FIELDS)
    for name in ("ann", "bob"):
        assert await found(bare, name, "numbat") == []
    await bare.done("ann", "updateOpportunity", id=record, mine={"code": "Numbats anew"})
    for name, score in (("ann", 3), ("bob", 1)):
        assert await found(bare, name, "numbat") == [("Zoo", score)]
        assert await found(bare, name, "7") == []
    await bare.data("ada", RETIRE, input={"templateId": template["id"]})
    for name in ("ann", "bob"):
        assert await found(bare, name, "numbat") == await found(bare, name, "quagga") == []
