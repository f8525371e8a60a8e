"""The command line: `multiway demo | serve | import | space | token | schema | explain | settings`.

Exit code 0 on success, 2 on a wrong call, 1 on a failure; errors go to stderr as one clear sentence.
"""

import argparse
import asyncio
import logging
import os
import resource
import sys
from collections.abc import Sequence
from pathlib import Path

from gateway.commands import demo, imports, inspect, serve, settings, space
from gateway.settings import DEFAULT_DATA
from schema.errors import Fault, Refusal

PROGRAM = "multiway"
log = logging.getLogger("multiway.cli")


def raise_descriptors() -> None:
    """Lets this process open as many files as the machine allows it: each company has its own."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code."""
    options = parser().parse_args(arguments)
    raise_descriptors()
    os.umask(0o077)  # what companies keep is for this user's eyes alone, whatever folder it lies in
    try:
        code: int = asyncio.run(options.run(options))
        sys.stdout.flush()
        return code
    except BrokenPipeError:  # who read our output has seen enough, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or the flush at the end would fail again
        return 1
    except (Refusal, Fault, OSError) as error:
        return _failed(str(error))
    except Exception as error:
        log.debug("a fault", exc_info=error)
        return _failed(f"Something failed on our side ({type(error).__name__}: {error}).")
    except KeyboardInterrupt:
        return 130


def _failed(reason: str) -> int:
    print(f"{PROGRAM}: {' '.join(reason.split())}", file=sys.stderr)
    return 1


def parser() -> argparse.ArgumentParser:
    """The parser of all commands, with their help."""
    top = argparse.ArgumentParser(
        prog=PROGRAM, description="A GraphQL gateway over per-company data spaces: each caller sees just its part."
    )
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, text: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=text, description=text)

    def data(of: argparse.ArgumentParser) -> None:
        one = of.add_mutually_exclusive_group()
        one.add_argument("--data", type=Path, default=DEFAULT_DATA, metavar="DIR", help=f"data folder ({DEFAULT_DATA})")
        one.add_argument("--config", type=Path, metavar="FILE", help="in its place, the settings of `multiway serve`")

    one = command("demo", "Makes a small made network and serves it on 127.0.0.1, with a page to try it.")
    one.add_argument(
        "--data", type=Path, metavar="DIR", help="data folder; an existing one is reused, never overwritten (a new one)"
    )
    one.add_argument(
        "--database", metavar="URL", help="make it in this empty PostgreSQL database; the data folder holds the keys"
    )
    one.add_argument("--port", type=_port, default=8000, metavar="N", help="port, 0 for any that is free (8000)")
    one.add_argument("--json", action="store_true", help="print one JSON line with url and tokens once it is served")
    one.set_defaults(run=demo.run)

    one = command("serve", "Serves a configured network.")
    one.add_argument("--config", type=Path, metavar="FILE", help="settings in TOML, see docs/settings.md")
    one.set_defaults(run=serve.run)

    one = command("import", "Loads CSV or JSON through a mapping; a second time changes nothing.")
    one.add_argument("source", type=Path, metavar="SOURCE", help="a file, or a folder where the mapping names files")
    one.add_argument("--mapping", type=Path, required=True, metavar="FILE.toml", help="see docs/examples/README.md")
    data(one)
    one.add_argument("--verbose", action="store_true", help="also list what was loaded, changed and skipped")
    one.set_defaults(run=imports.run)

    space.add(commands, data)

    one = command("token", "Prints a short-lived token of the development issuer for a person of the network.")
    one.add_argument("email", metavar="EMAIL", help="the person's address")
    data(one)
    one.set_defaults(run=inspect.token)

    one = command("schema", "Prints the GraphQL schema, as a person sees it.")
    one.add_argument("--as", dest="email", metavar="EMAIL", help="the person")
    data(one)
    one.set_defaults(run=inspect.schema)

    one = command("explain", "Tells the owner of a side who sees each of its fields, and by which rule.")
    one.add_argument("record", metavar="RECORD", help="id of the record")
    one.add_argument("--as", dest="email", required=True, metavar="EMAIL", help="a person of the side's company")
    data(one)
    one.set_defaults(run=inspect.explain)

    one = command("settings", "Prints the reference of all settings of `multiway serve`, in Markdown.")
    one.add_argument("--into", type=Path, metavar="FILE", help="put it between the marks of this document instead")
    one.set_defaults(run=settings.run)
    return top


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65_535:
        raise ValueError
    return port


_port.__name__ = "port"  # argparse names it in its message
