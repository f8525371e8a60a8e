"""kill -9 during writes over HTTP: no acknowledged write is lost, none is half done, each key takes effect once."""

import asyncio
import os
import random
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.commands.processes import PATIENCE, Served, demo

KILLS = int(os.environ.get("MULTIWAY_KILLS", "2"))
RECORDS, WRITES = 40, 5  # one creation and four updates of each record: 200 writes
OWNERS = ("ana@nimbus.example", "ben@brightwater.example", "vera@vector.example", "kai@keystone.example")
GUEST = "finn@fieldnote.example"

SEEN = """
  id name updatedAt participants { company { id } role status }
  mine { nextStep notes probability nextStepsHistory { value } }
"""
CREATE = f"""mutation($input: CreateOpportunityInput!) {{
  done: createOpportunity(input: $input) {{ userErrors {{ code }} opportunity {{ {SEEN} }} }} }}"""
UPDATE = f"""mutation($input: UpdateOpportunityInput!) {{
  done: updateOpportunity(input: $input) {{ userErrors {{ code }} opportunity {{ {SEEN} }} }} }}"""
ALL = f"""query($after: String) {{ opportunities(first: 100, after: $after) {{
  totalCount pageInfo {{ hasNextPage endCursor }} nodes {{ {SEEN} }} }} }}"""


@dataclass(slots=True)
class Deal:
    """A record's chain of writes. Write number n gives name, nextStep, notes and probability that belong together."""

    key: str
    owner: str
    guest: str
    id: str | None = None
    acknowledged: int = 0
    pending: dict[str, Any] | None = None

    def request(self, number: int) -> dict[str, Any]:
        """The input of a write, from 1: always the same for the same number."""
        text = f"{self.key} {number}"
        mine = {"nextStep": text, "notes": text, "probability": number}
        given: dict[str, Any] = {"mine": mine, "clientMutationId": text}
        if number == 1:
            return given | {"name": text, "customer": {"name": self.key}, "invite": [self.guest]}
        return given | {"id": self.id, "joint": {"name": text, "customer": {"country": "NL"}}}

    def state(self, number: int, own: str) -> dict[str, Any]:
        """What the owner must see of the record after this write."""
        text = f"{self.key} {number}"
        return {
            "name": text,
            "participants": [_standing(own, "OWNER", "ACCEPTED"), _standing(self.guest, "PARTICIPANT", "INVITED")],
            "mine": {
                "nextStep": text,
                "notes": text,
                "probability": number,
                "nextStepsHistory": [{"value": f"{self.key} {n}"} for n in range(1, number + 1)],
            },
        }


def _standing(company: str, role: str, status: str) -> dict[str, Any]:
    return {"company": {"id": company}, "role": role, "status": status}


def companies(served: Served) -> dict[str, str]:
    """The id of each demo person's company."""
    query = "{ viewer { company { id } } }"
    return {email: served.ask(email, query)["viewer"]["company"]["id"] for email in served.tokens}


async def write_until_killed(served: Served, deals: list[Deal], kill_after: int) -> int:
    """Carries out all writes, the records at once and each record's in order, until the process is killed after so many
    answers. Returns how many were acknowledged."""
    answers = 0

    async def chain(http: httpx.AsyncClient, deal: Deal) -> None:
        nonlocal answers
        headers = {"Authorization": f"Bearer {served.tokens[deal.owner]}"}
        for number in range(1, WRITES + 1):
            deal.pending = deal.request(number)
            body = {"query": CREATE if number == 1 else UPDATE, "variables": {"input": deal.pending}}
            try:
                response = await http.post(served.url, json=body, headers=headers)
            except httpx.TransportError:
                return
            payload = response.json()["data"]["done"]
            assert payload["userErrors"] == []
            deal.id, deal.acknowledged, deal.pending = payload["opportunity"]["id"], number, None
            answers += 1
            if answers == kill_after:
                served.process.send_signal(signal.SIGKILL)

    limits = httpx.Limits(max_connections=RECORDS)
    async with httpx.AsyncClient(timeout=PATIENCE, limits=limits, trust_env=False) as http:
        await asyncio.gather(*(chain(http, deal) for deal in deals))
    return answers


def read_all(served: Served, who: str) -> dict[str, dict[str, Any]]:
    """All that somebody sees, by id; the pages agree with the count, and no record comes twice."""
    nodes: list[dict[str, Any]] = []
    after, more, total = None, True, 0
    while more:
        page = served.ask(who, ALL, {"after": after})["opportunities"]
        nodes += page["nodes"]
        after, more, total = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"], page["totalCount"]
    found = {node["id"]: node for node in nodes}
    assert len(found) == len(nodes) == total
    return found


def named(seen: Mapping[str, Mapping[str, Any]], deal: Deal) -> list[Mapping[str, Any]]:
    """The records that a deal's writes made; one, if all is well."""
    return [node for node in seen.values() if node["name"].rsplit(" ", 1)[0] == deal.key]


def without_identity(node: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in node.items() if name not in ("id", "updatedAt")}


def check_nothing_lost_or_half(served: Served, deals: list[Deal], ids: Mapping[str, str]) -> None:
    """As the process was found: each record whole, after its last acknowledged write or the one that was under way."""
    seen = {owner: read_all(served, owner) for owner in (*OWNERS, GUEST)}
    for deal in deals:
        nodes = named(seen[deal.owner], deal)
        assert len(nodes) == 1 if deal.acknowledged else len(nodes) <= 1
        for node in nodes:
            number = int(node["name"].rsplit(" ", 1)[1])
            assert number in (deal.acknowledged, deal.acknowledged + bool(deal.pending))
            assert without_identity(node) == deal.state(number, ids[deal.owner])
            assert deal.id in (None, node["id"])
        invited = named(seen[GUEST], deal)
        assert [(n["id"], n["name"], n["mine"]) for n in invited] == [(n["id"], n["name"], None) for n in nodes]


def check_each_key_takes_effect_once(served: Served, deals: list[Deal], ids: Mapping[str, str]) -> None:
    """What was not acknowledged is sent again, twice, with its key; the last acknowledged one too."""
    for deal in deals:
        for number in (deal.acknowledged, deal.acknowledged + 1, deal.acknowledged + 1):
            if 0 < number <= WRITES and (number == deal.acknowledged or deal.pending):
                text = CREATE if number == 1 else UPDATE
                payload = served.ask(deal.owner, text, {"input": deal.request(number)})["done"]
                assert payload["userErrors"] == []
                assert deal.id in (None, payload["opportunity"]["id"])
                deal.id = payload["opportunity"]["id"]
        deal.acknowledged += bool(deal.pending)
        deal.pending = None
    check_nothing_lost_or_half(served, deals, ids)


def test_kill_9_loses_no_acknowledged_write_and_leaves_no_half_one(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    deals: list[Deal] = []
    for kill in range(KILLS):
        rng = random.Random(kill)
        fresh: list[Deal] = []
        with demo(folder) as served:
            ids = companies(served)
            for number in range(RECORDS):
                fresh.append(Deal(f"deal {kill} {number}", OWNERS[number % len(OWNERS)], ids[GUEST]))
            wanted = rng.randrange(1, RECORDS * (WRITES - 1))  # so that some are always under way
            assert asyncio.run(write_until_killed(served, fresh, wanted)) >= wanted
            assert served.process.wait(PATIENCE) == -signal.SIGKILL
        assert any(deal.pending for deal in fresh)
        deals += fresh
        with demo(folder) as served:
            check_nothing_lost_or_half(served, deals, ids)
            check_each_key_takes_effect_once(served, fresh, ids)
            served.stop()
