"""What an import tells: each row's outcome as it happens, and a summary."""

import sys
from dataclasses import dataclass
from typing import IO, Literal, Never, Protocol, TypeAlias

from tqdm import tqdm

Result: TypeAlias = Literal["loaded", "changed", "skipped", "refused"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row of `file`, which begins at `line`. `reason` is a whole sentence for rows that were
    refused, and for rows that were skipped because of another row; else empty."""

    file: str
    line: int
    result: Result
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """How many rows made a record, changed one, were skipped as they change nothing, and were refused (lines of
    lookups among them); how many companies and people are new."""

    loaded: int = 0
    changed: int = 0
    skipped: int = 0
    refused: int = 0
    companies: int = 0
    people: int = 0

    def text(self) -> str:
        """The summary as one line for people."""
        return (
            f"{self.loaded} loaded, {self.changed} changed, {self.skipped} skipped, {self.refused} refused;"
            f" {self.companies} new companies, {self.people} new people."
        )


class Reporter(Protocol):
    """Is told how an import goes on. Calls come in this order; outcomes need not be in the order of lines."""

    def start(self, file: str, rows: int) -> None:
        """The source has so many rows."""
        ...

    def outcome(self, outcome: Outcome) -> None:
        """A row, or a line of a lookup, has come to its end."""
        ...

    def finish(self, summary: Summary) -> None:
        """All rows are done, or the import has failed."""
        ...


class TerminalReporter:
    """A progress bar on stderr where that is a terminal, and a line there for each refused row, as
    `FILE:LINE: reason`. With `verbose` also for every other row."""

    def __init__(self, *, verbose: bool = False, stream: IO[str] | None = None) -> None:
        self._verbose = verbose
        self._stream = stream or sys.stderr
        self._source = ""
        self._bar: tqdm[Never] | None = None

    def start(self, file: str, rows: int) -> None:
        """See `Reporter`."""
        self._source = file
        self._bar = tqdm(total=rows, desc=file, unit=" rows", file=self._stream, disable=not self._stream.isatty())

    def outcome(self, outcome: Outcome) -> None:
        """See `Reporter`."""
        if outcome.result == "refused":
            self._say(f"{outcome.file}:{outcome.line}: {outcome.reason}")
        elif self._verbose:
            told = f": {outcome.reason}" if outcome.reason else "."
            self._say(f"{outcome.file}:{outcome.line}: {outcome.result}{told}")
        if self._bar is not None and outcome.file == self._source:
            self._bar.update()

    def finish(self, summary: Summary) -> None:
        """See `Reporter`."""
        if self._bar is not None:
            self._bar.close()

    def _say(self, line: str) -> None:
        tqdm.write(line.encode("utf-8", "backslashreplace").decode("utf-8"), file=self._stream)
