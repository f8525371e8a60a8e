"""Memory and SQLite agree on random searches of random texts, under random masks."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schema.names import RecordId
from schema.where import ALWAYS, Comparison
from schema.words import words
from spaces.change import Change, Participation
from spaces.columns import searchable_columns
from spaces.contract import Spaces
from spaces.fetch import Order, Page, PageFetch, Search
from spaces.memory import MemorySpaces
from spaces.sqlite.spaces import SqliteSpaces
from tests.spaces.customs import KINDS, WHOLE_SIDES
from tests.spaces.test_equal_pages import RECORDS, TIMES, follow, joint_masks, sharings
from tests.spaces.test_equal_related import related, roles, side_masks, wheres
from tests.spaces.world import ALL_JOINT, ANN, CATALOG, DEAL, A, B, C, Masks, program, with_companies

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
_ALL = list(searchable_columns(DEAL))
columns = st.one_of(
    st.just(_ALL),
    st.just(_ALL),
    st.lists(st.sampled_from(_ALL), unique=True),
    st.just([c for c in _ALL if "partners" not in c]),
)


@st.composite
def searches(draw: st.DrawFn) -> Search:
    return Search(draw(searched), tuple((column, draw(st.sampled_from([1, 2, 5]))) for column in draw(columns)))


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
            side: dict[str, Any] = {"side": draw(side_values), "sharing": draw(sharings)}
            made.append(Change(DEAL, RecordId(record), each.company, ANN, draw(TIMES), **whole, **side))
            whole = {}
    for _ in range(draw(st.integers(0, 4))):
        company = draw(st.sampled_from([A, B]))
        record = draw(st.sampled_from(RECORDS[:3]))
        given: dict[str, Any] = {"joint": draw(joints)} if draw(st.booleans()) else {"side": draw(side_values)}
        made.append(Change(DEAL, RecordId(record), company, ANN, draw(TIMES), **given))
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
def pages(draw: st.DrawFn) -> PageFetch:
    company = draw(st.sampled_from([A, A, A, B]))
    return PageFetch(
        KINDS[company],
        company,
        draw(st.one_of(st.just(ALL_JOINT), st.just(ALL_JOINT), joint_masks)),
        draw(st.one_of(st.just(WHOLE_SIDES[company]), st.just(BY_STATUS), side_masks[company])),
        DEAL.joint,
        KINDS[company].side,
        draw(st.one_of(*[st.just(ALWAYS)] * 4, *([wheres] if company == A else []))),
        draw(orders),
        draw(st.sampled_from([9, 1])),
        backwards=draw(st.booleans()),
        count=True,
        related=draw(related),
        search=draw(searches()),
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
def test_memory_and_sqlite_agree(made: list[Change], asked: list[PageFetch]) -> None:
    reference = asyncio.run(observe(MemorySpaces(), made, asked))
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(observe(SqliteSpaces.open(Path(folder), CATALOG), made, asked))
    assert found == reference
