"""Sources: the rows of a file one by one, each with its line; a row that cannot be read is a `BadRow` among them."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schema.errors import Fault


class UnreadableSource(Fault):
    """A file of the source cannot be read at all; the message names the file by its path, and the reason."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of CSV (a dict of texts by column) or one JSON item. `line` is where it begins, from 1; `parents`
    are the objects around a JSON item, innermost first."""

    line: int
    item: dict[str, Any]
    parents: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class BadRow:
    """What could not be read as a row, and why."""

    line: int
    reason: str


def read_text(path: Path, encoding: str) -> str:
    """The whole file, line ends as they are. Bytes that the encoding does not know become lone surrogates, which
    no field takes: so they cost just the rows that hold them. Raises UnreadableSource."""
    try:
        with path.open(encoding=encoding, errors="surrogateescape", newline="") as file:
            return file.read()
    except (OSError, UnicodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not in the encoding that the mapping names"
        raise UnreadableSource(f"{path} cannot be read: {why}.") from error


class CsvFile:
    """A CSV file with a header in its first line. Can be read many times."""

    def __init__(self, path: Path, encoding: str, delimiter: str) -> None:
        """Reads the header. Raises UnreadableSource."""
        self.name = path.name
        self._lines = list(io.StringIO(read_text(path, encoding), newline=""))
        self._delimiter = delimiter
        header = next(self._records(), None)
        if header is None:
            raise UnreadableSource(f"{path} is empty; its first line must name the columns.")
        line, names = header
        if isinstance(names, str):
            raise UnreadableSource(f"{path}:{line}: {names}")
        self.columns = tuple(name.strip() for name in names)
        if twice := next((name for name in self.columns if self.columns.count(name) > 1), None):
            raise UnreadableSource(f'{path}:{line}: the column "{twice}" is there twice.')

    def rows(self) -> Iterator[Row | BadRow]:
        """Every row below the header; lines without a sign are none."""
        records = self._records()
        next(records)
        for line, values in records:
            if isinstance(values, str):
                yield BadRow(line, values)
            elif len(values) != len(self.columns):
                yield BadRow(line, f"the number of values is {len(values)}, of columns {len(self.columns)}.")
            else:
                yield Row(line, dict(zip(self.columns, values, strict=True)))

    def _records(self) -> Iterator[tuple[int, list[str] | str]]:
        """Each record with its first line, or the reason why it is none. A broken record, e.g. with a quote that
        is never closed, costs its first line alone: reading goes on at the next."""
        at = 0
        while at < len(self._lines):
            rest = (self._lines[place] for place in range(at, len(self._lines)))
            reader = csv.reader(rest, delimiter=self._delimiter, strict=True)
            begin = 0
            try:
                for values in reader:
                    if values:
                        yield at + begin + 1, values
                    begin = reader.line_num
            except csv.Error as error:
                yield at + begin + 1, f"this is not CSV: {error}."
                at += begin + 1
            else:
                return
