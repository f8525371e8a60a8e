"""Every relative link of a document leads to a file here, and every document that a source cites exists."""

import posixpath
import re

from tests.house.test_documents import has_test
from tests.house.tree import ROOMS, files, python_files, source

_LINK = re.compile(r"\]\(([^)\s]+)\)")
_CITED = re.compile(r"(?<![\w/.-])(?:docs/)?([a-z]+\.md)\b")
_CODE = re.compile(r"^```.*?^```$|`[^`\n]*`", re.DOTALL | re.MULTILINE)


def documents() -> list[str]:
    """The documents that people read."""
    return [path for path in files() if path == "README.md" or (path.startswith("docs/") and path.endswith(".md"))]


def headings(text: str) -> set[str]:
    """The anchors of a document's headings."""
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in re.findall(r"^#+ (.+)$", text, re.M)}


def dead_links(text: str, path: str) -> list[str]:
    """Relative links of a document that lead nowhere; to a folder, a file or a heading of one."""
    found = []
    for link in _LINK.findall(_CODE.sub("", text.replace("[`", "[").replace("`]", "]"))):
        if re.match(r"[a-z]+:", link):
            continue
        target, _, heading = link.partition("#")
        place = posixpath.normpath(posixpath.join(posixpath.dirname(path), target)) if target else path
        there = place in (path, *files()) or any(file.startswith(place + "/") for file in files())
        if not there or (heading and heading not in headings(text if place == path else source(place))):
            found.append(f"{path}: {link}")
    return found


def lost_citations(text: str, path: str) -> list[str]:
    """Documents that a source cites by name and that are not in docs/."""
    return [f"{path}: {name}" for name in _CITED.findall(text) if f"docs/{name}" not in files()]


def test_every_relative_link_leads_to_a_file() -> None:
    assert [dead for path in documents() for dead in dead_links(source(path), path)] == []
    assert sum(len(_LINK.findall(source(path))) for path in documents()) > 20


def test_every_document_that_a_source_cites_exists() -> None:
    assert [lost for path in python_files(*ROOMS) for lost in lost_citations(source(path), path)] == []


def test_a_planted_dead_link_is_seen() -> None:
    good = "[a](errors.md) [`b`](../schema/kinds) [c](https://x.example/y.md) [d](#one) [e](../README.md#find-your-way)"
    assert dead_links(f"# One\n{good}", "docs/x.md") == []
    bad = ["none.md", "errors.md#none", "#two", "schema/kinds", "../../README.md"]
    assert dead_links("".join(f"[x]({link}) " for link in bad), "docs/x.md") == [f"docs/x.md: {link}" for link in bad]
    assert dead_links("```\n[x](none.md)\n```\n`[y](none.md)`", "docs/x.md") == []


def test_a_planted_citation_is_seen() -> None:
    assert lost_citations("see errors.md and docs/errors.md, tests/x/none.md", "x.py") == []
    assert lost_citations("see none.md (docs/lost.md)", "x.py") == ["x.py: none.md", "x.py: lost.md"]


def test_every_promise_names_a_test_that_exists() -> None:
    named = re.findall(r"`(tests/[^`]+?)::(\w+)`", source("docs/reliability.md"))
    assert len(named) > 10
    assert [f"{path}::{name}" for path, name in named if path not in files() or not has_test(source(path), name)] == []
