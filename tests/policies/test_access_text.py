"""Access policies compiled to a policy text: what its masks say is what the policies say in plain words."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies import Policies
from policies.access_text import MOST_CHOICES, access_of, access_text, check_policies
from policies.check import check
from policies.epoch import CompanyRules, vocabulary
from policies.rules_text import rules_text
from schema.access_policy import AccessPolicy, content_of, read_content
from schema.errors import BadDeclaration, BadInput
from schema.field import Base, Field, FieldType
from schema.kind import Catalog
from schema.matching import holds
from schema.names import PersonId
from schema.sharing import NO_OVERRIDES
from schema.sharing_rule import Condition
from schema.values import canonical_json
from schema.viewer import Viewer
from tests.policies.test_custom import custom
from tests.policies.test_rules_text import rule
from tests.policies.world import ACME, CATALOG, DEAL, GLOBEX, HINT, joint, run

LOG = Field("stageLog", "side", TYPE := FieldType("Text", Base.TEXT), "A log.", 0, "private", history_of="stage")
FORMULA = custom("cf_f", "sum")
OURS = DEAL.extended(
    (
        custom("cf_b", "risk"),
        replace(FORMULA, custom=replace(FORMULA.custom, formula="score + chance")),  # type: ignore[type-var] # it has one
        replace(LOG, name="stageLog"),
    )
)
KINDS = {"deal": OURS, "hint": HINT}
OWN = Catalog((OURS, HINT), (), (), "made")
BOTH = {"viewer_status": "ACCEPTED", "owner_status": "ACCEPTED"}
SOURCES = {"cf_f": {"score", "chance"}, "stageLog": {"stage"}}
EMEA: dict[str, Any] = {"attribute": {"name": "region", "eq": "EMEA"}}


def person(name: str = "ann", *roles: str, hide: bool = False, **attributes: tuple[str, ...]) -> Viewer:
    return Viewer(PersonId("pe_" + name), ACME, roles, hide, tuple(sorted(attributes.items())))


def policy(
    effect: str = "DENY", *fields: str, people: Any = None, actions: Any = ("READ",), **given: Any
) -> AccessPolicy:
    made = {"id": "acp_a", "kind": "deal", "label": "why", **given}
    whom = people if people is None else canonical_json(people)
    return AccessPolicy(company=ACME, version=1, effect=effect, actions=actions, fields=fields, people=whom, **made)  # type: ignore[arg-type] # told by the tests


def world(*policies: AccessPolicy, rules: Any = (), text: str = "", kinds: Catalog = OWN) -> Policies:
    """The policies where Acme has these."""
    found = Policies(CATALOG, extra={ACME: text} if text else None)
    made = rules_text(rules, kinds.by_name) + access_text(policies, kinds.by_name)
    found.replace_rules(ACME, CompanyRules(made, kinds, access_of(ACME, policies, kinds.by_name)))
    return found


def side(policies: Policies, viewer: Viewer, action: str = "read", **row: Any) -> set[str]:
    found = run(policies.sides(viewer, OURS, ACME, action).program(NO_OVERRIDES), **{**BOTH, **row})
    fields = {ident for ident, field in OURS.side_by_ident.items() if found & field.bit}
    return fields | ({"exists"} if found & 1 else set())


def record(policies: Policies, viewer: Viewer, action: str = "read", status: str = "ACCEPTED") -> set[str]:
    program = policies.joint(viewer, OURS, action)
    found = run(program, viewer_status=status, viewer_role="COLLABORATOR")
    return {field.name for field in OURS.joint if found & field.bit} | ({"exists"} if found & 1 else set())


WHOLE = {"exists", *OURS.side_by_ident}
RECORD = {"exists", *OURS.joint_by_name}


def test_a_policy_is_polar_rules() -> None:
    tests = (Condition("stage", "in", ("A", "B")),)
    assert access_text([policy("DENY", "amount", people={}, actions=("UPDATE",), conditions=tests)], KINDS) == (
        'deny_side_field(viewer, action, side, field, "access policy \\"why\\"") if\n  action in ["update"] and'
        ' side.kind = "deal" and side.own = true and "acp_a" in viewer.meets and field in ["amount"]'
        ' and side.stage in ["A", "B"];\n'
    )


def test_what_may_be_let_in_is_for_compiled_texts_alone() -> None:
    text = access_text([policy("ALLOW", "amount", "joint.region", people={})], KINDS)
    check(text, vocabulary(OWN), company=True, compiled=True)
    with pytest.raises(BadDeclaration, match="'allow_own_field' may not be defined here"):
        check(text, vocabulary(OWN), company=True)


def test_logs_and_formulas_go_with_what_they_tell_of() -> None:
    assert side(world(policy("DENY", "stage", people={})), person()) == WHOLE - {"stage", "stageLog"}
    assert side(world(policy("DENY", "chance", people={})), person()) == WHOLE - {"chance", "cf_f"}
    assert side(world(policy("DENY", "cf_f", people={})), person()) == WHOLE - {"cf_f"}
    one, other = (
        policy("ALLOW", "score", people=EMEA),
        policy("ALLOW", "chance", people={"role": {"eq": "boss"}}, id="b"),
    )
    policies = world(one, other)
    assert side(policies, person()) == WHOLE - {"score", "chance", "cf_f"}
    assert side(policies, person(region=("EMEA",))) == WHOLE - {"chance", "cf_f"}
    assert side(policies, person("ann", "boss")) == WHOLE - {"score", "cf_f"}
    assert side(policies, person("ann", "boss", region=("EMEA",))) == WHOLE


def test_too_many_ways_are_refused_and_stay_closed() -> None:
    many = [
        policy("ALLOW", field, people=EMEA, id=f"acp_{field}{n}") for field in ("score", "chance") for n in range(9)
    ]
    assert MOST_CHOICES < 9 * 9
    with pytest.raises(BadInput, match="say too much of the fields that a formula reads"):
        check_policies(many, KINDS)
    check_policies(many[:10], KINDS)
    assert side(world(*many), person(region=("EMEA",))) == WHOLE - {"cf_f"}


def test_policies_that_list_or_multiply_too_much_are_refused() -> None:
    listed = Condition("stage", "in", tuple(f"value {n}" for n in range(50)))
    lists = [policy("DENY", "*", people={}, conditions=(listed,)) for _ in range(5)]
    with pytest.raises(BadInput, match="access policies list too many fields"):
        check_policies(lists, KINDS)

    def closing(n: int) -> AccessPolicy:
        tests = tuple(Condition(text, "eq", f"{text} {n}") for text in ("stage", "nextStep", "cf_b"))
        return policy("DENY", "amount", people={}, conditions=tests)

    check_policies(list(map(closing, range(3))), KINDS)
    with pytest.raises(BadInput, match="access policies have too many conditions"):
        check_policies(list(map(closing, range(9))), KINDS)


def test_records() -> None:
    hidden = world(policy("DENY", "joint.*", people=EMEA))
    assert record(hidden, person(region=("EMEA",))) == record(hidden, person(region=("EMEA",)), "update") == set()
    assert record(hidden, person(region=("EMEA",)), status="INVITED") == set()
    assert record(hidden, person()) == RECORD
    left = world(policy("ALLOW", "joint.*", people=EMEA))
    assert (
        record(left, person()) == record(left, person(), "update") == record(left, person(), status="INVITED") == set()
    )
    assert record(left, person(region=("EMEA",)), status="INVITED") == {"exists", "name", "region"}
    one = world(policy("ALLOW", "joint.region", people=EMEA))
    assert record(one, person()) == record(one, person(), "update") == RECORD - {"region"}
    assert record(one, person(), status="INVITED") == {"exists", "name"}
    for action, status in (("INVITE", "ACCEPTED"), ("RESPOND", "INVITED"), ("WITHDRAW", "ACCEPTED")):
        for effect, meant in (("DENY", False), ("ALLOW", True)):
            held = world(policy(effect, "*", "joint.*", people=EMEA, actions=(action,)))
            assert ("exists" in record(held, person(region=("EMEA",)), action.lower(), status)) is meant
            assert ("exists" in record(held, person(), action.lower(), status)) is not meant
            assert record(held, person()) == RECORD


def test_everybody_stands_for_what_all_see() -> None:
    nobody = Viewer(PersonId(""), ACME)
    assert record(world(policy("DENY", "joint.region", people=EMEA)), nobody) == RECORD - {"region"}
    assert record(world(policy("ALLOW", "joint.region", people={})), nobody) == RECORD - {"region"}
    assert record(world(), nobody) == RECORD


def test_policies_mean_their_own_companys_people_alone() -> None:
    policies = world(policy("DENY", "*", "joint.*", people={}), policy("ALLOW", "*", "joint.*", people={}, id="b"))
    stranger = replace(person("ann"), company=GLOBEX)
    assert side(policies, stranger) == {"exists", "nextStep"}
    assert joint(policies, stranger, "ACCEPTED") == RECORD
    assert policies.pin()._epochs.of(ACME).access.meets(stranger) == ()


def test_partners_and_sharing_rules_stand_beside_each_other() -> None:
    opened = rule("ALLOW", "amount", "hot")
    policies = world(policy("DENY", "amount"), policy("DENY", "hot", people=EMEA, id="b"), rules=[opened])
    stranger = replace(person("gil", region=("EMEA",)), company=GLOBEX)
    assert side(policies, stranger) == {"exists", "nextStep", "hot"}
    assert side(policies, person()) == WHOLE
    assert side(policies, person(hide=True)) == {"exists", "nextStep"}
    closed = world(policy("DENY", "nextStep"))
    assert side(closed, person(hide=True)) == {"exists"}


def test_who_hides_private_fields_is_held_to_policies_too() -> None:
    hides = person("ann", hide=True, region=("EMEA",))
    assert side(world(policy("DENY", "nextStep", people=EMEA)), hides) == {"exists"}
    left = world(policy("ALLOW", "nextStep", people=EMEA))
    assert side(left, hides) == {"exists", "nextStep"}
    assert side(left, person("ann", hide=True)) == {"exists"}
    whole = world(policy("ALLOW", "*", people=EMEA))
    assert side(whole, hides) == {"exists", "nextStep"}
    assert side(whole, person("ann", hide=True)) == set()


def test_a_field_that_was_dropped_opens_nothing_and_stays_closed() -> None:
    tested = (Condition("cf_b", "eq", "x"),)
    kinds = CATALOG.by_name
    assert access_text([policy("ALLOW", "amount", people={}, conditions=tested)], kinds) == ""
    assert access_of(ACME, [policy("ALLOW", "amount", people={}, conditions=tested)], kinds).side["deal", "read"] == {
        "amount"
    }
    assert "side.cf_b" not in access_text([policy("DENY", "amount", people={}, conditions=tested)], kinds)
    assert access_text([policy("DENY", "cf_b", people={}), policy("DENY", "*", people={}, kind="planet")], kinds) == ""


def test_content_is_read_as_it_was_written() -> None:
    made = policy(
        "ALLOW", "*", "joint.x", people=EMEA, conditions=(Condition("stage", "in", ("a", "b")),), since="2025-01-01"
    )
    assert read_content(content_of(made), made.id, ACME, 1) == made
    assert read_content(content_of(policy("DENY", "amount")), "acp_a", ACME, 1) == policy("DENY", "amount")
    with pytest.raises(BadInput):
        read_content("{}", "acp_a", ACME, 1)


# The same in random: what Oso makes of the text, and what the policies say in plain words.

PEOPLE: Mapping[str, tuple[dict[str, Any], Callable[[Viewer], bool]]] = {
    "all": ({}, lambda _: True),
    "emea": (EMEA, lambda v: "EMEA" in dict(v.attributes).get("region", ())),
    "boss": ({"role": {"in": ["boss", "x"]}}, lambda v: "boss" in v.roles),
    "not boss": ({"not": {"role": {"eq": "boss"}}}, lambda v: "boss" not in v.roles),
    "elsewhere": (
        {"attribute": {"name": "region", "ne": "EMEA"}},
        lambda v: "region" in dict(v.attributes) and "EMEA" not in dict(v.attributes)["region"],
    ),
    "nowhere": ({"attribute": {"name": "region", "isNull": True}}, lambda v: "region" not in dict(v.attributes)),
    "ann": ({"or": [{"id": {"eq": "pe_ann"}}, {"role": {"eq": "x"}}]}, lambda v: v.person == "pe_ann"),
}
CONDITIONS = st.sampled_from(
    [
        (),
        (Condition("stage", "eq", "WON"),),
        (Condition("hot", "ne", True),),
        (Condition("stage", "in", ("WON", "LOST")), Condition("score", "gte", 2.0)),
    ]
)
ON_FIELDS = ("READ", "UPDATE", "SHARE")


@st.composite
def policies_of(draw: st.DrawFn) -> list[tuple[AccessPolicy, str]]:
    """Policies with the names of those whom they mean."""
    found = []
    for n in range(draw(st.integers(1, 4))):
        whom = draw(st.sampled_from(sorted(PEOPLE)))
        effect = draw(st.sampled_from(["ALLOW", "DENY"]))
        actions = tuple(a for a in ON_FIELDS if a in draw(st.sets(st.sampled_from(ON_FIELDS), min_size=1)))
        names = st.sampled_from(["stage", "stageLog", "amount", "score", "chance", "cf_f", "nextStep", "*"])
        fields = sorted(draw(st.sets(names, min_size=1, max_size=3)))
        conditions = draw(CONDITIONS)
        kind = draw(st.sampled_from(["deal", None])) if not conditions else "deal"
        made = policy(
            effect, *fields, people=PEOPLE[whom][0], actions=actions, conditions=conditions, kind=kind, id=f"a{n}"
        )
        found.append((made, whom))
    return found


VIEWERS = st.sampled_from(
    [person(), person("bo", "boss"), person("cy", region=("EMEA", "APAC")), person("di", "boss", region=("APAC",))]
)
ROWS = st.fixed_dictionaries(
    {
        "stage": st.sampled_from(["WON", "LOST", "OPEN", None]),
        "hot": st.sampled_from([True, False, None]),
        "score": st.sampled_from([1.0, 2.0, None]),
    }
)


def meant(policies: list[tuple[AccessPolicy, str]], viewer: Viewer, action: str, row: Mapping[str, Any]) -> set[str]:
    """What the viewer may do with the own side, field by field, said without Oso, masks or texts."""

    def about(effect: str, field: str, act: str) -> list[AccessPolicy]:
        return [
            p for p, _ in policies if p.effect == effect and act in p.actions and (field in p.fields or "*" in p.fields)
        ]

    def meets(p: AccessPolicy) -> bool:
        return next(PEOPLE[whom][1](viewer) for each, whom in policies if each is p)

    def true(p: AccessPolicy) -> bool:
        return all(holds(test, row[test.column]) for c in p.conditions for test in c.tests(OURS) or ())

    def not_false(p: AccessPolicy) -> bool:
        tests = [test for c in p.conditions for test in c.tests(OURS) or ()]
        return all(row[test.column] is None or holds(test, row[test.column]) for test in tests)

    def let(field: str, act: str) -> bool:
        lets = about("ALLOW", field, act)
        if field == "exists" and act == "READ" and lets:
            lets = [p for p, _ in policies if p.effect == "ALLOW" and act in p.actions]
        named = not lets or any(meets(p) and true(p) for p in lets)
        return named and all(let(source, act) for source in SOURCES.get(field, ()))

    def taken(field: str, act: str) -> bool:
        denies = about("DENY", field, act)
        return any(meets(p) and not_false(p) for p in denies) or any(taken(s, act) for s in SOURCES.get(field, ()))

    def may(field: str) -> bool:
        wanted = {"READ", action.upper()}
        return all(let(field, act) and not taken(field, act) for act in wanted)

    closed = any(taken("exists", act) for act in {"READ", action.upper()})
    return set() if closed else {field for field in WHOLE if may(field)}


@settings(max_examples=200, deadline=None)
@given(policies_of(), VIEWERS, st.lists(ROWS, min_size=2, max_size=4))
def test_the_masks_are_what_the_policies_say(
    drawn: list[tuple[AccessPolicy, str]], viewer: Viewer, rows: list[dict[str, Any]]
) -> None:
    policies = world(*(made for made, _ in drawn))
    for row in rows:
        for action in ("read", "update", "share"):
            found, expected = side(policies, viewer, action, **row), meant(drawn, viewer, action, row)
            if action == "update":  # nobody writes a log or a formula
                found, expected = found - SOURCES.keys(), expected - SOURCES.keys()
            assert found == expected, (action, row)
