"""One demo for all tests that just look; those that change much start their own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands.processes import Served, demo


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "data"


@pytest.fixture(scope="session")
def served(folder: Path) -> Iterator[Served]:
    with demo(folder) as found:
        yield found
