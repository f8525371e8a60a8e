"""Work over rows that no timer can cut short looks at the request's deadline: it ends within some milliseconds."""

import time
from collections.abc import Callable, Iterator
from itertools import repeat
from typing import Any

import pytest

from schema.mask import EXISTS, MaskProgram
from schema.sharing import NO_OVERRIDES, PARTICIPANTS, Sharing
from schema.where import Comparison
from spaces.deadline import DEADLINE, OutOfTime, go_on, in_time
from spaces.grouping import group_rows, grouping
from spaces.sql.partner_sides import PartnerRow, Sides
from spaces.sql.partners import resolve
from spaces.sql.selection import own_programs
from spaces.sqlite.dialect import SQLITE
from tests.spaces.world import ALL_RELATED, DEAL, WHOLE_SIDE, B, Masks, groups, page, program, some

MANY = 10**9  # rows that would take hours
LATE = 0.01  # seconds behind the deadline


def overrun(work: Callable[[], Any], seconds: float = 0.02) -> float:
    """How long behind its deadline the work ends, in seconds: the least of three, for the machine has other work."""
    found = []
    for _ in range(3):
        token = DEADLINE.set(time.monotonic() + seconds)
        try:
            with pytest.raises(OutOfTime):
                work()
            found.append(time.monotonic() - DEADLINE.get())
        finally:
            DEADLINE.reset(token)
    assert min(found) >= 0
    return min(found)


def sides(masks: Masks = WHOLE_SIDE) -> Sides:
    return Sides(DEAL, B, masks, ("stage", "company"), "ACCEPTED", SQLITE)


class Endless(list[Any]):
    """The same row, without end."""

    def __iter__(self) -> Iterator[Any]:
        return repeat(self[0], MANY)


def test_projecting_partners_sides() -> None:
    rows = Endless([("r1", 0, None, "a")])
    assert overrun(lambda: sum(1 for _ in sides().project(rows, {0: NO_OVERRIDES}))) < LATE
    shut = Masks(program(0))
    assert overrun(lambda: sum(1 for _ in sides(shut).project(rows, {0: NO_OVERRIDES}))) < LATE


@pytest.mark.parametrize(
    "fetch",
    [
        page(where=some("stage", "eq", "a"), related=ALL_RELATED),
        page(order=["max partners.stage"], related=ALL_RELATED),
    ],
)
def test_finding_what_a_fetch_asks_of_partners_sides(fetch: Any) -> None:
    rows = Endless([("r1", 0, None, "a")])
    mine = Sides(DEAL, B, WHOLE_SIDE, ("stage",), "ACCEPTED", SQLITE)
    assert overrun(lambda: resolve(mine.project(rows, {0: NO_OVERRIDES}), fetch, SQLITE)) < LATE


def test_grouping_pairs() -> None:
    asked = grouping(groups("partners.stage", related=ALL_RELATED, measures=("partners.amount_minor",)))
    columns = ("partners.stage", "partners.amount_minor", "partners.amount_currency")
    assert overrun(lambda: group_rows(columns, repeat(("a", 1, "USD"), MANY), asked, 9)) < LATE


class Slow(Masks):
    """Masks whose decisions take a while, as those of a class that is new."""

    def program(self, sharing: Sharing) -> MaskProgram:
        time.sleep(0.001)
        return super().program(sharing)


def test_deciding_on_many_classes() -> None:
    slow = Slow(program(0, ((Comparison("stage", "eq", "a"),), EXISTS)))
    classes = [(i, Sharing((("stage", PARTICIPANTS),))) for i in range(1_000)]
    assert overrun(lambda: own_programs(page(own_masks=slow), classes)) < LATE
    rows = [("r1", i, None, "a") for i in range(1_000)]
    assert overrun(lambda: list(sides(slow).project(rows, dict(classes)))) < LATE


def test_nothing_is_cut_short_while_there_is_time() -> None:
    go_on()
    assert list(in_time(range(5_000))) == list(range(5_000))
    rows = list(sides().project([("r1", 0, None, "a")] * 3, {0: NO_OVERRIDES}))
    assert rows == [PartnerRow(rows[0].record, ("a", B))] * 3
