"""Objects that a caller gives at run time, checked key by key, so that each mistake is one sentence with its place."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NoReturn

from schema.errors import BadInput

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters, line and paragraph ends, those that turn the direction of what follows, and lone surrogates."""


_LONGEST = 65_536
"""Of any text, in characters: what a request may hold."""


def refusal(path: tuple[str, ...], why: str) -> BadInput:
    """`why`, a whole sentence, behind the place, e.g. `fields[3].pattern: A text is expected.`"""
    return BadInput(placed(path, why), field=path)


def placed(path: tuple[str, ...], why: str) -> str:
    """`why` behind the place, for refusals of another code."""
    place = "".join(f"[{key}]" if key.isdecimal() else f".{key}" for key in path).removeprefix(".")
    return f"{place}: {why}" if place else why


def refuse(path: tuple[str, ...], why: str) -> NoReturn:
    """Raises that refusal."""
    raise refusal(path, why)


@dataclass(frozen=True, slots=True)
class Given:
    """One object of the input. `path` leads here from the whole input, `keys` is its content; a key that holds null
    is as one left out."""

    path: tuple[str, ...]
    keys: Mapping[str, object]

    def refuse(self, why: str, *path: str) -> NoReturn:
        """Raises BadInput at this object's path and then `path`."""
        refuse(self.path + path, why)

    def allow(self, *known: str) -> None:
        """Refuses every key that is not `known`."""
        for key in self.keys:
            if key not in known:
                self.refuse("There is no such key.", key[:60])

    def has(self, key: str) -> bool:
        """Whether anything but null is given."""
        return self.keys.get(key) is not None

    def text(self, key: str, longest: int) -> str:
        """The text under `key`, in NFC and without blanks at its ends: 1 to `longest` characters, none of them a
        control character."""
        value = self.keys.get(key)
        if value is None:
            self.refuse("This is required.", key)
        if not isinstance(value, str):
            self.refuse("A text is expected.", key)
        text = unicodedata.normalize("NFC", value).strip()
        if not text:
            self.refuse("This may not be blank.", key)
        if len(text) > longest:
            self.refuse(f"This is longer than {longest:,} characters.", key)
        if _CONTROLS.search(text):
            self.refuse("This has a character that cannot be printed.", key)
        return text

    def optional_text(self, key: str, longest: int) -> str | None:
        """The text under `key`, None where it is left out."""
        return self.text(key, longest) if self.has(key) else None

    def matching(self, key: str, pattern: re.Pattern[str], rule: str) -> str:
        """The text under `key`, which must match the whole `pattern`; else the refusal is `rule`, which also says how
        long it may be."""
        value = self.text(key, _LONGEST)
        if not pattern.fullmatch(value):
            self.refuse(rule, key)
        return value

    def truth(self, key: str) -> bool:
        """Whether `key` is true; false where it is left out."""
        value = self.keys.get(key)
        if value is not None and not isinstance(value, bool):
            self.refuse("True or false is expected.", key)
        return value is True

    def whole(self, key: str, low: int, high: int) -> int | None:
        """The whole number under `key`, None where it is left out."""
        value = self.keys.get(key)
        if value is None:
            return None
        if type(value) is not int or not low <= value <= high:
            self.refuse(f"A whole number from {low:,} to {high:,} is expected.", key)
        return value

    def items(self, key: str, most: int) -> list[object]:
        """The list under `key`, empty where it is left out."""
        value = self.keys.get(key)
        if value is None:
            return []
        if not isinstance(value, list | tuple):
            self.refuse("A list is expected.", key)
        if len(value) > most:
            self.refuse(f"These are more than {most:,}.", key)
        return list(value)

    def objects(self, key: str, most: int) -> Iterator["Given"]:
        """The objects of the list under `key`."""
        for index, item in enumerate(self.items(key, most)):
            yield given(item, (*self.path, key, str(index)))

    def texts(self, key: str, most: int) -> tuple[str, ...]:
        """The texts of the list under `key`, none of them twice."""
        found = self.items(key, most)
        for index, item in enumerate(found):
            if not isinstance(item, str):
                self.refuse("A text is expected.", key, str(index))
            if item in found[:index]:
                self.refuse("This stands here twice.", key, str(index))
        return tuple(str(item) for item in found)


def given(value: object, path: tuple[str, ...] = ()) -> Given:
    """`value` as an object of the input at `path`. Raises BadInput where it is none."""
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        refuse(path, "An object is expected.")
    return Given(path, value)
