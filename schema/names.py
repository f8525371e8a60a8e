"""Distinct types for ids, so that a checker refuses to mix them up, and the shape of a public id.

A public id is `<prefix>_<26 characters>`: 128 random bits in Crockford base 32, lower case. The prefix names
what the id is of ("opp", "co", "pe"), so an id of one type read as another is not found before any look-up.
Random, never a sequence or a time: counts and times would leak (leaks.md, the rule for ids).
"""

import re
import secrets
from collections.abc import Callable
from typing import NewType, TypeAlias

CompanyId = NewType("CompanyId", str)
PersonId = NewType("PersonId", str)
RecordId = NewType("RecordId", str)

COMPANY_PREFIX = "co"
PERSON_PREFIX = "pe"

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_ID = re.compile(r"([a-z]{2,8})_[0-9a-hjkmnp-tv-z]{26}", re.ASCII)

IdFactory: TypeAlias = Callable[[str], str]
"""Makes a new public id of the given prefix. Injected, so that tests can seed it."""


def random_id(prefix: str) -> str:
    """A new public id of 128 random bits, e.g. `opp_5k2v…`."""
    bits = secrets.randbits(130)
    return prefix + "_" + "".join(_ALPHABET[(bits >> shift) & 31] for shift in range(0, 130, 5))


def prefix_of(public_id: str) -> str | None:
    """The prefix of a well-formed public id, else None."""
    match = _ID.fullmatch(public_id)
    return match[1] if match else None
