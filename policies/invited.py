"""What tests of a record say where the viewer's company has not accepted.

A joint field that invited companies do not see is to them as one that is not set, whatever it holds: an allow that
tests it opens nothing, a deny that tests it closes where the rest of it holds. Policies ask of the raw record, so a
company could read such a field by what its own policy then shows to its people.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from policies.residual import OpenAnswer
from schema.kind import Kind
from schema.mask import JOINT_PREFIX
from schema.where import Comparison

_ACCEPTED = Comparison("viewer_status", "eq", "ACCEPTED")
_NOT_ACCEPTED = Comparison("viewer_status", "ne", "ACCEPTED")


def hidden_columns(kind: Kind) -> frozenset[str]:
    """The columns, as policies name them, of the joint fields that invited companies do not see."""
    return frozenset(JOINT_PREFIX + column for f in kind.joint if f.audience != "invited" for column in f.columns)


def opening(allows: Sequence[OpenAnswer], hidden: frozenset[str]) -> Iterator[OpenAnswer]:
    """What allows: by a test of these columns those alone who have accepted."""
    for each in allows:
        tested = any(test.column in hidden for test in each.tests)
        yield replace(each, tests=(*each.tests, _ACCEPTED)) if tested else each


def closing(denies: Sequence[OpenAnswer], hidden: frozenset[str]) -> Iterator[OpenAnswer]:
    """What denies: who has not accepted is denied without regard to these columns."""
    for each in denies:
        rest = tuple(test for test in each.tests if test.column not in hidden)
        if len(rest) == len(each.tests):
            yield each
            continue
        yield replace(each, tests=(*each.tests, _ACCEPTED))
        yield replace(each, tests=(*rest, _NOT_ACCEPTED))
