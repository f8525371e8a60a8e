"""`multiway serve`: serves a configured network."""

import argparse
import json
import sys
from dataclasses import replace

from gateway.app import application, glance_of
from gateway.auth import Issuer
from gateway.commands.opening import open_spaces, place
from gateway.commands.policy_files import load_policies
from gateway.commands.serving import Stopping, address, bind, run_until_stopped
from gateway.compose import compose
from gateway.credentials import DevelopmentIssuer, read_keys, seal_key
from gateway.limits.table import LIMITS
from gateway.operations.health import Readiness, health_routes
from gateway.operations.watching import watching
from gateway.seal import Seal
from gateway.settings import IssuerSettings, Settings, read_settings
from schema.catalog import load_catalog
from schema.errors import BadDeclaration
from schema.names import CompanyId


async def run(options: argparse.Namespace) -> int:
    """Serves until stopped."""
    settings = read_settings(options.config)
    issuers = _issuers(settings)
    if not issuers:
        raise BadDeclaration(
            f"{options.config or 'The default settings'}: nobody could sign in; add [[issuers]], or set "
            "`development_issuer = true` to try things out."
        )

    def say(text: str) -> None:
        line = json.dumps({"level": "info", "message": text}) if settings.log == "json" else text
        print(line, file=sys.stderr, flush=True)

    catalog = load_catalog()
    with bind(settings.host, settings.port) as listener:
        spaces = open_spaces(settings, catalog)
        try:
            key = seal_key(settings.data)
            limits = replace(
                LIMITS,
                cost_per_minute=settings.cost_per_minute,
                running_requests=settings.running_requests,
                waiting_requests=settings.waiting_requests,
            )
            gateway = compose(catalog, spaces, seal_key=key, issuers=issuers, audience=settings.audience, limits=limits)
            await load_policies(settings.policies, gateway)
            said = f"Multiway serves {place(settings)} at {address(listener)}/graphql"
            readiness = Readiness(spaces)
            with watching(settings, Seal(key), gateway.pipeline.admission, say) as watch:
                await run_until_stopped(
                    application(gateway.pipeline, health_routes(readiness, limits), watch=watch),
                    listener,
                    lambda: say(said),
                    readiness,
                    Stopping(settings.shutdown_notice_seconds, settings.shutdown_seconds),
                    glance_of(gateway.pipeline, watch),
                )
        finally:
            await spaces.close()
    return 0


def _issuer(settings: IssuerSettings) -> Issuer:
    companies = None if settings.companies is None else frozenset(map(CompanyId, settings.companies))
    return Issuer(settings.issuer, settings.algorithms, read_keys(settings.jwks), settings.person_claim, companies)


def _issuers(settings: Settings) -> dict[str, Issuer]:
    found = {i.issuer: _issuer(i) for i in settings.issuers}
    if settings.development_issuer:
        development = DevelopmentIssuer(settings.data).issuer()
        found[development.name] = development
    return found
