"""Values of custom fields: within their range, length and pattern, or refused."""

from typing import Any

import pytest

from schema.custom_values import check_custom
from schema.errors import BadInput
from schema.values import parse_field
from tests.schema.templates import KIND, custom


def euro(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "EUR"}


def yen(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "JPY"}


FORM = "This does not have the form {} as a whole."


@pytest.mark.parametrize(
    ("word", "rule", "value", "why"),
    [
        ("INTEGER", {"low": 1}, 1, None),
        ("INTEGER", {"low": 1}, 0, "This is less than 1."),
        ("INTEGER", {"high": 1_000}, 1_001, "This is more than 1,000."),
        ("NUMBER", {"low": -0.5, "high": 0.5}, -0.5, None),
        ("NUMBER", {"low": -0.5}, -0.75, "This is less than -0.5."),
        ("NUMBER", {"high": 0.5}, 0.75, "This is more than 0.5."),
        ("MONEY", {"low": 0.1, "high": 0.29}, euro("0.10"), None),
        ("MONEY", {"low": 0.1, "high": 0.29}, euro("0.29"), None),
        ("MONEY", {"low": 0.1}, euro("0.09"), "This is less than 0.1."),
        ("MONEY", {"high": 0.29}, euro("0.30"), "This is more than 0.29."),
        ("MONEY", {"high": 100}, yen("100"), None),
        ("MONEY", {"high": 100}, yen("101"), "This is more than 100."),
        ("MONEY", {"high": 1e300}, euro("1"), None),
        ("MONEY", {"low": 5e-324}, euro("0"), "This is less than 5e-324."),
        ("TEXT", {"minLength": 2}, "ab", None),
        ("TEXT", {"minLength": 2}, "a", "This is shorter than 2 characters."),
        ("TEXT", {"maxLength": 2}, "abc", "This text is longer than 2 characters."),
        ("TEXT", {"pattern": "[a-c]+"}, "abc", None),
        ("TEXT", {"pattern": "[a-c]+"}, "abd", FORM.format("[a-c]+")),
        ("URL", {"pattern": "https://a[.]example/.*"}, "https://b.example/", FORM.format("https://a[.]example/.*")),
        ("PHONE", {"pattern": "\\+49.*"}, "+44 20 1234567", FORM.format("\\+49.*")),
        ("PHONE", {"pattern": "\\+49\\d+"}, "+49 20-1234567", None),
        ("BOOLEAN", {}, True, None),
        ("DATE", {}, "2026-01-31", None),
        ("FORMULA", {}, 3, "This field is computed and cannot be written."),
        ("FORMULA", {}, None, "This field is computed and cannot be written."),
        ("TEXT", {"minLength": 2, "pattern": "a"}, None, None),
        ("NUMBER", {"low": 2}, None, None),
        ("TEXT", {"required": True}, None, "This field is required."),
    ],
)
def test_a_value_is_within_what_its_template_asks(word: str, rule: dict[str, Any], value: Any, why: str | None) -> None:
    field = custom("it", word, **rule)
    if why is None:
        parse_field(field, value, ("mine", "it"))
        return
    with pytest.raises(BadInput) as caught:
        parse_field(field, value, ("mine", "it"))
    assert (caught.value.message, caught.value.field) == (why, ("mine", "it"))


def test_fields_of_the_kind_itself_are_not_asked_more() -> None:
    check_custom(KIND.side_by_name["notes"], "x", ())
