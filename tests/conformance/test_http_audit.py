"""GraphQL over HTTP: every audit of graphql-http, those of MUST, SHOULD and MAY, is ok."""

import json
from typing import Any

from tests.commands.processes import Served
from tests.conformance.tools import HERE, node_modules, run

AUDITS = 61


def audited(url: str, token: str) -> list[dict[str, Any]]:
    modules = node_modules()
    ended = run("node", HERE / "http_audit.mjs", modules, url, token, folder=modules.parent)
    assert ended.returncode == 0, ended.stderr
    found: list[dict[str, Any]] = json.loads(ended.stdout)
    return found


def test_every_audit_is_ok(served: Served, token: str) -> None:
    found = audited(served.url, token)
    assert [audit for audit in found if audit["status"] != "ok"] == []
    assert len(found) == AUDITS


def test_the_audit_sees_a_fault(served: Served) -> None:
    """Nobody is signed in: what must answer 200 answers 401."""
    failed = [audit["name"] for audit in audited(served.url, "nobody") if audit["status"] != "ok"]
    assert "MUST accept POST requests" in failed
