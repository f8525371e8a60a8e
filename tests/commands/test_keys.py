"""The keys of a data folder: made once, for its owner alone; tokens end, and hold for one folder."""

import stat
import time
from pathlib import Path

import pytest

from gateway.auth import LEEWAY
from gateway.credentials import TOKEN_SECONDS, DevelopmentIssuer, seal_key
from tests.commands.calls import call
from tests.commands.made import make, person
from tests.commands.processes import PATIENCE, Served, start

ANA = "ana@nimbus.example"
ME = "{ viewer { person { name } } }"


def status(served: Served, token: str) -> int:
    return served.post(token, ME).status_code


def test_keys_are_for_their_owner_alone(served: Served, folder: Path) -> None:
    files = sorted((folder / "keys").iterdir())
    assert [file.name for file in files] == ["development-issuer.json", "seal.key"]
    assert [stat.S_IMODE(file.stat().st_mode) for file in (folder / "keys", *files)] == [0o700, 0o600, 0o600]
    assert len(seal_key(folder)) == 64


def test_a_key_is_made_once_by_processes_that_start_together(tmp_path: Path) -> None:
    folder = make(tmp_path / "data")
    processes = [start("token", ANA, "--data", folder) for _ in range(4)]
    tokens = []
    for process in processes:
        out, err = process.communicate(timeout=PATIENCE)
        assert (process.returncode, err) == (0, "")
        tokens.append(out.strip())
    assert len({token.split(".")[0] for token in tokens}) == 1  # the header names the key
    (file,) = (folder / "keys").iterdir()
    before = file.read_bytes()
    assert call("token", ANA, "--data", folder).out.split(".")[0] == tokens[0].split(".")[0]
    assert file.read_bytes() == before


def test_a_key_that_another_process_made_first_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = seal_key(tmp_path)
    monkeypatch.setattr(Path, "exists", lambda _: False)  # as if it had come between the look and the writing
    assert seal_key(tmp_path) == first
    assert [file.name for file in (tmp_path / "keys").iterdir()] == ["seal.key"]


def test_tokens_end(served: Served, folder: Path) -> None:
    issuer, now = DevelopmentIssuer(folder), time.time()
    ana, _ = person(folder, ANA)
    assert TOKEN_SECONDS == 3_600
    assert status(served, issuer.token(ana, now)) == 200
    assert status(served, issuer.token(ana, now - TOKEN_SECONDS + 5)) == 200
    assert status(served, issuer.token(ana, now - TOKEN_SECONDS - LEEWAY - 5)) == 401
    assert status(served, issuer.token(ana, now, seconds=-LEEWAY - 5)) == 401
    assert status(served, issuer.token(ana, now, audience="else")) == 401
    assert status(served, issuer.token("pe_" + "0" * 26, now)) == 401


def test_a_token_of_another_folder_is_refused(served: Served, folder: Path, tmp_path: Path) -> None:
    ana, _ = person(folder, ANA)
    assert status(served, DevelopmentIssuer(tmp_path).token(ana, time.time())) == 401
    other = make(tmp_path / "data")
    assert status(served, call("token", ANA, "--data", other).out.strip()) == 401
    assert seal_key(other) != seal_key(folder)
