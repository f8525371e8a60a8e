"""Plans, kinds, viewers, masks, fetches, events and changes are frozen values: so is every dataclass of the rooms."""

import ast
import re

from tests.house.tree import ROOMS, every, python_files, source

# "path::Class" -> why it may change: it is a thing with a state, and no value.
MUTABLE: dict[str, str] = {
    "gateway/context.py::Context": "one request in the making; its loaders start anew after a change",
    "spaces/sqlite/connections.py::CompanyFile": "an open connection, which learns what it has read and attached",
}

# Values that the invariant names; these are never exempt.
ALWAYS_FROZEN = re.compile(r"(Plan|Step|Kind|Field|Viewer|Mask|MaskProgram|Fetch|Event|Change|Sharing|Where)$")


def thawed(text: str, path: str) -> list[str]:
    """Dataclasses that are not frozen, and writes that go around the ice."""
    found = []
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and f"{path}::{node.name}" not in MUTABLE:
            found += [f"{node.lineno}: {node.name} is not frozen" for d in node.decorator_list if _melts(d)]
    building = [f for f in ast.walk(tree) if isinstance(f, ast.FunctionDef) and f.name in ("__post_init__", "__init__")]
    allowed = {id(node) for f in building for node in ast.walk(f)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr == "__setattr__" and id(node) not in allowed:
            found.append(f"{node.lineno}: __setattr__ writes into a value after it was built")
    return found


def _melts(decorator: ast.expr) -> bool:
    """Whether this decorator makes a dataclass that is not frozen."""
    call = decorator if isinstance(decorator, ast.Call) else None
    name = call.func if call else decorator
    if (name.attr if isinstance(name, ast.Attribute) else getattr(name, "id", "")) != "dataclass":
        return False
    keywords = {k.arg: k.value for k in call.keywords} if call else {}
    frozen = keywords.get("frozen")
    return not (isinstance(frozen, ast.Constant) and frozen.value is True)


def test_every_dataclass_is_frozen() -> None:
    assert every(thawed, python_files(*ROOMS)) == []


def test_every_exemption_is_needed_and_has_a_reason() -> None:
    for entry, reason in MUTABLE.items():
        path, _, name = entry.partition("::")
        assert path in python_files(*ROOMS), entry
        assert any(isinstance(n, ast.ClassDef) and n.name == name for n in ast.walk(ast.parse(source(path)))), entry
        assert len(reason.split()) >= 4, entry
        assert not ALWAYS_FROZEN.search(name), entry


def test_a_planted_dataclass_is_seen() -> None:
    for decorator in ("@dataclass", "@dataclass()", "@dataclasses.dataclass(slots=True)", "@dataclass(frozen=False)"):
        assert thawed(f"{decorator}\nclass Plan: ...", "gateway/plan.py") == ["2: Plan is not frozen"], decorator
    assert thawed("def late(plan):\n    object.__setattr__(plan, 'steps', ())", "gateway/bind.py") != []


def test_frozen_values_pass() -> None:
    assert thawed("@dataclass(frozen=True, slots=True)\nclass Plan: ...", "gateway/plan.py") == []
    assert thawed("class Loader:\n    def __post_init__(self):\n        object.__setattr__(self, 'a', 1)", "x.py") == []
