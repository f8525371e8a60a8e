"""What is measured, by name: the gateway, the floor, the naive way; each an ASGI application over one data folder."""

from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from bench.tokens import Tokens
from gateway.auth import Issuer
from gateway.credentials import DEV_AUDIENCE, DevelopmentIssuer, seal_key

App: TypeAlias = Callable[..., Awaitable[None]]
NAMES = ("gateway", "floor", "naive")
QUERY = Path(__file__).with_name("page.graphql")
CUSTOM_QUERY = Path(__file__).with_name("custom_page.graphql")
"""The page with 30 custom fields of the own side."""
LARGE_QUERIES = {
    "FilteredPage": Path(__file__).with_name("filtered.graphql"),
    "Stages": Path(__file__).with_name("stages.graphql"),
    "PartnerStages": Path(__file__).with_name("partner_stages.graphql"),
}
"""What is asked of the large network, by the name of the operation; the naive way does not answer these."""


@dataclass(frozen=True, slots=True)
class Contestant:
    """An application and what closes it."""

    app: App
    close: Callable[[], Awaitable[None]]


def build(name: str, folder: Path) -> Contestant:
    """The contestant of this name over the folder. Just one gateway may have a folder open. What the others need is
    not imported, so that each process's memory is its own."""
    issuer = DevelopmentIssuer(folder)
    return {"gateway": _gateway, "floor": _floor, "naive": _naive}[name](folder, issuer.issuer())


def _gateway(folder: Path, issuer: Issuer) -> Contestant:
    from gateway.app import application
    from gateway.compose import compose
    from schema.catalog import load_catalog
    from spaces.sqlite.spaces import SqliteSpaces

    catalog = load_catalog()
    spaces = SqliteSpaces.open(folder, catalog)
    gateway = compose(catalog, spaces, seal_key=seal_key(folder), issuers={issuer.name: issuer}, audience=DEV_AUDIENCE)
    return Contestant(application(gateway.pipeline), spaces.close)


def _floor(folder: Path, issuer: Issuer) -> Contestant:
    from bench.floor_large import LargeFloor

    floor = LargeFloor(folder, Tokens(issuer.keys, issuer.name, DEV_AUDIENCE), seal_key(folder))
    return Contestant(floor.app, floor.close)


def _naive(folder: Path, issuer: Issuer) -> Contestant:
    from bench.naive import Naive

    naive = Naive(folder, Tokens(issuer.keys, issuer.name, DEV_AUDIENCE), seal_key(folder))
    return Contestant(naive, naive.close)


async def ask(app: App, token: str, body: bytes) -> tuple[int, bytes]:
    """Calls the application as a server would, without a socket: status and body of the answer."""
    sent: list[MutableMapping[str, Any]] = []
    headers = [
        (b"host", b"bench"),
        (b"authorization", b"Bearer " + token.encode()),
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
    ]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/graphql",
        "raw_path": b"/graphql",
        "root_path": "",
        "query_string": b"",
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return int(sent[0]["status"]), b"".join(part.get("body", b"") for part in sent[1:])
