"""Imports only point down the picture, rooms beside each other do not know each other, and no files go in circles."""

from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter

from tests.house.tree import ROOMS, every, imports, module_name, python_files, source

BELOW: dict[str, set[str]] = {
    "schema": set(),
    "policies": {"schema"},
    "spaces": {"schema"},
    "gateway": {"schema", "policies", "spaces"},
}


def upward(text: str, path: str) -> list[str]:
    """Imports of a room by one that does not stand on it, and relative ones, which hide where they point."""
    room = path.split("/")[0]
    foreign = {*ROOMS, "tests", "bench"} - BELOW[room] - {room}
    found = []
    for line, name in imports(text):
        if name.startswith("."):
            found.append(f"{line}: relative import {name}")
        elif name.split(".")[0] in foreign:
            found.append(f"{line}: {room} may not import {name}")
    return found


def cycle(sources: Mapping[str, str]) -> list[str]:
    """One circle of imports among these files (path to text) as module names, or nothing."""
    modules = {module_name(path) for path in sources}
    graph: dict[str, set[str]] = {}
    for path, text in sources.items():
        graph[module_name(path)] = {
            name if name in modules else name.rpartition(".")[0]
            for _, name in imports(text)
            if name in modules or name.rpartition(".")[0] in modules
        }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_imports_point_down() -> None:
    assert every(upward, python_files(*ROOMS)) == []


def test_no_files_import_each_other_in_a_circle() -> None:
    assert cycle({path: source(path) for path in python_files(*ROOMS)}) == []


def test_the_checkers_see_a_planted_fault() -> None:
    assert upward("from spaces.fetch import SideFetch", "policies/engine.py") == [
        "1: policies may not import spaces.fetch.SideFetch"
    ]
    assert upward("def late():\n    import gateway", "schema/kind.py") == ["2: schema may not import gateway"]
    assert upward("from . import kind", "schema/mask.py") == ["1: relative import ..kind"]
    assert upward("import tests.worlds", "gateway/cli.py") == ["1: gateway may not import tests.worlds"]
    assert upward("from schema.kind import Kind\nimport json", "spaces/fetch.py") == []
    assert (
        cycle({"schema/a.py": "from schema.b import B", "schema/b.py": "def late():\n    from schema import a"}) != []
    )
    assert cycle({"schema/__init__.py": "from schema.a import A", "schema/a.py": "import schema"}) != []
    assert cycle({"schema/a.py": "from schema.b import B", "schema/b.py": "import ast"}) == []
