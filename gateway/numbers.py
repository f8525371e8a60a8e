"""Numbers of groups as decimal strings: sums and averages, never through a float where money is meant."""

import math
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

from schema.amounts import show_amount
from spaces.fetch import Total

_DECIMALS = 6
_WIDE = Context(prec=700, rounding=ROUND_HALF_EVEN)  # more digits than any finite float has


def decimal_text(value: int | float) -> str:
    """A number without exponent, rounded half to even to at most 6 decimals, without zeros at its end."""
    return _shown(Decimal(value) if isinstance(value, int) else Decimal(repr(value)))


def _shown(number: Decimal) -> str:
    text = format(_WIDE.quantize(number, Decimal(1).scaleb(-_DECIMALS)), "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def show_total(name: str, total: Total) -> dict[str, Any]:
    """A total as GraphQL shows it: of money in the currency's own decimals, else in at most 6. Sum and average are
    null where the sum is beyond what a float can hold."""
    currency = total.currency
    shown: dict[str, Any] = {"name": name, "currency": currency, "number": total.number}
    if currency is not None:
        shown["sum"] = show_amount(int(total.sum), currency)
        shown["average"] = show_amount(_half_even(int(total.sum), total.number), currency)
        shown["min"] = show_amount(int(total.smallest), currency)
        shown["max"] = show_amount(int(total.largest), currency)
        return shown
    finite = math.isfinite(total.sum)
    shown["sum"] = decimal_text(total.sum) if finite else None
    shown["average"] = _shown(_WIDE.divide(Decimal(repr(total.sum)), Decimal(total.number))) if finite else None
    shown["min"] = decimal_text(total.smallest)
    shown["max"] = decimal_text(total.largest)
    return shown


def _half_even(total: int, number: int) -> int:
    """The whole number nearest to total / number; of two that are as near, the even one."""
    quotient, rest = divmod(total, number)
    up = 2 * rest > number or (2 * rest == number and quotient % 2 == 1)
    return quotient + up
