"""Declarations: TOML tables that are checked key by key, so that each mistake is one sentence with file and key."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from schema.errors import BadDeclaration


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a declaration. `source` names the file, `path` the keys that lead here, `keys` its content."""

    source: str
    path: tuple[str, ...]
    keys: Mapping[str, Any]

    def refuse(self, why: str, *path: str) -> NoReturn:
        """Raises BadDeclaration: file, key (this table's path and then `path`) and why."""
        place = self.path + path
        raise BadDeclaration(f"{self.source}: {'.'.join(place)}{': ' if place else ''}{why}.", field=place)

    def allow(self, *known: str) -> None:
        """Refuses every key that is not `known`."""
        for key in self.keys:
            if key not in known:
                self.refuse("there is no such key", key)

    def table(self, key: str) -> "Table":
        """The table under `key`, empty where it is left out."""
        value = self.keys.get(key, {})
        if not isinstance(value, dict):
            self.refuse("must be a table", key)
        return Table(self.source, (*self.path, key), value)

    def tables(self) -> Iterator[tuple[str, "Table"]]:
        """The tables in this one with their keys, in order; every key must hold a table."""
        for key in self.keys:
            yield key, self.table(key)

    def text(self, key: str) -> str:
        """The text under `key`, which must be there and not be blank."""
        value = self.keys.get(key)
        if not isinstance(value, str) or not value.strip():
            self.refuse("must be a text", key)
        return value

    def optional_text(self, key: str) -> str | None:
        """The text under `key`, None where it is left out."""
        return self.text(key) if key in self.keys else None

    def matching(self, key: str, pattern: re.Pattern[str], rule: str) -> str:
        """The text under `key`, which must match the whole `pattern`; else the refusal says `rule`."""
        value = self.text(key)
        if not pattern.fullmatch(value):
            self.refuse(rule, key)
        return value

    def truth(self, key: str) -> bool:
        """Whether `key` is set: true, or left out, never a written false, as defaults are not written out."""
        if key not in self.keys:
            return False
        if self.keys[key] is not True:
            self.refuse("must be true, or be left out", key)
        return True

    def texts(self, key: str) -> tuple[str, ...]:
        """The list of texts under `key`, which must be there, not be empty, and name nothing twice."""
        value = self.keys.get(key)
        if not isinstance(value, list) or not value or not all(isinstance(item, str) for item in value):
            self.refuse("must be a list of texts", key)
        if len(set(value)) < len(value):
            self.refuse("names something twice", key)
        return tuple(value)


def read_table(path: Path) -> Table:
    """Reads one TOML file. Raises BadDeclaration where it cannot be read or is not TOML, with the line."""
    source = f"{path.parent.name}/{path.name}"
    try:
        return Table(source, (), tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise BadDeclaration(f"{source}: this is not a readable TOML file: {why}.") from error
