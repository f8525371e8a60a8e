"""The log: lines on stderr, as text or JSON, without values.

1. One line a request, where that is wanted (`request_line`).
2. What our own code says, which names companies and ids of faults, never values.
3. Of an exception its type and where it was raised, never its message, which may quote anything.
4. Of other packages' loggers the text that they wrote down, without what they put into it.

Lines are written by a thread of their own: a reader who does not keep up, such as a full pipe, holds up no request, and
lines that have no room are counted and lost.
"""

import logging
import os
import queue
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final

import orjson

from gateway.operations.seen import Seen

_ROOM = 10_000  # lines
_PATIENCE = 2.0  # seconds that the last lines are given
_MOST_CAUSES = 5
_OURS: Final = "multiway"


class Lines:
    """Writes entries as lines, from any thread, without ever waiting. `lost` are those for which there was no room."""

    def __init__(self, write: Callable[[bytes], Any], form: str, room: int = _ROOM) -> None:
        self._write = write
        self._line = _json if form == "json" else _text
        self._queue: queue.Queue[dict[str, Any] | None] = queue.Queue(room)
        self.lost = 0
        self._thread = threading.Thread(target=self._run, name="log", daemon=True)
        self._thread.start()

    def put(self, entry: dict[str, Any]) -> None:
        """Writes a line soon, or counts it as lost."""
        try:
            self._queue.put_nowait(entry)
        except queue.Full:
            self.lost += 1

    def close(self) -> None:
        """Gives what waits a moment to be written."""
        try:
            self._queue.put(None, timeout=_PATIENCE)
        except queue.Full:
            return
        self._thread.join(_PATIENCE)

    def _run(self) -> None:
        told = 0
        while (entry := self._queue.get()) is not None:
            self._write(self._line(entry) + b"\n")
            if self.lost > told:
                told, lost = self.lost, self.lost - told
                missing = {"time": _time(time.time()), "level": "warning", "message": "lines were lost", "lines": lost}
                self._write(self._line(missing) + b"\n")


class Written(logging.Handler):
    """Writes the records of Python's logging."""

    def __init__(self, lines: Lines) -> None:
        super().__init__(logging.WARNING)
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        """Writes one."""
        self._lines.put(told(record))


def told(record: logging.LogRecord) -> dict[str, Any]:
    """What is told of a record."""
    found = {"time": _time(record.created), "level": record.levelname.lower(), "logger": record.name}
    ours = record.name.partition(".")[0] == _OURS
    text = record.getMessage() if ours else str(record.msg)
    found["message"] = text.partition("\n")[0][:500]
    error = record.exc_info[1] if record.exc_info else None
    causes: list[dict[str, Any]] = []
    while error is not None and len(causes) < _MOST_CAUSES:
        frames = traceback.extract_tb(error.__traceback__)
        at = [f"{'/'.join(frame.filename.split('/')[-3:])}:{frame.lineno} {frame.name}" for frame in frames]
        causes.append({"type": type(error).__name__, "at": at})
        error = error.__cause__ or error.__context__
    return {**found, "errors": causes} if causes else found


def request_line(seen: Seen) -> dict[str, Any]:
    """What is told of a request."""
    waits = sum(end - begin for name, begin, end in seen.durations() if name == "wait")
    return {
        "time": _time(seen.at / 1e9),
        "level": "info",
        "message": "request",
        "request": seen.id,
        "operation": seen.operation,
        "shape": seen.shape,
        "steps": [" ".join(filter(None, step)) for step in seen.steps],
        "status": seen.status,
        "codes": list(seen.codes),
        "faults": list(seen.faults),
        "cost": seen.cost,
        "bytes": seen.size,
        "ms": round(seen.seconds * 1000, 3),
        "wait_ms": round(waits * 1000, 3),
    }


@contextmanager
def logging_to_stderr(form: str) -> Iterator[Callable[[Seen], None] | None]:
    """While this lasts, all that is logged goes to stderr in this form, "json" or "text". Gives what writes a line a
    request; with "off" there is none, and the rest is text."""
    lines = Lines(_to_stderr, form)
    handler, root = Written(lines), logging.getLogger()
    root.addHandler(handler)
    try:
        yield None if form == "off" else lambda seen: lines.put(request_line(seen))
    finally:
        root.removeHandler(handler)
        lines.close()


def _to_stderr(line: bytes) -> None:
    while line:  # past Python's own buffer: a writer that hangs in it could not be left behind at the end
        line = line[os.write(2, line) :]


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _json(entry: dict[str, Any]) -> bytes:
    return orjson.dumps(entry)


def _text(entry: dict[str, Any]) -> bytes:
    """The same for people: time, level and message, then what else there is."""
    shown = dict(entry)
    first = " ".join(str(shown.pop(name)) for name in ("time", "level", "message"))
    causes = shown.pop("errors", [])
    rest = "".join(f" {name}={_shown(value)}" for name, value in shown.items() if value not in ("", []))
    below = "".join(f"\n  {each['type']}" + "".join(f"\n    {at}" for at in each["at"]) for each in causes)
    return (first + rest + below).encode()


def _shown(value: Any) -> str:
    return ",".join(value).replace(" ", ":") if isinstance(value, list) else str(value)
