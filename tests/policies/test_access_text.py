"""Access policies compiled to a policy text: what its masks say is what the policies say in plain words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies import Policies
from policies.access_text import MOST_ELSEWHERE, access_of, access_text, check_policies
from policies.access_ways import MOST_WAYS
from policies.check import check
from policies.epoch import CompanyRules, vocabulary
from policies.rules_text import rules_text
from schema.access_policy import AccessPolicy, content_of, read_content
from schema.errors import BadDeclaration, BadInput
from schema.field import Base, Field, FieldType
from schema.kind import Catalog
from schema.matching import holds
from schema.names import PersonId, RecordId
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


def record(policies: Policies, viewer: Viewer, action: str = "read", status: str = "ACCEPTED", **row: Any) -> set[str]:
    program = policies.joint(viewer, OURS, action)
    found = run(program, **{"viewer_status": status, "viewer_role": "COLLABORATOR", **row})
    return {field.name for field in OURS.joint if found & field.bit} | ({"exists"} if found & 1 else set())


WHOLE = {"exists", *OURS.side_by_ident}
RECORD = {"exists", *OURS.joint_by_name}


def test_a_policy_is_polar_rules() -> None:
    tests = (Condition("stage", "in", ("A", "B")),)
    made = policy("DENY", "amount", people={}, actions=("UPDATE",), conditions=tests)
    (named,) = access_of(ACME, [made], KINDS).meant["deal"]
    assert named[1] == ("amount",)
    assert access_text([made], KINDS) == (
        'deny_side_field(viewer, action, side, field, "access policy \\"why\\"") if\n  action in ["update"] and'
        f' side.kind = "deal" and side.own = true and "acp_a" in viewer.meets and field in side.{named[0]}'
        ' and side.stage in ["A", "B"];\n'
    )


def test_what_may_be_let_in_is_for_compiled_texts_alone() -> None:
    made = [policy("ALLOW", "amount", "joint.region", people={})]
    text, words = access_text(made, KINDS), vocabulary(OWN, access_of(ACME, made, KINDS).names)
    check(text, words, company=True, compiled=True)
    with pytest.raises(BadDeclaration, match="'allow_own_field' may not be defined here"):
        check(text, words, company=True)
    with pytest.raises(BadDeclaration, match="'side' has no attribute 'meant_read_"):
        check(text, vocabulary(OWN), company=True, compiled=True)


def test_logs_and_formulas_go_with_what_they_tell_of() -> None:
    assert side(world(policy("DENY", "stage", people={})), person()) == WHOLE - {"stage", "stageLog"}
    assert side(world(policy("DENY", "chance", people={})), person()) == WHOLE - {"chance", "cf_f"}
    assert side(world(policy("DENY", "cf_f", people={})), person()) == WHOLE - {"cf_f"}
    boss = {"role": {"eq": "boss"}}
    itself = world(policy("ALLOW", "cf_f", people=EMEA), policy("ALLOW", "score", people=boss, id="b"))
    assert side(itself, person("ann", "boss")) == WHOLE - {"cf_f"}
    assert side(itself, person(region=("EMEA",))) == WHOLE - {"score", "cf_f"}
    assert side(itself, person("ann", "boss", region=("EMEA",))) == WHOLE
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
    assert MOST_WAYS < 9 * 9
    with pytest.raises(BadInput, match="say too much of the fields that a formula reads"):
        check_policies(many, KINDS)
    check_policies(many[:10], KINDS)
    assert side(world(*many), person(region=("EMEA",))) == WHOLE - {"cf_f"}


def test_restricting_on_many_records_is_refused() -> None:
    records = tuple(RecordId(f"r{n:03}") for n in range(MOST_ELSEWHERE + 1))
    fields = tuple(f"joint.{name}" for name in DEAL.joint_by_name)
    for held in (("stage",), fields):
        check_policies([policy("ALLOW", *held, people={}, records=records[1:])], KINDS)
        world(policy("ALLOW", *held, people={}, records=records[1:]))
        with pytest.raises(BadInput, match="restrict a field on at most 50 records"):
            check_policies([policy("ALLOW", *held, people={}, records=records)], KINDS)
    closing = world(policy("DENY", "stage", people={}, records=(*records, RecordId("x"))))
    assert "stage" not in side(closing, person(), record_id="r050")
    assert "stage" in side(closing, person(), record_id="y")


def test_policies_that_list_or_multiply_too_much_are_refused() -> None:
    listed = Condition("stage", "in", tuple(f"value {n}" for n in range(50)))
    lists = [policy("DENY", "*", people={}, conditions=(listed,), id=f"a{n}") for n in range(41)]
    check_policies(lists[:2], KINDS)
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
        (),
        (Condition("stage", "eq", "WON"),),
        (Condition("hot", "ne", True),),
        (Condition("stage", "in", ("WON", "LOST")), Condition("score", "gte", 2.0)),
        (Condition("region", "eq", "N", "record"),),
        (Condition("region", "ne", "N", "record"),),
        (Condition("contact", "eq", "N", "record"),),
        (Condition("contact", "ne", "N", "record"), Condition("region", "eq", "N", "record")),
    ]
)
ON_FIELDS = ("READ", "UPDATE", "SHARE")
RECORDS = (RecordId("r1"), RecordId("r2"), RecordId("r3"))


@st.composite
def policies_of(draw: st.DrawFn) -> list[tuple[AccessPolicy, str]]:
    """Policies with the names of those whom they mean."""
    found = []
    for n in range(draw(st.integers(1, 4))):
        whom = draw(st.sampled_from(sorted(PEOPLE)))
        effect = draw(st.sampled_from(["ALLOW", "DENY"]))
        chosen = draw(st.sets(st.sampled_from(ON_FIELDS), min_size=1))
        conditions = draw(CONDITIONS)
        names = ["stage", "stageLog", "amount", "score", "chance", "cf_f", "nextStep", "*"]
        if all(condition.of == "record" for condition in conditions):
            names += ["joint.region", "joint.contact", "joint.*"]
        fields = sorted(draw(st.sets(st.sampled_from(names), min_size=1, max_size=3)))
        records = tuple(sorted(draw(st.sets(st.sampled_from(RECORDS[:2]), max_size=2))))
        kind = "deal" if conditions or records else draw(st.sampled_from(["deal", None]))
        made = policy(
            effect,
            *fields,
            people=PEOPLE[whom][0],
            actions=tuple(action for action in ON_FIELDS if action in chosen),
            conditions=conditions,
            records=records,
            kind=kind,
            id=f"a{n}",
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
        "joint__region": st.sampled_from(["N", "S", None]),
        "joint__contact": st.sampled_from(["N", "S", None]),
        "record_id": st.sampled_from(RECORDS),
    }
)


@dataclass(frozen=True)
class Meaning:
    """What somebody may do with a record and the own side of it, said without Oso, masks or texts. Joint fields are
    "joint.<name>", the record itself is "joint.exists"."""

    policies: list[tuple[AccessPolicy, str]]
    viewer: Viewer
    row: Mapping[str, Any]

    def of_side(self, action: str) -> set[str]:
        return self._seen({*WHOLE}, "exists", action)

    def of_record(self, action: str) -> set[str]:
        found = self._seen({f"joint.{name}" for name in RECORD}, "joint.exists", action)
        return {name.removeprefix("joint.") for name in found}

    def _seen(self, fields: set[str], exists: str, action: str) -> set[str]:
        wanted = {"READ", action.upper()}
        if any(self._taken(exists, each) for each in wanted):
            return set()
        return {f for f in fields if all(self._let(f, each) and not self._taken(f, each) for each in wanted)}

    def _about(self, effect: str, field: str, action: str) -> list[AccessPolicy]:
        whole = "joint.*" if field.startswith("joint.") else "*"
        said = [p for p, _ in self.policies if p.effect == effect and action in p.actions]
        return [p for p in said if field in p.fields or whole in p.fields]

    def _meets(self, policy: AccessPolicy) -> bool:
        return next(PEOPLE[whom][1](self.viewer) for each, whom in self.policies if each is policy)

    def _is_here(self, policy: AccessPolicy) -> bool:
        return not policy.records or self.row["record_id"] in policy.records

    def _holds(self, policy: AccessPolicy, of_null: bool) -> bool:
        tests = [test for condition in policy.conditions for test in condition.tests(OURS) or ()]
        cells = [(test, self.row[test.column]) for test in tests]
        return all(of_null if cell is None else holds(test, cell) for test, cell in cells)

    def _let(self, field: str, action: str) -> bool:
        restricting = [policy for policy in self._about("ALLOW", field, action) if self._is_here(policy)]
        letting = restricting
        if field in ("exists", "joint.exists") and action == "READ":
            joint = field == "joint.exists"
            names = [p for p, _ in self.policies if p.effect == "ALLOW" and action in p.actions and self._is_here(p)]
            letting = [p for p in names if any(name.startswith("joint.") is joint for name in p.fields)]
        named = not restricting or any(self._meets(p) and self._holds(p, of_null=False) for p in letting)
        return named and all(self._let(source, action) for source in SOURCES.get(field, ()))

    def _taken(self, field: str, action: str) -> bool:
        denies = [policy for policy in self._about("DENY", field, action) if self._is_here(policy)]
        taken = any(self._meets(policy) and self._holds(policy, of_null=True) for policy in denies)
        return taken or any(self._taken(source, action) for source in SOURCES.get(field, ()))


@settings(max_examples=200, deadline=None)
@given(policies_of(), VIEWERS, st.lists(ROWS, min_size=2, max_size=4))
def test_the_masks_are_what_the_policies_say(
    drawn: list[tuple[AccessPolicy, str]], viewer: Viewer, rows: list[dict[str, Any]]
) -> None:
    policies = world(*(made for made, _ in drawn))
    for row in rows:
        meaning = Meaning(drawn, viewer, row)
        for action in ("read", "update", "share"):
            found, expected = side(policies, viewer, action, **row), meaning.of_side(action)
            if action == "update":  # nobody writes a log or a formula
                found, expected = found - SOURCES.keys(), expected - SOURCES.keys()
            assert found == expected, (action, row)
        for action in ("read", "update"):
            assert record(policies, viewer, action, **row) == meaning.of_record(action), (action, row)
        told = Meaning(drawn, viewer, {**row, "joint__contact": None}).of_record("read")
        assert record(policies, viewer, status="INVITED", **row) == told & {"exists", "name", "region"}, row
