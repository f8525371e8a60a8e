"""`multiway token`, `schema` and `explain`: they look at a data folder, also while it is being served."""

import argparse
from pathlib import Path

from gateway.compose import compose, epoch_seconds
from gateway.context import Context
from gateway.credentials import DEV_AUDIENCE, DevelopmentIssuer, seal_key
from gateway.explain import explain as explain_side
from gateway.explain import print_explanation
from gateway.strawberry_schema import GatewaySchema
from schema.catalog import load_catalog
from schema.errors import NotFound
from schema.sdl import build
from schema.viewer import Viewer
from spaces.contract import Spaces
from spaces.fetch import PersonRow
from spaces.sqlite.spaces import SqliteSpaces


async def token(options: argparse.Namespace) -> int:
    """Prints a token for a person."""
    spaces = SqliteSpaces.observe(options.data, load_catalog())
    try:
        person = await _person(spaces, options.email, options.data)
    finally:
        await spaces.close()
    print(DevelopmentIssuer(options.data).token(person.id, epoch_seconds()))
    return 0


async def schema(options: argparse.Namespace) -> int:
    """Prints the SDL. Today it is the same for all; a person who is not of the network has none."""
    catalog = load_catalog()
    if options.email is not None:
        spaces = SqliteSpaces.observe(options.data, catalog)
        try:
            await _person(spaces, options.email, options.data)
        finally:
            await spaces.close()
    print(build(catalog, GatewaySchema).as_str())
    return 0


async def explain(options: argparse.Namespace) -> int:
    """Prints who sees which field of a side, and by which rule."""
    catalog = load_catalog()
    spaces = SqliteSpaces.observe(options.data, catalog)
    try:
        person = await _person(spaces, options.email, options.data)
        gateway = compose(catalog, spaces, seal_key=seal_key(options.data), issuers={}, audience=DEV_AUDIENCE)
        viewer = Viewer(person.id, person.company, person.roles)
        ctx = Context(gateway.services, viewer, person, gateway.policies.pin())
        print(print_explanation(await explain_side(ctx, options.record)))
    finally:
        await spaces.close()
    return 0


async def _person(spaces: Spaces, email: str, folder: Path) -> PersonRow:
    person = await spaces.person_by_email(email)
    if person is None or not person.active:
        raise NotFound(f"There is no person {email} in the network of {folder}.")
    return person
