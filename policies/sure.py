"""What of a mask holds whatever a side's own columns hold.

Who learns that a field is open to somebody else, or to itself, learns what the columns hold that this was decided by.
So such a decision is told only to who sees those columns for sure: where its sight of them is itself decided by a
column, being told of it, or not, would tell that column.
"""

from collections.abc import Mapping

from policies.facts import COLUMNS
from schema.mask import MaskProgram
from schema.matching import holds

STATUSES = frozenset(COLUMNS["side"])


def sure_bits(program: MaskProgram, statuses: Mapping[str, str]) -> int:
    """The bits of a program for sides that it opens with these `viewer_status` and `owner_status` by no other
    column."""
    found = program.always
    for tests, bits in program.cases:
        if all(test.column in STATUSES and holds(test, statuses.get(test.column)) for test in tests):
            found |= bits
    return found
