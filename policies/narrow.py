"""What two viewers both see of one company's sides or records, as mask programs: so mask, filter, sort, count follow.

The first of them looks, and must not learn from what the other one sees what is hidden from itself. So where the other
one's sight is decided by columns, it counts only as far as the first one sees those for sure (policies/sure.py).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from policies.compile import MAX_CASES, Case, Tests, merged, program_of
from policies.facts import COLUMNS
from schema.field import Field
from schema.kind import Kind
from schema.mask import EXISTS, JOINT_PREFIX, RECORD_ID, MaskProgram, SideMasks
from schema.matching import holds
from schema.sharing import Sharing
from schema.where import Scalar

Known: TypeAlias = Sequence[tuple[Tests, frozenset[str]]]
"""Which columns somebody sees for sure, under tests of its status."""


def intersection(one: MaskProgram, other: MaskProgram, columns: Sequence[str]) -> MaskProgram:
    """The program of the bits that both open; `columns` come first among its own. It shows nothing where it would have
    too many cases."""
    return _program(
        [(tests + others, bits & more) for tests, bits in _cases(one) for others, more in _cases(other)], columns
    )


def narrowed(mine: MaskProgram, theirs: MaskProgram, known: Known, columns: Sequence[str]) -> MaskProgram:
    """The program of the bits that both open, as far as the first viewer, who knows these columns, may be told that the
    other one's opens them."""
    reads: dict[int, frozenset[str]] = {}
    for tests, bits in theirs.cases:
        read = frozenset(test.column for test in tests).difference(columns)
        for bit in _each(bits) if read else ():
            reads[bit] = reads.get(bit, frozenset()) | read
    told: list[Case] = []
    for tests, bits in _cases(theirs):
        free = bits & ~sum(reads)
        told.append((tests, free | (bits & theirs.always)))
        for bit in _each(bits & ~free & ~theirs.always):
            told += [(tests + others, bit) for others, seen in known if reads[bit] <= seen]
    return intersection(mine, _program(told, columns), columns)


def given(program: MaskProgram, facts: Mapping[str, Scalar]) -> MaskProgram:
    """The program where these of its columns are known, without the tests of them."""
    cases: list[Case] = []
    for tests, bits in _cases(program):
        if all(holds(test, facts[test.column]) for test in tests if test.column in facts):
            cases.append((tuple(test for test in tests if test.column not in facts), bits))
    return _program(cases, program.columns)


def columns_of_side(program: MaskProgram, joint: MaskProgram, kind: Kind) -> Known:
    """The columns of side and record that somebody sees for sure, by its mask of each."""
    of_record = columns_of_record(joint, kind)
    return [
        (tests + others, _columns(bits, kind.side) | more)
        for tests, bits in _sure(program, COLUMNS["side"])
        for others, more in of_record
        if all(test.column in COLUMNS["side"] for test in others)
    ]


def columns_of_record(joint: MaskProgram, kind: Kind) -> Known:
    """The columns of the record that somebody sees for sure, by its mask of joint fields."""
    return [
        (tests, frozenset({RECORD_ID, *(JOINT_PREFIX + column for column in _columns(bits, kind.joint))}))
        for tests, bits in _sure(joint, COLUMNS["record"])
    ]


class NarrowedSides:
    """The masks of a company's own sides for one of its people, narrowed to what some others see, too, all of this
    status on the record (see schema.mask.SideMasks)."""

    __slots__ = ("_joint", "_kind", "_mine", "_programs", "_status", "_theirs", "columns")

    def __init__(
        self, mine: SideMasks, theirs: Sequence[SideMasks], status: str, joint: MaskProgram, kind: Kind
    ) -> None:
        """`joint` is the person's mask of joint fields."""
        self._mine = mine
        self._theirs = theirs
        self._status = status
        self._joint = joint
        self._kind = kind
        self._programs: dict[Sharing, MaskProgram] = {}
        self.columns = mine.columns.union(*(each.columns for each in theirs))

    def bit(self, column: str) -> int:
        """The bit of the field of this column."""
        return self._mine.bit(column)

    def program(self, sharing: Sharing) -> MaskProgram:
        """The program for sides that carry this sharing."""
        found = self._programs.get(sharing)
        if found is None:
            found = mine = self._mine.program(sharing)
            known = columns_of_side(mine, self._joint, self._kind)
            for each in self._theirs:
                found = narrowed(
                    found, given(each.program(sharing), {"viewer_status": self._status}), known, COLUMNS["side"]
                )
            self._programs[sharing] = found
        return found


class ExistingSides:
    """Masks that show of sides that they exist, where others show more."""

    __slots__ = ("_masks", "_programs", "columns")

    def __init__(self, masks: SideMasks) -> None:
        self._masks = masks
        self._programs: dict[Sharing, MaskProgram] = {}
        self.columns = masks.columns

    def bit(self, column: str) -> int:
        """The bit of the field of this column."""
        return self._masks.bit(column)

    def program(self, sharing: Sharing) -> MaskProgram:
        """The program for sides that carry this sharing."""
        found = self._programs.get(sharing)
        if found is None:
            found = intersection(self._masks.program(sharing), MaskProgram(EXISTS), COLUMNS["side"])
            self._programs[sharing] = found
        return found


def _cases(program: MaskProgram) -> Iterable[Case]:
    return (((), program.always), *program.cases)


def _program(cases: Iterable[Case], columns: Sequence[str]) -> MaskProgram:
    found = merged(cases)
    return program_of(found if len(found) <= MAX_CASES else (), columns)


def _each(bits: int) -> Iterable[int]:
    """The single bits of a mask."""
    while bits:
        lowest = bits & -bits
        yield lowest
        bits ^= lowest


def _sure(program: MaskProgram, statuses: Sequence[str]) -> Iterable[Case]:
    """The cases that no other column decides."""
    return [(tests, bits) for tests, bits in _cases(program) if all(test.column in statuses for test in tests)]


def _columns(bits: int, fields: Sequence[Field]) -> frozenset[str]:
    return frozenset(column for field in fields if bits & field.bit for column in field.columns)
