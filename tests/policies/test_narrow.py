"""Narrowed masks: what both see, and nothing that tells the first one what is hidden from it."""

import random
from typing import Any

from policies.compile import merged, program_of
from policies.facts import COLUMNS
from policies.narrow import columns_of_record, columns_of_side, given, intersection, narrowed
from schema.mask import MaskProgram
from schema.where import Comparison
from tests.policies.world import DEAL

STATUSES = COLUMNS["side"]
COLUMN_VALUES: dict[str, tuple[Any, ...]] = {
    "viewer_status": ("ACCEPTED", "INVITED"),
    "owner_status": ("ACCEPTED", "WITHDRAWN"),
    "stage": ("WON", "LOST", None),
    "amount_minor": (1, 2, None),
    "score": (1, 2, None),
}
ALL = DEAL.all_side


def made(rng: random.Random, columns: list[str]) -> MaskProgram:
    """A random program over these columns."""
    cases = []
    for _ in range(rng.randint(0, 4)):
        tests = tuple(
            Comparison(
                column, rng.choice(("eq", "ne")), rng.choice([v for v in COLUMN_VALUES[column] if v is not None])
            )
            for column in rng.sample(columns, k=rng.randint(0, min(2, len(columns))))
        )
        cases.append((tests, rng.randrange(ALL + 1)))
    return program_of(merged(cases), STATUSES)


def bits(program: MaskProgram, row: dict[str, Any]) -> int:
    return program.evaluate(*(row.get(column) for column in program.columns))


def rows(rng: random.Random, number: int = 12) -> list[dict[str, Any]]:
    return [{column: rng.choice(values) for column, values in COLUMN_VALUES.items()} for _ in range(number)]


def test_an_intersection_is_what_both_show() -> None:
    for seed in range(300):
        rng = random.Random(seed)
        one, other = made(rng, list(COLUMN_VALUES)), made(rng, list(COLUMN_VALUES))
        both = intersection(one, other, STATUSES)
        assert both.columns[:2] == STATUSES
        for row in rows(rng):
            assert bits(both, row) == bits(one, row) & bits(other, row)


def test_what_is_given_is_tested_no_more() -> None:
    for seed in range(300):
        rng = random.Random(seed)
        program = made(rng, list(COLUMN_VALUES))
        for status in COLUMN_VALUES["viewer_status"]:
            found = given(program, {"viewer_status": status})
            for row in rows(rng):
                assert bits(found, row) == bits(program, {**row, "viewer_status": status})


def test_who_sees_everything_is_told_everything() -> None:
    joint = MaskProgram(DEAL.all_joint)
    for seed in range(300):
        rng = random.Random(seed)
        theirs, mine = made(rng, list(COLUMN_VALUES)), MaskProgram(ALL, (), STATUSES, lambda *_: ALL)
        found = narrowed(mine, theirs, columns_of_side(mine, joint, DEAL), STATUSES)
        for row in rows(rng):
            assert bits(found, row) == bits(theirs, row)


def test_nobody_learns_a_column_that_it_does_not_see_for_sure() -> None:
    """Of two rows that look alike to who looks, what is shown is alike, too."""
    joint, compared = MaskProgram(0), 0
    for seed in range(600):
        rng = random.Random(seed)
        mine, theirs = made(rng, [*STATUSES, "stage"]), made(rng, list(COLUMN_VALUES))
        known = columns_of_side(mine, joint, DEAL)
        found = narrowed(mine, theirs, known, STATUSES)
        for row in rows(rng):
            seen = bits(found, row)
            assert seen & ~(bits(mine, row) & bits(theirs, row)) == 0
            sure = {c for tests, columns in known if _hold(tests, row) for c in columns} | {*STATUSES}
            other = {
                column: value if column in sure else rng.choice(COLUMN_VALUES[column]) for column, value in row.items()
            }
            if bits(mine, other) == bits(mine, row):
                compared += bits(theirs, other) != bits(theirs, row)
                assert bits(found, other) == seen
    assert compared > 500


def _hold(tests: tuple[Comparison, ...], row: dict[str, Any]) -> bool:
    return all((row[t.column] == t.value) is (t.op == "eq") for t in tests)


def test_columns_of_the_record_are_known_by_its_own_mask() -> None:
    field = DEAL.joint[0]
    accepted = (Comparison("viewer_status", "eq", "ACCEPTED"),)
    joint = MaskProgram(0, ((accepted, field.bit),), COLUMNS["record"])
    assert columns_of_record(joint, DEAL)[1:] == [
        (accepted, frozenset({"record_id", *(f"joint__{c}" for c in field.columns)}))
    ]
    by_role = MaskProgram(0, (((Comparison("viewer_role", "eq", "OWNER"),), field.bit),), COLUMNS["record"])
    everything = MaskProgram(ALL, (), STATUSES)
    for _, columns in columns_of_side(everything, by_role, DEAL):  # of sides no role is asked
        assert f"joint__{field.columns[0]}" not in columns
