"""Properties: the mask is what Oso says cell by cell; its two readers agree; a cache changes nothing."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from policies import Policies
from policies.engine import Rules, Unknown
from policies.epoch import BASE, CompanyRules
from policies.facts import (
    COLUMNS,
    EXISTS_NAME,
    column_types,
    record_column_types,
    record_facts,
    side_facts,
    side_sets,
    viewer_facts,
)
from policies.rules_text import rules_text
from schema.kind import Kind
from schema.mask import MaskProgram
from schema.matching import matches
from schema.money import Money
from schema.names import CompanyId, PersonId, RecordId
from schema.sharing import PARTICIPANTS, PRIVATE, Audience, Sharing
from schema.sharing_rule import Condition, SharingRule
from schema.viewer import Viewer
from tests.policies.world import ACME, ANN, CATALOG, DEAL, GIL, GLOBEX, HINT, INITECH, SHARED

# Values to try of each column; for each column they lie on both sides of everything that CONDITIONS ask of it.
VALUES: Mapping[str, tuple[Any, ...]] = {
    "viewer_status": ("ACCEPTED", "INVITED", "DECLINED"),
    "owner_status": ("ACCEPTED", "WITHDRAWN"),
    "viewer_role": ("OWNER", "COLLABORATOR", "VIEWER", "PARTICIPANT"),
    "own": (True, False),
    "status": ("ACCEPTED", "INVITED", "DECLINED", "WITHDRAWN"),
    "role": ("OWNER", "VIEWER"),
    "stage": ("WON", "LOST", "a:b"),
    "amount_minor": (-1, 9, 10, 11, 20),
    "amount_currency": ("EUR", "USD"),
    "score": (0, 1, 2),
    "hot": (True, False),
    "record_id": ("deal_1", "deal_2"),
    "joint__region": ("DE", "FR", "US"),
    "joint__contact": ("DE", "FR"),
}
CONDITIONS = (
    'side.stage = "WON"',
    'side.stage != "WON"',
    'side.stage in ["LOST", "a:b"]',
    "side.amount_minor >= 10",
    "10 > side.amount_minor",
    "side.amount_minor > 9 and side.amount_minor != 11",
    "(side.amount_minor = 20 or side.hot = false)",
    "side.score > 1",
    "side.hot = true",
    'side.joint__region = "DE"',
    'side.joint__region != "DE"',
    'side.joint__region in ["FR", "US"]',
    'side.record_id in ["deal_1"]',
    "side.own = false",
    'side.owner_status = "ACCEPTED"',
    'side.viewer_status in ["ACCEPTED", "INVITED"]',
    'side.owned_by != "co_globex"',
    "viewer.hide_private = true",
    'viewer.company = "co_globex"',
    'viewer.person in ["a,b", "\\0", "☃"]',
    '"a" in viewer.roles',
    'action = "read"',
    "field in side.shared",
    "field in side.to_company",
    "(field in side.to_participants or field in side.to_person)",
    '"amount" in side.to_company',
    '("stage" in side.to_participants and "hot" in side.shared)',
    'field in ["amount", "hot", "nextStep"]',
    'field != "exists"',
)


def subject(condition: str) -> str:
    """The first thing that a condition tests: tests of one column that exclude each other are not drawn together,
    because of a null they can be told to be false only by whoever sees both."""
    found = re.search(r"side\.\w+", condition)
    return found[0] if found else condition


@st.composite
def texts(draw: st.DrawFn) -> str:
    """A company's own text, for the kind that has all the columns."""
    rules = []
    for _ in range(draw(st.integers(0, 3))):
        verb = draw(st.sampled_from(["allow", "deny"]))
        drawn = draw(st.lists(st.sampled_from(CONDITIONS), min_size=1, max_size=3, unique_by=subject))
        body = " and ".join(['side.kind = "deal"', *drawn])
        names = {
            name: name if re.search(rf"\b{name}\b", body) else "_" + name for name in ("viewer", "action", "field")
        }
        if names["field"] == "_field" and verb == "allow":
            names["field"] = '"chance"'
        head = f'{verb}_side_field({names["viewer"]}, {names["action"]}, side, {names["field"]}, "why")'
        rules.append(f"{head} if {body};")
    return "\n".join(rules)


COMPANIES = st.sampled_from([ACME, GLOBEX, INITECH])
ODD = st.sampled_from(["a", "b", "a,b", "a\0b", "\0", "", "☃", 'a"b', "a:b"])
VIEWERS = st.builds(
    Viewer,
    ODD.map(PersonId),
    COMPANIES,
    st.lists(st.sampled_from(["a", "b", "a,b", "reader"]), max_size=2).map(tuple),
    st.booleans(),
)
AUDIENCES = st.one_of(
    st.sampled_from([PRIVATE, PARTICIPANTS]),
    st.builds(
        lambda c, p: Audience("selected", tuple(sorted(c)), tuple(sorted(map(PersonId, p)))),
        st.sets(COMPANIES),
        st.sets(ODD),
    ),
)
SHARED_FIELDS = st.sampled_from(["stage", "amount", "hot", "nextStep"])
SHARINGS = st.dictionaries(SHARED_FIELDS, AUDIENCES, max_size=3).map(Sharing().changed)
ACTIONS = st.sampled_from(["read", "read", "update", "share"])
ACTIONS_OF_RECORDS = frozenset({"read", "update", "invite", "respond", "withdraw"})
KINDS = st.sampled_from([DEAL, DEAL, HINT])


def rows(columns: Mapping[str, object] | tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({c: st.sampled_from([*VALUES[c], None]) for c in columns if c in VALUES})


def worlds_without_null(row: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The row with every value that its nulls might have had."""
    nulls = [column for column, value in row.items() if value is None]
    for values in product(*(VALUES[column] for column in nulls)):
        yield {**row, **dict(zip(nulls, values, strict=True))}


@dataclass(frozen=True)
class Asked:
    """A question in full: every fact, whether the text reads it or not."""

    allow: str
    deny: str | None
    viewer: dict[str, Any]
    action: str
    facts: dict[str, Any]
    bits: dict[str, int]

    def cell_by_cell(self, rules: Rules, row: dict[str, Any]) -> int:
        """What Oso answers field by field with every column known, nothing left to evaluate in part. A null is a
        fact that is not there for an allow; a deny closes when it would for any value that the null might be."""

        def says(predicate: str, field: str, known: dict[str, Any]) -> bool:
            facts = self.facts | known
            return bool(rules.ask(predicate, self.viewer, self.action, facts, field, Unknown("reason")))

        present = {column: value for column, value in row.items() if value is not None}
        mask = 0
        for field, bit in self.bits.items():
            if says(self.allow, field, present):
                denied = self.deny and any(says(self.deny, field, world) for world in worlds_without_null(row))
                mask |= 0 if denied else bit
        return mask if mask & 1 else 0


def hold(program: MaskProgram, asked: Asked, rules: Rules, row: dict[str, Any]) -> None:
    """The program says of the row what Oso says of each cell, and its filters say what it says."""
    bits = program.evaluate(*(row[column] for column in program.columns))
    assert bits == asked.cell_by_cell(rules, row)
    for bit in asked.bits.values():
        assert matches(program.condition(bit), row) is bool(bits & bit)


def bits_by_name(kind: Kind, part: str) -> dict[str, int]:
    return {EXISTS_NAME: 1} | {field.name: field.bit for field in kind.fields(part)}


@settings(max_examples=120, deadline=None)
@given(texts(), VIEWERS, COMPANIES, KINDS, SHARINGS, ACTIONS, st.data())
def test_sides(
    text: str, viewer: Viewer, owner: CompanyId, kind: Kind, sharing: Sharing, action: str, data: st.DataObject
) -> None:
    if kind is HINT:
        sharing = Sharing(tuple(item for item in sharing.overrides if item[0] in HINT.side_by_name))
    rules = Rules(BASE, text)
    grants = sharing.grants(kind, viewer.company, viewer.person)
    facts = {**side_facts(kind, owner, owner == viewer.company), **dict(side_sets(kind, grants))}
    bits = bits_by_name(kind, "side")
    asked = Asked("side_field", "deny_side_field", dict(viewer_facts(viewer)), action, dict(facts), bits)
    program = Policies(CATALOG, extra={owner: text}).sides(viewer, kind, owner, action).program(sharing)
    columns = (*COLUMNS["side"], *column_types(kind), *record_column_types(kind))
    for row in data.draw(st.lists(rows(columns), min_size=2, max_size=4)):
        hold(program, asked, rules, row)


RULES = st.builds(
    lambda effect, fields, audience, conditions, records: SharingRule(
        "shr_a", ACME, 1, "deal", "why", effect, tuple(sorted(fields)), audience, tuple(conditions), records=records
    ),
    st.sampled_from(["ALLOW", "DENY"]),
    st.sets(st.sampled_from(["stage", "amount", "hot", "nextStep", "tags"]), min_size=1, max_size=3),
    st.one_of(st.just(PARTICIPANTS), AUDIENCES.filter(lambda each: each.kind == "selected")),
    st.lists(
        st.sampled_from(
            [
                Condition("stage", "eq", "WON"),
                Condition("stage", "ne", "WON"),
                Condition("stage", "in", ("LOST", "a:b")),
                Condition("amount", "gte", Money(10, "EUR")),
                Condition("amount", "lt", Money(11, "EUR")),
                Condition("score", "gt", 1.0),
                Condition("hot", "eq", True),
                Condition("region", "eq", "DE", "record"),
                Condition("region", "ne", "DE", "record"),
                Condition("region", "in", ("FR", "US"), "record"),
            ]
        ),
        max_size=2,
        unique_by=lambda each: each.field,
    ),
    st.sampled_from([(), (), (RecordId("deal_1"),), (RecordId("deal_1"), RecordId("deal_2"))]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(RULES, min_size=1, max_size=3), texts(), VIEWERS, SHARINGS, ACTIONS, st.data())
def test_sharing_rules(
    rules: list[SharingRule], own: str, viewer: Viewer, sharing: Sharing, action: str, data: st.DataObject
) -> None:
    """Rules beside a text of the company's own: the mask is what Oso says of both, cell by cell."""
    text = rules_text(rules, CATALOG.by_name)
    facts = {
        **side_facts(DEAL, ACME, viewer.company == ACME),
        **dict(side_sets(DEAL, sharing.grants(DEAL, viewer.company, viewer.person))),
    }
    bits = bits_by_name(DEAL, "side")
    asked = Asked("side_field", "deny_side_field", dict(viewer_facts(viewer)), action, facts, bits)
    policies = Policies(CATALOG, extra={ACME: own} if own else None)
    policies.replace_rules(ACME, CompanyRules(text, CATALOG) if text else None)
    program = policies.sides(viewer, DEAL, ACME, action).program(sharing)
    oso = Rules(*dict.fromkeys((BASE, own, text)))
    columns = (*COLUMNS["side"], *column_types(DEAL), *record_column_types(DEAL))
    for row in data.draw(st.lists(rows(columns), min_size=2, max_size=4)):
        hold(program, asked, oso, row)


@settings(max_examples=40, deadline=None)
@given(
    VIEWERS,
    KINDS,
    st.sampled_from(sorted(ACTIONS_OF_RECORDS)),
    st.sampled_from(
        [
            '"a" in viewer.roles and record.viewer_role = "VIEWER"',
            'record.kind = "deal" and record.joint__region in ["DE", "US"]',
            'record.kind = "deal" and record.joint__region != "DE" and record.viewer_role = "VIEWER"',
            'record.record_id = "deal_1"',
            'record.kind = "deal" and record.joint__contact = "DE"',
            'record.kind = "deal" and record.joint__contact != "DE" and record.joint__region in ["DE", "US"]',
        ]
    ),
    st.data(),
)
def test_joint_fields(viewer: Viewer, kind: Kind, action: str, condition: str, data: st.DataObject) -> None:
    viewer = replace(viewer, roles=(*viewer.roles, "a"))
    condition = f'"a" in viewer.roles and {condition}'
    text = f'deny_joint_field(viewer, "read", record, "name", "x") if {condition};'
    hidden = {"joint__contact": None}  # as a column not set, to whom has not accepted
    program = Policies(CATALOG, extra={viewer.company: text}).joint(viewer, kind, action)
    bits = bits_by_name(kind, "joint")
    asked = Asked("joint_field", "deny_joint_field", dict(viewer_facts(viewer)), action, dict(record_facts(kind)), bits)
    rules = Rules(BASE, text)
    columns = (*COLUMNS["record"], *record_column_types(kind))
    for row in data.draw(st.lists(rows(columns), min_size=2, max_size=4)):
        told = row if row["viewer_status"] == "ACCEPTED" or kind is HINT else row | hidden
        bits_told = program.evaluate(*(row[column] for column in program.columns))
        assert bits_told == asked.cell_by_cell(rules, told)
        for bit in asked.bits.values():
            assert matches(program.condition(bit), row) is bool(bits_told & bit)


@settings(max_examples=40, deadline=None)
@given(VIEWERS, st.data())
def test_participants(viewer: Viewer, data: st.DataObject) -> None:
    program = Policies(CATALOG).participants(viewer)
    asked = Asked("participant_field", None, dict(viewer_facts(viewer)), "read", {}, {EXISTS_NAME: 1, "message": 2})
    rules = Rules(BASE)
    for row in data.draw(st.lists(rows(COLUMNS["participant"]), min_size=4, max_size=8)):
        hold(program, asked, rules, row)


OWN_TEXT = """
deny_side_field(viewer, _a, side, "amount", "x") if viewer.person = "a" and side.owned_by = "co_acme";
allow_side_field(viewer, "read", side, "chance", "y") if viewer.roles = ["a,b"] and side.hot = true;
deny_joint_field(viewer, _a, _r, "contact", "z") if viewer.person in ["\\0", "a,b"];
"""
WARM = Policies(CATALOG, extra={ACME: OWN_TEXT, GLOBEX: OWN_TEXT})
COLD = Policies(CATALOG, extra={ACME: OWN_TEXT, GLOBEX: OWN_TEXT}, cache=False)


@settings(max_examples=150, deadline=None)
@given(VIEWERS, COMPANIES, SHARINGS, st.sampled_from(sorted(ACTIONS_OF_RECORDS | {"share"})))
def test_a_warm_cache_answers_as_none(viewer: Viewer, owner: CompanyId, sharing: Sharing, action: str) -> None:
    def answers(policies: Policies) -> tuple[MaskProgram, ...]:
        return (
            policies.sides(viewer, DEAL, owner, action).program(sharing),
            policies.joint(viewer, DEAL, action),
            policies.participants(viewer),
        )

    assert answers(WARM) == answers(COLD)


def test_a_cell_that_exists_not_shows_nothing() -> None:
    """Whatever a program shows of a row, it shows that the row exists."""
    for program in (WARM.joint(ANN, DEAL), *(WARM.sides(v, DEAL, ACME).program(SHARED) for v in (ANN, GIL))):
        assert program.cases
        assert all(bits & 1 for _, bits in program.cases)
