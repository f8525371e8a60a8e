"""Custom fields: a company's own fields on its own sides, under the same rules, and no question more."""

import pytest

from policies import Policies
from policies.engine import Rules
from schema.field import Base, Custom, Field, FieldType
from schema.kind import Kind
from schema.mask import EXISTS
from schema.names import CompanyId
from schema.sharing import NO_OVERRIDES, PARTICIPANTS, Audience
from tests.policies.world import ACME, ANN, CATALOG, DEAL, GIL, GLOBEX, TEXT, joint, person, run


def custom(ident: str, name: str, audience: str = "private", of: FieldType = TEXT) -> Field:
    about = Custom(ident, "tpl_a", name.capitalize())
    return Field(name, "side", of, "A field.", 0, audience, custom=about)  # type: ignore[arg-type] # literals, told by the tests


OURS = DEAL.extended(
    (custom("cf_a", "budget", of=FieldType("Money", Base.MONEY)), custom("cf_b", "risk", "participants"))
)
THEIRS = DEAL.extended((custom("cf_c", "risk"),))
BOTH = {"viewer_status": "ACCEPTED", "owner_status": "ACCEPTED"}


def seen(kind: Kind, mask: int) -> set[str]:
    return {ident for ident, field in kind.side_by_ident.items() if mask & field.bit}


def test_custom_fields_are_seen_as_their_audiences_say() -> None:
    policies = Policies(CATALOG)
    own = run(policies.sides(ANN, OURS, ACME).program(NO_OVERRIDES), **BOTH)
    assert seen(OURS, own) == set(OURS.side_by_ident)
    assert own == OURS.all_side
    partners = policies.sides(GIL, OURS, ACME)
    assert seen(OURS, run(partners.program(NO_OVERRIDES), **BOTH)) == {"nextStep", "cf_b"}
    shared = NO_OVERRIDES.changed({"cf_a": Audience("selected", companies=(GLOBEX,)), "cf_b": Audience("private")})
    assert seen(OURS, run(partners.program(shared), **BOTH)) == {"nextStep", "cf_a"}
    assert run(partners.program(shared), viewer_status="ACCEPTED", owner_status="WITHDRAWN") == 0


def test_a_right_hangs_on_the_field_and_not_on_its_name() -> None:
    """A field that is dropped and declared again has another ident, and nothing that was shared of the first."""
    shared = NO_OVERRIDES.changed({"cf_c": PARTICIPANTS})
    again = DEAL.extended((custom("cf_d", "risk"),))
    policies = Policies(CATALOG)
    assert "cf_c" in seen(THEIRS, run(policies.sides(GIL, THEIRS, ACME).program(shared), **BOTH))
    assert seen(again, run(policies.sides(GIL, again, ACME).program(shared), **BOTH)) == {"nextStep"}


def test_an_audience_that_a_template_changes_holds_at_once() -> None:
    policies = Policies(CATALOG)
    for audience, expected in (("private", set()), ("participants", {"cf_c"}), ("private", set())):
        kind = DEAL.extended((custom("cf_c", "risk", audience),))
        mask = run(policies.sides(GIL, kind, ACME).program(NO_OVERRIDES), **BOTH)
        assert seen(kind, mask) - {"nextStep"} == expected


def test_templates_ask_no_question_more(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    ask = Rules.ask

    def noted(self: Rules, predicate: str, *arguments: object) -> object:
        asked.append(predicate)
        return ask(self, predicate, *arguments)

    monkeypatch.setattr(Rules, "ask", noted)
    policies = Policies(CATALOG)
    for number in range(30):
        kind = DEAL.extended((custom(f"cf_{number}", "risk"),))
        assert run(policies.sides(GIL, kind, CompanyId(f"co_{number}")).program(NO_OVERRIDES), **BOTH) & EXISTS
    assert asked == ["deny_side_field", "side_field"]


def test_bits_of_columns_are_those_of_the_owners_kind() -> None:
    masks = Policies(CATALOG).sides(GIL, OURS, ACME)
    assert masks.bit("cf_a_minor") == masks.bit("cf_a_currency") == 1 << (len(DEAL.side) + 1)
    assert masks.bit("stage") == DEAL.side_by_name["stage"].bit
    assert masks.bit("cf_c") == 0


def test_a_text_closes_custom_fields_with_all_others() -> None:
    closed = 'deny_side_field(_v, "read", side, field, "closed") if side.own = false and field != "exists";'
    policies = Policies(CATALOG, extra={ACME: closed})
    shared = NO_OVERRIDES.changed({"cf_a": PARTICIPANTS})
    assert run(policies.sides(GIL, OURS, ACME).program(shared), **BOTH) == EXISTS
    hidden = person(ACME, "ann", hide=True)
    assert seen(OURS, run(policies.sides(hidden, OURS, ACME).program(shared), **BOTH)) == {"nextStep", "cf_a", "cf_b"}
    assert joint(policies, ANN, "ACCEPTED") == {"exists", "name", "region", "contact"}


def test_explain_names_custom_fields_by_ident() -> None:
    found = Policies(CATALOG).explain(GIL, OURS, ACME, NO_OVERRIDES, "ACCEPTED", "ACCEPTED")
    assert ("cf_b", "shared with all participants") in found
