"""The page in a real browser: it loads from this host alone, asks as the chosen person, and compares two."""

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn

from gateway.graphiql import DemoPerson
from tests.graphiql.chromium import CHROMIUM, Tab, open_browser
from tests.graphiql.fake_gateway import ANN, BEN, fake_gateway

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs a Chromium, which is not installed here")

ANSWER = "document.querySelector('.result-window')?.innerText ?? ''"
TYPE_LINKS = "[...document.querySelectorAll('.graphiql-doc-explorer-type-name')]"
SIDE_TYPE = f"{TYPE_LINKS}.find(link => link.innerText === 'OpportunitySide')"
COMPARED = "document.getElementById('answers').innerText"


@dataclass(frozen=True, slots=True)
class Shown:
    """The demo page in a tab, what the gateway was asked, and the people it gives."""

    tab: Tab
    url: str
    asked: list[tuple[str, str]]
    people: list[DemoPerson]

    def choose(self, which: str, person: DemoPerson) -> None:
        self.tab.evaluate(
            f"(select => {{ select.value = '{person.email}'; select.dispatchEvent(new Event('change')); }})"
            f"(document.getElementById('{which}'))"
        )

    def click(self, selector: str) -> None:
        self.tab.evaluate(f"document.querySelector('{selector}').click()")

    def write(self, query: str) -> None:
        self.tab.evaluate(
            f"document.querySelector('.graphiql-query-editor .CodeMirror').CodeMirror.setValue('{query}')"
        )

    def wait_for(self, text: str, where: str = ANSWER) -> None:
        self.tab.wait_for(f"({where}).includes('{text}')")


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Shown]:
    asked: list[tuple[str, str]] = []
    people = [ANN, BEN]
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(fake_gateway(asked, people), log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        with open_browser(tmp_path / "profile") as tab:
            url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
            tab.call("Page.navigate", url=url)
            tab.wait_for("document.querySelector('#caller')")
            yield Shown(tab, url, asked, people)
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


def test_it_runs_the_first_query_from_this_host_alone(page: Shown) -> None:
    page.wait_for('"stage": "QUALIFIED"')
    page.click('[aria-label="Show Documentation Explorer"]')
    page.wait_for("OpportunityPage", "document.querySelector('.graphiql-doc-explorer')?.innerText ?? ''")
    page.click('[aria-label="Open settings dialog"]')
    page.tab.wait_for("document.querySelector('.graphiql-dialog')")
    assert set(page.asked) == {(ANN.token, "IntrospectionQuery"), (ANN.token, "PipelinePage")}
    addresses = page.tab.asked_addresses()
    assert len(addresses) > 10
    assert [address for address in addresses if not address.startswith(page.url)] == []
    assert page.tab.complaints() == []


def test_another_person_gets_another_answer_and_another_schema(page: Shown) -> None:
    page.wait_for('"stage": "QUALIFIED"')
    page.choose("caller", BEN)
    page.wait_for('"stage": "COMMITTED"')
    page.click('[aria-label="Show Documentation Explorer"]')
    page.tab.wait_for(f"{SIDE_TYPE} && ({SIDE_TYPE}.click(), true)")
    page.wait_for("onlyOfContoso", "document.querySelector('.graphiql-doc-explorer').innerText")
    assert {token for token, _ in page.asked} == {ANN.token, BEN.token}
    assert [operation for token, operation in page.asked if token == BEN.token].count("PipelinePage") == 1


def test_tokens_are_in_no_address_and_no_storage(page: Shown) -> None:
    page.wait_for('"stage": "QUALIFIED"')
    page.choose("caller", BEN)
    page.wait_for('"stage": "COMMITTED"')
    stored = page.tab.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
    assert "PipelinePage" in stored
    assert "token-of-" not in stored
    assert [address for address in page.tab.asked_addresses() if "token-of-" in address] == []


def test_two_callers_are_compared_side_by_side(page: Shown) -> None:
    page.wait_for('"stage": "QUALIFIED"')
    page.click("#compare")
    page.wait_for("lines differ", COMPARED)
    marked = page.tab.evaluate(
        "[...document.querySelectorAll('#answers pre')].map(p => [p.className, p.innerText.trim()])"
    )
    pairs = [(tuple(left), tuple(right)) for left, right in zip(marked[::2], marked[1::2], strict=True)]
    assert (("differs", '"stage": "QUALIFIED",'), ("differs", '"stage": "COMMITTED",')) in pairs
    assert (("", '"id": "rec-2",'), ("", '"id": "rec-2",')) in pairs
    assert (("differs", '"id": "rec-1",'), ("absent", "")) in pairs
    assert page.tab.evaluate("document.querySelectorAll('#answers img').length") == 0
    page.choose("other", ANN)
    page.wait_for("Both callers get the same answer.", COMPARED)
    page.click("#compare")
    page.tab.wait_for("document.getElementById('answers').hidden")
    page.wait_for('"stage": "QUALIFIED"')
    assert page.tab.complaints() == []


def test_a_mutation_runs_once_and_only_when_it_is_asked_for(page: Shown) -> None:
    page.wait_for('"stage": "QUALIFIED"')
    page.write('mutation Rename { rename(name: "new") }')
    page.choose("caller", BEN)
    page.click("#compare")
    page.tab.wait_for(f"{COMPARED}.length > 0")
    page.tab.evaluate("new Promise(done => setTimeout(done, 300))")
    assert "Rename" not in [operation for _, operation in page.asked]
    page.click(".graphiql-execute-button")
    page.wait_for("Only queries are asked as two people", COMPARED)
    page.click("#compare")
    page.wait_for('"rename": "new"')
    assert [asked for asked in page.asked if asked[1] == "Rename"] == [(BEN.token, "Rename")]


def test_a_token_that_ran_out_is_replaced(page: Shown) -> None:
    page.wait_for('"stage": "QUALIFIED"')
    page.people[1] = DemoPerson(BEN.name, BEN.company, BEN.email, "run-out")
    page.tab.call("Page.navigate", url=page.url)
    page.wait_for('"stage": "QUALIFIED"')
    page.people[1] = BEN
    page.choose("caller", BEN)
    page.wait_for('"stage": "COMMITTED"')
    assert "run-out" in {token for token, _ in page.asked}


def test_a_network_without_people_is_said(page: Shown) -> None:
    page.people.clear()
    page.tab.call("Page.navigate", url=page.url)
    page.wait_for("The demo network has no people.", "document.getElementById('problem').innerText")
