"""One demo that serves, asked by every tool."""

from collections.abc import Iterator

import pytest

from tests.commands.processes import Served, demo, run


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with demo(tmp_path_factory.mktemp("conformance") / "data") as found:
        yield found


@pytest.fixture(scope="session")
def token(served: Served) -> str:
    return next(iter(served.tokens.values()))


@pytest.fixture(scope="session")
def sdl() -> str:
    """What `multiway schema` prints."""
    ended = run("schema")
    assert ended.code == 0, ended
    return ended.out
