"""`multiway demo`: a small made network, served on this machine.

1. Make the network aside, where the data folder holds none, and move it there whole; else use what is there.
2. Compose the gateway with the development issuer and serve it with GraphiQL at the root.
3. Once requests are accepted, say where, as whom, and what to try; with --json in one line.
"""

import argparse
import json
import os
import shutil
import socket
import sys
import tempfile
from pathlib import Path

from gateway.app import application
from gateway.commands.serving import address, bind, run_until_stopped
from gateway.compose import compose, epoch_seconds, utc_now
from gateway.credentials import DEV_AUDIENCE, DevelopmentIssuer, seal_key
from gateway.demo.network import emails, make_network
from gateway.graphiql.demo_person import DemoPerson
from gateway.graphiql.serve import FIRST_QUERY, routes
from gateway.limits.table import LIMITS
from gateway.operations.health import Readiness, health_routes
from gateway.operations.log import logging_to_stderr
from schema.catalog import load_catalog
from schema.errors import Refusal
from schema.kind import Catalog
from schema.names import random_id
from spaces.contract import Spaces
from spaces.postgres.address import is_plain_url
from spaces.postgres.spaces import PostgresSpaces
from spaces.sqlite.spaces import SqliteSpaces


class NotADemo(Refusal):
    """The data folder cannot be used for a demo."""

    code = "NOT_A_DEMO"


async def run(options: argparse.Namespace) -> int:
    """Serves until stopped."""
    with bind("127.0.0.1", options.port) as listener:
        folder = options.data or Path(tempfile.mkdtemp(prefix="multiway-demo-"))
        catalog = load_catalog()
        spaces: Spaces
        if options.database is not None:
            spaces = await _in_database(options.database, catalog)
        else:
            if not (folder / "network.db").exists():
                await _make(folder.resolve(), catalog)
            spaces = SqliteSpaces.open(folder, catalog)
        await _serve(spaces, catalog, folder, listener, as_json=options.json)
    return 0


async def _in_database(url: str, catalog: Catalog) -> Spaces:
    """The made network in a database, which must be empty where it is not there."""
    if not is_plain_url(url):
        raise NotADemo("The database must be a URL of PostgreSQL without a password; PGPASSWORD may hold that.")
    spaces = PostgresSpaces.open(url, catalog)
    try:
        if await spaces.is_empty():
            await make_network(spaces, catalog, utc_now, random_id)
    except BaseException:
        await spaces.close()
        raise
    return spaces


async def _serve(spaces: Spaces, catalog: Catalog, folder: Path, listener: socket.socket, *, as_json: bool) -> None:
    try:
        people = await _people(spaces)
        if not people:
            raise NotADemo(f"The data folder {folder} holds a network without the demo people; name another folder.")
        development = DevelopmentIssuer(folder)
        issuer = development.issuer()
        gateway = compose(
            catalog,
            spaces,
            seal_key=seal_key(folder),
            issuers={issuer.name: issuer},
            audience=DEV_AUDIENCE,
            limits=LIMITS,
        )

        def signed_in() -> list[DemoPerson]:
            now = epoch_seconds()
            return [
                DemoPerson(name, company, email, development.token(id_, now)) for id_, name, company, email in people
            ]

        readiness = Readiness(spaces)
        app = application(gateway.pipeline, [*health_routes(readiness, LIMITS), *routes(signed_in)])
        with logging_to_stderr("off"):
            await run_until_stopped(
                app, listener, lambda: _announce(address(listener), folder, signed_in(), as_json=as_json), readiness
            )
    finally:
        await spaces.close()


async def _make(folder: Path, catalog: Catalog) -> None:
    """The made network in `folder`, which must be missing or empty: all of it, or nothing after a crash."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise NotADemo(f"The data folder {folder} cannot be made: {error.strerror}.") from None
    spaces = SqliteSpaces.open(aside, catalog)
    try:
        await make_network(spaces, catalog, utc_now, random_id)
    finally:
        await spaces.close()
    try:
        os.rename(aside, folder)
    except OSError as error:
        shutil.rmtree(aside)
        raise NotADemo(f"The data folder {folder} cannot take a network: {error.strerror}.") from None


async def _people(spaces: Spaces) -> list[tuple[str, str, str, str]]:
    """Id, name, company's name and address of the demo people; none in an empty folder."""
    found = [person for email in emails() if (person := await spaces.person_by_email(email))]
    companies = await spaces.companies([person.company for person in found])
    return [(p.id, p.name, c.name if c else "", p.email) for p, c in zip(found, companies, strict=True)]


def _announce(url: str, folder: Path, people: list[DemoPerson], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"url": f"{url}/graphql", "tokens": {p.email: p.token for p in people}}), flush=True)
        return
    width = max(len(f"{p.name}, {p.company}") for p in people)
    print(f"Multiway serves a made network at {url}/graphql; open {url}/ to try it in a browser.")
    print(f"Its data is in {folder}. Ctrl+C stops it.\n\nSign-in tokens, good for an hour:\n")
    for p in people:
        print(f"  {p.name + ', ' + p.company:<{width}}  {p.email}\n    {p.token}\n")
    print(f"A first query, to be sent as two of them:\n\n{FIRST_QUERY}")
    sys.stdout.flush()
