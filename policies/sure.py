"""What of a mask holds whatever the columns of a side, or of its record, hold.

Who learns that a field is open to somebody else, or to itself, learns what the columns hold that this was decided by.
So such a decision is told only to who sees those columns for sure: where its sight of them is itself decided by a
column, being told of it, or not, would tell that column.
"""

from collections.abc import Mapping

from schema.mask import MaskProgram
from schema.matching import holds


def sure_bits(program: MaskProgram, statuses: Mapping[str, str]) -> int:
    """The bits that a program opens with these statuses (and role) of viewer and owner, by no other column."""
    found = program.always
    for tests, bits in program.cases:
        if all(test.column in statuses and holds(test, statuses[test.column]) for test in tests):
            found |= bits
    return found
