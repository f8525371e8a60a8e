"""Placeholders: statements name their values as SQLite lets them (`:name`, `?`, `?1`), PostgreSQL counts them: `$1`."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

_PLACEHOLDER = re.compile(r"'(?:[^']|'')*'|(?<![:\w]):([A-Za-z_]\w*)|\?(\d*)")


@lru_cache(4_096)
def numbered(sql: str) -> tuple[str, tuple[str | int, ...]]:
    """The text with `$n` for each placeholder, and which value each n takes: a name, or a place in a sequence. What
    stands in quotes stays as it is, and so does a cast (`::text`)."""
    names: dict[str | int, int] = {}
    asked = 0

    def number(found: re.Match[str]) -> str:
        nonlocal asked
        if found[0].startswith("'"):
            return found[0]
        name: str | int = found[1]
        if name is None:
            name = int(found[2]) - 1 if found[2] else asked
            asked += 1
        return f"${names.setdefault(name, len(names) + 1)}"

    text = _PLACEHOLDER.sub(number, sql)
    return text, tuple(names)


def in_order(names: tuple[str | int, ...], values: Mapping[str, Any] | Sequence[Any]) -> list[Any]:
    """The values of a statement in the order of its numbers."""
    found: Any = values
    return [found[name] for name in names]
