"""All backends agree on random filters, orders and groups over what hangs on a record, under random masks."""

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schema.mask import MaskProgram
from schema.names import RecordId
from schema.where import Comparison, Quantified, Where
from spaces.change import Change, Participation
from spaces.contract import Spaces
from spaces.fetch import Dimension, GroupFetch, Groups, Order, Page, PageFetch, Related
from spaces.memory import MemorySpaces
from tests.spaces.backends import STORED, empty
from tests.spaces.customs import AREA, FEE, HOT, KINDS, RATIO, WHOLE_SIDES
from tests.spaces.test_equal_pages import (
    COLUMNS,
    RECORDS,
    columns_of,
    comparisons,
    custom_columns,
    follow,
    joint_masks,
    joints,
    own_masks,
    sharings,
    side_values,
    statuses,
)
from tests.spaces.world import ALL_JOINT, ANN, A, B, ByCompany, C, program, with_companies

COMPANIES = (A, B, C)
roles = st.sampled_from(["OWNER", "VIEWER"])


PARTICIPANT: dict[str, st.SearchStrategy[Any]] = {
    "company": st.sampled_from(COMPANIES),
    "status": statuses,
    "role": roles,
}
OWNED = {"own": st.booleans()}
participant_tests = st.one_of(
    *[
        st.builds(Comparison, st.just(column), st.sampled_from(["eq", "ne"]), values)
        for column, values in {**PARTICIPANT, "viewer_status": statuses, "viewer_role": roles, **OWNED}.items()
    ]
)
participant_masks: st.SearchStrategy[MaskProgram] = st.one_of(
    st.just(program(3)),
    st.builds(
        lambda cases: program(0, *((tuple(tests), 1) for tests in cases)),
        st.lists(st.lists(participant_tests, min_size=1, max_size=2), max_size=3),
    ),
)
side_masks = {
    company: st.one_of(st.just(WHOLE_SIDES[company]), own_masks[company], own_masks[company]) for company in COMPANIES
}
related = st.builds(
    lambda a, b, c, participants: Related(ByCompany(a, {B: b, C: c}), participants),
    *(side_masks[company] for company in COMPANIES),
    participant_masks,
)

OWN: dict[str, st.SearchStrategy[Any]] = {
    **{name.removeprefix("mine."): values for name, values in COLUMNS.items() if name.startswith("mine.")},
    **custom_columns(A),
    "company": st.sampled_from(COMPANIES),
}


def filters(columns: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Where]:
    tests = st.one_of(
        *[st.builds(Comparison, st.just(c), st.sampled_from(["eq", "ne", "lt", "gte"]), v) for c, v in columns.items()],
        st.builds(Comparison, st.sampled_from(sorted(columns)), st.just("null"), st.booleans()),
    )
    return st.lists(st.lists(tests, max_size=2), max_size=2).map(lambda ands: Where(tuple(map(tuple, ands))))


SHARED = [column for field in (HOT, AREA, FEE, RATIO) for column in field.columns]
"""The columns of partners' sides whose bits differ from the viewer's."""
shared_is_null = st.builds(
    lambda column, null: Where(((Comparison(column, "null", null),),)), st.sampled_from(SHARED), st.booleans()
)
quantifiers = st.sampled_from(["some", "none", "every", "gap"])
quantified = st.one_of(
    st.builds(Quantified, st.just("partners"), quantifiers, filters(OWN)),
    st.builds(Quantified, st.just("partners"), quantifiers, filters(OWN)),
    st.builds(Quantified, st.just("partners"), quantifiers, shared_is_null),
    st.builds(Quantified, st.just("participants"), quantifiers, filters(PARTICIPANT)),
)
wheres = st.lists(
    st.lists(st.one_of(quantified, quantified, comparisons[A]), min_size=1, max_size=2), min_size=1, max_size=2
).map(lambda ands: Where(tuple(map(tuple, ands))))
usual = st.one_of(wheres, wheres, st.just(Where(((),))))
aggregates = st.builds(
    Order,
    st.sampled_from([f"partners.{name}" for name in [*OWN, *SHARED]]),
    st.booleans(),
    st.sampled_from(["max", "min"]),
)
orders = st.lists(
    st.one_of(aggregates, st.builds(Order, st.sampled_from(list(columns_of(A))), st.booleans())), max_size=2
)
companies = st.sampled_from([A, A, A, B])


@st.composite
def pages(draw: st.DrawFn) -> PageFetch:
    return PageFetch(
        KINDS[A],
        A,
        draw(st.one_of(st.just(ALL_JOINT), joint_masks)),
        draw(side_masks[A]),
        KINDS[A].joint,
        KINDS[A].side,
        draw(usual),
        tuple(draw(orders)),
        draw(st.sampled_from([9, 2, 1])),
        backwards=draw(st.booleans()),
        count=True,
        ids=draw(st.sampled_from([None, None, (RecordId("r0"), RecordId("r2"))])),
        related=draw(related),
    )


PLAIN = [*columns_of(A), "mine.needs"]
dimensions = st.one_of(
    st.builds(Dimension, st.sampled_from([*PLAIN, *(f"partners.{name}" for name in OWN)])),
    st.builds(Dimension, st.sampled_from(PLAIN)),
    st.builds(Dimension, st.sampled_from([f"partners.{name}" for name in SHARED])),
    st.builds(
        Dimension, st.sampled_from(["mine.closes", "mine.cf_due"]), st.sampled_from([None, "month", "quarter", "year"])
    ),
    st.builds(
        Dimension,
        st.sampled_from(["partners.closes", "partners.cf_due"]),
        st.sampled_from(["month", "quarter", "year"]),
    ),
)
numbers = ["mine.amount_minor", "mine.chance", "mine.score", "joint.rank"]
numbers += ["mine.cf_fee_minor", "mine.cf_size", "mine.cf_ratio"]
theirs = ["amount_minor", "score", "cf_fee_minor", "cf_ratio", "cf_size"]
measures = st.one_of(
    st.lists(st.sampled_from(numbers), max_size=3),
    st.lists(st.sampled_from([*numbers, *(f"partners.{name}" for name in theirs)]), max_size=2),
)


@st.composite
def groupings(draw: st.DrawFn) -> GroupFetch:
    return GroupFetch(
        KINDS[A],
        A,
        draw(st.one_of(st.just(ALL_JOINT), joint_masks)),
        draw(side_masks[A]),
        tuple(draw(st.lists(dimensions, max_size=2))),
        tuple(draw(measures)),
        draw(usual),
        draw(related),
        draw(st.sampled_from([1_000, 2])),
    )


@st.composite
def networks(draw: st.DrawFn) -> list[Change]:
    """Four records of A's with partners of any status, and the sides of some."""
    made = []
    for record in RECORDS[:4]:
        inside = [Participation(A, draw(roles), draw(st.sampled_from(["ACCEPTED", "ACCEPTED", "INVITED"])))]
        for company in draw(st.sampled_from([(B, C), (C, B), (B,), (C,), ()])):
            status = draw(st.sampled_from(["ACCEPTED", "ACCEPTED", "ACCEPTED", "INVITED"]))
            inside.append(Participation(company, draw(roles), status))
        whole: dict[str, Any] = {"joint": draw(joints), "creates": True, "participants": tuple(inside)}
        for participation in inside:
            company = participation.company
            side: dict[str, Any] = (
                {"side": draw(side_values[company]), "sharing": draw(sharings)} if draw(st.integers(0, 3)) else {}
            )
            if side or whole:
                made.append(Change(KINDS[company], RecordId(record), company, ANN, "t1", **whole, **side))
            whole = {}
    return made


async def observe(
    spaces: Spaces, made: list[Change], asked: list[PageFetch], grouped: list[GroupFetch]
) -> list[Page | Groups]:
    await with_companies(spaces)
    assert await spaces.commit_all(made) == [None] * len(made)
    seen: list[Page | Groups] = []
    for fetch in asked:
        seen += await follow(spaces, fetch)
    seen += [await spaces.groups(each) for each in grouped]
    await spaces.close()
    return seen


@pytest.mark.filterwarnings("ignore:Generating overly large repr")  # of what fails: else the warning hides it
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(networks(), st.lists(pages(), min_size=3, max_size=5), st.lists(groupings(), min_size=3, max_size=5))
def test_backends_agree(made: list[Change], asked: list[PageFetch], grouped: list[GroupFetch]) -> None:
    reference = asyncio.run(observe(MemorySpaces(), made, asked, grouped))
    for backend in STORED:
        with empty(backend) as spaces:
            assert asyncio.run(observe(spaces, made, asked, grouped)) == reference, backend
