"""What the page is made of: vendored files as npm has them, with their licences, and no other host in ours."""

import json
import re
from hashlib import sha256
from pathlib import Path

import pytest

from gateway.graphiql import refresh
from gateway.graphiql.serve import HERE

OWN = sorted((HERE / "static").iterdir())
SVG_NAMESPACE = "http://www.w3.org/2000/svg"  # a name, which nothing asks for


def noted() -> dict[str, list[str]]:
    """The table of NOTICE.txt: file -> package, version, licence, SHA-256."""
    rows = [line.split(" | ") for line in (HERE / "NOTICE.txt").read_text(encoding="utf-8").splitlines()]
    return {row[0]: row[1:] for row in rows if len(row) == 5 and row[0] != "file"}


def hosts(text: str) -> list[str]:
    """Addresses of other hosts in a text."""
    return re.findall(r"(?:\w+:)?//[\w-]+(?:\.[\w-]+)+[^\s\"']*", text.replace(SVG_NAMESPACE, ""))


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.name)
def test_our_files_name_no_other_host(path: Path) -> None:
    assert hosts(path.read_text(encoding="utf-8")) == []


def test_a_planted_host_is_seen() -> None:
    for text in (
        'src="https://cdn.example/x.js"',
        "url(//fonts.example/a)",
        "import 'http://a.example'",
        "wss://a.b/c",
    ):
        assert len(hosts(text)) == 1, text
    assert hosts("// never as HTML. Another sentence. a // b") == []


def test_our_scripts_keep_nothing_in_the_browser() -> None:
    for path in OWN:
        text = path.read_text(encoding="utf-8")
        assert re.findall(r"localStorage|sessionStorage|document\.cookie|innerHTML|location|pushState", text) == [], (
            path
        )


def test_the_styles_load_only_what_they_hold() -> None:
    for name in ("static/page.css", "vendor/graphiql.min.css"):
        text = (HERE / name).read_text(encoding="utf-8")
        assert [url for url in re.findall(r"url\(\s*['\"]?([^)]{0,40})", text) if not url.startswith("data:")] == []
        assert "@import" not in text


def test_the_notice_lists_every_vendored_file_with_its_hash() -> None:
    vendored = [path for path in (HERE / "vendor").iterdir() if path.suffix != ".txt"]
    assert set(noted()) == {f"vendor/{path.name}" for path in vendored}
    for name, (_, _, licence, digest) in noted().items():
        assert sha256((HERE / name).read_bytes()).hexdigest() == digest, name
        assert licence == "MIT"


def test_the_notice_says_what_the_script_would_take() -> None:
    assert {package: version for package, version, _, _ in noted().values()} == refresh.PACKAGES
    assert {name.removeprefix("vendor/") for name in noted()} == set(refresh.BUILT)
    for name in refresh.PACKAGES:
        assert "Permission is hereby granted" in (HERE / "vendor" / f"LICENSE-{name}.txt").read_text(encoding="utf-8")


def test_the_licences_of_what_is_bundled_are_there() -> None:
    text = (HERE / "vendor" / "LICENSES-bundled.txt").read_text(encoding="utf-8")
    licences = dict(re.findall(r"^=+\n(\S+) \S+, (.+)\n=+$", text, re.MULTILINE))
    assert licences.keys() >= {"codemirror", "graphql", "@graphiql/react", *refresh.FONTS}
    assert set(licences.values()) == {"MIT", "BSD-2-Clause", "0BSD", "OFL-1.1", "Apache-2.0"}


def test_the_packages_of_a_bundle_are_read_from_its_map() -> None:
    sources = [
        "../../../node_modules/codemirror/lib/codemirror.js",
        "../../../node_modules/a/node_modules/@scope/b/index.js",
        "../../graphiql-react/dist/index.mjs",
        "../../codemirror-graphql/esm/hint.js",
        "../src/GraphiQL.tsx",
    ]
    found = refresh.bundled(json.dumps({"sources": sources}))
    assert found == ["@graphiql/react", "@scope/b", "codemirror", "codemirror-graphql"]


def test_the_script_copies_and_notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    modules = tmp_path / "node_modules"
    for name in [*refresh.PACKAGES, "codemirror", *refresh.FONTS]:
        (modules / name / "umd").mkdir(parents=True)
        about = {"name": name, "version": "1.2.3", "license": "MIT"}
        (modules / name / "package.json").write_text(json.dumps(about), encoding="utf-8")
        (modules / name / "LICENSE").write_text(f"licence of {name}", encoding="utf-8")
    for name, path in refresh.BUILT.values():
        (modules / name / path).write_bytes(path.encode())
    bundle = {"sources": ["../../node_modules/codemirror/a.js"]}
    (modules / "graphiql" / "graphiql.min.js.map").write_text(json.dumps(bundle), encoding="utf-8")
    (modules / "codemirror" / "LICENSE").unlink()
    here = tmp_path / "here"
    (here / "vendor").mkdir(parents=True)
    (here / "vendor" / "old.js").touch()
    monkeypatch.setattr(refresh, "HERE", here)
    monkeypatch.setattr(refresh, "VENDOR", here / "vendor")

    refresh.refresh(modules)

    licences = {f"LICENSE-{name}.txt" for name in refresh.PACKAGES} | {"LICENSES-bundled.txt"}
    assert {path.name for path in (here / "vendor").iterdir()} == set(refresh.BUILT) | licences
    digest = sha256(b"graphiql.min.js").hexdigest()
    assert f"vendor/graphiql.min.js | graphiql | 3.9.0 | MIT | {digest}" in (here / "NOTICE.txt").read_text("utf-8")
    texts = (here / "vendor" / "LICENSES-bundled.txt").read_text("utf-8")
    assert "codemirror 1.2.3, MIT" in texts
    assert "(the package holds no text of its licence)" in texts
    assert "licence of @fontsource/roboto" in texts
