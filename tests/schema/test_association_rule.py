"""Association rules as values: what they meet, and what a definition keeps of them."""

from typing import Any

import pytest

from schema.association_rule import AssociationRule, Cells, content_of, read_content, show
from schema.association_rule_read import define_association
from schema.errors import BadInput
from tests.schema.templates import KIND, KINDS, OTHER, OWN, PARTNER, id_at

ID = id_at("asr", 1)
LARGE = {"field": "amount", "op": "GTE", "value": {"amount": "10.00", "currency": "EUR"}}
GERMAN = {"of": "RECORD", "field": "customer.country", "op": "EQ", "value": "DE"}


def read(**given: Any) -> AssociationRule:
    said = {"kind": "opportunity", "label": "Ours", "companies": [PARTNER, OTHER], **given}
    return define_association(said, KINDS, ID, OWN)


def test_what_is_kept_reads_the_same_and_may_be_given_again() -> None:
    for rule in (
        read(),
        read(
            role="VIEWER", message="Hello", conditions=[LARGE, GERMAN], **{"from": "2027-01-01", "until": "2027-01-02"}
        ),
    ):
        assert read_content(content_of(rule), ID, OWN, 1) == rule
        assert define_association(show(rule, KIND), KINDS, ID, OWN) == rule


@pytest.mark.parametrize("content", ["", "{}", "[]", "null", '{"kind": 1}', "[" * 10_000])
def test_the_content_of_something_else_is_refused(content: str) -> None:
    with pytest.raises(BadInput):
        read_content(content, ID, OWN, 1)


def test_a_long_message_is_refused_with_its_place() -> None:
    with pytest.raises(BadInput) as caught:
        read(message="x" * 1_001)
    assert caught.value.message == "message: This text is longer than 1,000 characters."


@pytest.mark.parametrize(
    ("record", "side", "expected"),
    [
        ({"joint__country": "DE"}, {"amount_minor": 1_000, "amount_currency": "EUR"}, True),
        ({"joint__country": "DE"}, {"amount_minor": 999, "amount_currency": "EUR"}, False),
        ({"joint__country": "DE"}, {"amount_minor": 5_000, "amount_currency": "USD"}, False),
        ({"joint__country": "DE"}, {"amount_minor": None, "amount_currency": None}, False),
        ({"joint__country": "DE"}, {}, False),
        ({"joint__country": None}, {"amount_minor": 1_000, "amount_currency": "EUR"}, False),
        ({"joint__country": "DE"}, None, True),  # some side might meet it
        ({"joint__country": "FR"}, None, False),
    ],
)
def test_what_meets_a_rule(record: Cells, side: Cells | None, expected: bool) -> None:
    assert read(conditions=[LARGE, GERMAN]).matches(KIND, record, side) is expected


def test_a_rule_without_conditions_is_met_by_all_and_one_of_an_unknown_field_by_none() -> None:
    assert read().matches(KIND, {}, {})
    rule = read(conditions=[GERMAN])
    assert not rule.matches(KINDS["solution"], {"joint__country": "DE"}, None)
