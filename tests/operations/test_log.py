"""The log: one line a request, whole, without values; and it never holds up a request."""

import io
import json
import logging
import re
import threading
from typing import Any

import pytest

from gateway.operations import log as log_module
from gateway.operations.log import Lines, logging_to_stderr, request_line
from gateway.operations.seen import Seen
from tests.operations.watched import CANARY, watched

STATUSES = [200, 200, 200, 200, 200, 400, 400, 400, 200, 200, 400, 400, 415, 405, 401, 500]


@pytest.fixture
def stderr(monkeypatch: pytest.MonkeyPatch) -> io.BytesIO:
    """What goes to stderr."""
    found = io.BytesIO()
    monkeypatch.setattr(log_module, "_to_stderr", found.write)
    return found


@pytest.mark.parametrize("form", ["json", "text", "off"])
async def test_requests_full_of_canaries_leave_none_in_the_log(form: str, stderr: io.BytesIO) -> None:
    with logging_to_stderr(form) as line:
        async with watched(*([line] if line else [])) as gateway:
            assert await gateway.ask_all() == STATUSES
            logging.getLogger("somebody.else").error("a request of %s failed", CANARY)
            logging.getLogger("asyncio").error(f"Task exception was never retrieved\nfuture: {CANARY}")
    text = stderr.getvalue().decode()
    for secret in gateway.secrets:
        assert secret not in text, secret
    assert len(re.findall(r"\bfault [0-9a-f]{16}: OSError", text)) == 1
    assert "KeyError" in text  # its cause
    assert "directory.py" in text or "watched.py" in text  # where it was raised
    lines = re.findall(r'^\S+ info request |"message":"request"', text, re.MULTILINE)
    assert len(lines) == (0 if form == "off" else len(STATUSES))
    assert "a request of %s failed" in text
    if form == "json":
        _whole([json.loads(line) for line in text.splitlines()])


def _whole(lines: list[dict[str, Any]]) -> None:
    """What the lines of `ask_all` tell."""
    requests = [line for line in lines if line["message"] == "request"]
    assert [line["status"] for line in requests] == STATUSES
    assert [line["codes"] for line in requests] == [
        *[[]] * 5,
        ["VALIDATION_FAILED"],
        ["PARSE_FAILED"],
        ["BAD_VARIABLES"],
        ["BAD_INPUT"],
        [],
        ["BAD_REQUEST"],
        ["BAD_REQUEST"],
        ["UNSUPPORTED_MEDIA_TYPE"],
        [],
        ["UNAUTHENTICATED"],
        ["INTERNAL"],
    ]
    first = requests[0]
    assert (first["operation"], first["steps"], first["cost"]) == ("query", ["page opportunity"], 10)
    assert re.fullmatch(r"[0-9a-f]{16}", first["shape"])
    assert first["ms"] >= first["wait_ms"] >= 0
    assert first["bytes"] > 50
    assert (requests[4]["operation"], requests[4]["steps"]) == ("mutation", ["create opportunity"])
    assert len({line["request"] for line in requests}) == len(requests)
    (fault,) = [line for line in lines if line["message"].startswith("fault ")]
    assert requests[-1]["faults"] == [fault["message"].split()[1].rstrip(":")]
    assert [error["type"] for error in fault["errors"]] == ["OSError", "KeyError"]


async def test_a_shape_is_that_of_the_fields_and_of_nothing_a_client_chose() -> None:
    seen: list[Seen] = []
    async with watched(seen.append) as gateway:
        same = [
            '{ opportunities(first: 1, where: {name: {eq: "a"}}) { totalCount nodes { name } } }',
            'query X { y: opportunities(first: 2, where: {name: {eq: "b"}}) { z: totalCount nodes { name } } }',
        ]
        other = [
            "{ opportunities(first: 1) { totalCount nodes { name } } }",
            '{ opportunities(first: 1, where: {name: {eq: "a"}}) { totalCount nodes { id } } }',
            "{ viewer { email } }",
        ]
        for text in (*same, *other, same[0]):
            assert await gateway.ask(text) == 200
    shapes = [one.shape for one in seen]
    assert shapes[0] == shapes[1] == shapes[5]
    assert len(set(shapes)) == 4


async def test_a_request_that_is_refused_as_too_much_has_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Seen] = []
    async with watched(seen.append) as gateway:
        monkeypatch.setattr(gateway.world.gateway.pipeline, "refuses", lambda token: True)
        assert await gateway.ask("{ viewer { email } }") == 503
    line = request_line(seen[0])
    assert (line["status"], line["codes"], line["steps"]) == (503, ["OVERLOADED"], [])


def test_a_reader_who_does_not_keep_up_holds_nothing_up() -> None:
    go, written = threading.Event(), []

    def write(line: bytes) -> None:
        go.wait(30)
        written.append(line)

    lines = Lines(write, "json", room=3)
    for number in range(50):
        lines.put({"number": number})
    assert lines.lost >= 46  # one may be in the writer's hand
    go.set()
    lines.close()
    told = [json.loads(line) for line in written]
    assert [entry["number"] for entry in told if "number" in entry] == list(range(50 - lines.lost))
    assert sum(entry.get("lines", 0) for entry in told) == lines.lost
