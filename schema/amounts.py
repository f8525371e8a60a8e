"""Amounts of money: decimal strings to minor units of their currency and back, never through a float."""

import re

from schema.codes import MINOR_DIGITS
from schema.errors import BadInput
from schema.money import Money

_AMOUNT = re.compile(r"(-?)(\d{1,20})(?:\.(\d{1,6}))?", re.ASCII)
_INT64 = 2**63


def read_money(amount: object, currency: object, path: tuple[str, ...]) -> Money:
    """The money of a decimal string like "-123.45", or an int, in an ISO 4217 currency. Raises BadInput for any
    other shape (exponents, signs, blanks, floats), for more decimals than the currency has, and beyond 64 bits
    of minor units. `path` is where the money stands in the input."""
    if not isinstance(currency, str) or currency not in MINOR_DIGITS:
        raise BadInput("This is not an ISO 4217 currency.", field=(*path, "currency"))
    place = (*path, "amount")
    match = _AMOUNT.fullmatch(_text(amount))
    if not match:
        raise BadInput('An amount is a decimal string, e.g. "123.45".', field=place)
    sign, whole, decimals = match[1], match[2], match[3] or ""
    digits = MINOR_DIGITS[currency]
    if len(decimals) > digits:
        raise BadInput(f"An amount in {currency} has at most {digits} decimals.", field=place)
    minor = int(sign + whole + decimals.ljust(digits, "0"))
    if not -_INT64 <= minor < _INT64:
        raise BadInput("This amount is too large.", field=place)
    return Money(minor, currency)


def _text(amount: object) -> str:
    if isinstance(amount, str):
        return amount
    # str() of a huge int is refused by Python; no amount is that long
    return str(amount) if type(amount) is int and -_INT64 <= amount < _INT64 else ""


def show_amount(minor: int, currency: str) -> str:
    """The decimal string with just the currency's own decimals, e.g. (-5, "USD") -> "-0.05"."""
    digits = MINOR_DIGITS[currency]
    text = str(abs(minor)).rjust(digits + 1, "0")
    point = len(text) - digits
    return ("-" if minor < 0 else "") + text[:point] + ("." + text[point:] if digits else "")
