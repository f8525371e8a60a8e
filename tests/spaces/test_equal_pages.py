"""All backends agree on random networks, masks, filters, orders and cursors, over kinds that each company has
extended by custom fields of its own."""

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schema.kind import Kind
from schema.mask import MaskProgram
from schema.money import Money
from schema.names import CompanyId, RecordId
from schema.sharing import NO_OVERRIDES
from schema.where import Comparison, Where
from spaces.change import Change, Participation
from spaces.contract import Spaces
from spaces.fetch import Order, Page, PageFetch, ParticipantFetch
from spaces.memory import MemorySpaces
from tests.spaces.backends import STORED, empty
from tests.spaces.customs import KINDS, SHUT_AREA
from tests.spaces.world import (
    ALL_JOINT,
    ANN,
    DEAL,
    OPEN,
    SHUT,
    TEXT,
    A,
    B,
    C,
    Masks,
    program,
    sides,
    with_companies,
)

RECORDS = [f"r{i}" for i in range(6)]
TIMES = st.sampled_from([f"t{i}" for i in range(4)])
few = st.none() | st.sampled_from(["a", "b", "B"])
numbers = st.none() | st.integers(0, 2)

joints = st.fixed_dictionaries(
    {},
    optional={
        "name": few,
        "rank": numbers,
        "open": st.none() | st.booleans(),
        "tags": st.none() | st.lists(st.sampled_from("ab")),
    },
)
booleans = st.none() | st.booleans()
money = st.none() | st.builds(Money, st.integers(0, 2), st.sampled_from(["EUR", "USD"]))
lists = st.none() | st.lists(st.sampled_from("ab"))
days = st.sampled_from(["2025-12-31", "2026-01-01", "2026-03-31", "2026-04-01"])
OWN_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "stage": few,
    "chance": numbers,
    "wonAlone": booleans,
    "score": numbers,
    "amount": money,
    "needs": lists,
    "closes": st.none() | days,
}
CUSTOM_VALUES: dict[str, st.SearchStrategy[Any]] = {
    "cf_area": few | st.just('"\\'),
    "cf_fee": money,
    "cf_due": st.none() | days,
    "cf_hot": booleans,
    "cf_size": numbers | st.just(2**63 - 1),
    "cf_ratio": numbers | st.just(0.1),
    "cf_wishes": lists,
    "cf_boss": few,
    "cf_extra_1": few,
    "cf_extra_2": numbers,
    "cf_level": few,
    "cf_flagged": booleans,
    "cf_note": few,
}


def values_of(company: CompanyId) -> dict[str, st.SearchStrategy[Any]]:
    """The fields of a company's sides by name."""
    return {**OWN_VALUES, **{f.name: CUSTOM_VALUES[f.ident] for f in KINDS[company].custom}}


side_values = {company: st.fixed_dictionaries({}, optional=values_of(company)) for company in KINDS}
participations = st.builds(
    Participation,
    st.sampled_from([A, B, C]),
    st.sampled_from(["OWNER", "VIEWER"]),
    st.sampled_from(["INVITED", "ACCEPTED", "WITHDRAWN"]),
    st.none() | st.just("hello"),
)


whole_sides = st.fixed_dictionaries(
    {"stage": few, "chance": numbers, "wonAlone": booleans, "area": few, "hot": booleans, "size": numbers}
).flatmap(lambda base: side_values[A].map(lambda more: {**base, **more}))
sharings = st.sampled_from([OPEN, SHUT, SHUT_AREA, NO_OVERRIDES])


@st.composite
def changes(draw: st.DrawFn) -> Change:
    company = draw(st.sampled_from([A, A, B]))
    inside = draw(st.lists(participations, max_size=2, unique_by=lambda p: p.company))
    return Change(
        KINDS[company],
        RecordId(draw(st.sampled_from(RECORDS))),
        company,
        ANN,
        draw(TIMES),
        creates=draw(st.sampled_from([False, False, True])),
        joint=draw(joints),
        side=draw(st.none() | side_values[company]),
        sharing=draw(st.none() | sharings),
        participants=tuple(inside),
        touched=tuple(draw(st.lists(st.sampled_from([A, B, C]), max_size=2))),
        expect=tuple(
            draw(st.lists(st.tuples(st.sampled_from([A, B]), st.sampled_from([None, "ACCEPTED"])), max_size=1))
        ),
        if_version=draw(st.none() | st.none() | st.integers(1, 2)),
        natural_key=draw(st.none() | st.none() | st.sampled_from(["k1", "k2"])),
    )


@st.composite
def starts(draw: st.DrawFn) -> list[Change]:
    """Records with sides of A, so that what follows meets something."""
    inside = (Participation(A, "OWNER", "ACCEPTED"), Participation(B, "VIEWER", "INVITED"))
    return [
        Change(
            KINDS[A],
            RecordId(record),
            A,
            ANN,
            draw(TIMES),
            creates=True,
            joint=draw(joints),
            side=draw(whole_sides),
            sharing=draw(sharings),
            participants=inside,
        )
        for record in RECORDS[:4]
    ]


def mask_programs(kind: Kind, part: str, facts: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[MaskProgram]:
    every = kind.all_joint if part == "joint" else kind.all_side
    some = st.integers(0, every).map(lambda b: b | 1)
    bits = st.one_of(some, some, st.just(every), st.integers(0, every))
    tests = st.one_of(*[st.builds(Comparison, st.just(c), st.sampled_from(["eq", "ne"]), v) for c, v in facts.items()])
    cases = st.lists(st.tuples(st.lists(tests, min_size=1, max_size=2).map(tuple), bits), max_size=2)
    return st.builds(lambda always, cases: program(always, *cases), bits, cases)


statuses = st.sampled_from(["INVITED", "ACCEPTED"])
OF_RECORD: dict[str, st.SearchStrategy[Any]] = {
    "record_id": st.sampled_from(RECORDS[:4]),
    "joint__name": st.sampled_from(["a", "b"]),
    "joint__rank": st.integers(0, 2),
    "joint__open": st.booleans(),
}
joint_masks = mask_programs(
    DEAL, "joint", {"viewer_status": statuses, "viewer_role": st.sampled_from(["OWNER", "VIEWER"]), **OF_RECORD}
)
TESTED: dict[str, st.SearchStrategy[Any]] = {
    "viewer_status": statuses,
    "owner_status": statuses,
    "stage": st.sampled_from(["a", "b"]),
    "chance": st.integers(0, 2),
    **OF_RECORD,
}
CUSTOM_COLUMNS: dict[str, st.SearchStrategy[Any]] = {
    "cf_area": st.sampled_from("abB"),
    "cf_fee_minor": st.integers(0, 2),
    "cf_fee_currency": st.just("USD"),
    "cf_due": days,
    "cf_hot": st.booleans(),
    "cf_size": st.integers(0, 2),
    "cf_ratio": st.sampled_from([0, 0.1, 2]),
    "cf_wishes": st.just("[]"),
    "cf_boss": st.sampled_from("ab"),
    "cf_extra_1": st.sampled_from("ab"),
    "cf_extra_2": st.integers(0, 2),
    "cf_level": st.sampled_from("ab"),
    "cf_flagged": st.booleans(),
    "cf_note": st.sampled_from("ab"),
}


def custom_columns(company: CompanyId) -> dict[str, st.SearchStrategy[Any]]:
    """The custom columns of a company's sides, by bare name, with values to compare them with."""
    return {column: CUSTOM_COLUMNS[column] for field in KINDS[company].custom for column in field.columns}


def _masks(company: CompanyId) -> st.SearchStrategy[Masks]:
    programs = mask_programs(KINDS[company], "side", {**TESTED, **custom_columns(company)})
    return st.builds(Masks, programs, st.dictionaries(sharings, programs), st.just(KINDS[company]))


own_masks = {company: _masks(company) for company in KINDS}

COLUMNS: dict[str, st.SearchStrategy[Any]] = {
    "joint.name": st.sampled_from("abB2"),
    "joint.rank": st.integers(0, 2),
    "joint.open": st.booleans(),
    "mine.stage": st.sampled_from("abB"),
    "mine.amount_minor": st.integers(0, 2),
    "mine.amount_currency": st.just("USD"),
    "mine.won_alone": st.booleans(),
    "mine.score": st.integers(0, 2),
    "updated_at": TIMES,
    "created_at": TIMES,
    "status": statuses,
    "role": st.just("OWNER"),
}


def columns_of(company: CompanyId) -> dict[str, st.SearchStrategy[Any]]:
    """The page columns of a company, with values to compare them with."""
    return {**COLUMNS, **{f"mine.{column}": values for column, values in custom_columns(company).items()}}


def _comparisons(company: CompanyId) -> st.SearchStrategy[Comparison]:
    plain = [
        st.builds(Comparison, st.just(c), st.sampled_from(["eq", "ne", "lt", "gte"]), v)
        for c, v in columns_of(company).items()
    ]
    texts = [f"mine.{c}" for f in KINDS[company].custom if f.type == TEXT for c in f.columns]
    lists = [f"mine.{c}" for f in KINDS[company].custom if f.type.many for c in f.columns]
    if texts:
        parts = st.sampled_from(["contains", "excludes", "starts", "nstarts"])
        plain.append(st.builds(Comparison, st.sampled_from(texts), parts, st.sampled_from("aB")))
    if lists:
        plain.append(st.builds(Comparison, st.sampled_from(lists), st.sampled_from(["has", "lacks"]), st.just("a")))
    return st.one_of(*plain)


comparisons = {company: _comparisons(company) for company in KINDS}
wheres = {
    company: st.just(Where(((),)))
    | st.builds(
        lambda ands: Where(tuple(map(tuple, ands))),
        st.lists(st.lists(comparisons[company], min_size=1, max_size=2), max_size=2),
    )
    for company in KINDS
}


def _orders(company: CompanyId) -> st.SearchStrategy[tuple[Order, ...]]:
    names = list(columns_of(company))
    sorted_by = st.sampled_from([*names, *(name for name in names if name.startswith("mine."))])
    return st.lists(st.builds(Order, sorted_by, st.booleans()), max_size=3).map(tuple)


orders = {company: _orders(company) for company in KINDS}


@st.composite
def fetches(draw: st.DrawFn) -> PageFetch:
    some = st.lists(st.sampled_from(RECORDS)).map(lambda ids: tuple(map(RecordId, ids)))
    company = draw(st.sampled_from([A, A, A, A, B, C]))
    kind = KINDS[company]
    return PageFetch(
        kind,
        company,
        draw(st.one_of(st.just(ALL_JOINT), joint_masks)),
        draw(own_masks[company]),
        kind.joint,
        draw(st.sampled_from([kind.side, kind.side[::-1], kind.side[5:]])),
        draw(wheres[company]),
        draw(orders[company]),
        draw(st.sampled_from([4, 2, 1, 9, 0])),
        backwards=draw(st.booleans()),
        count=True,
        updated=True,
        ids=draw(st.one_of(st.none(), st.none(), st.none(), some)),
    )


async def follow(spaces: Spaces, fetch: PageFetch) -> list[Page]:
    """The page, and those around its edges."""
    pages = [await spaces.page(fetch)]
    if rows := pages[0].rows:
        first, last = ((*row.keys, row.record) for row in (rows[0], rows[-1]))
        for after, before in ((last, None), (None, first), (first, last)):
            arguments = {name: getattr(fetch, name) for name in fetch.__slots__}
            pages.append(await spaces.page(PageFetch(**{**arguments, "after": after, "before": before})))
    return pages


async def observe(spaces: Spaces, begun: list[Change], made: list[Change], asked: list[PageFetch]) -> list[object]:
    await with_companies(spaces)
    assert await spaces.commit_all(begun) == [None] * 4
    half = len(made) // 2
    errors = await spaces.commit_all(made[:half])
    for change in made[half:]:
        errors += await spaces.commit_all([change])
    seen: list[object] = [type(error) for error in errors]
    for fetch in asked:
        seen += await follow(spaces, fetch)
    seen += await spaces.sides(
        [
            sides(company, *RECORDS, stamps=True, kind=kind)
            for company in (A, B, C)
            for kind in (KINDS[company], KINDS[A], DEAL)
        ]
    )
    seen += await spaces.participants(ParticipantFetch(tuple(map(RecordId, RECORDS)), ALL_JOINT))
    seen += [set(await spaces.sharing_classes(company, DEAL)) for company in (A, B)]
    seen += await spaces.record_by_natural_key(A, DEAL, ["k1", "k2"])
    await spaces.close()
    return seen


@pytest.mark.filterwarnings("ignore:Generating overly large repr")  # of what fails: else the warning hides it
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(starts(), st.lists(changes(), max_size=8), st.lists(fetches(), min_size=4, max_size=6))
def test_backends_agree(begun: list[Change], made: list[Change], asked: list[PageFetch]) -> None:
    reference = asyncio.run(observe(MemorySpaces(), begun, made, asked))
    for backend in STORED:
        with empty(backend) as spaces:
            assert asyncio.run(observe(spaces, begun, made, asked)) == reference, backend
