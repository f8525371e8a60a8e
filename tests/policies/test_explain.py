"""Explain: each open field with the rules that open it."""

from typing import Any

from policies import Policies
from policies.compile import bits_of
from schema.sharing import NO_OVERRIDES, Sharing
from schema.viewer import Viewer
from tests.policies.world import ACME, ANN, CATALOG, DEAL, GIL, SHARED, TYPES, person, side

KNOWS = "a participant knows of the other participants' sides"
ALL = "shared with all participants"
TEXT = """
allow_side_field(_viewer, "read", side, "chance", "big deals are open") if side.amount_minor >= 1000;
deny_side_field(_viewer, "read", side, "nextStep", "lost deals are closed") if side.stage = "LOST";
"""


def explained(viewer: Viewer, sharing: Sharing = NO_OVERRIDES, **values: Any) -> list[tuple[str, str]]:
    policies = Policies(CATALOG, extra={ACME: TEXT})
    found = policies.explain(viewer, DEAL, ACME, sharing, "ACCEPTED", "ACCEPTED", values)
    assert {name for name, _ in found} == side(policies, viewer, sharing=sharing, **values)
    return found


def test_every_reason_of_every_field_in_the_order_of_the_fields() -> None:
    assert explained(GIL, SHARED, stage="WON", amount_minor=1000) == [
        ("exists", KNOWS),
        ("stage", ALL),
        ("amount", "shared with the company by name"),
        ("score", "shared with the person by name"),
        ("chance", "big deals are open"),
        ("nextStep", ALL),
    ]


def test_what_a_deny_closes_and_what_null_leaves_closed_is_not_there() -> None:
    assert explained(GIL, stage="LOST", amount_minor=999) == [("exists", KNOWS)]
    assert explained(GIL) == [("exists", KNOWS)]
    assert explained(GIL, stage="WON") == [("exists", KNOWS), ("nextStep", ALL)]


def test_the_own_company() -> None:
    own = "the company's own side"
    assert explained(ANN, stage="WON") == [(name, own) for name in ("exists", *TYPES)]
    hiding = person(ACME, "ann", hide=True)
    assert explained(hiding, stage="WON") == [
        ("exists", own + ", private fields hidden"),
        ("nextStep", own + ", shared with somebody"),
    ]


def test_nobody_else_and_no_other_action() -> None:
    policies = Policies(CATALOG)
    assert policies.explain(GIL, DEAL, ACME, SHARED, "INVITED", "ACCEPTED") == []
    assert policies.explain(GIL, DEAL, ACME, SHARED, None, None) == []
    assert policies.explain(GIL, DEAL, ACME, SHARED, "ACCEPTED", "ACCEPTED", action="update") == []
    write = policies.explain(ANN, DEAL, ACME, SHARED, "ACCEPTED", "ACCEPTED", action="update")
    assert write[0] == ("exists", "a participant writes its own side")


def test_bits() -> None:
    assert bits_of(["a", "c"], {"a": 1, "b": 2, "c": 4}) == 5
