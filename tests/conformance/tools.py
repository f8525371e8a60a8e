"""Installs the tools of this folder, from its lock files, beneath `.venv`: once, and anew when a lock changes.

Where node is absent, or the registry cannot be reached, what needs a tool is skipped with the reason; any other failure
to install is a failure.
"""

import fcntl
import hashlib
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import IO, Any

import pytest

HERE = Path(__file__).parent
FOLDER = HERE.parents[1] / ".venv" / "conformance"
PATIENCE = 300
OLDEST_NODE = 18

_UNREACHABLE = re.compile(
    r"ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT"
    r"|Failed to establish a new connection|Temporary failure in name resolution|Max retries exceeded|timed out"
)


def run(*command: object, folder: Path, seconds: float = PATIENCE) -> subprocess.CompletedProcess[str]:
    """Runs a command to its end."""
    words = [str(word) for word in command]
    return subprocess.run(
        words, cwd=folder, capture_output=True, text=True, timeout=seconds, check=False, stdin=subprocess.DEVNULL
    )


@cache
def node_modules() -> Path:
    """The folder with the npm tools. Skips without node."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("node and npm are not there")
    version = run(node, "--version", folder=HERE).stdout.strip()
    if int(version.removeprefix("v").partition(".")[0] or 0) < OLDEST_NODE:
        pytest.skip(f"node {version} is too old for the tools")

    def install(folder: Path) -> None:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, folder)
        _tried(npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts", folder=folder)

    return _installed("npm", ["package.json", "package-lock.json"], install) / "node_modules"


@cache
def python() -> Path:
    """The interpreter with the Python tools, in a venv of their own: they ask for another cffi than oso does."""

    def install(folder: Path) -> None:
        _tried(sys.executable, "-m", "venv", folder / "venv", folder=folder)
        lock = HERE / "requirements.lock"
        found = folder / "venv" / "bin" / "python"
        _tried(found, "-m", "pip", "install", "-qq", "--require-hashes", "-r", lock, folder=folder)

    return _installed("python", ["requirements.lock"], install) / "venv" / "bin" / "python"


def _installed(name: str, locks: Sequence[str], install: Any) -> Path:
    """The folder of this state of the locks, made when it is not there; by one process, on which others wait."""
    state = hashlib.sha256(sys.version.encode() + b"".join((HERE / lock).read_bytes() for lock in locks))
    folder = FOLDER / f"{name}-{state.hexdigest()[:16]}"
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / f"{name}.lock").open("w") as file, _alone(file):
        if not (folder / "done").exists():
            for old in FOLDER.glob(f"{name}-*"):
                shutil.rmtree(old)
            folder.mkdir()
            install(folder)
            (folder / "done").touch()
    return folder


@contextmanager
def _alone(file: IO[str]) -> Iterator[None]:
    fcntl.flock(file, fcntl.LOCK_EX)
    try:
        yield
    finally:
        with suppress(OSError):
            fcntl.flock(file, fcntl.LOCK_UN)


def _tried(*command: object, folder: Path) -> None:
    found = run(*command, folder=folder)
    if found.returncode and _UNREACHABLE.search(found.stderr + found.stdout):
        pytest.skip(f"the packages cannot be reached: {(found.stderr or found.stdout).strip().splitlines()[-1]}")
    assert found.returncode == 0, found.stderr + found.stdout
