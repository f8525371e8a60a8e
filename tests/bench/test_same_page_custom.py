"""Custom fields change nothing of the page that does not ask for them, and all 30 are there for who does."""

import json
import time
from pathlib import Path

from bench.contestants import CUSTOM_QUERY, QUERY, ask, build
from bench.data import SMALL, SMALL_CUSTOM, make_network
from bench.many_models import measure
from gateway.credentials import DevelopmentIssuer


async def test_custom_fields_leave_the_page_as_it_is(tmp_path: Path) -> None:
    pages = {}
    asked = {"plain": (SMALL, QUERY), "custom": (SMALL_CUSTOM, QUERY), "asked": (SMALL_CUSTOM, CUSTOM_QUERY)}
    for name, (size, query) in asked.items():
        folder = tmp_path / name
        folder.mkdir()
        network = await make_network(folder, size)
        made = build("gateway", folder)
        try:
            token = DevelopmentIssuer(folder).token(network.people[3][0], time.time())
            body = json.dumps({"query": query.read_text(encoding="utf-8")}).encode()
            status, answer = await ask(made.app, token, body)
        finally:
            await made.close()
        assert status == 200, answer
        pages[name] = json.loads(answer)["data"]["opportunities"]["nodes"]
    assert len(pages["plain"]) == 50
    assert pages["custom"] == pages["plain"]
    for node, plain in zip(pages["asked"], pages["plain"], strict=True):
        custom = {name: node["mine"].pop(name) for name in list(node["mine"]) if name.startswith("custom")}
        assert node == plain
        assert len(custom) == 30
        assert None not in custom.values()


async def test_the_models_of_many_companies_are_measured() -> None:
    found = await measure(8)
    assert all(value > 0 for value in found.values())
    assert found["mib"] < 3
    assert found["hits"] > 0.99
