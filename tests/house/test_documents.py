"""What is declared is documented, and what is documented exists: capabilities, dependencies, error codes, decisions."""

import ast
import importlib
import re
import tomllib

import pytest

from schema.errors import Refusal
from tests.house.test_portable import requirement
from tests.house.tree import ROOMS, files, module_name, python_files, source

# How many capabilities each group has; 222 in all.
GROUPS = {"A": 50, "B": 18, "C": 65, "D": 74, "E": 15}
DECISION_LINES = 40


def rows(document: str) -> list[tuple[str, ...]]:
    """The rows of all tables of a document, without their heads, as cells."""
    lines = [line.strip() for line in document.splitlines() if line.startswith("|")]
    cells = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines]
    heads = {at - 1 for at, row in enumerate(cells) if set("".join(row)) <= set("-: ")}
    return [row for at, row in enumerate(cells) if at not in heads and at - 1 not in heads]


def named_in_first_cell(document: str) -> list[str]:
    """What stands as code in the first cell of each row."""
    return [match[1] for row in rows(document) if (match := re.fullmatch(r"`([^`]+)`", row[0]))]


def has_test(text: str, name: str) -> bool:
    """Whether a test file defines `test_x`, or `TestClass::test_x`."""
    body: list[ast.stmt] = ast.parse(text).body
    for part in name.split("::"):
        found = [
            n for n in body if isinstance(n, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and n.name == part
        ]
        if not found:
            return False
        body = found[0].body
    return name.split("::")[-1].startswith("test")


def unproven(document: str) -> list[str]:
    """What is wrong with a list of capabilities: rows lost, added or out of order, states that prove nothing."""
    listed = rows(document)
    wanted = [f"{group}{number}" for group, count in GROUPS.items() for number in range(1, count + 1)]
    numbers = [row[0] for row in listed]
    found = [f"{number} is missing" for number in wanted if number not in numbers]
    found += [
        f"{number} is unknown or twice" for number in numbers if number not in wanted or numbers.count(number) > 1
    ]
    if not found and numbers != wanted:
        found.append("out of order")
    for number, *_, state in listed:
        if state == "not yet":
            continue
        tests = re.findall(r"`([^`]+?)::([^`]+)`", state)
        if not tests or re.sub(r"`[^`]+`", "", state).strip(" ,"):
            found.append(f"{number}: {state!r} is neither `path::test` nor not yet")
        for path, name in tests:
            if path not in files() or not has_test(source(path), name):
                found.append(f"{number}: there is no {path}::{name}")
    return found


def differences(declared: list[str], documented: list[str]) -> list[str]:
    """What is declared and not documented, documented and not declared, or documented twice."""
    return [
        *(f"{name} is not documented" for name in sorted({*declared} - {*documented})),
        *(f"{name} is documented and does not exist" for name in sorted({*documented} - {*declared})),
        *(f"{name} is documented twice" for name in sorted({n for n in documented if documented.count(n) > 1})),
    ]


def refusals(root: type[Refusal]) -> list[type[Refusal]]:
    """A refusal and all that stand on it."""
    return [root, *(each for child in root.__subclasses__() for each in refusals(child))]


def unclear(classes: list[type[Refusal]]) -> list[str]:
    """Refusals without a code or message of their own, and codes that two of them share."""
    codes = [refusal.code for refusal in classes]
    found = []
    for refusal in classes:
        own = vars(refusal)
        if not str(own.get("__doc__") or "").strip().split("\n")[0].endswith("."):
            found.append(f"{refusal.__name__} has no sentence as its docstring")
        if not re.fullmatch(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*", str(own.get("code", ""))):
            found.append(f"{refusal.__name__} has no code of its own")
        elif codes.count(refusal.code) > 1:
            found.append(f"{refusal.__name__} shares its code {refusal.code}")
    return found


def ours() -> list[type[Refusal]]:
    """Every refusal that the rooms declare."""
    for path in python_files(*ROOMS):
        if not path.endswith("__main__.py"):
            importlib.import_module(module_name(path))
    return [refusal for refusal in refusals(Refusal) if refusal.__module__.split(".")[0] in ROOMS]


def test_every_capability_is_listed_and_every_proof_exists() -> None:
    assert unproven(source("docs/capabilities.md")) == []


def test_every_dependency_is_documented() -> None:
    project = tomllib.loads(source("pyproject.toml"))["project"]
    asked = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    assert differences([requirement(text) for text in asked], named_in_first_cell(source("docs/dependencies.md"))) == []


def test_every_refusal_has_its_own_code_and_message() -> None:
    assert unclear(ours()) == []


def test_every_error_code_is_documented() -> None:
    assert differences([refusal.code for refusal in ours()], named_in_first_cell(source("docs/errors.md"))) == []


def test_decision_papers_are_short_and_numbered_in_order() -> None:
    papers = [path for path in files() if path.startswith("docs/decisions/")]
    assert [path.split("/")[2][:4] for path in papers] == [f"{number:03}-" for number in range(1, len(papers) + 1)]
    for path in papers:
        text = source(path)
        assert len(text.splitlines()) <= DECISION_LINES, path
        assert {"## Choice", "## Alternatives", "## Measurement"} <= set(text.splitlines()), path


def test_the_changelog_keeps_its_form() -> None:
    heads = re.findall(r"^## (.+)$", source("CHANGELOG.md"), re.MULTILINE)
    assert heads[0] == "[Unreleased]"
    assert all(re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d", head) for head in heads[1:])


def _whole_list(**states: str) -> str:
    """A list of all capabilities, not yet done but for those given."""
    numbers = [f"{group}{number}" for group, count in GROUPS.items() for number in range(1, count + 1)]
    return "| # | c | status |\n| --- | --- | --- |\n" + "".join(
        f"| {number} | x | {states.get(number, 'not yet')} |\n" for number in numbers
    )


def test_a_planted_capability_is_seen() -> None:
    here = "`tests/house/test_documents.py::test_a_planted_capability_is_seen`"
    assert unproven(_whole_list()) == []
    assert unproven(_whole_list(A1=here, E15=f"{here}, {here}")) == []
    assert unproven(_whole_list().replace("| C65 ", "| C66 ")) == ["C65 is missing", "C66 is unknown or twice"]
    assert unproven(_whole_list(A1="`tests/house/test_documents.py::test_no_such`")) != []
    assert unproven(_whole_list(A1="`tests/house/test_documents.py::rows`")) != []
    assert unproven(_whole_list(A1="`tests/no_such.py::test_x`")) != []
    assert unproven(_whole_list(A1="done")) == ["A1: 'done' is neither `path::test` nor not yet"]
    assert unproven(_whole_list(A1=here + " nearly")) != []
    swapped = _whole_list().replace("| A1 |", "| A0 |").replace("| A2 |", "| A1 |").replace("| A0 |", "| A2 |")
    assert unproven(swapped) == ["out of order"]


def test_a_planted_difference_is_seen() -> None:
    document = "| code | x |\n| --- | --- |\n| `A` | x |\n| `B` | x |\n| `B` | y |\n"
    assert named_in_first_cell(document) == ["A", "B", "B"]
    assert differences(["A", "C"], ["A", "B", "B"]) == [
        "C is not documented",
        "B is documented and does not exist",
        "B is documented twice",
    ]


def test_a_planted_refusal_is_seen() -> None:
    class Silent(Refusal):
        code = "SILENT"

    class Borrowed(Silent):
        """Takes the code of another."""

    class Shared(Silent):
        """Says the code of another."""

        code = "SILENT"

    assert unclear([Silent]) == ["Silent has no sentence as its docstring"]
    assert unclear([Borrowed]) == ["Borrowed has no code of its own"]
    assert unclear([Shared, Silent])[0] == "Shared shares its code SILENT"
    assert {Silent, Borrowed, Shared} <= set(refusals(Refusal))


@pytest.mark.parametrize("name", ["test_x", "TestA::test_y", "test_z"])
def test_a_named_test_is_found(name: str) -> None:
    text = "def test_x(): ...\nclass TestA:\n    def test_y(self): ...\nasync def test_z(): ..."
    assert has_test(text, name)
    assert not has_test(text, name.replace("test_", "test_no_"))
