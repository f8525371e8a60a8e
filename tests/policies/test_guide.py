"""The guide to companies' policies: each of its texts loads and does what it says, and it names every fact and word."""

import re
from pathlib import Path
from typing import Any

import pytest

from policies import Policies
from policies.check import _MAX_DEPTH, _MAX_RULE, _MAX_TEXT, _REFUSED, FOR_COMPANIES
from policies.facts import ACTIONS, COLUMNS, GROUND, SETS
from schema.catalog import load_catalog
from schema.mask import RECORD_ID
from schema.names import PersonId
from schema.sharing import NO_OVERRIDES
from schema.viewer import Viewer
from tests.policies.world import ACME, ANN, GIL, IDA, names, run

TEXT = (Path(__file__).parents[2] / "docs" / "guides" / "policies.md").read_text()
OPEN, CLOSE, HELPERS = re.findall(r"^```polar\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
CATALOG = load_catalog()
DEAL = CATALOG.by_name["opportunity"]
INTERN = Viewer(PersonId("pe_ivy"), ACME, ("intern",))
FIGURES = {"amount", "expectedRevenue", "probability"}


def world(text: str) -> Policies:
    """The policies where Acme has this text, and Globex and Initech have none."""
    policies = Policies(CATALOG)
    policies.replace(ACME, text)
    return policies


def side(text: str, viewer: Viewer, action: str = "read", **row: Any) -> set[str]:
    """What the viewer may do with a deal's side of Acme, which all have accepted."""
    program = world(text).sides(viewer, DEAL, ACME, action).program(NO_OVERRIDES)
    return names(DEAL, "side", run(program, viewer_status="ACCEPTED", owner_status="ACCEPTED", **row))


def joint(text: str, viewer: Viewer) -> set[str]:
    """The joint fields of a deal that the viewer may read."""
    program = world(text).joint(viewer, DEAL)
    return names(DEAL, "joint", run(program, viewer_status="ACCEPTED", viewer_role="OWNER"))


def test_large_deals_are_open_to_one_partner() -> None:
    large: dict[str, Any] = {"amount_currency": "EUR", "amount_minor": 100_000_000}
    assert side(OPEN, GIL, **large) == side(OPEN, GIL) | {"amount"}
    for row in ({**large, "amount_minor": 99_999_999}, {**large, "amount_currency": "USD"}, {}):
        assert "amount" not in side(OPEN, GIL, **row)
    assert "amount" not in side(OPEN, IDA, **large)


def test_lost_deals_are_closed_to_others() -> None:
    assert "nextStep" in side(CLOSE, GIL, stage="COMMITTED")
    assert "nextStep" not in side(CLOSE, GIL, stage="CLOSED_LOST")
    assert "nextStep" not in side(CLOSE, GIL, stage=None)  # null in a deny closes
    assert "nextStep" in side(CLOSE, ANN, stage="CLOSED_LOST")


def test_interns_see_no_figures() -> None:
    for action in ("read", "update", "share"):
        assert side(HELPERS, INTERN, action) == side(HELPERS, ANN, action) - FIGURES
        assert side(HELPERS, ANN, action) >= FIGURES
    assert joint(HELPERS, INTERN) == joint(HELPERS, ANN) - {"customerAccountName"}
    assert "customerAccountName" in joint(HELPERS, GIL)


def test_a_deny_beats_an_allow() -> None:
    large: dict[str, Any] = {"amount_currency": "EUR", "amount_minor": 100_000_000}
    closed = 'deny_side_field(_viewer, "read", side, "amount", "never") if side.own = false;'
    assert "amount" not in side(OPEN + closed, GIL, **large)


@pytest.mark.parametrize("text", [OPEN, CLOSE, HELPERS])
def test_each_text_may_stand_beside_the_others(text: str) -> None:
    assert side(OPEN + CLOSE + HELPERS, ANN) == side(text, ANN)


def test_every_fact_is_in_the_guide() -> None:
    subjects = {
        name: facts for name, facts in GROUND.items() if name not in ("participant", "company")
    }  # which no company's text asks of
    facts = {f"{name}.{fact}" for name, known in subjects.items() for fact in (*known, *COLUMNS.get(name, ()))}
    facts |= {f"side.{each}" for each in SETS} | {f"{name}.{RECORD_ID}" for name in ("side", "record")}
    assert {*re.findall(r"^\| `(\w+\.\w+)` \|", TEXT, re.MULTILINE)} == facts


def test_every_predicate_action_and_refused_word_is_in_the_guide() -> None:
    defined = re.findall(r"^\| `(\w+)\(", TEXT, re.MULTILINE)
    assert {*defined} == {*FOR_COMPANIES}
    assert [action for action in ACTIONS if f'`"{action}"`' not in TEXT] == []
    refused = TEXT.split("- **words**:")[1].split("- **marks**")[0]
    assert {*re.findall(r"`(\w+)`", refused)} == _REFUSED
    for most in (f"{_MAX_TEXT:,} characters", f"{_MAX_RULE} words", f"{_MAX_DEPTH} brackets"):
        assert most in TEXT
