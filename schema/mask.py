"""Masks: what a viewer may see of one record or side, as bits. Oso decides them; `policies/` compiles them.

Bit 0 is existence, bit `Field.index` the field. A `MaskProgram` is one decision of the policy for one class of
rows: bits that always hold, and bits that hold where columns of the row say so. It is read in two ways, which a
property test holds together: `evaluate` gives the bits of one row, `condition(bit)` the filter under which a bit
is set. So one rule yields mask, filter and check.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

from schema.sharing import Sharing
from schema.where import ALWAYS, Comparison, Scalar, Where

EXISTS = 1
MESSAGE = 2
"""Bit of a participant's mask, beside EXISTS: what its open invitation says."""

RECORD_ID = "record_id"
JOINT_PREFIX = "joint__"
"""Columns of the record that a program may read: its id, and its single-valued joint columns behind this prefix, e.g.
`joint__region`. No side has such a column: none has two underscores side by side, and `recordId` is reserved."""


def joint_column(name: str) -> str | None:
    """The joint column that a program's column of this name is; None where it is none."""
    return name.removeprefix(JOINT_PREFIX) if name.startswith(JOINT_PREFIX) else None


def record_columns(names: Iterable[str]) -> frozenset[str]:
    """Those of a program's columns that are columns of the record: whoever evaluates it brings their raw values,
    whether or not the viewer may see them."""
    return frozenset(name for name in names if name == RECORD_ID or name.startswith(JOINT_PREFIX))


@dataclass(frozen=True, slots=True)
class MaskProgram:
    """`always` bits, plus for each case (an AND of comparisons over `columns`) the bits it opens, minus the bits
    that a matching deny case closes. `evaluate` takes the values of `columns` in order and returns the bits."""

    always: int
    cases: tuple[tuple[tuple[Comparison, ...], int], ...] = ()
    columns: tuple[str, ...] = ()
    evaluate: Callable[..., int] = field(default=lambda *_: 0, compare=False, repr=False)

    def condition(self, bit: int) -> Where:
        """The filter under which `bit` (a single bit, e.g. `Field.bit`) is visible."""
        if self.always & bit:
            return ALWAYS
        return Where(tuple(tests for tests, bits in self.cases if bits & bit))


class SideMasks(Protocol):
    """The masks of one owner's sides of one kind for one viewer, a program for each sharing class."""

    @property
    def columns(self) -> frozenset[str]:
        """The side's own columns that any of the programs may read, e.g. "amount_minor", and the record's (see
        `record_columns`): a fetch brings them."""
        ...

    def bit(self, column: str) -> int:
        """The bit of the owner's field that this column belongs to; 0 where the owner's sides have no such field,
        which is then hidden. Owners have custom fields of their own, so bits are those of the owner's kind."""
        ...

    def program(self, sharing: Sharing) -> MaskProgram:
        """The program for sides that carry this sharing. Its columns: `viewer_status`, `owner_status`
        (participant statuses on the record), columns of the side and of the record. Never raises: a failing
        decision denies."""
        ...


__all__ = [
    "EXISTS",
    "JOINT_PREFIX",
    "MESSAGE",
    "RECORD_ID",
    "MaskProgram",
    "Scalar",
    "SideMasks",
    "joint_column",
    "record_columns",
]
