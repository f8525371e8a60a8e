"""Sharing rules compiled to a policy text: what it says is what the rules say, whatever their values."""

import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies import Policies
from policies.check import check
from policies.engine import Rules, Unknown
from policies.epoch import CompanyRules, Epoch, vocabulary
from policies.rules_text import CLOSED, MOST_ANSWERS, check_together, literal, rules_text, said
from schema.errors import BadDeclaration, BadInput
from schema.field import Base, FieldType
from schema.kind import Catalog, Kind
from schema.matching import holds
from schema.money import Money
from schema.names import CompanyId, PersonId, RecordId
from schema.sharing import NO_OVERRIDES, PARTICIPANTS, Audience
from schema.sharing_rule import Condition, SharingRule
from schema.viewer import Viewer
from schema.where import Scalar
from tests.policies.test_custom import custom
from tests.policies.world import ACME, ANN, CATALOG, DEAL, GIL, GLOBEX, HINT, IDA, SHARED, person, run

OURS = DEAL.extended((custom("cf_a", "budget", of=FieldType("Money", Base.MONEY)), custom("cf_b", "risk")))
KINDS = {"deal": OURS, "hint": HINT}
OWN = Catalog((OURS, HINT), (), (), "made")
GLOBEX_ALONE = Audience("selected", (GLOBEX,))
BOTH = {"viewer_status": "ACCEPTED", "owner_status": "ACCEPTED"}


def rule(effect: str = "ALLOW", *fields: str, audience: Audience = PARTICIPANTS, **given: Any) -> SharingRule:
    made = {"kind": "deal", "label": "why", **given}
    return SharingRule("shr_a", ACME, 1, effect=effect, fields=fields, audience=audience, **made)  # type: ignore[arg-type] # told by the tests


def world(*rules: SharingRule, text: str = "", kinds: Catalog = OWN) -> Policies:
    """The policies where Acme has these rules, and a text of its own."""
    policies = Policies(CATALOG, extra={ACME: text} if text else None)
    policies.replace_rules(ACME, CompanyRules(rules_text(rules, kinds.by_name), kinds))
    return policies


def side(policies: Policies, viewer: Viewer, kind: Kind = OURS, action: str = "read", **row: Any) -> set[str]:
    found = run(policies.sides(viewer, kind, ACME, action).program(NO_OVERRIDES), **{**BOTH, **row})
    fields = {ident for ident, field in kind.side_by_ident.items() if found & field.bit}
    return fields | ({"exists"} if found & 1 else set())


def test_a_rule_is_one_polar_rule() -> None:
    tests = (
        Condition("stage", "in", ("A", "B")),
        Condition("cf_a", "gte", Money(-5, "EUR")),
        Condition("hot", "ne", True),
    )
    found = rules_text([rule("ALLOW", "amount", "cf_b", audience=GLOBEX_ALONE, label='a "b"', conditions=tests)], KINDS)
    assert found == (
        r'allow_side_field(viewer, "read", side, field, "sharing rule \"a \"b\"\"") if'
        "\n"
        '  side.kind = "deal" and side.own = false and viewer.company in ["co_globex"] and field in ["amount", "cf_b"]'
        ' and side.stage in ["A", "B"] and side.cf_a_currency = "EUR" and side.cf_a_minor >= -5 and side.hot != true;\n'
    )


def test_records_are_tested_by_columns_of_their_own() -> None:
    tests = (Condition("region", "ne", "DE", "record"), Condition("stage", "eq", "A"))
    records = tuple(RecordId(f"deal_{n:02}") for n in range(30))
    found = rules_text([rule("ALLOW", "amount", conditions=tests, records=records)], KINDS)
    listed = [", ".join(f'"{each}"' for each in part) for part in (records[:25], records[25:])]
    assert found == "".join(
        'allow_side_field(_viewer, "read", side, field, "sharing rule \\"why\\"") if\n'
        f'  side.kind = "deal" and side.own = false and side.record_id in [{ids}] and field in ["amount"]'
        ' and side.joint__region != "DE" and side.stage = "A";\n'
        for ids in listed
    )
    row: dict[str, Any] = {"record_id": "deal_29", "joint__region": "FR", "stage": "A"}
    policies = world(rule("ALLOW", "amount", conditions=tests, records=records))
    assert side(policies, GIL, **row) == {"exists", "nextStep", "amount"}
    others: list[dict[str, Any]] = [{"record_id": "deal_30"}, {"joint__region": "DE"}, {"joint__region": None}]
    for other in (*others, {"stage": "B"}):
        assert side(policies, GIL, **{**row, **other}) == {"exists", "nextStep"}


def test_records_count_as_listed_values() -> None:
    many = tuple(RecordId(f"deal_{n}") for n in range(100))
    fields = tuple(OURS.side_by_ident)[:7]
    assert len(fields) * 3 * 100 > MOST_ANSWERS
    rules = [rule("ALLOW", *fields, records=many)] * 3
    check_together(rules[:2], KINDS)
    with pytest.raises(BadInput, match="too many fields and values"):
        check_together(rules, KINDS)


def test_allow_opens_and_deny_closes_for_its_audience() -> None:
    opened = rule("ALLOW", "amount", "cf_b", audience=GLOBEX_ALONE)
    assert side(world(opened), GIL) == {"exists", "nextStep", "amount", "cf_b"}
    assert side(world(opened), IDA) == {"exists", "nextStep"}
    assert side(world(opened), GIL, viewer_status="INVITED") == set()
    assert side(world(opened), GIL, owner_status="WITHDRAWN") == set()
    closed = rule("DENY", "amount", "nextStep")
    assert side(world(opened, closed), GIL) == {"exists", "cf_b"}
    assert side(world(opened, closed), ANN) == {"exists", *OURS.side_by_ident}
    assert "amount" in side(world(opened, closed), ANN, action="update")
    hiding = person(ACME, "ann", hide=True)
    assert side(world(rule("DENY", "nextStep", audience=GLOBEX_ALONE)), hiding) == {"exists", "nextStep"}
    assert side(world(closed), hiding) == {"exists"}
    by_name = rule("ALLOW", "hot", audience=Audience("selected", (), (GIL.person,)))
    assert side(world(by_name), GIL) == {"exists", "nextStep", "hot"}
    assert side(world(by_name), person(GLOBEX, "ida")) == {"exists", "nextStep"}
    assert side(world(opened), GIL, HINT) == {"exists", "stage"}


def test_rules_and_the_own_text_stand_beside_each_other() -> None:
    text = 'deny_side_field(_v, "read", side, "amount", "ours") if side.own = false;'
    opened = rule("ALLOW", "amount", "score")
    assert side(world(opened, text=text), GIL) == {"exists", "nextStep", "score"}
    policies = world(opened, text=text)
    policies.replace(ACME, "")
    assert side(policies, GIL) == {"exists", "nextStep", "score", "amount"}
    policies.replace_rules(ACME, None)
    assert side(policies, GIL) == {"exists", "nextStep"}
    assert policies.pin()._epochs.own == {}


def test_a_text_that_is_that_of_the_rules_is_loaded_once() -> None:
    opened = rule("ALLOW", "amount")
    assert "amount" in side(world(opened, text=rules_text([opened], KINDS)), GIL)


def test_a_preview_changes_nothing() -> None:
    policies = Policies(CATALOG)
    aside = policies.with_rules(ACME, CompanyRules(rules_text([rule("ALLOW", "amount")], KINDS), OWN))
    assert run(aside.sides(GIL, OURS, ACME).program(NO_OVERRIDES), **BOTH) & OURS.side_by_ident["amount"].bit
    assert side(policies, GIL) == {"exists", "nextStep"}


def test_bad_rules_change_nothing() -> None:
    policies = world(rule("ALLOW", "amount"))
    with pytest.raises(BadDeclaration):
        policies.replace_rules(ACME, CompanyRules("allow_side_field(", OWN))
    assert "amount" in side(policies, GIL)


def test_explain_tells_the_rule() -> None:
    policies = world(rule("ALLOW", "amount", "cf_b", label='The "big" ones'), rule("DENY", "cf_b"))
    told = policies.explain(GIL, OURS, ACME, SHARED, "ACCEPTED", "ACCEPTED")
    assert ("amount", 'sharing rule "The "big" ones"') in told
    assert "cf_b" not in {field for field, _ in told}


def test_custom_idents_are_fields_in_rules_alone() -> None:
    """The check knows a company's custom fields in its rules, and is as strict as ever in everything else."""
    text = rules_text([rule("ALLOW", "cf_b")], KINDS)
    check(text, vocabulary(OWN), company=True)
    with pytest.raises(BadDeclaration, match='"cf_b" is no field'):
        check(text, vocabulary(CATALOG), company=True)
    with pytest.raises(BadDeclaration, match='"cf_b" is no field'):
        Epoch(CATALOG, text, CompanyRules(text, OWN))


def test_what_a_template_dropped_opens_nothing_and_stays_closed() -> None:
    both = rule("ALLOW", "amount", "cf_b")
    assert said(both, CATALOG.by_name) == (("amount",), ())
    tested = (Condition("cf_b", "eq", "x"), Condition("stage", "eq", "WON"))
    assert said(rule("ALLOW", "amount", conditions=tested), CATALOG.by_name) is None
    found = said(rule("DENY", "amount", conditions=tested), CATALOG.by_name)
    assert found is not None
    assert [test.column for test in found[1]] == ["stage"]
    for nothing in (rule("DENY", "cf_b"), rule("ALLOW", "amount", kind="planet")):
        assert said(nothing, CATALOG.by_name) is None
        assert rules_text([nothing], CATALOG.by_name) == ""
    assert side(world(both, kinds=CATALOG), GIL, DEAL) == {"exists", "nextStep", "amount"}
    assert "cf_b" not in side(world(both, kinds=CATALOG), GIL, OURS)


def test_closed_closes_to_all_others() -> None:
    policies = Policies(CATALOG)
    policies.replace_rules(ACME, CompanyRules(CLOSED, OWN))
    assert side(policies, GIL) == side(policies, IDA) == set()
    assert side(policies, ANN) == {"exists", *OURS.side_by_ident}


def test_the_longest_rule_is_within_the_bounds_of_a_text() -> None:
    many = DEAL.extended(tuple(custom(f"cf_{n}", f"made{n}", of=FieldType("Money", Base.MONEY)) for n in range(60)))
    everybody = Audience(
        "selected",
        tuple(CompanyId(f"co_{n:026}") for n in range(125)),
        tuple(PersonId(f"pe_{n:026}") for n in range(125)),
    )
    listed = Condition("stage", "in", tuple(f"value {n}" for n in range(50)))
    money = [Condition(f"cf_{n}", "gte", Money(-(2**62), "EUR")) for n in range(7)]
    long = rule(
        "DENY", *(f"cf_{n}" for n in range(50)), audience=everybody, label='"' * 100, conditions=(listed, *money)
    )
    catalog = Catalog((many,), (), (), "made")
    text = rules_text([long], catalog.by_name)
    assert text.count("deny_side_field") == 2 * 6
    Epoch(CATALOG, "", CompanyRules(text, catalog))


def test_rules_that_list_or_multiply_too_much_are_refused() -> None:
    fields = tuple(OURS.side_by_ident)
    listed = Condition("stage", "in", tuple(f"value {n}" for n in range(50)))
    lists = [rule("ALLOW", *fields[:8], conditions=(listed,)) for _ in range(MOST_ANSWERS // 400 + 1)]
    check_together(lists[1:], KINDS)
    with pytest.raises(BadInput, match="too many fields and values"):
        check_together(lists, KINDS)

    def closing(n: int) -> SharingRule:
        texts = ("stage", "nextStep", "cf_b")
        return rule("DENY", "amount", conditions=tuple(Condition(text, "eq", f"{text} {n}") for text in texts))

    check_together([*map(closing, range(3)), rule("DENY", "stage", kind="planet")], KINDS)
    with pytest.raises(BadInput, match="too many conditions"):
        check_together(list(map(closing, range(9))), KINDS)


LETTERS = [chr(c) for c in range(sys.maxunicode + 1) if not 0xD800 <= c < 0xE000]
WRITABLE = [letter for letter in LETTERS if letter >= " " or letter in "\0\t\n\r"]


def written(value: Scalar) -> object:
    """What Polar reads where we write the value."""
    (found,) = Rules(f"our_value({literal(value)});").ask("our_value", Unknown("v"))
    ((_, content),) = found["v"]["value"].items()
    return next(iter(content.values())) if isinstance(content, dict) else content


def test_every_letter_is_written_as_it_is_or_refused() -> None:
    for start in range(0, len(WRITABLE), 20_000):
        text = "".join(WRITABLE[start : start + 20_000])
        assert written(text) == text
    for letter in (*(chr(c) for c in range(1, 32) if chr(c) not in "\t\n\r"), "\ud800"):
        with pytest.raises(BadDeclaration, match="cannot hold this text"):
            literal("a" + letter)


@settings(max_examples=100, deadline=None)
@given(
    st.one_of(
        st.text(st.sampled_from('"\\#;()\n\t\r\0 afi,.')),
        st.integers(-(2**63) + 1, 2**63 - 1),
        st.floats(allow_nan=False, allow_infinity=False),
        st.booleans(),
    )
)
def test_values_survive(value: Scalar) -> None:
    found = written(value)
    assert (found, type(found)) == (value, type(value))


def test_the_one_number_that_polar_cannot_read_is_refused() -> None:
    with pytest.raises(BadDeclaration, match="cannot hold this number"):
        literal(-(2**63))


# The same in random: what Oso makes of the text, and what the rules say in plain words.

STAGES = ("WON", "LOST", 'a "quoted" \\ one')
CONDITIONS = st.one_of(
    st.builds(lambda op, v: Condition("stage", op, v), st.sampled_from(["eq", "ne"]), st.sampled_from(STAGES)),
    st.builds(lambda v: Condition("stage", "in", tuple(sorted(v))), st.sets(st.sampled_from(STAGES), min_size=1)),
    st.builds(
        lambda op, n: Condition("amount", op, Money(n, "EUR")),
        st.sampled_from(["eq", "lt", "lte", "gt", "gte"]),
        st.integers(-1, 3),
    ),
    st.builds(
        lambda op, n: Condition("score", op, n), st.sampled_from(["lt", "gte", "ne"]), st.sampled_from([0.5, 2.0])
    ),
    st.builds(lambda v: Condition("hot", "eq", v), st.booleans()),
    st.builds(lambda v: Condition("cf_b", "eq", v), st.sampled_from(STAGES)),
)
AUDIENCES = st.sampled_from([PARTICIPANTS, GLOBEX_ALONE, Audience("selected", (IDA.company,), (GIL.person,))])
RULES = st.lists(
    st.builds(
        lambda effect, fields, audience, conditions: rule(
            effect, *sorted(fields), audience=audience, conditions=tuple(conditions)
        ),
        st.sampled_from(["ALLOW", "DENY"]),
        st.sets(st.sampled_from(["amount", "stage", "nextStep", "cf_a", "cf_b"]), min_size=1, max_size=3),
        AUDIENCES,
        st.lists(CONDITIONS, max_size=2, unique_by=lambda each: each.field),
    ),
    max_size=4,
)
ROWS = st.fixed_dictionaries(
    {
        "stage": st.sampled_from([*STAGES, None]),
        "amount_minor": st.sampled_from([-1, 0, 2, None]),
        "amount_currency": st.sampled_from(["EUR", "USD", None]),
        "score": st.sampled_from([0.0, 0.5, 2.0, None]),
        "hot": st.sampled_from([True, False, None]),
        "cf_b": st.sampled_from([*STAGES, None]),
    }
)


def meant(rules: list[SharingRule], viewer: Viewer, row: dict[str, Any]) -> set[str]:
    """What the rules, in their own words, leave a partner of a side that nothing else opens but its next step."""
    found = {"exists", "nextStep"}
    closed: set[str] = set()
    for each in rules:
        audience = each.audience
        named = viewer.company in audience.companies or viewer.person in audience.people
        if audience is not PARTICIPANTS and not named:
            continue
        tests = [test for condition in each.conditions for test in condition.tests(OURS) or ()]
        if each.effect == "ALLOW" and all(holds(test, row[test.column]) for test in tests):
            found |= set(each.fields)
        if each.effect == "DENY" and all(row[t.column] is None or holds(t, row[t.column]) for t in tests):
            closed |= set(each.fields)
    return found - closed


@settings(max_examples=150, deadline=None)
@given(RULES, st.sampled_from([GIL, IDA, person(GLOBEX, "bo")]), st.lists(ROWS, min_size=2, max_size=5))
def test_the_masks_are_what_the_rules_say(rules: list[SharingRule], viewer: Viewer, rows: list[dict[str, Any]]) -> None:
    policies = world(*rules)
    for row in rows:
        assert side(policies, viewer, **row) == meant(rules, viewer, row), row


def test_lists_are_told_value_by_value_and_kept_as_one_case() -> None:
    listed = Condition("stage", "in", STAGES)
    program = world(rule("ALLOW", "amount", "score", conditions=(listed,))).sides(GIL, OURS, ACME).program(NO_OVERRIDES)
    assert len(program.cases) == 2
    assert {test.op for tests, _ in program.cases for test in tests} == {"eq", "in"}
