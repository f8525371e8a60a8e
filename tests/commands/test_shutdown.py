"""How a process that serves is stopped: what is under way ends, nothing new begins, and a second signal is the last."""

import json
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.commands.calls import call
from tests.commands.made import make
from tests.commands.processes import Served, serve

ANA = "ana@nimbus.example"
BODY = json.dumps({"query": "{ viewer { person { name } } }"}).encode()


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("stopped") / "data")


@contextmanager
def serving(network: Path, **settings: float) -> Iterator[tuple[Served, str]]:
    """A gateway with these settings, and a token."""
    config = network.parent / "settings.toml"
    more = "".join(f"{name} = {value}\n" for name, value in settings.items())
    config.write_text(f'data = "data"\nport = 0\ndevelopment_issuer = true\n{more}')
    token = call("token", ANA, "--config", config).out.strip()
    with serve(config) as served:
        assert served.get("/health").json() == {"status": "alive"}
        assert served.get("/ready").json() == {"status": "ready"}
        yield served, token


class Begun:
    """A request whose last byte has not been sent."""

    def __init__(self, served: Served, token: str) -> None:
        url = httpx.URL(served.url)
        self.socket = socket.create_connection((url.host, url.port or 80), timeout=30)
        head = (
            f"POST /graphql HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(BODY)}\r\n\r\n"
        )
        self.socket.sendall(head.encode() + BODY[:-1])
        time.sleep(0.2)  # until it is under way

    def end(self) -> bytes:
        """Sends the last byte and gives all that comes until the connection is closed."""
        self.socket.sendall(BODY[-1:])
        return self.rest()

    def rest(self) -> bytes:
        found = b""
        while piece := self.socket.recv(65_536):
            found += piece
        self.socket.close()
        return found


def until_refused(served: Served) -> None:
    """Waits until no new connection is taken."""
    for _ in range(200):
        try:
            served.get("/health")
        except httpx.TransportError:
            return
        time.sleep(0.05)
    raise AssertionError("it goes on to take requests")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_what_is_under_way_ends_and_nothing_new_begins(network: Path, number: int) -> None:
    with serving(network, shutdown_notice_seconds=0.2) as (served, token):
        begun = Begun(served, token)
        served.process.send_signal(number)
        until_refused(served)
        assert served.process.poll() is None
        answer = begun.end()
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert b"Ana Duarte" in answer
        assert served.process.wait(timeout=30) == 0
    assert not (network / "network.db-wal").exists()  # it was closed in order


def test_what_does_not_end_in_time_is_cut_off(network: Path) -> None:
    with serving(network, shutdown_seconds=0.3) as (served, token):
        begun = Begun(served, token)
        served.process.send_signal(signal.SIGTERM)
        assert served.process.wait(timeout=30) == 0
        answer = begun.rest()
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert b'"code":"SHUTTING_DOWN"' in answer


def test_while_it_gives_notice_it_is_not_ready_and_still_answers(network: Path) -> None:
    with serving(network, shutdown_notice_seconds=600) as (served, token):
        served.process.send_signal(signal.SIGTERM)
        for _ in range(200):  # the signal may come after a request that was sent after it
            if (ready := served.get("/ready")).status_code != 200:
                break
            time.sleep(0.05)
        assert (ready.status_code, ready.json()) == (503, {"status": "not ready"})
        assert served.get("/health").status_code == 200
        assert served.ask(token, "{ viewer { person { name } } }") == {"viewer": {"person": {"name": "Ana Duarte"}}}
        assert served.stop()[0] == 128 + signal.SIGTERM


def test_a_second_signal_stops_at_once(network: Path) -> None:
    with serving(network, shutdown_seconds=600) as (served, token):
        begun = Begun(served, token)
        served.process.send_signal(signal.SIGTERM)
        until_refused(served)
        served.process.send_signal(signal.SIGTERM)
        assert served.process.wait(timeout=30) == 128 + signal.SIGTERM
        begun.socket.close()
