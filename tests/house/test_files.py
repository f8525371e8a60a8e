"""One idea a file: short, named by what it does; an `__init__.py` says what the folder is and no more."""

import ast
import importlib
import re

import pytest

from tests.house.tree import ROOMS, ROOT, every, files, python_files

WALL = 400
EMPTY_NAMES = {"util", "utils", "common", "helper", "helpers", "base", "manager", "misc"}


def too_long(text: str, path: str) -> list[str]:
    """A file past the wall."""
    lines = len(text.splitlines())
    return [f"{lines}: more than {WALL} lines"] if lines > WALL else []


def says_nothing(text: str, path: str) -> list[str]:
    """A file or folder whose name does not say what it does."""
    said = set(re.split(r"[/_.]", path.lower()))
    return [f"0: {word!r} is no idea" for word in sorted(said & EMPTY_NAMES)]


def does_work(text: str, path: str) -> list[str]:
    """Statements of an `__init__.py` besides its docstring, imports and `__all__`."""
    body = ast.parse(text).body
    found = [] if ast.get_docstring(ast.parse(text)) else ["1: no docstring"]
    for node in body[1:] if not found else body:
        exports = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
        if not exports and not isinstance(node, ast.Import | ast.ImportFrom):
            found.append(f"{node.lineno}: {ast.unparse(node).splitlines()[0]}")
    return found


def test_no_file_is_past_the_wall() -> None:
    assert every(too_long, python_files()) == []


def test_every_name_says_something() -> None:
    assert [f"{path}:{f}" for path in files() for f in says_nothing("", path)] == []


def test_an_init_only_documents_and_exports() -> None:
    inits = [path for path in python_files() if path.endswith("/__init__.py")]
    assert {f"{room}/__init__.py" for room in ROOMS} <= set(inits)
    assert every(does_work, inits) == []


@pytest.mark.parametrize("room", ROOMS)
def test_the_package_of_this_name_is_ours(room: str) -> None:
    assert importlib.import_module(room).__file__ == str(ROOT / room / "__init__.py")


def test_a_planted_file_is_seen() -> None:
    assert too_long("x = 1\n" * 401, "gateway/plan.py") == ["401: more than 400 lines"]
    assert too_long("x = 1\n" * 400, "gateway/plan.py") == []
    for path in ("gateway/utils.py", "spaces/sqlite_helpers.py", "schema/common/x.py", "gateway/base.py"):
        assert says_nothing("", path) != [], path
    assert says_nothing("", "gateway/database.py") == []


def test_a_planted_init_is_seen() -> None:
    assert does_work('"""A room."""\nCACHE = {}', "spaces/__init__.py") == ["2: CACHE = {}"]
    assert does_work("from a import b", "spaces/__init__.py") == ["1: no docstring"]
    assert does_work('"""A room."""\nfrom a import b\n__all__ = ["b"]', "spaces/__init__.py") == []


def test_the_files_of_the_tree_are_found() -> None:
    assert {"pyproject.toml", "schema/kind.py", "tests/house/test_files.py"} <= set(files())
