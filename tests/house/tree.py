"""The files of this tree, as the house tests look at them."""

import ast
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TypeAlias

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("schema", "policies", "spaces", "gateway")

Checker: TypeAlias = Callable[[str, str], list[str]]
"""Source text and path to findings, each `line: what`."""


@cache
def files() -> tuple[str, ...]:
    """Every file that is tracked or about to be, as a path from the root with forward slashes, sorted."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    ).stdout
    return tuple(sorted({path for path in listed.split("\0") if path and (ROOT / path).is_file()}))


@cache
def source(path: str) -> str:
    """The text of one file."""
    return (ROOT / path).read_text(encoding="utf-8")


def python_files(*folders: str) -> list[str]:
    """The Python files of these top folders, of the whole tree without any."""
    return [path for path in files() if path.endswith(".py") and (not folders or path.split("/")[0] in folders)]


def module_name(path: str) -> str:
    """The dotted name of a Python file: `schema/kind.py` is `schema.kind`, `schema/__init__.py` is `schema`."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def imports(text: str) -> list[tuple[int, str]]:
    """Every import of a source, wherever it stands, as (line, dotted name). `from a import b` is `a.b`, which may
    be a module or a thing in one; a relative import keeps its dots."""
    found: list[tuple[int, str]] = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            start = "." * node.level + (node.module or "")
            found += [(node.lineno, f"{start}.{alias.name}") for alias in node.names]
    return sorted(found)


def every(check: Checker, paths: list[str]) -> list[str]:
    """What one checker finds in all these files, each finding with its path."""
    return [f"{path}:{finding}" for path in paths for finding in check(source(path), path)]
