"""Totals as decimal strings."""

from typing import Any

import pytest

from gateway.numbers import decimal_text, show_total
from spaces.fetch import Total


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-0.0, "0"),
        (100, "100"),
        (-3, "-3"),
        (2**63, "9223372036854775808"),
        (0.5, "0.5"),
        (1.0, "1"),
        (0.1 + 0.2, "0.3"),
        (0.0000005, "0"),
        (0.0000015, "0.000002"),
        (-0.0000004, "0"),
        (1e21, "1000000000000000000000"),
        (1.5e300, "15" + "0" * 299),
        (5e-324, "0"),
    ],
)
def test_a_number_has_no_exponent_and_at_most_6_decimals(value: Any, text: str) -> None:
    assert decimal_text(value) == text


@pytest.mark.parametrize(
    ("total", "shown"),
    [
        (Total("USD", 2, 1501, 1, 1500), ("15.01", "7.50", "0.01", "15.00")),  # 750.5 cents: half to even
        (Total("USD", 2, 1503, 3, 1500), ("15.03", "7.52", "0.03", "15.00")),
        (Total("USD", 2, -1501, -1500, -1), ("-15.01", "-7.50", "-15.00", "-0.01")),
        (Total("USD", 3, 200, 0, 200), ("2.00", "0.67", "0.00", "2.00")),
        (Total("USD", 3, -200, -200, 0), ("-2.00", "-0.67", "-2.00", "0.00")),
        (Total("JPY", 2, 5, 2, 3), ("5", "2", "2", "3")),
        (Total("KWD", 1, 1, 1, 1), ("0.001", "0.001", "0.001", "0.001")),
        (Total("EUR", 2, 2**64 - 2, 2**63 - 1, 2**63 - 1), ("184467440737095516.14",) + ("92233720368547758.07",) * 3),
        (Total(None, 3, 100, 0, 50), ("100", "33.333333", "0", "50")),
        (Total(None, 3, 200, 50, 100), ("200", "66.666667", "50", "100")),
        (Total(None, 2, 0.000001, 0.0, 0.000001), ("0.000001", "0", "0", "0.000001")),  # half to even
        (Total(None, 2, 0.75, 0.25, 0.5), ("0.75", "0.375", "0.25", "0.5")),
        (Total(None, 2, float("inf"), 1.5e308, 1.7e308), (None, None, "15" + "0" * 307, "17" + "0" * 307)),
    ],
)
def test_money_has_its_currencys_decimals(total: Total, shown: tuple[Any, ...]) -> None:
    expected = dict(zip(("sum", "average", "min", "max"), shown, strict=True))
    given = {"name": "mine.amount", "currency": total.currency, "number": total.number}
    assert show_total("mine.amount", total) == given | expected
