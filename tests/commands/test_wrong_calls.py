"""Wrong calls end with 2, failures with 1; either says why on stderr, prints nothing, and shows no traceback."""

import argparse
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.cli import parser
from tests.commands.calls import call
from tests.commands.made import make, person
from tests.commands.processes import ROOT, failed, run

ANA = "ana@nimbus.example"
RECORD = "opp_" + "0" * 26
SPACE = tuple(f"space {what}" for what in ("export", "backup", "import", "restore", "erase"))
COMMANDS = ("demo", "serve", "import", *SPACE, "token", "schema", "explain", "settings")


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("network") / "data")


@pytest.fixture
def folder(network: Path, tmp_path: Path) -> Path:
    """A network of the test's own, to break."""
    return Path(shutil.copytree(network, tmp_path / "data"))


def parsers() -> dict[str, argparse.ArgumentParser]:
    """The parser of each command, in place of one that has commands of its own those of these."""

    def below(of: argparse.ArgumentParser, name: str) -> Iterator[tuple[str, argparse.ArgumentParser]]:
        commands = [action for action in of._actions if isinstance(action, argparse._SubParsersAction)]
        if not commands:
            yield name, of
        for each, found in ((each, found) for action in commands for each, found in action.choices.items()):
            yield from below(found, f"{name} {each}".strip())

    return dict(below(parser(), ""))


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("serv",),
        ("--nonsense",),
        ("demo", "--port", "x"),
        ("demo", "--port", "65536"),
        ("demo", "--port", "-1"),
        ("demo", "--json=yes"),
        ("demo", "more"),
        ("serve", "--config"),
        ("serve", "--port", "1"),
        ("import",),
        ("import", "x.csv"),
        ("import", "--mapping", "m.toml"),
        ("import", "x.csv", "--mapping", "m.toml", "--data", "a", "--config", "b"),
        ("token",),
        ("token", "a", "b"),
        ("schema", "--as"),
        ("explain",),
        ("explain", RECORD),
        ("explain", "--as", ANA),
    ],
)
def test_a_wrong_call_ends_with_2(arguments: tuple[str, ...]) -> None:
    ended = call(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert re.fullmatch(r"usage: multiway[^\0]+\nmultiway[a-z ]*: error: [^\n]+\n", ended.err), ended.err


def test_the_module_is_the_program() -> None:
    program = Path(sys.executable).with_name("multiway")
    for arguments in (("token",), ("token", ANA, "--data", "no such folder")):
        ended = run(*arguments)
        assert "multiway" in ended.out + ended.err
        if program.exists():  # where the project is installed, as `make` does
            same = subprocess.run([program, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
            columns = re.compile(r"\s+")
            assert (same.returncode, *(columns.sub(" ", text) for text in (same.stdout, same.stderr))) == (
                ended.code,
                *(columns.sub(" ", text) for text in (ended.out, ended.err)),
            )


def options() -> Iterator[tuple[str, argparse.Action]]:
    for name, each in parsers().items():
        yield from ((name, action) for action in each._actions)


def test_every_option_is_helped_with() -> None:
    assert tuple(parsers()) == COMMANDS
    helps = {name: call(*name.split(), "--help") for name in ("", "space", *COMMANDS)}
    for name, ended in helps.items():
        assert (ended.code, ended.err) == (0, "")
        *above, last = name.split() or [""]
        assert re.search(rf"^    {last} +\S", helps[" ".join(above)].out, re.MULTILINE)
    for name, action in options():
        assert action.help, (name, action.dest)
        for text in (*action.option_strings, str(action.metavar or ""), " ".join(action.help.split())):
            assert text in " ".join(helps[name].out.split()), (name, text)


def test_every_command_and_option_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = {match[1]: match[0] for match in re.finditer(r"^\| `multiway ((?:space )?\w+).*$", readme, re.MULTILINE)}
    assert tuple(rows) == COMMANDS
    for name, action in options():
        for text in action.option_strings:
            known = text in rows[name] or text in ("-h", "--help", "--verbose")
            assert known or (text == "--config" and "`--config FILE`" in readme), (name, text)


LOOKING = (("token", ANA), ("explain", RECORD, "--as", ANA))


@pytest.mark.parametrize("command", LOOKING)
@pytest.mark.parametrize("content", [b"", b"not a database, " * 500, None])
def test_a_broken_network_file_is_told(folder: Path, command: tuple[str, ...], content: bytes | None) -> None:
    file = folder / "network.db"
    file.unlink()
    if content is None:
        file.mkdir()
    else:
        file.write_bytes(content)
    failed(call(*command, "--data", folder), str(folder))


def test_a_broken_file_stops_a_demo_with_its_name(folder: Path) -> None:
    (folder / "network.db").write_bytes(b"not a database, " * 500)
    failed(run("demo", "--port", 0, "--data", folder), str(folder / "network.db"))


def test_a_broken_company_file_is_told(folder: Path) -> None:
    _, company = person(folder, ANA)
    (folder / "companies" / f"{company}.db").write_bytes(b"not a database, " * 500)
    failed(call("explain", RECORD, "--as", ANA, "--data", folder), f"{company}.db")


KEYS = ("development-issuer.json", "seal.key")
UNUSABLE = (b"", b"x", b"{}", b"[]", b"\xff" * 64, b'{"kty": "EC", "crv": "P-256"}')


@pytest.mark.parametrize("content", [*UNUSABLE, None])
@pytest.mark.parametrize("name", KEYS)
def test_a_key_file_that_holds_no_key_is_told(folder: Path, name: str, content: bytes | None) -> None:
    file = folder / "keys" / name
    file.parent.mkdir()
    if content is None:
        file.mkdir()
    else:
        file.write_bytes(content)
    command = ("token", ANA) if name == KEYS[0] else ("explain", RECORD, "--as", ANA)
    if name == KEYS[1] and content == b"\xff" * 64:
        failed(call(*command, "--data", folder), "No such record")  # any 64 bytes are a sealing key
    else:
        failed(call(*command, "--data", folder), str(file))


@pytest.mark.parametrize("command", [*LOOKING, ("schema", "--as", ANA)])
def test_a_data_path_that_is_no_folder_is_told(tmp_path: Path, command: tuple[str, ...]) -> None:
    file = tmp_path / "file"
    file.write_text("x")
    for path in (file, file / "below", tmp_path):
        failed(call(*command, "--data", path), str(path))


def test_an_import_into_no_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    failed(call("import", *importable(tmp_path), "--data", tmp_path / "file"), str(tmp_path / "file"))


def importable(folder: Path) -> tuple[object, ...]:
    """A source of no rows and its mapping, for an import that ends only at its data folder."""
    (folder / "x.csv").write_text("a\n")
    (folder / "m.toml").write_text(
        'kind = "opportunity"\nsource.format = "csv"\nparticipants.company = "{a}"\njoint.name = "{a}"\n'
        'side.crmRef = { system = "{a}", id = "{a}" }\n'
    )
    return folder / "x.csv", "--mapping", folder / "m.toml"


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    source = importable(tmp_path)
    tmp_path.chmod(0o500)
    try:
        if os.access(tmp_path, os.W_OK):
            pytest.skip("this person may write everywhere, as root may")
        failed(call("demo", "--port", 0, "--data", tmp_path / "data"), str(tmp_path / "data"))
        failed(call("import", *source, "--data", tmp_path / "data"), str(tmp_path / "data"))
    finally:
        tmp_path.chmod(0o700)


def test_a_reader_that_has_seen_enough_sees_no_traceback() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "gateway", "schema"], cwd=ROOT, stdout=writing, stderr=subprocess.PIPE, check=False
        )
    finally:
        os.close(writing)
    assert (ended.returncode, ended.stderr) == (1, b"")


def test_what_nobody_foresaw_is_told_without_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ValueError("a\nb")

    monkeypatch.setattr("gateway.commands.inspect.load_catalog", broken)
    ended = call("schema")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err == "multiway: Something failed on our side (ValueError: a b).\n"
