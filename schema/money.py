"""Money: an integer count of minor units with its ISO 4217 currency, never a float."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Money:
    """`minor` units of `currency`, e.g. Money(12345, "USD") is 123.45 US dollars; 64-bit range."""

    minor: int
    currency: str
