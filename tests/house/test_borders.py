"""What only some files may touch: the policy engine, database drivers, Strawberry, credentials."""

import sys
from dataclasses import dataclass

import pytest

from tests.house.tree import ROOMS, every, imports, python_files


@dataclass(frozen=True)
class Border:
    """Outside packages, and the files (or folders, ending in a slash) of the rooms that may import them."""

    packages: frozenset[str]
    allowed: tuple[str, ...]


BORDERS = {
    "policy engine": Border(frozenset({"oso", "polar"}), ("policies/engine.py",)),
    "database drivers": Border(
        frozenset({"sqlite3", "aiosqlite", "apsw", "asyncpg", "psycopg", "psycopg2", "sqlalchemy", "sqlmodel"}),
        ("spaces/",),
    ),
    "Strawberry": Border(frozenset({"strawberry"}), ("schema/sdl.py", "gateway/strawberry_schema.py")),
    "credentials": Border(
        frozenset({"os.environ", "os.environb", "os.getenv", "os.getenvb", "getpass", "keyring", "dotenv", "netrc"}),
        ("gateway/credentials.py",),
    ),
}

# The values and the contract of `spaces` are what every backend stands on; they know none of them.
NO_DRIVER = ("spaces/__init__.py", "spaces/change.py", "spaces/contract.py", "spaces/fetch.py")

# The one file of `schema` that knows more than the standard library, and what it may know.
SDL = "schema/sdl.py"
SDL_PACKAGES = {"strawberry", "graphql"}


def used(text: str) -> list[tuple[int, str]]:
    """Imports, and uses of a module's attribute that count as one (`os.environ` after `import os`)."""
    found = imports(text)
    for number, line in enumerate(text.splitlines(), 1):
        code = line.split("#")[0]
        found += [(number, name) for name in ("os.environ", "os.getenv") if name in code]
    return sorted(set(found))


def trespass(text: str, path: str) -> list[str]:
    """Uses of a package behind a border by a file that is not let through."""
    found = []
    for name, border in BORDERS.items():
        free = border.allowed if path not in NO_DRIVER else ()
        if any(path == a or (a.endswith("/") and path.startswith(a)) for a in free):
            continue
        for line, module in used(text):
            if any(module == package or module.startswith(package + ".") for package in border.packages):
                found.append(f"{line}: {module} is behind the border of {name}")
    return found


def beyond_the_standard_library(text: str, path: str) -> list[str]:
    """Imports of `schema` that are neither its own nor of the standard library."""
    free = {*sys.stdlib_module_names, "schema"} | (SDL_PACKAGES if path == SDL else set())
    return [f"{line}: schema may not import {name}" for line, name in imports(text) if name.split(".")[0] not in free]


def test_each_border_is_kept() -> None:
    assert every(trespass, python_files(*ROOMS)) == []


def test_schema_stands_on_the_standard_library() -> None:
    assert every(beyond_the_standard_library, python_files("schema")) == []


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("import oso", "policies/epoch.py"),
        ("from polar.query import Query", "gateway/app.py"),
        ("def late():\n    import sqlite3", "gateway/app.py"),
        ("from sqlalchemy.engine import Engine", "policies/engine.py"),
        ("import sqlite3", "spaces/fetch.py"),
        ("import strawberry", "schema/kind.py"),
        ("from strawberry.types import Info", "gateway/pipeline.py"),
        ("import os\nKEY = os.environ['KEY']", "gateway/cli.py"),
        ("from os import getenv", "spaces/sqlite/place.py"),
        ("from getpass import getpass", "gateway/cli.py"),
    ],
)
def test_a_planted_trespass_is_seen(text: str, path: str) -> None:
    assert len(trespass(text, path)) == 1


def test_what_is_allowed_passes() -> None:
    assert trespass("from oso import Oso", "policies/engine.py") == []
    assert trespass("import sqlite3", "spaces/sqlite/place.py") == []
    assert trespass("import os\nos.fsync(1)", "spaces/sqlite/place.py") == []
    assert trespass("import strawberry", "schema/sdl.py") == []
    assert trespass("import os\nos.environ.get('KEY')  # the one place", "gateway/credentials.py") == []


def test_a_planted_package_in_schema_is_seen() -> None:
    assert beyond_the_standard_library("import orjson", "schema/kind.py") == ["1: schema may not import orjson"]
    assert beyond_the_standard_library("import strawberry", "schema/catalog.py") != []
    assert beyond_the_standard_library("import strawberry, graphql", "schema/sdl.py") == []
    assert beyond_the_standard_library("import tomllib\nfrom schema.kind import Kind", "schema/catalog.py") == []
