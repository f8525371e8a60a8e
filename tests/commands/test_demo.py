"""`multiway demo`: what it serves, to whom, and how it ends."""

import signal
import socket
import sqlite3
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from graphql import parse

from gateway.demo.network import declaration, emails
from schema.catalog import load_catalog
from tests.commands.page import PAGE, SHOWN, sides
from tests.commands.processes import PATIENCE, Served, demo, failed, run, start

NETWORK = declaration()
NAMES: Mapping[str, str] = NETWORK["companies"]
PEOPLE: Mapping[str, Mapping[str, str]] = NETWORK["people"]
KIND = load_catalog().by_name["opportunity"]
IDS = "{ opportunities(first: 50) { nodes { id } } leads(first: 50) { nodes { id } } }"


def clean(folder: Path) -> bool:
    """Whether the folder was closed as it should: marked so, and no log left to be read again."""
    with sqlite3.connect(folder / "network.db") as network:
        (marked,) = network.execute("SELECT clean FROM state").fetchone()
    network.close()
    return bool(marked) and not list(folder.rglob("*.db-wal"))


def shared_with(record: Mapping[str, Any], owner: str, field: str, reader: str) -> bool:
    """Whether the demo's declaration shows the field of that company's side to the other company."""
    for entry in record.get("share", ()):
        if entry["company"] == owner and field in entry["fields"]:
            return entry["with"] == "PARTICIPANTS" or reader in entry["with"]
    return KIND.side_by_name[field].audience == "participants"


def wanted(reader: str) -> dict[str, dict[str, dict[str, Any]]]:
    """The sides that a company must see, by the declaration alone."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for record in NETWORK["records"]:
        if record["kind"] == "opportunity" and reader in (*record["sides"], *record.get("invited", ())):
            name = record["joint"]["name"]
            found[name] = {}
            for owner, side in record["sides"].items() if reader in record["sides"] else ():
                seen = {f for f in side if owner == reader or shared_with(record, owner, f, reader)}
                values = {f: side[f] if f in seen else None for f in SHOWN if f in side}
                if values.get("owner"):
                    values["owner"] = {"name": PEOPLE[str(values["owner"])]["name"]}
                found[name][NAMES[owner]] = dict.fromkeys(SHOWN) | values
    return found


def test_each_caller_gets_its_own_side_whole_and_of_the_others_what_they_share(served: Served) -> None:
    assert list(served.tokens) == list(emails())
    parse(PAGE)
    for email, token in served.tokens.items():
        company = PEOPLE[email]["company"]
        found = sides(served.ask(token, PAGE), NAMES[company])
        assert found == wanted(company), email


def test_the_first_screen_of_the_readme_is_what_two_callers_get(served: Served) -> None:
    name = "Harbour Line fleet data platform"
    nimbus, brightwater, vector = "Nimbus Cloud", "Brightwater Consulting", "Vector Analytics"
    ana = sides(served.ask("ana@nimbus.example", PAGE), nimbus)[name]
    ben = sides(served.ask("ben@brightwater.example", PAGE), brightwater)[name]
    assert ana[nimbus]["amount"] == {"amount": "480000.00", "currency": "EUR"}
    assert ben[nimbus]["amount"] is ben[nimbus]["stage"] is None
    assert ana[brightwater]["stage"] == ben[brightwater]["stage"] == "COMMITTED"
    assert ana[brightwater]["amount"] == ben[brightwater]["amount"] == {"amount": "215000.00", "currency": "EUR"}
    assert ana[vector] == ben[vector]
    assert (ana[vector]["stage"], ana[vector]["amount"]) == ("TECHNICAL_VALIDATION", None)
    assert ana[nimbus]["nextStep"] == ben[nimbus]["nextStep"] is not None


def test_the_page_comes_from_the_package_alone(served: Served) -> None:
    page = served.get("/")
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    files = [part.split('"')[0] for part in page.text.split('="/graphiql/')[1:]]
    assert len(files) > 3
    assert "://" not in page.text
    for file in files:
        assert served.get(f"/graphiql/{file}").status_code == 200
    people = served.get("/demo/people.json").json()
    assert [person["email"] for person in people["people"]] == list(emails())
    for person in people["people"]:
        viewer = served.ask(person["token"], "{ viewer { person { name } company { name } } }")["viewer"]
        assert viewer == {"person": {"name": person["name"]}, "company": {"name": person["company"]}}
    first = served.ask("ana@nimbus.example", people["firstQuery"])
    assert first["opportunities"]["nodes"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_second_demo_reuses_the_folder_and_a_signal_ends_it(tmp_path: Path, number: int) -> None:
    folder = tmp_path / "new" / "data"
    with demo(folder) as first:
        before = {email: first.ask(email, IDS) for email in first.tokens}
        record = before["ana@nimbus.example"]["opportunities"]["nodes"][0]["id"]
        first.do("ana@nimbus.example", "updateOpportunity", {"id": record, "mine": {"notes": "changed"}})
        assert not clean(folder)
        assert first.stop(number) == (0, "")
    assert clean(folder)
    with demo(folder) as second:
        assert {email: second.ask(email, IDS) for email in second.tokens} == before
        query = f'{{ opportunity(id: "{record}") {{ mine {{ notes }} }} }}'
        for token in (second.tokens["ana@nimbus.example"], first.tokens["ana@nimbus.example"]):
            assert second.ask(token, query) == {"opportunity": {"mine": {"notes": "changed"}}}
        assert second.stop() == (0, "")


def test_a_folder_in_use_is_refused(served: Served, folder: Path) -> None:
    failed(run("demo", "--port", 0, "--data", folder), str(folder), "another process")


def test_a_port_in_use_is_refused_and_nothing_is_made(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        failed(run("demo", "--port", port, "--data", tmp_path / "data"), f"127.0.0.1:{port}", "in use")
    assert not (tmp_path / "data").exists()


def test_a_folder_that_holds_something_else_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").write_bytes(b"cat")
    failed(run("demo", "--port", 0, "--data", tmp_path / "photos"), "photos")
    (tmp_path / "file").write_text("x")
    failed(run("demo", "--port", 0, "--data", tmp_path / "file"), "file")
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["cat.jpg", "file", "photos"]


def test_it_tells_people_where_as_whom_and_what(folder: Path, served: Served, tmp_path: Path) -> None:
    with start("demo", "--port", 0, "--data", tmp_path / "data") as process:
        assert process.stdout is not None
        said = ""
        while not said.endswith("\n}\n"):
            line = process.stdout.readline()
            assert line, said
            said += line
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=PATIENCE)
    assert (process.returncode, rest.strip(), errors) == (0, "", "")
    assert str(tmp_path / "data") in said
    assert "http://127.0.0.1:" in said
    assert "query PipelinePage" in said
    for email, person in PEOPLE.items():
        assert f"{person['name']}, {NAMES[person['company']]}" in said
        assert email in said
    assert said.count("\n    ey") == len(PEOPLE)


def test_without_a_folder_it_takes_a_new_one() -> None:
    with start("demo", "--json", "--port", 0, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith('{"url": "http://127.0.0.1:')
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
