"""The items of a JSON file, each with the line where it begins and the objects around it.

The way to the items is walked by hand, to know where each begins; everything beside it, and the items
themselves, are left to the decoder of the standard library.
"""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from gateway.importing.sources import BadRow, Row, UnreadableSource, read_text

_BLANK = re.compile(r"[ \t\r\n]*")


class JsonFile:
    """A JSON file and the way to its items, as `SourceForm.items`. Decimals stay decimals."""

    def __init__(self, path: Path, encoding: str, way: tuple[str | None, ...]) -> None:
        """Reads the whole file. Raises UnreadableSource, with the line where it is no JSON."""
        self.name = path.name
        self._text = read_text(path, encoding)
        self._decoder = json.JSONDecoder(parse_float=Decimal)
        self._found: list[tuple[int, Any, tuple[Any, ...], str | None]] = []
        try:
            _, end = self._walk(self._blank(0), way, ())
            if (rest := self._blank(end)) < len(self._text):
                raise json.JSONDecodeError("Extra data", self._text, rest)
        except json.JSONDecodeError as error:
            raise UnreadableSource(f"{path}:{error.lineno}: this is not JSON: {error.msg}.") from error
        except (ValueError, RecursionError) as error:
            raise UnreadableSource(f"{path}: this JSON nests too deep, or has a number too long.") from error

    def rows(self) -> Iterator[Row | BadRow]:
        """Every item in the order of the file. What is no object, or stands where a list should, is a BadRow."""
        line, upto = 1, 0
        for offset, item, parents, reason in self._found:
            line, upto = line + self._text.count("\n", upto, offset), offset
            if reason is not None:
                yield BadRow(line, reason)
            elif isinstance(item, dict):
                yield Row(line, item, parents)
            else:
                yield BadRow(line, "an item must be an object.")

    def _blank(self, at: int) -> int:
        match = _BLANK.match(self._text, at)
        return match.end() if match else at

    def _walk(self, at: int, way: tuple[str | None, ...], parents: tuple[Any, ...]) -> tuple[Any, int]:
        """Decodes the value at `at`, noting the items that lie on the way. Returns it and where it ends."""
        if not way:
            value, end = self._decoder.raw_decode(self._text, at)
            self._found.append((at, value, parents, None))
            return value, end
        opens = self._text[at : at + 1]
        if way[0] is None and opens == "[":
            return self._walk_list(at, way[1:], parents)
        if way[0] is not None and opens == "{":
            return self._walk_object(at, way[0], way[1:], parents)
        value, end = self._decoder.raw_decode(self._text, at)
        if value is not None:
            self._found.append((at, None, (), f"{'a list' if way[0] is None else 'an object'} is expected here."))
        return value, end

    def _walk_list(self, at: int, way: tuple[str | None, ...], parents: tuple[Any, ...]) -> tuple[Any, int]:
        values: list[Any] = []
        at = self._blank(at + 1)
        if self._text[at : at + 1] == "]":
            return values, at + 1
        while True:
            value, at = self._walk(at, way, parents)
            values.append(value)
            at = self._blank(at)
            if self._text[at : at + 1] == "]":
                return values, at + 1
            at = self._blank(self._after(at, ","))

    def _walk_object(self, at: int, key: str, way: tuple[str | None, ...], parents: tuple[Any, ...]) -> tuple[Any, int]:
        values: dict[str, Any] = {}
        at = self._blank(at + 1)
        if self._text[at : at + 1] == "}":
            return values, at + 1
        while True:
            if self._text[at : at + 1] != '"':
                raise json.JSONDecodeError("Expecting property name enclosed in double quotes", self._text, at)
            name, at = self._decoder.raw_decode(self._text, at)
            at = self._blank(self._after(self._blank(at), ":"))
            if name == key:
                # `values` is not whole yet; it will be when the rows are asked for
                values[name], at = self._walk(at, way, (values, *parents))
            else:
                values[name], at = self._decoder.raw_decode(self._text, at)
            at = self._blank(at)
            if self._text[at : at + 1] == "}":
                return values, at + 1
            at = self._blank(self._after(at, ","))

    def _after(self, at: int, sign: str) -> int:
        if self._text[at : at + 1] != sign:
            raise json.JSONDecodeError(f"Expecting '{sign}' delimiter", self._text, at)
        return at + 1
