"""`multiway space export | import | erase | backup | restore`: whole spaces of companies, see
docs/guides/moving-a-company.md."""

import argparse
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Never

from tqdm import tqdm

from gateway.commands.opening import observe_spaces, open_spaces, place
from gateway.commands.policy_files import policy_file
from gateway.compose import utc_now
from gateway.moving.read import Archive
from gateway.moving.write import write_archive
from gateway.settings import Settings, settings_of
from schema.catalog import load_catalog
from schema.errors import BadDeclaration, NotFound, Refusal
from schema.kind import Catalog
from schema.names import CompanyId
from spaces.fetch import CompanyRow
from spaces.parcel import Misfit, Moves, Taken


class NotConfirmed(Refusal):
    """Erasing cannot be undone: call it with --yes."""

    code = "NOT_CONFIRMED"


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]", data: Callable[..., None]) -> None:
    """Adds the commands to a parser; `data` adds the arguments that name a network."""
    text = "Moves, erases, backs up and restores the space of one company."
    mine = commands.add_parser("space", help=text, description=text).add_subparsers(required=True, metavar="WHAT")

    def command(name: str, text: str, run: Any) -> argparse.ArgumentParser:
        one: argparse.ArgumentParser = mine.add_parser(name, help=text, description=text)
        one.set_defaults(run=run)
        return one

    for name, text in (
        ("export", "Writes all of a company's space into a file, also while the network is served."),
        ("backup", "The same, for `space restore`."),
    ):
        one = command(name, text, export)
        one.add_argument("company", metavar="COMPANY", help="id or exact name")
        one.add_argument("--out", type=Path, metavar="FILE", help="where to write it (<id>.zip)")
        data(one)

    one = command(
        "import", "Takes companies in from files that `space export` wrote; the same again changes nothing.", take_in
    )
    one.add_argument("files", type=Path, metavar="FILE", nargs="+", help="those who own records first")
    one.add_argument(
        "--older", action="store_true", help="also where the company changed people or definitions after the export"
    )
    one.add_argument(
        "--without-policy", action="store_true", help="also where there is no folder for the company's own policy"
    )
    data(one)

    one = command(
        "restore",
        "Brings a company's sides back to what they were at a backup; what was taken back since stays so.",
        restore,
    )
    one.add_argument("file", type=Path, metavar="FILE", help="what `space backup` wrote")
    data(one)

    one = command("erase", "Takes a company out for good; partners keep their own.", erase)
    one.add_argument("company", metavar="COMPANY", help="id or exact name")
    one.add_argument("--yes", action="store_true", help="really")
    data(one)


async def export(options: argparse.Namespace) -> int:
    """Exports a company, of one moment."""
    catalog = load_catalog()
    settings = settings_of(options.config, options.data)
    spaces = observe_spaces(settings, catalog)
    try:
        company = await _company(spaces, options.company, settings)
        file = options.out or Path(f"{company.id}.zip")
        policy = policy_file(settings.policies, company.id)
        text = policy.read_text(encoding="utf-8") if policy and policy.exists() else None
        with _bar(file.name, None) as done:
            lines = await write_archive(spaces, catalog, company.id, file, utc_now(), done, policy=text)
    finally:
        await spaces.close()
    print(f"{company.name} is in {file}: {lines} lines.")
    return 0


async def take_in(options: argparse.Namespace) -> int:
    """Imports companies, each wholly or not at all, one after another. All files are looked through first."""
    catalog = load_catalog()
    settings = settings_of(options.config, options.data)
    with ExitStack() as opened:
        archives = [opened.enter_context(_checked(file, catalog)) for file in options.files]
        for archive in archives if settings.policies is None and not options.without_policy else ():
            if archive.policy is not None:
                raise BadDeclaration(
                    f"{archive.name}: this company has a policy of its own, without which more would be open; name "
                    "settings with a folder of `policies`, or call it with --without-policy."
                )
        async with _own(settings, catalog, made=True) as spaces:
            for archive in archives:
                with (
                    _policy_of(archive, settings.policies),
                    _bar(archive.name, archive.lines) as done,
                    archive.telling(),
                ):
                    taken = await spaces.take_in(archive.parcel(_fresh(), done), older=options.older)
                print(f"{archive.company.name} {_told(taken)}")
    return 0


@contextmanager
def _policy_of(archive: Archive, folder: Path | None) -> Iterator[None]:
    """Puts a company's policy in its place before the company is there, so that nothing is open that it closes. One
    that is there already is newer, and stays."""
    file = policy_file(folder, archive.company.id)
    if file is None or archive.policy is None or file.exists():
        yield
        return
    file.write_text(archive.policy, encoding="utf-8")
    try:
        yield
    except Misfit:
        file.unlink()
        raise


def _told(taken: Taken | None) -> str:
    if taken is None:
        return "is there already, with just this file."
    told = f"is there: {taken.brought} records came with it, {taken.found} were there, {taken.left_out} were left out"
    return f"{told}, with its sides on {taken.sides_left_out} of them." if taken.sides_left_out else f"{told}."


async def restore(options: argparse.Namespace) -> int:
    """Brings sides back."""
    catalog = load_catalog()
    settings = settings_of(options.config, options.data)
    with _checked(options.file, catalog) as archive:
        async with _own(settings, catalog, made=False) as spaces:
            with _bar(archive.name, archive.lines) as done, archive.telling():
                sides = await spaces.bring_back(archive.parcel(_fresh(), done))
    print(f"{archive.company.name} has its {sides} sides as they were.")
    return 0


async def erase(options: argparse.Namespace) -> int:
    """Erases a company."""
    if not options.yes:
        raise NotConfirmed
    settings = settings_of(options.config, options.data)
    async with _own(settings, load_catalog(), made=False) as spaces:
        company = await _company(spaces, options.company, settings)
        await spaces.erase(company.id)
    print(f"{company.id} is erased.")
    policy = policy_file(settings.policies, company.id)
    if policy and policy.exists():
        print(f"Its own policy is still in {policy}, so that it holds should the company come back.")
    return 0


@contextmanager
def _checked(file: Path, catalog: Catalog) -> Iterator[Archive]:
    """An archive that was looked through."""
    archive = Archive(file, catalog)
    try:
        with _bar(f"{archive.name}, check", archive.lines) as done:
            archive.check(done)
        yield archive
    finally:
        archive.close()


async def _company(spaces: Moves, said: str, settings: Settings) -> CompanyRow:
    (found,) = await spaces.companies([CompanyId(said)])
    if found is None:
        (found,) = await spaces.companies_by_name([said])
    if found is None or not found.name:
        raise NotFound(f"There is no company {said} in the network of {place(settings)}.")
    return found


def _fresh() -> int:
    """A version that no side was given: microseconds since 1970, as no side is written a million times a second."""
    return int(datetime.now(UTC).timestamp() * 1_000_000)


@contextmanager
def _bar(title: str, lines: int | None) -> Iterator[Callable[[], None]]:
    """A progress bar on stderr, where that is a terminal."""
    bar: tqdm[Never] = tqdm(total=lines, desc=title, unit=" lines", file=sys.stderr, disable=not sys.stderr.isatty())
    try:
        yield lambda: _one_more(bar)
    finally:
        bar.close()


def _one_more(bar: "tqdm[Never]") -> None:
    bar.update()


@asynccontextmanager
async def _own(settings: Settings, catalog: Catalog, *, made: bool) -> AsyncIterator[Moves]:
    """The network, for this process alone; one that is not there is made where it may be `made`."""
    if not made:
        await observe_spaces(settings, catalog).close()
    spaces = open_spaces(settings, catalog)
    try:
        yield spaces
    finally:
        await spaces.close()
