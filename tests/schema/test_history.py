"""A history logs each value that its field really takes."""

import json

from schema.catalog import load_catalog
from schema.history import MOST_ENTRIES, with_history

DEAL = load_catalog().by_name["opportunity"]


def log(*entries: tuple[str, str | None]) -> tuple[dict[str, str], ...]:
    return tuple({"at": at} if value is None else {"at": at, "value": value} for at, value in entries)


def test_a_new_value_is_logged_beside_it() -> None:
    assert with_history(DEAL, {"nextStep": "Call"}, {}, "t1") == {
        "nextStep": "Call",
        "nextStepsHistory": log(("t1", "Call")),
    }


def test_a_change_is_added_and_clearing_is_an_entry_without_a_value() -> None:
    held = {"nextStep": ("Call",), "nextStepsHistory": (json.dumps(log(("t1", "Call"))),)}
    assert with_history(DEAL, {"nextStep": None}, held, "t2")["nextStepsHistory"] == log(("t1", "Call"), ("t2", None))


def test_the_same_value_and_other_fields_leave_it_alone() -> None:
    held = {"nextStep": ("Call",), "nextStepsHistory": (None,)}
    for values in ({"nextStep": "Call"}, {"probability": 5}):
        assert with_history(DEAL, values, held, "t2") == values
    assert with_history(DEAL, {"nextStep": None}, {}, "t1") == {"nextStep": None}


def test_just_the_newest_entries_are_kept() -> None:
    past = log(*((f"t{n}", "x") for n in range(MOST_ENTRIES)))
    held = {"nextStep": ("x",), "nextStepsHistory": (json.dumps(past),)}
    found = with_history(DEAL, {"nextStep": "y"}, held, "now")["nextStepsHistory"]
    assert found == (*past[1:], {"at": "now", "value": "y"})


def test_lifecycles_tell_what_they_begin_with() -> None:
    assert DEAL.starts("joint") == {"engagementStage": "IDENTIFIED"}
    assert DEAL.starts("side") == {}
