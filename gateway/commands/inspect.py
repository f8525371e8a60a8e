"""`multiway token`, `schema` and `explain`: they look at a network, also while it is being served."""

import argparse

from gateway.auth import eyes_of
from gateway.commands.opening import observe_spaces, place
from gateway.commands.policy_files import load_policies
from gateway.compose import compose, epoch_seconds
from gateway.credentials import DevelopmentIssuer, seal_key
from gateway.explain import explain as explain_side
from gateway.explain import print_explanation
from gateway.models import catalog_of
from gateway.settings import settings_of
from gateway.strawberry_schema import GatewaySchema
from schema.catalog import load_catalog
from schema.errors import BadDeclaration, NotFound
from schema.sdl import build
from spaces.contract import Spaces
from spaces.fetch import PersonRow


async def token(options: argparse.Namespace) -> int:
    """Prints a token for a person; not where the settings say that nobody would take it."""
    settings = settings_of(options.config, options.data)
    if options.config is not None and not settings.development_issuer:
        raise BadDeclaration(f"{options.config}: `development_issuer` is not true, so no such token would be accepted.")
    spaces = observe_spaces(settings, load_catalog())
    try:
        person = await _person(spaces, options.email, place(settings))
    finally:
        await spaces.close()
    print(DevelopmentIssuer(settings.data).token(person.id, epoch_seconds(), audience=settings.audience))
    return 0


async def schema(options: argparse.Namespace) -> int:
    """Prints the SDL as a person sees it, with the custom fields of its company. Who is not of the network has
    none."""
    catalog = load_catalog()
    if options.email is not None:
        settings = settings_of(options.config, options.data)
        spaces = observe_spaces(settings, catalog)
        try:
            person = await _person(spaces, options.email, place(settings))
            catalog = catalog_of(catalog, person.company, await spaces.definitions())
        finally:
            await spaces.close()
    print(build(catalog, GatewaySchema).as_str())
    return 0


async def explain(options: argparse.Namespace) -> int:
    """Prints who sees which field of a side, and by which rule."""
    catalog = load_catalog()
    settings = settings_of(options.config, options.data)
    spaces = observe_spaces(settings, catalog)
    try:
        person = await _person(spaces, options.email, place(settings))
        key = seal_key(settings.data)
        gateway = compose(catalog, spaces, seal_key=key, issuers={}, audience=settings.audience)
        await load_policies(settings.policies, gateway)
        viewer = eyes_of(person)
        await gateway.pipeline.begin()
        ctx = gateway.pipeline.context(viewer, person)
        print(print_explanation(await explain_side(ctx, options.record)))
    finally:
        await spaces.close()
    return 0


async def _person(spaces: Spaces, email: str, where: str) -> PersonRow:
    person = await spaces.person_by_email(email)
    if person is None or not person.active:
        raise NotFound(f"There is no person {email} in the network of {where}.")
    return person
