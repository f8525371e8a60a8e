"""All backends agree on random histories, through random rights and in pages; and a history is whole: undone from
what is there now, it leads to what was there at the beginning."""

import asyncio
from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schema.field import Field
from schema.names import RecordId
from schema.values import flatten
from spaces.change import Change
from spaces.contract import Spaces
from spaces.fetch import HistoryFetch, HistoryOf
from spaces.history import FIELD, JOINT, HistoryRow
from spaces.memory import MemorySpaces
from tests.spaces.backends import BACKENDS, STORED, empty
from tests.spaces.customs import KINDS
from tests.spaces.test_equal_pages import RECORDS, changes, mask_programs, starts, statuses
from tests.spaces.world import DEAL, A, B, C, histories, page, sides, with_companies

ROLES = st.sampled_from(["OWNER", "VIEWER"])
known = mask_programs(
    DEAL,
    "joint",
    {"own": st.booleans(), "role": ROLES, "status": statuses, "viewer_role": ROLES, "viewer_status": statuses},
)


@st.composite
def fetches(draw: st.DrawFn) -> HistoryFetch:
    company = draw(st.sampled_from([A, A, A, B, C]))
    kind = KINDS[company]

    def some(every: int) -> st.SearchStrategy[int]:
        return st.one_of(st.just(every), st.integers(0, every), st.just(0))

    asked = [
        HistoryOf(RecordId(record), draw(ROLES), draw(statuses), draw(some(kind.all_joint)), draw(some(kind.all_side)))
        for record in draw(st.lists(st.sampled_from(RECORDS), min_size=1, max_size=3, unique=True))
    ]
    fields = st.frozensets(st.sampled_from([f.ident for f in (*kind.joint, *kind.side)]), max_size=4)
    limit, backwards = draw(st.sampled_from([1, 2, 5, 100])), draw(st.booleans())
    named = draw(st.one_of(st.none(), st.none(), fields))
    return HistoryFetch(kind, company, tuple(asked), draw(known), (), named, limit, backwards=backwards)


async def committed(spaces: Spaces, begun: list[Change], made: list[Change]) -> None:
    await with_companies(spaces)
    assert await spaces.commit_all(begun) == [None] * 4
    for change in made:
        await spaces.commit_all([change])


async def observe(spaces: Spaces, begun: list[Change], made: list[Change], asked: list[HistoryFetch]) -> list[object]:
    """The pages, and of the first record those around its edges."""
    await committed(spaces, begun, made)
    seen: list[object] = []
    for fetch in asked:
        pages = await spaces.history(fetch)
        seen += pages
        if rows := pages[0].rows:
            first, last = rows[0].position, rows[-1].position
            for after, before in ((last, None), (None, first), (first, last)):
                given: dict[str, Any] = {name: getattr(fetch, name) for name in fetch.__slots__}
                given |= {"records": fetch.records[:1], "after": after, "before": before}
                seen += await spaces.history(HistoryFetch(**given))
    await spaces.close()
    return seen


@pytest.mark.filterwarnings("ignore:Generating overly large repr")  # of what fails: else the warning hides it
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(starts(), st.lists(changes(), max_size=12), st.lists(fetches(), min_size=4, max_size=6))
def test_backends_agree(begun: list[Change], made: list[Change], asked: list[HistoryFetch]) -> None:
    reference = asyncio.run(observe(MemorySpaces(), begun, made, asked))
    for backend in STORED:
        with empty(backend) as spaces:
            assert asyncio.run(observe(spaces, begun, made, asked)) == reference, backend


async def check_undone(spaces: Spaces, begun: list[Change]) -> int:
    """Undoes the histories of A's records, and gives how many steps that were."""
    steps = 0
    kind = KINDS[A]
    rows = {row.record: row for row in (await spaces.page(page(A, limit=100))).rows}
    for start in begun:
        (whole,) = await spaces.history(histories(A, start.record, kind=kind, side=kind.all_side, limit=1_000))
        ((side,),) = await spaces.sides([sides(A, start.record, kind=kind)])
        joined_late = any(row.what == "PARTICIPANT" and row.key == A for row in whole.rows)
        joint, own = rows[start.record].joint, side.values
        begin = {field.name: start.joint.get(field.name) for field in kind.joint}
        for field in kind.joint:
            now, joint = joint[: len(field.columns)], joint[len(field.columns) :]
            first = None if joined_late else flatten(field, begin[field.name])
            steps += undo([row for row in whole.rows if (row.what, row.key) == (JOINT, field.ident)], field, now, first)
        for field in kind.side:
            now, own = own[: len(field.columns)], own[len(field.columns) :]
            first = flatten(field, (start.side or {}).get(field.name))
            steps += undo([row for row in whole.rows if (row.what, row.key) == (FIELD, field.ident)], field, now, first)
    return steps


def undo(rows: list[HistoryRow], field: Field, now: tuple[Any, ...], first: tuple[Any, ...] | None) -> int:
    """Goes back from what is there now through a field's entries, to what was there first, where that is known."""
    empty = (None,) * len(field.columns)
    for row in rows:
        assert now == (tuple(orjson.loads(row.after)) if row.after else empty), (field.name, rows)
        assert row.before != row.after
        now = tuple(orjson.loads(row.before)) if row.before else empty
    assert first in (None, now), (field.name, rows)
    return len(rows)


@pytest.mark.parametrize("backend", BACKENDS)
def test_undone_it_leads_to_the_beginning(backend: str) -> None:
    steps = 0

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
    @given(starts(), st.lists(changes(), min_size=4, max_size=16))
    def check(begun: list[Change], made: list[Change]) -> None:
        async def run(spaces: Spaces) -> int:
            # as they are, without what would refuse most of them
            await committed(spaces, begun, [replace(c, creates=False, expect=(), if_version=None) for c in made])
            try:
                return await check_undone(spaces, begun)
            finally:
                await spaces.close()

        nonlocal steps
        with empty(backend) as opened:
            steps += asyncio.run(run(opened))

    check()
    assert steps > 60
