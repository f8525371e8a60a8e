"""The rules for every company, each in a world where somebody sees and somebody does not."""

import re
from typing import Any

import pytest

from policies import Policies
from policies.epoch import BASE, Epoch
from policies.facts import COLUMNS, Question, chosen, record_facts, side_facts, viewer_facts
from schema.sharing import NO_OVERRIDES
from tests.policies.world import ANN, CATALOG, DEAL, GIL, GLOBEX, HINT, IDA, SHARED, TYPES, joint, person, run, side

POLICIES = Policies(CATALOG)
ALL_SIDE = {"exists", *TYPES}
ALL_JOINT = {"exists", "name", "region", "contact"}
STATUSES = (None, "INVITED", "DECLINED", "WITHDRAWN", "accepted")
ROLES = ("OWNER", "COLLABORATOR", "VIEWER", "PARTICIPANT")


def test_own_company_sees_its_side_whole_and_others_see_what_is_shared() -> None:
    assert side(POLICIES, ANN) == ALL_SIDE
    assert side(POLICIES, GIL) == {"exists", "nextStep"}


@pytest.mark.parametrize("status", STATUSES)
def test_own_side_needs_acceptance(status: str | None) -> None:
    assert side(POLICIES, ANN, both=status) == set()


def test_hide_private_leaves_of_the_own_side_what_somebody_else_may_see() -> None:
    hiding = person(ANN.company, "ann", hide=True)
    assert side(POLICIES, hiding) == {"exists", "nextStep"}
    assert side(POLICIES, hiding, sharing=SHARED) == {"exists", "nextStep", "amount", "score", "stage"}
    assert side(POLICIES, hiding, both="WITHDRAWN") == set()


def test_hide_private_does_not_touch_the_sides_of_others() -> None:
    assert side(POLICIES, person(hide=True), sharing=SHARED) == side(POLICIES, GIL, sharing=SHARED)


def test_sharing_reaches_participants_companies_and_people_by_name() -> None:
    assert side(POLICIES, IDA, sharing=SHARED) == {"exists", "nextStep", "stage"}
    assert side(POLICIES, person(GLOBEX, "gus"), sharing=SHARED) == {"exists", "nextStep", "stage", "amount"}
    assert side(POLICIES, GIL, sharing=SHARED) == {"exists", "nextStep", "stage", "amount", "score"}


@pytest.mark.parametrize("status", STATUSES)
def test_sharing_reaches_only_between_those_who_accepted(status: str | None) -> None:
    assert side(POLICIES, GIL, sharing=SHARED, viewer_status=status) == set()
    assert side(POLICIES, GIL, sharing=SHARED, owner_status=status) == set()


def test_joint_fields_follow_the_status() -> None:
    assert joint(POLICIES, GIL, "ACCEPTED") == ALL_JOINT
    assert joint(POLICIES, GIL, "INVITED") == {"exists", "name", "region"}
    for status in (None, "DECLINED", "WITHDRAWN", "invited"):
        assert joint(POLICIES, GIL, status) == set()


def test_an_invitation_names_a_record_that_shows_no_field_to_invitees() -> None:
    program = POLICIES.joint(GIL, HINT)
    assert run(program, viewer_status="INVITED") == 1


@pytest.mark.parametrize("role", ROLES)
def test_owners_and_collaborators_write_and_invite(role: str) -> None:
    may = role in ("OWNER", "COLLABORATOR")
    assert joint(POLICIES, GIL, "ACCEPTED", role, "update") == (ALL_JOINT if may else set())
    assert joint(POLICIES, GIL, "ACCEPTED", role, "invite") == ({"exists"} if may else set())
    for action in ("update", "invite"):
        assert joint(POLICIES, GIL, "INVITED", role, action) == set()


@pytest.mark.parametrize("role", ROLES)
def test_all_but_the_owner_may_withdraw(role: str) -> None:
    assert joint(POLICIES, GIL, "ACCEPTED", role, "withdraw") == (set() if role == "OWNER" else {"exists"})
    assert joint(POLICIES, GIL, "WITHDRAWN", role, "withdraw") == set()


def test_only_an_open_invitation_can_be_answered() -> None:
    assert joint(POLICIES, GIL, "INVITED", "VIEWER", "respond") == {"exists"}
    for status in (None, "ACCEPTED", "DECLINED", "WITHDRAWN"):
        assert joint(POLICIES, GIL, status, "VIEWER", "respond") == set()


@pytest.mark.parametrize("action", ["update", "share"])
def test_a_participant_writes_its_own_side_only(action: str) -> None:
    assert side(POLICIES, ANN, action=action) == ALL_SIDE
    assert side(POLICIES, person(ANN.company, "ann", hide=True), action=action) == ALL_SIDE
    assert side(POLICIES, GIL, sharing=SHARED, action=action) == set()
    assert side(POLICIES, ANN, action=action, both="INVITED") == set()


def test_a_reader_only_reads() -> None:
    reader = person(ANN.company, "ann", "reader")
    assert side(POLICIES, reader) == ALL_SIDE
    assert joint(POLICIES, reader, "ACCEPTED") == ALL_JOINT
    for action in ("update", "share"):
        assert side(POLICIES, reader, action=action) == set()
    for action, status in (
        ("update", "ACCEPTED"),
        ("invite", "ACCEPTED"),
        ("withdraw", "ACCEPTED"),
        ("respond", "INVITED"),
    ):
        for role in ROLES:
            assert joint(POLICIES, reader, status, role, action) == set()


def test_an_unknown_action_is_denied() -> None:
    assert side(POLICIES, ANN, action="destroy") == set()
    assert joint(POLICIES, ANN, "ACCEPTED", "OWNER", "destroy") == set()


@pytest.mark.parametrize(
    ("viewer_status", "viewer_role", "known"),
    [
        ("ACCEPTED", "OWNER", {"ACCEPTED", "INVITED", "DECLINED", "WITHDRAWN"}),
        ("ACCEPTED", "COLLABORATOR", {"ACCEPTED", "INVITED", "DECLINED", "WITHDRAWN"}),
        ("ACCEPTED", "VIEWER", {"ACCEPTED", "INVITED"}),
        ("ACCEPTED", "PARTICIPANT", {"ACCEPTED", "INVITED"}),
        ("INVITED", "COLLABORATOR", set()),
        ("DECLINED", "COLLABORATOR", set()),
        ("WITHDRAWN", "COLLABORATOR", set()),
        (None, None, set()),
    ],
)
def test_who_knows_of_which_participants(viewer_status: str | None, viewer_role: str | None, known: set[str]) -> None:
    program = POLICIES.participants(GIL)
    assert program.columns == COLUMNS["participant"]
    seen = {
        status
        for status in ("ACCEPTED", "INVITED", "DECLINED", "WITHDRAWN")
        if run(
            program,
            own=False,
            status=status,
            role="VIEWER",
            viewer_status=viewer_status,
            viewer_role=viewer_role,
        )
        & 1
    }
    assert seen == known


def test_an_open_invitation_is_read_by_the_invited_and_by_those_who_may_invite() -> None:
    program = POLICIES.participants(GIL)
    own: dict[str, Any] = {"own": True, "status": "INVITED", "role": "VIEWER", "viewer_status": "INVITED"}
    assert run(program, **own, viewer_role="VIEWER") == 3
    other: dict[str, Any] = {"own": False, "role": "VIEWER", "viewer_status": "ACCEPTED"}
    assert run(program, **other, status="INVITED", viewer_role="OWNER") == 3
    assert run(program, **other, status="INVITED", viewer_role="PARTICIPANT") == 1
    assert run(program, **other, status="ACCEPTED", viewer_role="OWNER") == 1


@pytest.mark.parametrize("status", ["INVITED", "ACCEPTED"])
def test_the_own_place_is_known_while_invited_or_accepted(status: str) -> None:
    program = POLICIES.participants(GIL)
    row = {"status": status, "role": "VIEWER", "viewer_status": status, "viewer_role": "VIEWER"}
    assert run(program, own=True, **row) & 1
    for gone in ("DECLINED", "WITHDRAWN"):
        assert run(program, own=True, **{**row, "status": gone, "viewer_status": gone}) == 0


def test_an_invited_company_knows_who_owns_the_record() -> None:
    program = POLICIES.participants(GIL)
    row: dict[str, Any] = {"own": False, "viewer_status": "INVITED", "viewer_role": "VIEWER", "role": "OWNER"}
    assert run(program, **row, status="ACCEPTED") == 1
    assert run(program, **row, status="WITHDRAWN") == 0
    assert run(program, **{**row, "role": "COLLABORATOR"}, status="ACCEPTED") == 0


def test_every_rule_is_reached_by_some_world() -> None:
    """The reasons that Oso gives over all these viewers are the reasons that the text holds."""
    epoch = Epoch(CATALOG)
    given = set()
    for viewer in (ANN, GIL, person(ANN.company, "ann", hide=True), person(ANN.company, "ada", "admin")):
        subjects = {
            "side": side_facts(DEAL, ANN.company, viewer.company == ANN.company),
            "record": record_facts(DEAL),
            "participant": {},
            "company": {},
        }
        for action in ("read", "update", "share", "invite", "respond", "withdraw", "define"):
            for subject, facts in subjects.items():
                viewed = chosen(viewer_facts(viewer), epoch.reads["viewer"])
                question = Question(subject, action, "deal", viewed, chosen(facts, epoch.reads[subject]))
                given |= {answer.reason for answer in epoch.answers(question)[0]}
    heads = re.findall(r'"([^"]+)"\) if', BASE)
    assert len(heads) == len(set(heads)) == 23
    assert given == set(heads)


def test_an_audience_of_nobody_is_private() -> None:
    assert side(POLICIES, IDA, sharing=NO_OVERRIDES.changed({"nextStep": SHARED.audience(DEAL, "amount")})) == {
        "exists"
    }


def test_admins_define_and_nobody_else() -> None:
    decisions = POLICIES.pin()
    assert decisions.may_define(person(ANN.company, "ada", "admin"))
    assert not decisions.may_define(person(ANN.company, "ann", "administrator", "reader"))
    assert not decisions.may_define(ANN)
