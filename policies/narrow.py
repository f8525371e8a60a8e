"""What two masks both show, as a mask program of its own: so mask, filter, sort and count follow."""

from collections.abc import Sequence

from policies.compile import MAX_CASES, merged, program_of
from schema.mask import MaskProgram


def intersection(one: MaskProgram, other: MaskProgram, columns: Sequence[str]) -> MaskProgram:
    """The program of the bits that both open; `columns` come first among its own. It shows nothing where it would have
    too many cases."""
    cases = merged(
        [
            (tests + others, bits & more)
            for tests, bits in (((), one.always), *one.cases)
            for others, more in (((), other.always), *other.cases)
        ]
    )
    return program_of(cases if len(cases) <= MAX_CASES else (), columns)
