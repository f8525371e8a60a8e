"""What a company's own text adds: it opens more of its own sides to participants, and closes what it likes."""

import logging
from typing import Any

import pytest

from policies import Policies
from tests.policies.world import ACME, ANN, CATALOG, GIL, GLOBEX, HINT, IDA, SHARED, TYPES, joint, person, side

ALL = {"exists", *TYPES}


def world(text: str) -> Policies:
    """The policies where Acme has this text."""
    return Policies(CATALOG, extra={ACME: text})


def allow(condition: str) -> Policies:
    return world(
        f'allow_side_field(viewer, "read", side, field, "by us") if {condition};'.replace(
            "viewer,", _used(condition), 1
        )
    )


def deny(condition: str) -> Policies:
    return world(
        f'deny_side_field(viewer, _action, side, field, "not by us") if {condition};'.replace(
            "viewer,", _used(condition), 1
        )
    )


def _used(condition: str) -> str:
    return "viewer," if "viewer." in condition else "_viewer,"


def test_allow_opens_to_participants_only() -> None:
    policies = allow('viewer.company = "co_globex" and field = "amount" and side.kind = "deal"')
    assert side(policies, GIL) == {"exists", "nextStep", "amount"}
    assert side(policies, IDA) == {"exists", "nextStep"}
    assert side(policies, GIL, viewer_status="INVITED") == set()
    assert side(policies, GIL, owner_status="WITHDRAWN") == set()
    assert side(policies, GIL, action="update") == set()
    assert side(policies, GIL, owner=GLOBEX, action="read") == ALL


def test_allow_is_not_for_the_own_people_who_hide_private_fields() -> None:
    policies = allow('field in side.fields and side.kind = "deal"')
    assert side(policies, person(ACME, "ann", hide=True)) == {"exists", "nextStep"}
    assert side(policies, GIL) == ALL


def test_a_text_is_in_force_for_its_own_sides_only() -> None:
    policies = deny('viewer.company = "co_initech" and field in side.fields')
    assert side(policies, IDA, owner=ACME) == set()
    assert side(policies, IDA, owner=GLOBEX) == {"exists", "nextStep"}


@pytest.mark.parametrize(
    ("condition", "inside", "outside"),
    [
        ("side.amount_minor >= 1000", {"amount_minor": 1000}, {"amount_minor": 999}),
        ("side.amount_minor > 1000", {"amount_minor": 1001}, {"amount_minor": 1000}),
        ("side.amount_minor < 1000", {"amount_minor": 999}, {"amount_minor": 1000}),
        ("1000 >= side.amount_minor", {"amount_minor": 1000}, {"amount_minor": 1001}),
        ('side.amount_currency == "USD"', {"amount_currency": "USD"}, {"amount_currency": "usd"}),
        ('side.stage != "LOST"', {"stage": "WON"}, {"stage": "LOST"}),
        ('side.stage in ["WON", "LOST"]', {"stage": "LOST"}, {"stage": "OPEN"}),
        ('side.stage > "m"', {"stage": "n"}, {"stage": "M"}),
        ("side.score >= 1", {"score": 1.5}, {"score": 0.5}),
        ("side.score <= -0.5", {"score": -1.0}, {"score": 0.0}),
        ("side.hot = true", {"hot": True}, {"hot": False}),
        ("side.chance >= 5 and side.chance <= 9", {"chance": 9}, {"chance": 10}),
        ("side.chance = x and x > 5 and x in [5, 6, 7]", {"chance": 6}, {"chance": 5}),
        (
            'side.chance = 5 or (side.stage = "WON" and side.hot = false)',
            {"stage": "WON", "hot": False},
            {"hot": False},
        ),
        ("side.next_step = viewer.person", {"next_step": "pe_gil"}, {"next_step": "pe_ida"}),
        ("side.stage in viewer.roles", {"stage": "seller"}, {"stage": "buyer"}),
    ],
)
def test_columns_open_and_close(condition: str, inside: dict[str, Any], outside: dict[str, Any]) -> None:
    """The same condition as an allow and as a deny; null opens nothing and closes."""
    viewer = person(GLOBEX, "gil", "seller")
    opened = allow(f'({condition}) and field = "amount"')
    assert side(opened, viewer, **inside) == {"exists", "nextStep", "amount"}
    assert side(opened, viewer, **outside) == side(opened, viewer) == {"exists", "nextStep"}
    closed = deny(f'({condition}) and field = "nextStep"')
    filled: dict[str, Any] = {"stage": "x", "hot": True, "chance": 99}
    assert side(closed, viewer, **{**filled, **inside}) == {"exists"}
    assert side(closed, viewer, **{**filled, **outside}) == {"exists", "nextStep"}
    assert side(closed, viewer) == {"exists"}


def test_a_deny_beats_the_own_company_and_every_action() -> None:
    policies = deny('field = "amount" and side.own = true and "junior" in viewer.roles')
    junior = person(ACME, "jo", "junior")
    for action in ("read", "update", "share"):
        assert side(policies, junior, action=action) == ALL - {"amount"}
        assert side(policies, ANN, action=action) == ALL


def test_a_deny_of_existence_hides_the_side() -> None:
    policies = world(
        'deny_side_field(viewer, "read", _side, "exists", "not for them") if viewer.company = "co_globex";'
    )
    assert side(policies, GIL, sharing=SHARED) == set()
    assert side(policies, IDA) == {"exists", "nextStep"}


def test_a_deny_with_an_open_field_closes_every_field() -> None:
    policies = world('deny_side_field(_v, _a, side, _f, "all") if side.hot = true;')
    assert side(policies, ANN, hot=True) == side(policies, ANN) == set()
    assert side(policies, ANN, hot=False) == ALL


def test_a_field_may_be_named_by_what_it_is_not() -> None:
    policies = world('deny_side_field(_v, _a, side, field, "all but one") if side.own = false and field != "exists";')
    assert side(policies, GIL) == {"exists"}
    assert side(policies, ANN) == ALL


def test_several_denies_add_up() -> None:
    policies = deny('(side.stage = "A" and side.hot = true or side.chance > 5) and field in ["nextStep", "stage"]')
    assert side(policies, GIL, stage="B", hot=True, chance=5) == {"exists", "nextStep"}
    assert side(policies, GIL, stage="B", hot=None, chance=5) == {"exists", "nextStep"}
    assert side(policies, GIL, stage="A", hot=True, chance=5) == {"exists"}
    assert side(policies, GIL, stage="B", hot=True, chance=6) == {"exists"}
    assert side(policies, GIL, stage="A", hot=None, chance=5) == {"exists"}


def test_helpers_share_conditions() -> None:
    policies = world(
        """
        our_secret(field) if field in ["amount", "notes", "nextStep"];
        our_partner(viewer) if viewer.company in ["co_globex"];
        our_big(viewer, side, least) if our_partner(viewer) and side.amount_minor >= least;
        deny_side_field(viewer, "read", side, field, "big deals are ours") if
            our_secret(field) and our_big(viewer, side, 1000);
        """.replace('"notes", ', "")
    )
    assert side(policies, GIL, amount_minor=1000) == {"exists"}
    assert side(policies, GIL, amount_minor=10) == {"exists", "nextStep"}
    assert side(policies, IDA, amount_minor=1000) == {"exists", "nextStep"}


def test_joint_fields_are_closed_for_the_companys_own_people() -> None:
    policies = world('deny_joint_field(viewer, _action, _record, "contact", "sales only") if "intern" in viewer.roles;')
    assert joint(policies, person(ACME, "ivy", "intern"), "ACCEPTED") == {"exists", "name", "region"}
    assert joint(policies, ANN, "ACCEPTED") == {"exists", "name", "region", "contact"}
    assert joint(policies, person(GLOBEX, "ivy", "intern"), "ACCEPTED") == {"exists", "name", "region", "contact"}


@pytest.mark.parametrize(
    "condition",
    [
        "side.chance = side.amount_minor",
        "side.chance != side.amount_minor",
        "side.chance > side.amount_minor and side.chance > 4",
        'side.chance = "5"',
        "side.chance = 5.5",
        "side.chance = true",
        "side.hot > false",
        "side.hot in [false] and side.stage = 1",
        '"x" in side.stage',
        "side.stage in side.next_step",
        'side.next_step = side.stage and side.stage > "a"',
        "side.stage = [1]",
    ],
)
def test_what_is_not_column_by_column_closes(condition: str, caplog: pytest.LogCaptureFixture) -> None:
    opened = allow(f'{condition} and field = "amount"')
    row: dict[str, Any] = {"chance": 5, "amount_minor": 5, "stage": "x", "next_step": "x", "hot": True}
    assert side(opened, GIL, **row) == {"exists", "nextStep"}
    assert "an allow rule has" in caplog.text
    caplog.clear()
    assert side(deny(f'{condition} and field = "amount"'), GIL, **row) == set()
    assert "a deny rule has" in caplog.text


def test_a_column_that_a_kind_lacks_is_no_silent_failure(caplog: pytest.LogCaptureFixture) -> None:
    careless = deny('side.amount_minor >= 10 and field = "stage"')
    assert side(careless, ANN, of=HINT) == set()
    assert "does not have" in caplog.text
    caplog.clear()
    careful = deny('side.kind = "deal" and side.amount_minor >= 10 and field = "stage"')
    assert side(careful, ANN, of=HINT) == {"exists", "stage"}
    assert side(careful, ANN, amount_minor=10) == ALL - {"stage"}
    assert side(allow('side.amount_minor >= 10 and field = "stage"'), GIL, of=HINT) == {"exists", "stage"}
    assert "an allow rule has a column that this kind does not have" in caplog.text


def test_denies_that_multiply_beyond_bounds_close(caplog: pytest.LogCaptureFixture) -> None:
    columns = ("stage", "next_step", "amount_currency")
    pair = 'deny_side_field(_v, _a, side, field, "x") if field = "tags" and {};'
    rules = [pair.format(" and ".join(f'side.{c} >= "{i}{c}"' for c in columns)) for i in range(7)]
    assert side(world("".join(rules)), ANN, stage="0", next_step="0", amount_currency="0") == set()
    assert "too many cases" in caplog.text


def test_alarms_name_no_value(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    policies = deny('side.chance = "sesame" and field = "amount" and viewer.person = "pe_gil"')
    assert side(policies, GIL) == set()
    (record,) = caplog.records
    assert (record.name, record.levelname) == ("multiway.policies", "ERROR")
    for value in ("sesame", "pe_gil", "co_acme", "co_globex"):
        assert value not in record.getMessage()
    assert record.exc_info is None
