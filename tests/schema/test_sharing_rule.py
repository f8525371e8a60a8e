"""Sharing rules as values: what an admin gives, what is kept of it, and every mistake at its place."""

from typing import Any

import pytest

from schema.catalog import load_catalog
from schema.errors import BadInput
from schema.field import Base, Custom, Field, FieldType
from schema.field_types import BASE_TYPES
from schema.kind import Kind
from schema.money import Money
from schema.names import CompanyId
from schema.sharing import PARTICIPANTS
from schema.sharing_rule import Condition, SharingRule, content_of, read_content, show
from schema.sharing_rule_read import (
    MOST_CONDITIONS,
    MOST_FIELDS,
    MOST_NAMED,
    MOST_RECORDS,
    MOST_VALUES,
    OPERATORS,
    define,
)
from schema.where import Comparison

ACME, BOLT, CORE = (CompanyId("co_" + letter * 26) for letter in "abc")
GIL, IDA = ("pe_" + letter * 26 for letter in "gh")
OTHER, ONE = ("opp_" + letter * 26 for letter in "xy")
TIER = Field("tier", "side", BASE_TYPES["Text"], "", 0, "private", custom=Custom("cf_a", "tpl_a", "Tier"))
DEAL = load_catalog().by_name["opportunity"].extended((TIER,))
KINDS = {"opportunity": DEAL}

RULE: dict[str, Any] = {
    "kind": "opportunity",
    "label": "Large deals",
    "effect": "ALLOW",
    "fields": ["amount", "tier"],
    "audience": {"kind": "SELECTED", "companies": [CORE, BOLT], "people": [IDA, GIL]},
    "conditions": [
        {"field": "stage", "op": "IN", "value": ["QUALIFIED", "COMMITTED", "QUALIFIED"]},
        {"field": "amount", "op": "GTE", "value": {"amount": "10.50", "currency": "EUR"}},
        {"field": "tier", "op": "NE", "value": 'go"ld'},
        {"field": "probability", "op": "LT", "value": 50},
        {"field": "targetCloseDate", "op": "EQ", "value": "2026-01-31"},
        {"of": "RECORD", "field": "customer.country", "op": "IN", "value": ["DE", "AT"]},
        {"of": "RECORD", "field": "name", "op": "NE", "value": "One"},
    ],
    "recordIds": [ONE, OTHER],
    "from": "2026-01-01",
    "until": "2026-12-31",
}


def read(**given: Any) -> SharingRule:
    return define({**RULE, **given}, KINDS, "shr_x", ACME)


def kept(rule: SharingRule) -> SharingRule:
    return read_content(content_of(rule), rule.id, rule.company, rule.version)


def test_a_rule_is_read_and_shown_as_it_may_be_given_again() -> None:
    rule = read()
    assert rule.fields == ("amount", "cf_a")
    assert rule.audience.companies == (BOLT, CORE)
    assert rule.audience.people == (GIL, IDA)
    assert rule.conditions == (
        Condition("stage", "in", ("QUALIFIED", "COMMITTED")),
        Condition("amount", "gte", Money(1050, "EUR")),
        Condition("cf_a", "ne", 'go"ld'),
        Condition("probability", "lt", 50),
        Condition("targetCloseDate", "eq", "2026-01-31"),
        Condition("country", "in", ("DE", "AT"), "record"),
        Condition("name", "ne", "One", "record"),
    )
    assert rule.records == (OTHER, ONE)
    shown = dict(show(rule, DEAL))
    assert define(shown, KINDS, "shr_x", ACME) == rule
    assert shown["conditions"][0]["value"] == ["QUALIFIED", "COMMITTED"]
    assert shown["conditions"][1]["value"] == {"amount": "10.50", "currency": "EUR"}


def test_what_is_kept_is_the_same_rule() -> None:
    rules = (read(), read(audience={"kind": "PARTICIPANTS"}, conditions=None, until=None, effect="DENY"))
    for rule in (*rules, read(**{"from": None})):
        assert kept(rule) == rule
        assert content_of(kept(rule)) == content_of(rule)
    assert rules[1].audience == PARTICIPANTS
    assert rules[1].effect == "DENY"


@pytest.mark.parametrize("content", ["", "[]", "{}", "null", '{"audience": [1]}', "[" * 100_000])
def test_what_is_no_rule_is_refused(content: str) -> None:
    with pytest.raises(BadInput, match="not the content of a sharing rule"):
        read_content(content, "shr_x", ACME, 1)


def test_fields_that_are_gone_are_shown_by_their_idents() -> None:
    rule = read()
    shown = show(rule, load_catalog().by_name["opportunity"])
    assert shown["fields"] == ["amount", "cf_a"]
    assert shown["conditions"][2] == {"of": "SIDE", "field": "cf_a", "op": "NE", "value": 'go"ld'}
    nothing = show(rule, None)
    assert nothing["conditions"][1]["value"] == {"minor": 1050, "currency": "EUR"}
    assert nothing["conditions"][5]["field"] == "country"
    assert show(read(recordIds=None), None)["recordIds"] is None


def test_days_are_inclusive() -> None:
    days = {"2025-12-31": False, "2026-01-01": True, "2026-12-31": True, "2027-01-01": False}
    assert {day: read().in_force(day) for day in days} == days
    assert read(**{"from": None, "until": None}).in_force("1900-01-01")


def test_conditions_become_tests_of_columns() -> None:
    found = [each.tests(DEAL) for each in read().conditions]
    assert found == [
        (Comparison("stage", "in", ("QUALIFIED", "COMMITTED")),),
        (Comparison("amount_currency", "eq", "EUR"), Comparison("amount_minor", "gte", 1050)),
        (Comparison("cf_a", "ne", 'go"ld'),),
        (Comparison("probability", "lt", 50),),
        (Comparison("target_close_date", "eq", "2026-01-31"),),
        (Comparison("joint__country", "in", ("DE", "AT")),),
        (Comparison("joint__name", "ne", "One"),),
    ]
    bare = load_catalog().by_name["opportunity"]
    assert Condition("cf_a", "eq", "x").tests(bare) is None
    assert Condition("amount", "eq", "x").tests(bare) is None
    assert Condition("stage", "eq", Money(1, "EUR")).tests(bare) is None
    assert Condition("primaryNeeds", "eq", "x").tests(bare) is None
    assert Condition("stage", "eq", "x", "record").tests(bare) is None
    assert Condition("country", "eq", "DE").tests(bare) is None


def test_a_rule_kept_before_records_could_be_named_reads_as_ever() -> None:
    rule = read(conditions=RULE["conditions"][:2], recordIds=None)
    assert "record" not in content_of(rule)
    old = (
        '{"audience":["participants",[],[]],"conditions":[["stage","in",["WON"]],["amount","gte",'
        '{"currency":"EUR","minor":5}]],"effect":"ALLOW","fields":["amount"],"kind":"opportunity","label":"x",'
        '"since":null,"until":null}'
    )
    found = read_content(old, "shr_x", ACME, 1)
    assert found.conditions == (Condition("stage", "in", ("WON",)), Condition("amount", "gte", Money(5, "EUR")))
    assert (found.records, content_of(found)) == ((), old)


def condition(field: str, op: str, value: object, **of: str) -> dict[str, object]:
    return {"conditions": [{**of, "field": field, "op": op, "value": value}]}


ids = [f"co_{n:026}" for n in range(MOST_NAMED + 1)]
WRONG: list[tuple[dict[str, Any], tuple[str, ...], str]] = [
    ({"more": 1}, ("more",), "There is no such key."),
    ({"kind": "planet"}, ("kind",), "There is no such kind."),
    ({"label": None}, ("label",), "This is required."),
    ({"label": "x" * 101}, ("label",), "This is longer than 100 characters."),
    ({"label": "a\nb"}, ("label",), "This has a character that cannot be printed."),
    ({"effect": "MAYBE"}, ("effect",), "One of ALLOW, DENY is expected."),
    ({"from": "2026-13-01"}, ("from",), "A date is written YYYY-MM-DD."),
    ({"until": 5}, ("until",), "A text is expected."),
    ({"until": "2025-12-31"}, ("until",), "The last day is before the first."),
    ({"fields": []}, ("fields",), "Name at least one field."),
    ({"fields": "amount"}, ("fields",), "A list is expected."),
    ({"fields": ["amount", "amount"]}, ("fields", "1"), "This stands here twice."),
    ({"fields": ["cf_a"]}, ("fields", "0"), "Sides of this kind have no such field."),
    ({"fields": ["x"] * (MOST_FIELDS + 1)}, ("fields",), f"These are more than {MOST_FIELDS}."),
    ({"audience": None}, ("audience",), "An object is expected."),
    ({"audience": {"kind": "PRIVATE"}}, ("audience", "kind"), "One of PARTICIPANTS, SELECTED is expected."),
    (
        {"audience": {"kind": "PARTICIPANTS", "people": [GIL]}},
        ("audience", "kind"),
        "Companies and people go with SELECTED only.",
    ),
    (
        {"audience": {"kind": "SELECTED", "companies": [BOLT, GIL]}},
        ("audience", "companies", "1"),
        "This is not the id of a company.",
    ),
    (
        {"audience": {"kind": "SELECTED", "people": [BOLT]}},
        ("audience", "people", "0"),
        "This is not the id of a person.",
    ),
    (
        {"audience": {"kind": "SELECTED", "companies": [BOLT, ACME]}},
        ("audience", "companies", "1"),
        "This is your own company; rules are about partners.",
    ),
    (
        {"audience": {"kind": "SELECTED", "companies": ids[:MOST_NAMED], "people": [GIL]}},
        ("audience", "companies"),
        f"Select 1 to {MOST_NAMED} companies and people.",
    ),
    (
        {"audience": {"kind": "SELECTED"}},
        ("audience", "companies"),
        f"Select 1 to {MOST_NAMED} companies and people.",
    ),
    ({"conditions": [1]}, ("conditions", "0"), "An object is expected."),
    (
        condition("stage", "EQ", "QUALIFIED", of="RECORD"),
        ("conditions", "0", "field"),
        "Records of this kind have no such field.",
    ),
    (
        condition("country", "EQ", "DE", of="RECORD"),
        ("conditions", "0", "field"),
        "Records of this kind have no such field.",
    ),
    (
        condition("customer.country", "EQ", "DE"),
        ("conditions", "0", "field"),
        "Sides of this kind have no such field.",
    ),
    (condition("name", "EQ", "x", of="MINE"), ("conditions", "0", "of"), "One of SIDE, RECORD is expected."),
    (
        condition("customer.country", "GT", "DE", of="RECORD"),
        ("conditions", "0", "op"),
        "This field is tested with one of EQ, NE, IN.",
    ),
    (
        {"recordIds": []},
        ("recordIds",),
        "Name at least one record, or leave `recordIds` out: the rule is then about all.",
    ),
    ({"recordIds": [ONE, GIL]}, ("recordIds", "1"), "This is not the id of a record of this kind."),
    ({"recordIds": [ONE, ONE]}, ("recordIds", "1"), "This stands here twice."),
    ({"recordIds": [ONE] * (MOST_RECORDS + 1)}, ("recordIds",), f"These are more than {MOST_RECORDS}."),
    ({"conditions": [{}] * (MOST_CONDITIONS + 1)}, ("conditions",), f"These are more than {MOST_CONDITIONS}."),
    (condition("cf_a", "EQ", "x"), ("conditions", "0", "field"), "Sides of this kind have no such field."),
    (
        condition("primaryNeeds", "EQ", "x"),
        ("conditions", "0", "field"),
        "Rules cannot test this field: it holds a list, a structure or a long text.",
    ),
    (
        condition("stage", "LIKE", "x"),
        ("conditions", "0", "op"),
        f"One of {', '.join(OPERATORS)} is expected.",
    ),
    (condition("stage", "GT", "QUALIFIED"), ("conditions", "0", "op"), "This field is tested with one of EQ, NE, IN."),
    (
        condition("amount", "IN", []),
        ("conditions", "0", "op"),
        "This field is tested with one of EQ, LT, LTE, GT, GTE.",
    ),
    (condition("stage", "EQ", None), ("conditions", "0", "value"), "A value is expected."),
    (condition("stage", "EQ", "LOST"), ("conditions", "0", "value"), "This is not a value of SalesStage."),
    (condition("stage", "IN", "QUALIFIED"), ("conditions", "0", "value"), "A list is expected."),
    (condition("stage", "IN", []), ("conditions", "0", "value"), "A list of values is expected."),
    (
        condition("stage", "IN", ["QUALIFIED", "LOST"]),
        ("conditions", "0", "value", "1"),
        "This is not a value of SalesStage.",
    ),
    (
        condition("amount", "EQ", {"amount": "1", "currency": "Euro"}),
        ("conditions", "0", "value", "currency"),
        "This is not an ISO 4217 currency.",
    ),
    (
        condition("tier", "EQ", "a\tb"),
        ("conditions", "0", "value"),
        "At most 200 characters in one line are expected.",
    ),
    (
        condition("tier", "EQ", "x" * 201),
        ("conditions", "0", "value"),
        "At most 200 characters in one line are expected.",
    ),
    (
        {"conditions": [{"field": "tier", "op": "IN", "value": [f"{i} {n}" for n in range(30)]} for i in range(2)]},
        ("conditions", "1", "value"),
        f"The conditions have more than {MOST_VALUES} values with IN.",
    ),
]


@pytest.mark.parametrize(("given", "path", "why"), WRONG)
def test_mistakes_are_told_at_their_place(given: dict[str, Any], path: tuple[str, ...], why: str) -> None:
    with pytest.raises(BadInput) as refused:
        read(**given)
    assert refused.value.field == path
    assert refused.value.message.endswith(": " + why)


def test_what_is_no_object_is_refused() -> None:
    with pytest.raises(BadInput):
        define([], KINDS, "shr_x", ACME)


OPERATORS_OF = {
    Base.MONEY: {"EQ", "LT", "LTE", "GT", "GTE"},
    **{base: set(OPERATORS) for base in (Base.INTEGER, Base.NUMBER, Base.DATE, Base.DATETIME)},
}
EXAMPLES: dict[Base, Any] = {
    Base.TEXT: "x",
    Base.URL: "https://a.example/",
    Base.EMAIL: "a@b.example",
    Base.PHONE: "+493012345678",
    Base.INTEGER: 1,
    Base.NUMBER: 1.5,
    Base.BOOLEAN: True,
    Base.MONEY: {"amount": "1.00", "currency": "EUR"},
    Base.DATE: "2026-01-01",
    Base.DATETIME: "2026-01-01T00:00:00.000000Z",
    Base.PICKLIST: "A",
    Base.COUNTRY: "DE",
    Base.PERSON: GIL,
    Base.COMPANY: BOLT,
    Base.RECORD: "opp_" + "a" * 26,
}


@pytest.mark.parametrize("of", ["SIDE", "RECORD"])
@pytest.mark.parametrize("base", list(Base))
def test_every_type_has_its_operators(base: Base, of: str) -> None:
    type_ = FieldType("Made", base, options=("A",))
    made = (Field("made", "joint", type_, "", 1, "invited"),), (Field("made", "side", type_, "", 1, "private"),)
    kind = Kind("deal", "deals", "Deal", "deal", "", "name", *made)
    allowed = set()
    for op in OPERATORS:
        example = [EXAMPLES.get(base)] if op == "IN" else EXAMPLES.get(base)
        given = {**RULE, "kind": "deal", "fields": ["made"], **condition("made", op, example, of=of), "recordIds": None}
        try:
            rule = define(given, {"deal": kind}, "shr_x", ACME)
        except BadInput:
            continue
        allowed.add(op)
        assert show(rule, kind)["conditions"] == [{"of": of, "field": "made", "op": op, "value": example}]
        assert kept(rule) == rule
    assert allowed == (OPERATORS_OF.get(base, {"EQ", "NE", "IN"}) if base in EXAMPLES else set())
