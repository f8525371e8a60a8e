"""All backends agree on random searches of random texts, under random masks."""

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schema.kind import Kind
from schema.mask import EXISTS
from schema.names import CompanyId, RecordId
from schema.where import ALWAYS, Comparison
from schema.words import words
from spaces.change import Change, Participation
from spaces.columns import PARTNERS_CUSTOM, searchable_columns
from spaces.contract import Spaces
from spaces.fetch import Order, Page, PageFetch, Related, Search
from spaces.memory import MemorySpaces
from tests.spaces.backends import STORED, empty
from tests.spaces.customs import AREA, EXTRA_TEXT, HOT, KINDS, NOTE, WHOLE_SIDES, custom
from tests.spaces.test_equal_pages import RECORDS, TIMES, follow, joint_masks, sharings
from tests.spaces.test_equal_related import related, roles, side_masks, wheres
from tests.spaces.world import (
    ALL_JOINT,
    ANN,
    DEAL,
    TEXT,
    A,
    B,
    ByCompany,
    C,
    Masks,
    program,
    with_companies,
)

WORDS = ["har", "Harbour", "é", "e\u0301t", "ﬁn", "AND"]
ODD = [
    "İ",
    "straße",
    "漢字",
    "OR",
    "NEAR",
    "NOT",
    '"',
    "*",
    "^",
    "-",
    ":",
    "(",
    ")",
    "{",
    "}",
    "'",
    ";",
    "--",
    "%",
    "_",
]
ODD += ["\\", "\n", "\u00a0", "\u200d", "\u0345", "\ufdfa", "\U0001f600", "x" * 40, ""]
shreds = st.one_of(*[st.sampled_from(WORDS)] * 4, st.sampled_from(ODD))
texts = st.builds(
    lambda parts, blank: blank.join(parts), st.lists(shreds, min_size=1, max_size=6), st.sampled_from([" ", " ", ""])
)
some = st.one_of(st.none(), texts, texts, texts)
lists = st.none() | st.lists(texts, max_size=2)

joints = st.fixed_dictionaries({"name": texts}, optional={"industry": some, "tags": lists, "rank": st.just(1)})
side_values = st.fixed_dictionaries(
    {"stage": st.one_of(some, some, st.just("a")), "needs": lists},  # masks of sides test for the stage "a"
    optional={"contact": st.none() | st.fixed_dictionaries({}, optional={"email": texts}), "chance": st.just(1)},
)
prefixes = st.builds(
    lambda word, length: word[:length], st.one_of(shreds, shreds, st.just("a")), st.sampled_from([1, 40])
)
searched = st.lists(prefixes, min_size=1, max_size=2).map(lambda parts: words(" ".join(parts))).filter(bool)


def columns_of(kind: Kind) -> st.SearchStrategy[list[str]]:
    """What is searched: all that a kind has, some of it, or nothing of partners."""
    every = [*searchable_columns(kind), PARTNERS_CUSTOM]
    return st.one_of(
        st.just(every),
        st.just(every),
        st.lists(st.sampled_from(every), unique=True),
        st.lists(st.sampled_from([c for c in every if "cf_" in c]), unique=True),
        st.just([c for c in every if "partners" not in c]),
    )


@st.composite
def searches(draw: st.DrawFn, kind: Kind = DEAL) -> Search:
    columns = draw(columns_of(kind))
    return Search(draw(searched), tuple((column, draw(st.sampled_from([1, 2, 5]))) for column in columns))


AGAIN = custom("cf_area_2", "area", TEXT)
VERSIONS = {
    A: (KINDS[A], KINDS[A], DEAL.extended((HOT, EXTRA_TEXT)), DEAL.extended((AGAIN, EXTRA_TEXT)), DEAL),
    B: (KINDS[B], KINDS[B], DEAL.extended((NOTE,)), DEAL.extended((NOTE, AGAIN)), DEAL),
    C: (KINDS[C], DEAL.extended((AREA, HOT))),
}
"""The kinds that a company had: fields were dropped, and declared again under the same name."""
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "area": some,
    "extra": some,
    "note": some,
    "hot": st.booleans(),
    "wishes": lists,
    "level": st.just("low"),
    "boss": texts,
}


def custom_values(kind: Kind) -> st.SearchStrategy[dict[str, Any]]:
    known = [f for f in kind.custom if f.name in VALUES and (f.name != "extra" or f.type == TEXT)]
    return st.fixed_dictionaries({}, optional={f.name: VALUES[f.name] for f in known})


@st.composite
def sides(draw: st.DrawFn, company: CompanyId) -> dict[str, Any]:
    """A side's write under one of the kinds that the company had."""
    kind = draw(st.sampled_from(VERSIONS[company]))
    return {"kind": kind, "side": {**draw(side_values), **draw(custom_values(kind))}}


@st.composite
def networks(draw: st.DrawFn) -> list[Change]:
    """Some records of A's with partners of any status, sides of some, and later changes of both."""
    made = []
    for record in RECORDS[:3]:
        inside = [Participation(A, draw(roles), draw(st.sampled_from(["ACCEPTED", "ACCEPTED", "INVITED"])))]
        for company in draw(st.sampled_from([(B, C), (B,), ()])):
            inside.append(Participation(company, draw(roles), draw(st.sampled_from(["ACCEPTED", "INVITED"]))))
        whole: dict[str, Any] = {"joint": draw(joints), "creates": True, "participants": tuple(inside)}
        for each in inside:
            side: dict[str, Any] = {**draw(sides(each.company)), "sharing": draw(sharings)}
            changed: dict[str, Any] = {
                "record": RecordId(record),
                "company": each.company,
                "person": ANN,
                "at": draw(TIMES),
            }
            made.append(Change(**changed, **whole, **side))
            whole = {}
    for _ in range(draw(st.integers(0, 4))):
        company = draw(st.sampled_from([A, B]))
        record = draw(st.sampled_from(RECORDS[:3]))
        given: dict[str, Any] = {"kind": DEAL, "joint": draw(joints)} if draw(st.booleans()) else draw(sides(company))
        made.append(Change(record=RecordId(record), company=company, person=ANN, at=draw(TIMES), **given))
    return made


BY_STATUS = Masks(program(0, ((Comparison("viewer_status", "eq", "ACCEPTED"),), DEAL.all_side)))
orders = st.sampled_from(
    [
        (Order("search.score", True), Order("updated_at", True)),
        (Order("search.score"),),
        (Order("partners.stage", True, "max"), Order("search.score", True)),
        (),
    ]
)


@st.composite
def version_masks(draw: st.DrawFn, company: CompanyId) -> Masks:
    """Masks under one of the kinds that the company had: of all, of some, and where its side says so."""
    kind = draw(st.sampled_from(VERSIONS[company]))
    return draw(masks_of(kind))


def masks_of(kind: Kind) -> st.SearchStrategy[Masks]:
    tests = st.sampled_from([Comparison("stage", "eq", "a"), Comparison("viewer_status", "eq", "ACCEPTED")])
    bits = st.one_of(st.just(kind.all_side), st.integers(0, kind.all_side).map(lambda some: some | 1))
    cases = st.lists(st.tuples(st.tuples(tests), bits), max_size=1)
    programs = st.builds(lambda always, cases: program(always, *cases), bits, cases)
    return st.builds(Masks, programs, st.dictionaries(sharings, programs, max_size=2), st.just(kind))


versions = st.builds(
    lambda a, b, c: Related(ByCompany(a, {B: b, C: c}), program(EXISTS)), *(version_masks(each) for each in (A, B, C))
)


@st.composite
def pages(draw: st.DrawFn) -> PageFetch:
    company = draw(st.sampled_from([A, A, A, B]))
    usual = draw(st.booleans())
    kind = KINDS[company] if usual else draw(st.sampled_from(VERSIONS[company]))
    own = st.one_of(st.just(WHOLE_SIDES[company]), st.just(BY_STATUS), side_masks[company])
    return PageFetch(
        kind,
        company,
        draw(st.one_of(st.just(ALL_JOINT), st.just(ALL_JOINT), joint_masks)),
        draw(own if usual else masks_of(kind)),
        DEAL.joint,
        kind.side,
        draw(st.one_of(*[st.just(ALWAYS)] * 4, *([wheres] if company == A and usual else []))),
        draw(orders),
        draw(st.sampled_from([9, 1])),
        backwards=draw(st.booleans()),
        count=True,
        related=draw(st.one_of(related, versions)),
        search=draw(searches(kind)),
    )


async def observe(spaces: Spaces, made: list[Change], asked: list[PageFetch]) -> list[Page | list[Any]]:
    await with_companies(spaces)
    seen: list[Page | list[Any]] = []
    half = len(made) // 2
    errors = await spaces.commit_all(made[:half])
    errors += [error for change in made[half:] for error in await spaces.commit_all([change])]
    seen.append([type(error) for error in errors])
    for fetch in asked:
        seen += await follow(spaces, fetch)
    await spaces.close()
    return seen


@pytest.mark.filterwarnings("ignore:Generating overly large repr")  # of what fails: else the warning hides it
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(networks(), st.lists(pages(), min_size=3, max_size=5))
def test_backends_agree(made: list[Change], asked: list[PageFetch]) -> None:
    reference = asyncio.run(observe(MemorySpaces(), made, asked))
    for backend in STORED:
        with empty(backend) as spaces:
            assert asyncio.run(observe(spaces, made, asked)) == reference, backend
