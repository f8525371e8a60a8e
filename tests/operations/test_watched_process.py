"""A gateway that serves with log and metrics on: where they are, that they work together, and that nothing waits."""

import json
from pathlib import Path

import httpx

from tests.commands.calls import call
from tests.commands.made import make
from tests.commands.processes import failed, start

ANA = "ana@nimbus.example"
REQUESTS = 350
"""Their lines are more than a pipe that nobody reads has room for."""
WHO = {"query": "query Secret { viewer { person { name } } }"}


def test_what_is_served_is_logged_as_json_and_counted(tmp_path: Path) -> None:
    make(tmp_path / "data")
    config = tmp_path / "settings.toml"
    config.write_text('data = "data"\nport = 0\ndevelopment_issuer = true\nlog = "json"\nmetrics = "127.0.0.1:0"\n')
    token = call("token", ANA, "--config", config).out.strip()
    with start("serve", "--config", config) as process, httpx.Client(trust_env=False, timeout=30) as http:
        try:
            assert process.stderr
            metrics, gateway = (json.loads(process.stderr.readline())["message"].split()[-1] for _ in range(2))
            headers = {"Authorization": f"Bearer {token}"}
            for _ in range(REQUESTS):
                assert http.post(gateway, json=WHO, headers=headers).status_code == 200
            counted = http.get(metrics).text
            assert f'multiway_requests_total{{code="none",operation="query",status="200"}} {REQUESTS}.0' in counted
            process.terminate()
            assert process.wait(timeout=30) == 0  # nobody reads, and it does not wait for that
            told = process.stderr.readlines()
        finally:
            process.kill()
    lines = [json.loads(line) for line in told if line.endswith("}\n")]
    assert 50 < len(lines) < REQUESTS  # as many as the pipe has room for
    assert {(line["message"], line["status"]) for line in lines} == {("request", 200)}
    for secret in (token, "Ana", ANA, "Secret"):
        assert secret not in "".join(told)


def test_metrics_need_a_free_address(tmp_path: Path) -> None:
    make(tmp_path / "data")
    config = tmp_path / "settings.toml"
    config.write_text('data = "data"\nport = 0\ndevelopment_issuer = true\nmetrics = "192.0.2.1:9464"\n')
    failed(call("serve", "--config", config), "192.0.2.1:9464, for metrics")
