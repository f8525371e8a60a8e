"""The container file: what it copies is all that the gateway needs, and what it runs works. No container is built here:
its steps are taken in a folder of their own, with the packages that are there."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from tests.commands.processes import PATIENCE
from tests.house.tree import ROOMS, ROOT, source

TEXT = re.sub(r"^#.*\n", "", source("Containerfile"), flags=re.MULTILINE).replace("\\\n", " ")


def _all(instruction: str) -> list[str]:
    return re.findall(rf"^{instruction} +(.+)$", TEXT, re.MULTILINE)


def test_it_runs_as_nobody_who_owns_the_code_and_keeps_data_in_a_volume() -> None:
    order = re.findall(r"^([A-Z]+) ", TEXT, re.MULTILINE)
    assert order.index("USER") > max(place for place, name in enumerate(order) if name in ("COPY", "RUN"))
    assert _all("USER") == ["multiway"]
    assert "useradd" in _all("RUN")[0]
    assert _all("VOLUME") == ["/var/lib/multiway"]
    assert "--require-hashes -r requirements.lock" in _all("RUN")[1]
    (base,) = _all("FROM")
    assert re.fullmatch(r"docker\.io/library/python:3\.1[12]-slim", base)
    assert _all("STOPSIGNAL") == ["SIGTERM"]


def test_what_it_copies_serves_and_its_health_check_tells(tmp_path: Path) -> None:
    app, config = tmp_path / "app", tmp_path / "settings.toml"
    for text in _all("COPY"):
        copied, _ = text.split()
        taken = ROOT / copied
        if taken.is_dir():
            shutil.copytree(taken, app / copied, ignore=shutil.ignore_patterns("__pycache__"))
    assert {path.name for path in app.iterdir()} == {*ROOMS}
    command = [*json.loads(_all("ENTRYPOINT")[0]), *json.loads(_all("CMD")[0])]
    assert command[:2] == ["python", "-m"]
    assert command[-1] == "/etc/multiway/settings.toml"
    check = json.loads(_all("HEALTHCHECK")[0].partition("CMD ")[2])
    config.write_text('data = "data"\nport = 0\ndevelopment_issuer = true\n')
    there = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    ran = [sys.executable, *command[1:-1], str(config)]
    with subprocess.Popen(ran, cwd=app, env=there, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr
            line = process.stderr.readline()
            port = re.search(r":(\d+)/graphql", line)
            assert port, line
            probe = [sys.executable, "-c", check[2].replace(":8000/", f":{port[1]}/")]
            assert subprocess.run(probe, cwd=app, env=there, timeout=PATIENCE, check=False).returncode == 0
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=PATIENCE) == 0
            assert subprocess.run(probe, cwd=app, env=there, capture_output=True, check=False).returncode != 0
        finally:
            process.kill()
