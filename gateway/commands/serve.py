"""`multiway serve`: serves a configured network."""

import argparse
import sys
from pathlib import Path

from gateway.app import application
from gateway.auth import Issuer
from gateway.commands.serving import bind, run_until_stopped
from gateway.compose import compose
from gateway.credentials import DevelopmentIssuer, read_keys, seal_key
from gateway.settings import Settings, read_settings
from schema.catalog import load_catalog
from schema.errors import BadDeclaration
from schema.names import COMPANY_PREFIX, CompanyId, prefix_of
from spaces.sqlite.spaces import SqliteSpaces


async def run(options: argparse.Namespace) -> int:
    """Serves until stopped."""
    settings = read_settings(options.config)
    issuers = _issuers(settings)
    if not issuers:
        raise BadDeclaration(
            f"{options.config or 'The default settings'}: nobody could sign in; add [[issuers]], or set "
            "`development_issuer = true` to try things out."
        )
    catalog = load_catalog()
    listener = bind(settings.host, settings.port)
    spaces = SqliteSpaces.open(settings.data, catalog, open_files=settings.open_files)
    try:
        gateway = compose(
            catalog,
            spaces,
            seal_key=seal_key(settings.data),
            issuers=issuers,
            audience=settings.audience,
            policy_texts=_policies(settings.policies),
        )
        host, port = listener.getsockname()[:2]
        await run_until_stopped(
            application(gateway.pipeline),
            listener,
            lambda: print(
                f"Multiway serves {settings.data} at http://{host}:{port}/graphql", file=sys.stderr, flush=True
            ),
        )
    finally:
        await spaces.close()
        listener.close()
    return 0


def _issuers(settings: Settings) -> dict[str, Issuer]:
    found = {i.issuer: Issuer(i.issuer, i.algorithms, read_keys(i.jwks), i.person_claim) for i in settings.issuers}
    if settings.development_issuer:
        development = DevelopmentIssuer(settings.data).issuer()
        found[development.name] = development
    return found


def _policies(folder: Path | None) -> dict[CompanyId, str]:
    if folder is None:
        return {}
    if not folder.is_dir():
        raise BadDeclaration(f"{folder}: there is no such folder of policies.")
    texts: dict[CompanyId, str] = {}
    for file in sorted(folder.glob("*.polar")):
        if prefix_of(file.stem) != COMPANY_PREFIX:
            raise BadDeclaration(f"{file}: the file's name must be a company's id.")
        texts[CompanyId(file.stem)] = file.read_text(encoding="utf-8")
    return texts
