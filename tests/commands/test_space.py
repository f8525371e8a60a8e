"""`multiway space`: a company's whole space leaves a network, comes back, goes for good, and is brought back."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from spaces.sqlite.spaces import SqliteSpaces
from tests.commands.calls import call
from tests.commands.made import CATALOG, make, person
from tests.commands.processes import failed

NIMBUS = "Nimbus Cloud"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("made") / "data")


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "data"))


def rows(folder: Path, table: str) -> list[object]:
    with sqlite3.connect(folder / "network.db") as network:
        found = network.execute(f"SELECT * FROM {table}").fetchall()
    network.close()
    return sorted(found)


def test_a_company_leaves_and_comes_back(folder: Path) -> None:
    file = folder.parent / "nimbus.zip"
    _, nimbus = person(folder, "ana@nimbus.example")
    before = {table: rows(folder, table) for table in ("company", "person", "participant", "history_record")}
    out = call("space", "export", NIMBUS, "--data", folder, "--out", file)
    assert (out.code, out.out, out.err) == (0, f"{NIMBUS} is in {file}: 11 lines.\n", "")
    assert call("space", "erase", nimbus, "--yes", "--data", folder).out == f"{nimbus} is erased.\n"
    assert rows(folder, "person") != before["person"]
    failed(call("space", "export", NIMBUS, "--data", folder), f"no company {NIMBUS}")
    failed(call("space", "restore", file, "--data", folder), "not there any more")
    came = f"{NIMBUS} is there: 0 records came with it, 5 were there, 0 were left out.\n"
    assert call("space", "import", file, "--data", folder).out == came
    assert {table: rows(folder, table) for table in before} == before
    assert call("space", "import", file, "--data", folder).out == f"{NIMBUS} is there already, with just this file.\n"
    assert call("space", "restore", file, "--data", folder).out == f"{NIMBUS} has its 5 sides as they were.\n"


def test_it_comes_into_a_folder_that_has_no_network_yet(folder: Path) -> None:
    file, there = folder.parent / "nimbus.zip", folder.parent / "there"
    call("space", "backup", NIMBUS, "--data", folder, "--out", file)
    came = f"{NIMBUS} is there: 5 records came with it, 0 were there, 0 were left out.\n"
    assert call("space", "import", file, "--data", there).out == came
    assert call("token", "ana@nimbus.example", "--data", there).code == 0


def test_a_network_that_is_served_gives_and_does_not_take(folder: Path) -> None:
    file = folder.parent / "nimbus.zip"
    served = SqliteSpaces.open(folder, CATALOG)
    assert call("space", "export", NIMBUS, "--data", folder, "--out", file).code == 0
    for arguments in (("import", file), ("restore", file), ("erase", NIMBUS, "--yes")):
        failed(call("space", *arguments, "--data", folder), "already served")
    served._release()


def test_wrong_calls(folder: Path, tmp_path: Path) -> None:
    failed(call("space", "erase", NIMBUS, "--data", folder), "--yes")
    failed(call("space", "erase", "Nobody", "--yes", "--data", folder), "no company Nobody")
    failed(call("space", "erase", NIMBUS, "--yes", "--data", tmp_path / "none"), "no network")
    failed(call("space", "import", tmp_path / "none.zip", "--data", folder), "none.zip", "No such file")
    (tmp_path / "bad.zip").write_bytes(b"bad")
    failed(call("space", "restore", tmp_path / "bad.zip", "--data", folder), "no zip file")
    assert call("space").code == call("space", "move").code == call("space", "export").code == 2


def test_a_companys_own_policy_goes_with_it(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "policies").mkdir()
    config = tmp_path / "multiway.toml"
    config.write_text('data = "data"\npolicies = "policies"\ndevelopment_issuer = true\n')
    _, nimbus = person(folder, "ana@nimbus.example")
    policy, file = tmp_path / "policies" / f"{nimbus}.polar", tmp_path / "nimbus.zip"
    text = 'deny_side_field(_viewer, "read", side, "notes", "no notes") if side.own = false;\n'
    policy.write_text(text)
    assert call("space", "export", nimbus, "--config", config, "--out", file).code == 0
    assert str(policy) in call("space", "erase", nimbus, "--yes", "--config", config).out
    policy.unlink()
    failed(call("space", "import", file, "--data", folder), "a policy of its own", "--without-policy")
    assert call("space", "import", file, "--config", config).code == 0
    assert policy.read_text() == text
    policy.write_text(text * 2)
    call("space", "erase", nimbus, "--yes", "--config", config)
    assert call("space", "import", file, "--config", config).code == 0
    assert policy.read_text() == text * 2
    assert call("space", "import", file, "--data", tmp_path / "other", "--without-policy").code == 0
