"""Whatever is switched off says why: lint and type rules, coverage, tests.

A switch names its code, and a second comment behind it the reason: `# noqa: S608 # only names of the catalog`.
"""

import ast
import io
import re
import tokenize

import pytest

from tests.house.tree import every, python_files

# The beginning of each switch, and its whole form.
SWITCHES = {
    "noqa": (re.compile(r"#\s*(ruff:\s*)?noqa", re.I), re.compile(r"#\s*(ruff:\s*)?noqa:\s*[A-Z]+\d+(,\s*[A-Z]+\d+)*")),
    "type: ignore": (re.compile(r"#\s*type:\s*ignore"), re.compile(r"#\s*type:\s*ignore\[[a-z0-9, -]+\]")),
    "mypy:": (re.compile(r"#\s*mypy:"), re.compile(r"#\s*mypy:[^#]+")),
    "pragma": (re.compile(r"#\s*pragma:\s*no"), re.compile(r"#\s*pragma:\s*no (cover|branch)")),
    "fmt": (re.compile(r"#\s*fmt:\s*(off|skip)"), re.compile(r"#\s*fmt:\s*(off|skip)")),
}
REASON = re.compile(r"\s*#\s*\w+(\W+\w+)+")
SKIPS = {"skip", "skipif", "xfail", "importorskip"}


def silent_switches(text: str, path: str) -> list[str]:
    """Comments that switch a rule off without its code, or without a reason behind a second `#`."""
    found = []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type != tokenize.COMMENT:
            continue
        rest = token.string
        for name, (switch, whole) in SWITCHES.items():
            if switch.search(token.string):
                coded = whole.search(rest)
                if coded is None:
                    found.append(f"{token.start[0]}: {name} without a code")
                    break
                rest = rest[: coded.start()] + rest[coded.end() :]
        else:
            if rest != token.string and not REASON.match(rest):
                found.append(f"{token.start[0]}: {token.string} without a reason")
    return found


def silent_skips(text: str, path: str) -> list[str]:
    """Skips and expected failures that give no reason."""
    found = []
    tree = ast.parse(text)
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and _is_skip(node) and id(node) not in called:
            found.append(f"{node.lineno}: {ast.unparse(node)} without a reason")
        if isinstance(node, ast.Call) and _is_skip(node.func):
            given = {k.arg: k.value for k in node.keywords}
            marked = "mark." in ast.unparse(node.func)
            positional = node.args[0] if node.args and not marked and "importorskip" not in ast.unparse(node) else None
            reason = given.get("reason", positional)
            if reason is None or (isinstance(reason, ast.Constant) and len(str(reason.value).split()) < 2):
                found.append(f"{node.lineno}: {ast.unparse(node.func)} without a reason")
    return sorted(found)


def _is_skip(node: ast.expr) -> bool:
    """Whether this is `pytest.skip`, `pytest.mark.xfail` and the like."""
    return isinstance(node, ast.Attribute) and node.attr in SKIPS and ast.unparse(node).startswith("pytest.")


def test_every_switched_off_rule_says_why() -> None:
    assert every(silent_switches, python_files()) == []


def test_every_skip_says_why() -> None:
    assert every(silent_skips, python_files()) == []


@pytest.mark.parametrize(
    "comment",
    [
        "# noqa",
        "# noqa: S608",
        "# noqa: S608, E501",
        "# type: ignore",
        "# type: ignore # the stubs are wrong",
        "# type: ignore[arg-type]",
        "# type: ignore[arg-type] # noqa: S101",
        "# pragma: no cover",
        "# fmt: off",
        "# noqa: S608 #",
    ],
)
def test_a_planted_switch_is_seen(comment: str) -> None:
    assert len(silent_switches(f"x = 1  {comment}\n", "gateway/plan.py")) == 1


@pytest.mark.parametrize(
    "comment",
    [
        "# noqa: S608 # only names of the catalog",
        "# type: ignore[arg-type] # the stubs of oso know no expressions",
        "# type: ignore[arg-type] # noqa: S101 # the stubs are wrong",
        "# pragma: no cover # runs in a child process",
        "# an ordinary comment about noqa",
    ],
)
def test_a_switch_with_a_reason_passes(comment: str) -> None:
    assert silent_switches(f"x = 1  {comment}\n", "gateway/plan.py") == []


@pytest.mark.parametrize(
    "text",
    [
        "@pytest.mark.skip\ndef test(): ...",
        "@pytest.mark.skip()\ndef test(): ...",
        "@pytest.mark.skipif(True)\ndef test(): ...",
        "@pytest.mark.xfail(reason='')\ndef test(): ...",
        "pytest.skip()",
        "pytest.importorskip('psycopg')",
    ],
)
def test_a_planted_skip_is_seen(text: str) -> None:
    assert len(silent_skips(text, "tests/schema/test_kind.py")) == 1


def test_a_skip_with_a_reason_passes() -> None:
    text = "pytest.skip('the data set is not here')\n@pytest.mark.skipif(X, reason='needs a server')\ndef test(): ..."
    assert silent_skips(text, "tests/schema/test_kind.py") == []
