"""Epochs: shared where nothing is their own, swapped whole, pinned by a request; their cache and its key."""

import logging
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies import Policies, epoch
from policies.engine import Rules
from policies.facts import COLUMNS
from schema.errors import BadDeclaration
from schema.field import FieldType
from schema.mask import RECORD_ID, record_columns
from schema.names import CompanyId, PersonId
from schema.reserved import FIELD_NAME, SIDE_FIELDS
from schema.sharing import NO_OVERRIDES, Audience
from schema.viewer import Viewer
from tests.policies.world import (
    ACME,
    ANN,
    CATALOG,
    DEAL,
    GIL,
    GLOBEX,
    HINT,
    IDA,
    INITECH,
    SHARED,
    TEXT,
    TYPES,
    field,
    joint,
    person,
    run,
    side,
)

CLOSED = 'deny_side_field(_v, _a, _s, _f, "closed") if true;'
OPEN = 'allow_side_field(_v, "read", _s, "amount", "open");'


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The predicates that Oso is asked."""
    calls: list[str] = []
    ask = Rules.ask

    def noted(self: Rules, predicate: str, *arguments: object) -> object:
        calls.append(predicate)
        return ask(self, predicate, *arguments)

    monkeypatch.setattr(Rules, "ask", noted)
    return calls


def test_replace_swaps_and_an_empty_text_takes_away() -> None:
    policies = Policies(CATALOG)
    policies.replace(ACME, OPEN)
    assert side(policies, GIL) == {"exists", "nextStep", "amount"}
    policies.replace(ACME, CLOSED)
    assert side(policies, GIL) == side(policies, ANN) == set()
    assert side(policies, GIL, owner=INITECH) == {"exists", "nextStep"}
    policies.replace(ACME, " \n")
    assert side(policies, GIL) == {"exists", "nextStep"}


def test_a_pinned_view_keeps_what_it_saw() -> None:
    policies = Policies(CATALOG, extra={ACME: OPEN})
    pinned = policies.pin()
    before = pinned.sides(GIL, DEAL, ACME)
    policies.replace(ACME, CLOSED)
    for masks in (before, pinned.sides(GIL, DEAL, ACME)):
        assert run(masks.program(NO_OVERRIDES), viewer_status="ACCEPTED", owner_status="ACCEPTED") != 0
    assert side(policies, GIL) == set()
    assert pinned.explain(GIL, DEAL, ACME, NO_OVERRIDES, "ACCEPTED", "ACCEPTED") != []


@pytest.mark.parametrize("text", ["deny_side_field(", CLOSED + "our_x(x) if not x;", OPEN + '\nour_x("a") if "a" = ;'])
def test_a_bad_text_changes_nothing(text: str) -> None:
    policies = Policies(CATALOG, extra={ACME: OPEN})
    with pytest.raises(BadDeclaration, match=r"Policy, line \d"):
        policies.replace(ACME, text)
    assert side(policies, GIL) == {"exists", "nextStep", "amount"}
    with pytest.raises(BadDeclaration):
        Policies(CATALOG, extra={GLOBEX: text})


def test_companies_without_a_text_share_one_epoch_and_one_decision(
    asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[tuple[str, ...]] = []
    monkeypatch.setattr(epoch, "Rules", lambda *texts: loaded.append(texts) or Rules(*texts))  # type: ignore[func-returns-value] # append gives None, on purpose
    policies = Policies(CATALOG, extra={ACME: OPEN})
    for i in range(50):
        assert side(policies, GIL, owner=CompanyId(f"co_{i}")) == {"exists", "nextStep"}
    assert len(loaded) == 2
    assert asked == ["deny_side_field", "side_field"]


def test_a_warm_decision_asks_nothing(asked: list[str]) -> None:
    policies = Policies(CATALOG)
    for _ in range(3):
        side(policies, GIL, sharing=SHARED)
        joint(policies, GIL, "ACCEPTED")
        policies.participants(GIL)
    assert len(asked) == 5
    cold = Policies(CATALOG, cache=False)
    for _ in range(3):
        side(cold, GIL)
    assert len(asked) == 11


def test_one_request_asks_once_for_a_class_even_without_a_cache(asked: list[str]) -> None:
    masks = Policies(CATALOG, cache=False).sides(GIL, DEAL, ACME)
    assert masks.program(NO_OVERRIDES) is masks.program(NO_OVERRIDES)
    assert len(asked) == 2


def test_owners_named_by_a_text_are_told_apart() -> None:
    """The owner is no fact of the shared decision; where a text names it, it is."""
    text = 'deny_side_field(_v, _a, side, "nextStep", "x") if side.owned_by = "co_acme";'
    policies = Policies(CATALOG, extra={ACME: text, INITECH: text})
    assert side(policies, GIL, owner=ACME) == {"exists"}
    assert side(policies, GIL, owner=INITECH) == {"exists", "nextStep"}


def test_people_named_by_a_text_are_told_apart_whatever_their_ids() -> None:
    text = """
    deny_side_field(viewer, _a, _s, "nextStep", "x") if viewer.person = "a" and viewer.roles = ["b,c"];
    deny_side_field(viewer, _a, _s, "nextStep", "x") if viewer.person = "\\0" and viewer.roles = [];
    """
    policies = Policies(CATALOG, extra={ACME: text})
    cases = [
        ("a", ("b,c",)),
        ("a", ("b", "c")),
        ("a,b", ("c",)),
        ("a\0", ()),
        ("\0", ()),
        ("", ("\0",)),
        ("\0\0", ()),
        ("\u0430", ("b,c",)),
    ]
    closed = [c for c in cases * 2 if "nextStep" not in side(policies, Viewer(PersonId(c[0]), GLOBEX, c[1]))]
    assert closed == [("a", ("b,c",)), ("\0", ())] * 2


class Loud(str):
    """Equal to a str, and could be anything."""


@pytest.mark.parametrize(
    "viewer",
    [
        replace(ANN, hide_private=0),  # type: ignore[arg-type] # a wrong value, on purpose
        replace(ANN, company=Loud(ACME)),  # type: ignore[arg-type] # a wrong value, on purpose
        replace(ANN, person=None),  # type: ignore[arg-type] # a wrong value, on purpose
        replace(ANN, roles=["seller"]),  # type: ignore[arg-type] # a wrong value, on purpose
        replace(ANN, roles=(1,)),  # type: ignore[arg-type] # a wrong value, on purpose
    ],
)
def test_a_fact_of_another_type_is_denied_even_when_its_equal_is_warm(
    viewer: Viewer, caplog: pytest.LogCaptureFixture
) -> None:
    policies = Policies(CATALOG)
    pinned = policies.pin()
    for sound in (ANN, IDA, ANN):
        pinned.sides(sound, DEAL, ACME).program(NO_OVERRIDES)
    for view in (policies, pinned):
        assert run(view.sides(viewer, DEAL, ACME).program(NO_OVERRIDES), viewer_status="ACCEPTED") == 0
        assert run(view.joint(viewer, DEAL), viewer_status="ACCEPTED") == 0
        assert run(view.participants(viewer), viewer_status="ACCEPTED", status="ACCEPTED") == 0
    assert {record.levelno for record in caplog.records} == {logging.ERROR}
    assert "BadFact" in caplog.text
    assert "seller" not in caplog.text


def test_a_failing_decision_denies_with_an_alarm_and_is_asked_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    policies = Policies(CATALOG)
    with monkeypatch.context() as patched:
        patched.setattr(Rules, "ask", lambda *_: [][0])
        assert side(policies, ANN) == set()
        assert joint(policies, ANN, "ACCEPTED") == set()
        assert run(policies.participants(ANN), viewer_status="ACCEPTED", status="ACCEPTED") == 0
    assert caplog.messages == [
        "denied: everything, IndexError (asked read of a side, kind deal)",
        "denied: everything, IndexError (asked read of a record, kind deal)",
        "denied: everything, IndexError (asked read of a participant, kind any)",
    ]
    assert side(policies, ANN) == {"exists", *TYPES}


def test_text_that_json_cannot_carry_is_denied(caplog: pytest.LogCaptureFixture) -> None:
    text = 'allow_side_field(viewer, "read", _s, "amount", "x") if viewer.person = "x";'
    assert side(Policies(CATALOG, extra={ACME: text}), person(GLOBEX, "\ud800")) == set()
    assert len(caplog.records) == 1


def test_a_kind_that_is_not_of_the_catalog_is_denied(caplog: pytest.LogCaptureFixture) -> None:
    policies = Policies(CATALOG)
    foreign = replace(DEAL, side=DEAL.side[::-1])
    assert run(policies.sides(ANN, foreign, ACME).program(NO_OVERRIDES), viewer_status="ACCEPTED") == 0
    assert run(policies.joint(ANN, replace(DEAL, name="none")), viewer_status="ACCEPTED") == 0
    assert caplog.text.count("UnknownKind") == 2
    assert side(policies, ANN, of=replace(DEAL)) == {"exists", *TYPES}


def test_a_sharing_of_another_kind_is_denied_only_where_it_matters() -> None:
    foreign = NO_OVERRIDES.changed({"unknown": Audience("participants")})
    assert side(Policies(CATALOG), GIL, sharing=foreign) == {"exists", "nextStep"}


def test_masks_tell_which_columns_of_the_side_their_programs_may_read() -> None:
    condition = 'side.kind = "deal" and side.amount_minor > 5 and side.own = true'
    text = f'deny_side_field(_v, _a, side, "stage", "x") if {condition};'
    policies = Policies(CATALOG, extra={ACME: text})
    for viewer in (ANN, GIL):
        masks = policies.sides(viewer, DEAL, ACME)
        assert masks.columns == {"amount_minor"}
        assert set(masks.program(SHARED).columns) <= {"viewer_status", "owner_status", *masks.columns}
    assert policies.sides(ANN, DEAL, GLOBEX).columns == frozenset()
    assert policies.sides(ANN, HINT, ACME).columns == frozenset()
    assert policies.sides(ANN, replace(DEAL, name="none"), ACME).columns == frozenset()


def test_masks_tell_which_columns_of_the_record_their_programs_may_read() -> None:
    condition = 'side.kind = "deal" and side.joint__region = "DE" and side.record_id != "deal_1" and side.score > 1'
    texts = {
        ACME: f'deny_side_field(_v, _a, side, "stage", "x") if {condition};',
        GLOBEX: 'deny_joint_field(_, _, record, "name", "x") if record.kind = "deal" and record.joint__contact = "c";',
    }
    policies = Policies(CATALOG, extra=texts)
    masks = policies.sides(GIL, DEAL, ACME)
    assert masks.columns == {"joint__region", "record_id", "score"}
    assert record_columns(masks.columns) == {"joint__region", "record_id"}
    assert policies.sides(GIL, HINT, ACME).columns == {"record_id"}
    assert policies.pin().record_columns(DEAL) == {"joint__region", "record_id"}  # sides' alone, whoever looks
    assert policies.pin().record_columns(HINT) == {"record_id"}
    assert Policies(CATALOG).pin().record_columns(DEAL) == frozenset()
    assert policies.joint(GIL, DEAL).columns == (*COLUMNS["record"], "joint__contact")
    assert policies.joint(ANN, DEAL).columns == COLUMNS["record"]


@given(st.from_regex(FIELD_NAME, fullmatch=True), st.sampled_from([TEXT, TYPES["amount"]]))
def test_no_column_of_a_side_is_called_like_one_of_the_record(name: str, of: FieldType) -> None:
    assert record_columns(field(name, "side", 1, "private", of).columns) <= (
        {RECORD_ID} if name == "recordId" else set()
    )
    assert "recordId" in SIDE_FIELDS


def test_one_request_gives_each_epoch_the_facts_that_it_reads() -> None:
    text = 'deny_side_field(viewer, _a, _s, "nextStep", "x") if viewer.person = "pe_gil";'
    pinned = Policies(CATALOG, extra={ACME: text}).pin()
    shown = [
        run(pinned.sides(GIL, DEAL, owner).program(NO_OVERRIDES), viewer_status="ACCEPTED", owner_status="ACCEPTED")
        for owner in (INITECH, ACME, INITECH)
    ]
    assert shown == [1 | DEAL.side_by_name["nextStep"].bit, 1, 1 | DEAL.side_by_name["nextStep"].bit]


def test_classes_beyond_the_bound_are_decided_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a viewer has met before, a full memory answers as an empty one."""
    monkeypatch.setattr("policies.epoch._CLASSES", 2)
    policies = Policies(CATALOG)
    classes = [NO_OVERRIDES.changed({"amount": Audience("selected", (CompanyId(f"co_{n}"),))}) for n in range(5)]
    classes.append(SHARED)
    for _ in range(2):
        for sharing in classes:
            expected = Policies(CATALOG, cache=False).sides(GIL, DEAL, ANN.company).program(sharing)
            assert policies.sides(GIL, DEAL, ANN.company).program(sharing) == expected


def test_a_class_that_cannot_be_put_in_is_denied_with_an_alarm(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    policies = Policies(CATALOG)
    with monkeypatch.context() as patched:
        patched.setattr("policies.side_rules.compile_mask", lambda *_: [][0])
        masks = policies.sides(ANN, DEAL, ACME)
        assert run(masks.program(SHARED), viewer_status="ACCEPTED", owner_status="ACCEPTED") == 0
        assert masks.program(SHARED) is masks.program(SHARED)
    assert caplog.messages == ["denied: everything, IndexError (asked read of a side, kind deal)"]
    assert side(policies, ANN, sharing=SHARED) == {"exists", *TYPES}


def test_a_deny_of_joint_fields_that_cannot_be_read_closes_the_record(caplog: pytest.LogCaptureFixture) -> None:
    text = 'deny_joint_field(_v, "read", record, "name", "x") if record.viewer_status = record.viewer_role;'
    assert joint(Policies(CATALOG, extra={GLOBEX: text}), GIL, "ACCEPTED") == set()
    assert "deny rule" in caplog.text


def test_how_many_questions_there_are_says_nothing_of_sharings(asked: list[str]) -> None:
    """Leak channel 41: however many classes are met, and whatever they grant, Oso is asked the same."""
    masks = Policies(CATALOG, cache=False).pin().sides(GIL, DEAL, ACME)
    assert asked == ["deny_side_field", "side_field"]
    for number in range(20):
        masks.program(NO_OVERRIDES.changed({"amount": Audience("selected", (CompanyId(f"co_{number}"), GLOBEX))}))
        masks.program(NO_OVERRIDES.changed({name: Audience("participants") for name in list(TYPES)[: number % 7]}))
    assert len(asked) == 2
