"""Breadth is data: no Python file of the rooms names a kind."""

import ast
import re
import tomllib

import pytest

from tests.house.tree import ROOMS, every, files, python_files, source

# Names of kinds that stand in the contract, so that this holds whatever the kind files are called.
STANDING = {"opportunity", "opportunities", "lead", "leads", "solution", "solutions"}

# Files of computed fields, which are of one kind by nature, and may name it.
COMPUTED: frozenset[str] = frozenset()

WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def words(name: str) -> tuple[str, ...]:
    """The words of an identifier or text in lower case: `dealOpportunities` is `deal`, `opportunities`."""
    return tuple(word.lower() for word in WORD.findall(name))


def kind_names() -> set[tuple[str, ...]]:
    """Name, plural and type name of every kind, as words."""
    names = {words(name) for name in STANDING}
    for path in files():
        if path.startswith("schema/kinds/") and path.endswith(".toml"):
            declared = tomllib.loads(source(path))
            given = [declared.get(key) for key in ("name", "plural", "type", "type_name", "typeName")]
            names |= {words(name) for name in [path.split("/")[-1].removesuffix(".toml"), *given] if name}
    return names


def spoken(tree: ast.AST) -> list[tuple[int, str]]:
    """Every identifier and text of a source with its line. A text that stands alone is documentation."""
    silent = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    found: list[tuple[int, str]] = []
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.Constant):
            if isinstance(node.value, str) and id(node) not in silent:
                found.append((line, node.value))
            continue
        for _, value in ast.iter_fields(node):
            for item in value if isinstance(value, list) else [value]:
                if isinstance(item, str):
                    found.append((line, item))
    return found


def naming(names: set[tuple[str, ...]], text: str, path: str) -> list[str]:
    """Where a source, or its path, names one of the kinds."""
    found = []
    for line, name in [(0, path), *spoken(ast.parse(text))]:
        said = words(name)
        for kind in names:
            if any(said[at : at + len(kind)] == kind for at in range(len(said) - len(kind) + 1)):
                found.append(f"{line}: {name[:60]!r} names the kind {' '.join(kind)!r}")
    return sorted(set(found))


def test_no_python_file_names_a_kind() -> None:
    names = kind_names()
    paths = [path for path in python_files(*ROOMS) if path not in COMPUTED]
    assert every(lambda text, path: naming(names, text, path), paths) == []


@pytest.mark.parametrize(
    "text",
    [
        "opportunity = 1",
        "def load_leads(): ...",
        "class OpportunityType: ...",
        "x = row.solution",
        "f(leads=1)",
        "def f(lead): ...",
        "from schema.kinds import solution",
        "import schema.opportunity as o",
        "x = 'opportunities'",
        "x = f'{n} leads'",
        "x = {'dealOpportunity': 1}",
        "match x:\n    case {'a': lead}: ...",
        "try: ...\nexcept E as solution: ...",
        "global leads",
        "OPPORTUNITY_PREFIX = 'opp'",
    ],
)
def test_a_planted_name_is_seen(text: str) -> None:
    assert naming({words(name) for name in STANDING}, text, "gateway/plan.py") != []


def test_a_planted_file_name_is_seen() -> None:
    assert naming({("lead",)}, "", "gateway/lead_rules.py") == ["0: 'gateway/lead_rules.py' names the kind 'lead'"]
    assert naming({("sales", "plan")}, "salesPlans = 1\nsales_plan = 2", "gateway/plan.py") == [
        "2: 'sales_plan' names the kind 'sales plan'"
    ]


def test_documentation_and_other_words_are_free() -> None:
    text = '"""An opportunity, say."""\nleading = 1  # a lead\nx: int = 1\n"""The lead of x."""\nmisleading = "plead"'
    assert naming({words(name) for name in STANDING}, text, "gateway/plan.py") == []
