"""`Where`: an OR of ANDs of comparisons. It is the client's filter and the viewer's mask alike.

Two readers keep one meaning: `matches` here, in Python, and the compiler to SQL in `spaces/`; a property test
holds them together. Null never matches, whatever the operator, save `null` itself; so `ne` and `nin` of a null
are false, as in SQL, and a hidden value (null) can be told from an unset one by no filter.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

Scalar: TypeAlias = str | int | float | bool
Op: TypeAlias = Literal[
    "eq",
    "ne",
    "in",
    "nin",
    "lt",
    "lte",
    "gt",
    "gte",
    "null",
    "contains",
    "excludes",
    "starts",
    "nstarts",
    "has",
    "lacks",
]
"""eq ne lt lte gt gte: one value of the column's own type; text compares by code point. in, nin: a tuple of values.
null: True (is null) or False (is not). contains/excludes, starts/nstarts: case-insensitive for ASCII letters, on
text. has/lacks: one element of a many-valued column (canonical JSON list of strings)."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One test on one column. `column` is what the reader's row calls it, e.g. "viewer_status", "mine.stage"."""

    column: str
    op: Op
    value: Scalar | tuple[Scalar, ...]


Relation: TypeAlias = Literal["partners", "participants"]
"""What hangs on a record, as far as the viewer knows of it: the other accepted participants' sides, and the
participants."""


Quantifier: TypeAlias = Literal["some", "none", "every", "gap"]


@dataclass(frozen=True, slots=True)
class Quantified:
    """A test over the rows of a relation: `some` row matches, `none` does, `every` one does, or there is a `gap`
    (not every one does). A row matches as in any filter: true, not unknown. So none and some, every and gap are
    each other's negation, and over no rows none and every hold."""

    relation: Relation
    quantifier: Quantifier
    where: "Where"


@dataclass(frozen=True, slots=True)
class Where:
    """OR of ANDs: `Where(((a, b), (c,)))` is (a and b) or c. A filter of related rows, and a mask, hold
    comparisons alone."""

    any_of: tuple[tuple["Test", ...], ...]


Test: TypeAlias = Comparison | Quantified

ALWAYS = Where(((),))
NEVER = Where(())

Row: TypeAlias = Mapping[str, Scalar | None]
