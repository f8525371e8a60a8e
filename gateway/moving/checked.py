"""An object of a line, read key by key: what is not as the format says is refused, by its key."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from schema.names import prefix_of
from spaces.parcel import Misfit

T = TypeVar("T")


class Checked:
    """An object that has been read from JSON. `key` is where it stands in its line, empty for the whole of it."""

    def __init__(self, value: object, keys: tuple[str, ...], key: str = "") -> None:
        """Raises Misfit unless it is an object of these keys, and no others."""
        self._key = key
        if not isinstance(value, dict):
            raise self.wrong("", "an object is expected")
        for each in value:
            if each not in keys:
                raise self.wrong(each, "there is no such key")
        self._value: Mapping[str, Any] = value

    def wrong(self, key: str, reason: str) -> Misfit:
        """What is wrong with the value of a key."""
        path = ".".join(each for each in (self._key, key) if each)
        return Misfit(f"{path}: {reason}." if path else f"{reason}.")

    def text(self, key: str) -> str:
        """A text."""
        return str(self._one(key, str, "text is expected"))

    def text_or_none(self, key: str) -> str | None:
        """A text, or null."""
        return None if self._value.get(key) is None else self.text(key)

    def some(self, key: str) -> str:
        """A text that is not empty."""
        found = self.text(key)
        if not found:
            raise self.wrong(key, "this must not be empty")
        return found

    def id(self, key: str, prefix: str | None = None) -> str:
        """A public id, of a prefix where one is given."""
        return self.checked_id(key, self.text(key), prefix)

    def id_or_empty(self, key: str, prefix: str) -> str:
        """A public id, or empty text."""
        found = self.text(key)
        return self.checked_id(key, found, prefix) if found else ""

    def checked_id(self, key: str, found: str, prefix: str | None = None) -> str:
        """A text that is a public id. Raises Misfit."""
        if prefix_of(found) is None or prefix not in (None, prefix_of(found)):
            raise self.wrong(key, "an id is expected" if prefix is None else f"an id of `{prefix}_…` is expected")
        return found

    def number(self, key: str, least: int) -> int:
        """A whole number, of 63 bits."""
        found = self._value.get(key)
        if not isinstance(found, int) or isinstance(found, bool) or not least <= found < 2**63:
            raise self.wrong(key, f"a whole number of at least {least} is expected")
        return found

    def flag(self, key: str) -> bool:
        """True or false."""
        found = self._value.get(key)
        if not isinstance(found, bool):
            raise self.wrong(key, "true or false is expected")
        return found

    def one_of(self, key: str, known: tuple[str, ...]) -> str:
        """One of some words."""
        found = self.text(key)
        if found not in known:
            raise self.wrong(key, f"one of {', '.join(known)} is expected")
        return found

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts."""
        found = self._one(key, list, "a list is expected")
        if not all(isinstance(each, str) for each in found):
            raise self.wrong(key, "a list of texts is expected")
        return tuple(found)

    def ids(self, key: str, prefix: str) -> tuple[str, ...]:
        """A list of public ids, in order."""
        found = tuple(self.checked_id(key, each, prefix) for each in self.texts(key))
        if list(found) != sorted(set(found)):
            raise self.wrong(key, "ids must be sorted, each once")
        return found

    def all_of(self, key: str, read: Callable[[object, str], T]) -> tuple[T, ...]:
        """A list of which each element is read."""
        found = self._one(key, list, "a list is expected")
        return tuple(read(each, f"{self._inside(key)}[{place}]") for place, each in enumerate(found))

    def items(self, key: str) -> Iterator[tuple[str, Any]]:
        """What an object of any keys holds."""
        found: dict[str, Any] = self._one(key, dict, "an object is expected")
        yield from found.items()

    def value(self, key: str) -> object:
        """Whatever stands there."""
        return self._value.get(key)

    def _inside(self, key: str) -> str:
        return f"{self._key}.{key}" if self._key else key

    def _one(self, key: str, type_: type[Any], reason: str) -> Any:
        found = self._value.get(key)
        if not isinstance(found, type_):
            raise self.wrong(key, reason)
        return found
