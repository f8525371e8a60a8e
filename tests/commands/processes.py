"""Runs `python -m gateway` as a process, and asks one that serves over HTTP."""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import httpx

ROOT = Path(__file__).parents[2]
PATIENCE = 60  # seconds until a process that says nothing is given up


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended."""

    code: int
    out: str
    err: str


def start(*arguments: object, stderr: IO[bytes] | int = subprocess.PIPE) -> subprocess.Popen[str]:
    """Starts a command."""
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "gateway", *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        env={**os.environ, "COLUMNS": "100"},
    )


def run(*arguments: object) -> Ended:
    """Runs a command to its end."""
    with start(*arguments) as process:
        out, err = process.communicate(timeout=PATIENCE)
    return Ended(process.returncode, out, err)


def failed(ended: Ended, *parts: str, code: int = 1) -> str:
    """Checks that a command failed as it should, with one sentence that holds these parts. Returns the sentence."""
    assert ended.code == code, ended
    assert ended.out == ""
    assert re.fullmatch(r"multiway: [^\n]+\.\n", ended.err), ended.err
    assert "on our side" not in ended.err  # what was foreseen is told in its own words
    for part in parts:
        assert part in ended.err, ended.err
    return ended.err


@dataclass(slots=True)
class Served:
    """A gateway that serves. `tokens` by address; `said` is what it printed before it served."""

    process: subprocess.Popen[str]
    http: httpx.Client
    url: str
    said: str
    tokens: Mapping[str, str] = field(default_factory=dict)

    @property
    def root(self) -> str:
        """The address without the path."""
        return self.url.removesuffix("/graphql")

    def post(self, token: str | None, query: str, variables: Mapping[str, Any] | None = None) -> httpx.Response:
        """The response to a GraphQL request."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        body = {"query": query, "variables": variables or {}}
        return self.http.post(self.url, json=body, headers=headers)

    def get(self, path: str) -> httpx.Response:
        """The response to a plain request."""
        return self.http.get(self.root + path)

    def ask(self, who: str, query: str, variables: Mapping[str, Any] | None = None) -> Any:
        """The data that somebody gets: a demo person's address, or a token."""
        response = self.post(self.tokens.get(who, who), query, variables)
        answer = response.json()
        assert response.status_code == 200, answer
        assert "errors" not in answer, answer
        return answer["data"]

    def do(self, who: str, mutation: str, given: Mapping[str, Any], select: str = "") -> Any:
        """Carries out a mutation that is not refused. Returns its payload."""
        name = mutation[0].upper() + mutation[1:]
        text = (
            f"mutation($input: {name}Input!) {{ done: {mutation}(input: $input) {{ userErrors {{ code }} {select} }} }}"
        )
        payload = self.ask(who, text, {"input": given})["done"]
        assert payload["userErrors"] == [], payload
        return payload

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """Ends it by a signal. Returns its exit code and what more it printed."""
        self.process.send_signal(number)
        out, _ = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, out


def client() -> httpx.Client:
    """One that asks this machine, whatever proxy it is told of."""
    return httpx.Client(timeout=PATIENCE, trust_env=False)


@contextmanager
def demo(folder: Path, *more: object) -> Iterator[Served]:
    """A demo that serves, with its tokens."""
    with client() as http, _kept("demo", "--json", "--port", 0, "--data", folder, *more) as (process, errors):
        line = process.stdout.readline() if process.stdout else ""
        assert line, errors()
        found = json.loads(line)
        assert set(found) == {"url", "tokens"}
        yield Served(process, http, found["url"], line, found["tokens"])


@contextmanager
def serve(config: Path) -> Iterator[Served]:
    """A configured network that serves."""
    with client() as http, start("serve", "--config", config) as process:
        try:
            line = process.stderr.readline() if process.stderr else ""
            found = re.fullmatch(r"Multiway serves \S+ at (http://\S+/graphql)\n", line)
            assert found, line
            yield Served(process, http, found[1], line)
        finally:
            process.kill()


@contextmanager
def _kept(*arguments: object) -> Iterator[tuple[subprocess.Popen[str], Any]]:
    """A process that is killed at the end; its stderr goes to a file, so that it never waits for a reader."""
    with tempfile.TemporaryFile() as errors:

        def told() -> str:
            errors.seek(0)
            return errors.read().decode()

        with start(*arguments, stderr=errors) as process:
            try:
                yield process, told
            finally:
                process.kill()
        assert told() == ""
