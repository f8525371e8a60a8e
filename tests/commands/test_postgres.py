"""The commands on a network in PostgreSQL: made, served by several, looked at; and databases that cannot be used."""

from pathlib import Path

import pytest

from tests.commands.calls import call
from tests.commands.made import make
from tests.commands.processes import Served, demo, failed, serve
from tests.moving.files import parts
from tests.postgres import GUARDED, server

ANA = "ana@nimbus.example"
ME = "{ viewer { person { name } } opportunities(first: 3) { totalCount } }"


def configured(folder: Path, url: str, more: str = "") -> Path:
    config = folder / "settings.toml"
    config.write_text(
        f'database = "{url}"\ndata = "data"\nport = 0\ndevelopment_issuer = true\naudience = "multiway"\n{more}'
    )
    return config


def noted(served: Served, other: Served, notes: str) -> str:
    """The notes that one gateway shows after another took them."""
    found = served.ask(ANA, "{ opportunities(first: 1) { nodes { id } } }")["opportunities"]["nodes"][0]
    served.do(ANA, "updateOpportunity", {"id": found["id"], "mine": {"notes": notes}})
    token = served.tokens[ANA]
    return str(
        other.ask(token, "query($id: ID!) { opportunity(id: $id) { mine { notes } } }", found)["opportunity"]["mine"][
            "notes"
        ]
    )


def test_two_processes_serve_one_network(tmp_path: Path) -> None:
    url = server().address(server().database())
    config = configured(tmp_path, url)
    failed(call("token", ANA, "--config", config), "There is no network in the database")
    with demo(tmp_path / "data", "--database", url) as first, serve(config) as second:
        assert url in second.said
        token = call("token", ANA, "--config", config).out.strip()
        assert first.ask(ANA, ME) == second.ask(token, ME)
        assert noted(first, second, "Seen by both") == "Seen by both"
        assert "type Opportunity" in call("schema", "--as", ANA, "--config", config).out
        failed(call("token", "nobody@nimbus.example", "--config", config), "There is no person", url)
    with demo(tmp_path / "data", "--database", url) as again:  # it is there already
        assert again.ask(ANA, ME)["viewer"] == {"person": {"name": "Ana Duarte"}}


def test_a_password_comes_from_a_file_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    role, password = GUARDED
    url = server().address(server().database(role), role)
    file = tmp_path / "password"
    config = configured(tmp_path, url, 'database_password = "password"\n')
    failed(call("token", ANA, "--config", config), "no password can be read", str(file))
    for content, said in (("", "must hold a password"), ("a\nb\n", "must hold a password"), ("wrong", "password")):
        file.write_text(content)
        told = failed(call("token", ANA, "--config", config), said)
        assert "wrong" not in told
    file.write_text(password + "\n")
    failed(call("token", ANA, "--config", config), "There is no network in the database")
    configured(tmp_path, url)
    monkeypatch.setenv("PGPASSWORD", password)
    failed(call("token", ANA, "--config", config), "There is no network in the database")


def test_a_database_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    nowhere = server().address("no_such_database")
    failed(call("serve", "--config", configured(tmp_path, nowhere)), "The database cannot be used", "no_such_database")
    gone = f"postgresql://ann@/x?host={tmp_path}"
    failed(call("demo", "--port", 0, "--data", tmp_path / "d", "--database", gone), "The database cannot be used")
    wrong = ("demo", "--port", 0, "--data", tmp_path / "d", "--database", "postgresql://ann:secret@host/x")
    assert "secret" not in failed(call(*wrong), "without a password")


def test_a_company_moves_from_a_folder_into_a_database_and_is_erased_there(tmp_path: Path) -> None:
    config = configured(tmp_path, server().address(server().database()))
    file, again = tmp_path / "nimbus.zip", tmp_path / "again.zip"
    assert call("space", "export", "Nimbus Cloud", "--data", make(tmp_path / "folder"), "--out", file).code == 0
    failed(call("space", "erase", "Nimbus Cloud", "--yes", "--config", config), "There is no network in the database")
    assert call("space", "import", file, "--config", config).code == 0
    assert call("space", "export", "Nimbus Cloud", "--config", config, "--out", again).code == 0
    assert {**parts(file), "manifest.json": b""} == {**parts(again), "manifest.json": b""}
    assert call("space", "restore", again, "--config", config).code == 0
    with serve(config):
        failed(call("space", "erase", "Nimbus Cloud", "--yes", "--config", config), "in use by another process")
    assert call("space", "erase", "Nimbus Cloud", "--yes", "--config", config).code == 0
    assert call("space", "import", file, "--config", config).code == 0
