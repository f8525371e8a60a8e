"""The lists of codes that the world has agreed on, read from `schema/standards/*.toml`."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

_FOLDER = Path(__file__).parent / "standards"


def _read(name: str) -> dict[str, object]:
    with (_FOLDER / name).open("rb") as file:
        return tomllib.load(file)


COUNTRIES: Mapping[str, str] = MappingProxyType({code: str(name) for code, name in _read("countries.toml").items()})
"""ISO 3166-1: alpha-2 code to short English name."""

MINOR_DIGITS: Mapping[str, int] = MappingProxyType(
    {
        code: int(digits)
        for digits, codes in _read("currencies.toml").items()
        if isinstance(codes, list)
        for code in codes
    }
)
"""ISO 4217: currency code to its number of minor digits, e.g. USD 2, JPY 0, KWD 3."""
