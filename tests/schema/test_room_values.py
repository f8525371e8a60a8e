"""The small values of the room: errors, ids, masks, sharings, viewers."""

import re

import pytest

from schema import errors
from schema.catalog import load_catalog
from schema.mask import EXISTS, MaskProgram
from schema.names import CompanyId, PersonId, prefix_of, random_id
from schema.sharing import NO_OVERRIDES, PARTICIPANTS, PRIVATE, Audience, Grants, Sharing
from schema.viewer import Viewer
from schema.where import ALWAYS, NEVER, Comparison, Where

KIND = load_catalog().by_name["solution"]
ACME, ZETA = CompanyId("co_acme"), CompanyId("co_zeta")
JO, MO = PersonId("pe_jo"), PersonId("pe_mo")

REFUSALS = [cls for cls in vars(errors).values() if isinstance(cls, type) and issubclass(cls, errors.Refusal)]


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda cls: cls.__name__)
def test_every_refusal_has_a_code_of_its_own_and_a_sentence(refusal: type[errors.Refusal]) -> None:
    assert re.fullmatch("[A-Z_]+", refusal.code)
    assert [other for other in REFUSALS if other.code == refusal.code] == [refusal]
    raised = refusal()
    assert str(raised) == raised.message == refusal.__doc__
    assert raised.message.endswith(".")
    assert raised.field == ()


def test_a_refusal_says_what_and_where() -> None:
    raised = errors.BadInput("No.", field=("mine", "amount"))
    assert (raised.message, raised.field, raised.code) == ("No.", ("mine", "amount"), "BAD_INPUT")
    assert not isinstance(raised, errors.Fault)


def test_ids_are_random_and_tell_their_prefix() -> None:
    ids = {random_id("opp") for _ in range(100)}
    assert len(ids) == 100
    assert {prefix_of(each) for each in ids} == {"opp"}


@pytest.mark.parametrize(
    "text", ["", "opp", "opp_1", "o_" + "0" * 26, "opp_" + "u" * 26, "OPP_" + "0" * 26, "opp_" + "0" * 27]
)
def test_what_is_no_id_has_no_prefix(text: str) -> None:
    assert prefix_of(text) is None


def test_the_masks_of_a_kind_hold_its_fields_and_existence() -> None:
    assert KIND.all_joint == EXISTS | sum(field.bit for field in KIND.joint)
    assert KIND.all_side == EXISTS | sum(field.bit for field in KIND.side)
    assert KIND.fields("joint") is KIND.joint
    assert KIND.fields("side") is KIND.side
    assert KIND.joint_by_name["name"] is KIND.joint[0]


def test_a_program_says_when_a_bit_is_visible() -> None:
    accepted = Comparison("viewer_status", "eq", "ACCEPTED")
    program = MaskProgram(always=0b001, cases=(((accepted,), 0b110), ((), 0b100)), columns=("viewer_status",))
    assert program.condition(0b001) == ALWAYS
    assert program.condition(0b010) == Where(((accepted,),))
    assert program.condition(0b100) == Where(((accepted,), ()))
    assert program.condition(0b1000) == NEVER
    assert program.evaluate("ACCEPTED") == 0


def test_a_sharing_overrides_the_defaults_of_its_kind() -> None:
    selected = Audience("selected", (ACME,), (JO,))
    sharing = NO_OVERRIDES.changed({"revenue": selected, "margin": PARTICIPANTS})
    assert sharing == Sharing((("margin", PARTICIPANTS), ("revenue", selected)))
    assert sharing.audience(KIND, "revenue") == selected
    assert sharing.audience(KIND, "investment") == PRIVATE
    assert sharing.changed({"margin": PRIVATE}).audience(KIND, "margin") == PRIVATE
    opportunity = load_catalog().by_name["opportunity"]
    assert NO_OVERRIDES.audience(opportunity, "nextStep") == PARTICIPANTS
    assert NO_OVERRIDES.audience(opportunity, "amount") == PRIVATE


@pytest.mark.parametrize(
    ("company", "person", "to_company", "to_person"),
    [
        (ACME, JO, ("revenue",), ("revenue",)),
        (ACME, MO, ("revenue",), ()),
        (ZETA, JO, (), ("revenue",)),
        (ZETA, MO, (), ()),
    ],
)
def test_grants_are_what_a_sharing_says_of_a_viewer(
    company: CompanyId, person: PersonId, to_company: tuple[str, ...], to_person: tuple[str, ...]
) -> None:
    sharing = NO_OVERRIDES.changed({"revenue": Audience("selected", (ACME,), (JO,)), "margin": PARTICIPANTS})
    grants = sharing.grants(KIND, company, person)
    assert grants == Grants(("margin", "revenue"), ("margin",), to_company, to_person)


def test_a_viewer_is_equal_by_value() -> None:
    assert Viewer(JO, ACME) == Viewer(JO, ACME, (), False)
    assert len({Viewer(JO, ACME), Viewer(JO, ACME), Viewer(JO, ACME, hide_private=True)}) == 2
