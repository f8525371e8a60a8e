"""Formulas among the fields of a side: what they read, in what order they are computed, what they hang on."""

import time
from itertools import pairwise

import pytest

from schema.effective import extended_kind
from schema.errors import BadInput
from schema.field import Base
from schema.formula_fields import columns_read, formulas
from schema.formula_types import RESULTS
from schema.money import Money
from tests.schema.templates import KIND, OWN, custom, defined, field, id_at


def test_what_a_formula_reads_is_typed_by_the_side() -> None:
    for text, base in {
        "probability + 1": Base.NUMBER,
        "amount * 2": Base.MONEY,
        'stage = "QUALIFIED"': Base.BOOLEAN,
        "concat(nextStep, notes)": Base.TEXT,
        "targetCloseDate": Base.DATE,
        "stage": Base.TEXT,
    }.items():
        assert custom("it", "FORMULA", formula=text).type == RESULTS[base]


@pytest.mark.parametrize(
    "text", ["name", "industry", "owner", "primaryNeeds", "crmRef", "nextStepsHistory", "other", "cf_1"]
)
def test_joint_fields_people_lists_and_structs_are_not_read(text: str) -> None:
    with pytest.raises(
        BadInput,
        match=r"^fields\[0\].formula: Character 1 of this formula: The kind's side and this template have no field `",
    ):
        custom("it", "FORMULA", formula=text)


def test_custom_fields_are_read_by_their_keys() -> None:
    words = ("INTEGER", "NUMBER", "MONEY", "BOOLEAN", "DATE", "DATE_TIME", "URL", "EMAIL", "PHONE", "PICKLIST", "TEXT")
    for word in words:
        assert defined(field("it", "FORMULA", formula="that"), field("that", word)).fields[0].type.base in RESULTS
    for word in ("PERSON", "COMPANY", "MULTI_PICKLIST"):
        with pytest.raises(BadInput, match="have no field `that`"):
            defined(field("it", "FORMULA", formula="that"), field("that", word))


SUMS = defined(
    field("total", "FORMULA", formula="part + rest"),
    field("rest", "FORMULA", formula="amount * share / 100"),
    field("share", "INTEGER"),
    field("part", "MONEY"),
    field("big", "FORMULA", formula='total > money(10, "EUR")'),
    field("one", "FORMULA", formula="1"),
)
SIDES = extended_kind(KIND, OWN, [SUMS])


def test_formulas_are_computed_behind_those_that_they_read() -> None:
    total, rest, share, part, big, one = (f.ident for f in SUMS.fields)
    made = formulas(SIDES)
    side = {"amount": Money(1000, "EUR"), share: 50, part: Money(600, "EUR")}
    assert made.values(side) == {total: Money(1100, "EUR"), rest: Money(500, "EUR"), big: True, one: 1.0}
    assert made.values({}) == {total: None, rest: None, big: None, one: 1.0}
    assert set(side) == {"amount", share, part}
    assert formulas(KIND).values({}) == {}


def test_a_formula_follows_its_fields_to_other_names() -> None:
    taken = defined(field("share", "TEXT"), id_=id_at("tpl", 2), start=90)
    kind = extended_kind(KIND, OWN, [taken, SUMS])
    share = SUMS.fields[2].ident
    assert kind.side_by_ident[share].name == "share_300000"
    rest = SUMS.fields[1].ident
    assert formulas(kind).values({"amount": Money(1000, "EUR"), share: 10})[rest] == Money(100, "EUR")


def test_what_a_formula_hangs_on_is_told_in_columns() -> None:
    total, _, share, part, _, one = SUMS.fields
    money = ("amount_minor", "amount_currency")
    assert columns_read(SIDES, total) == (f"{part.ident}_minor", f"{part.ident}_currency", *money, share.ident)
    assert columns_read(SIDES, one) == ()
    assert columns_read(SIDES, share) == (share.ident,)
    assert columns_read(KIND, total) == ()
    twice = defined(field("a", "FORMULA", formula="b + b + amount"), field("b", "FORMULA", formula="amount"))
    assert columns_read(extended_kind(KIND, OWN, [twice]), twice.fields[0]) == money


def test_formulas_may_not_read_each_other_in_a_circle() -> None:
    with pytest.raises(BadInput) as caught:
        defined(
            field("a", "FORMULA", formula="b"),
            field("x", "NUMBER"),
            field("b", "FORMULA", formula="x + c"),
            field("c", "FORMULA", formula="a + 1"),
        )
    place, _, why = caught.value.message.partition(": ")
    assert why.startswith("These formulas read each other: ")
    circle = why.removeprefix("These formulas read each other: ").removesuffix(".").split(", ")
    assert sorted(circle[1:]) == ["a", "b", "c"]
    assert all(follower in {"a": "b", "b": "c", "c": "a"}[key] for key, follower in pairwise(circle))
    assert place in ("fields[0].formula", "fields[2].formula", "fields[3].formula")


def test_a_long_chain_of_formulas_is_computed_in_no_time() -> None:
    chain = [field(f"f{i}", "FORMULA", formula=f"f{i + 1} + f{i + 1}") for i in range(199)]
    kind = extended_kind(KIND, OWN, [defined(*chain, field("f199", "NUMBER"))])
    begun = time.process_time()
    found = formulas(kind).values({id_at("cf", 200): 1})
    assert found[id_at("cf", 1)] == 2.0**199
    assert len(columns_read(kind, kind.side_by_name["f0"])) == 1
    assert time.process_time() - begun < 1
