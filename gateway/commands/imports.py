"""`multiway import`: loads a source through a mapping and prints what became of its rows."""

import argparse

from gateway.commands.opening import open_spaces
from gateway.compose import utc_now
from gateway.importing.load import run_import
from gateway.importing.opening import open_source
from gateway.importing.report import TerminalReporter
from gateway.settings import settings_of
from schema.catalog import load_catalog
from schema.names import random_id


async def run(options: argparse.Namespace) -> int:
    """Imports. Refused rows are told one by one and never stop the others, so they are no failure. Mapping and source
    are read before the spaces are opened: what cannot be read leaves no data folder with an empty network."""
    catalog = load_catalog()
    settings = settings_of(options.config, options.data)
    opened = open_source(options.source, options.mapping, catalog)
    spaces = open_spaces(settings, catalog)
    try:
        summary = await run_import(
            opened,
            spaces,
            now=utc_now,
            new_id=random_id,
            report=TerminalReporter(verbose=options.verbose),
        )
    finally:
        await spaces.close()
    print(summary.text())
    return 0
