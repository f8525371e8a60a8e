"""Keyset pagination: the condition under which a row lies beyond a cursor, in an order that nulls and ties obey.

Null is the smallest value; the record id, ascending, breaks ties. The values of the cursor are bound by the
caller as `:<prefix>0`, `:<prefix>1`, …, the record id last.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from spaces.sql.dialect import Dialect
from spaces.sql.where import FALSE, both, either


@dataclass(frozen=True, slots=True)
class SortKey:
    """One key of the order: its SQL expression, its direction, and whether it may be null."""

    expression: str
    descending: bool
    nullable: bool


def beyond(
    keys: Sequence[SortKey], cursor: Sequence[Any], prefix: str, *, forward: bool, inclusive: bool = False
) -> str:
    """The rows behind the cursor, or before it where not `forward`; `inclusive` adds the cursor's own row."""
    sign = (">" if forward else "<") + ("=" if inclusive else "")
    test = f"p.record_id {sign} :{prefix}{len(keys)}"
    for i in reversed(range(len(keys))):
        key, name, null = keys[i], f":{prefix}{i}", cursor[i] is None
        rising = key.descending is not forward
        equal = f"{key.expression} IS NULL" if null else f"{key.expression} = {name}"
        test = either([_farther(key, name, null=null, rising=rising), both([equal, test])])
        if i == 0 and not null and (rising or not key.nullable):
            # Implied by the rest; said apart because an index can seek to it.
            test = both([f"{key.expression} {'>=' if rising else '<='} {name}", test])
    return test


def _farther(key: SortKey, name: str, *, null: bool, rising: bool) -> str:
    if null:
        return f"{key.expression} IS NOT NULL" if rising else FALSE
    if rising:
        return f"{key.expression} > {name}"
    falls = f"{key.expression} < {name}"
    return either([falls, f"{key.expression} IS NULL"]) if key.nullable else falls


def ordering(keys: Sequence[SortKey], dialect: Dialect, *, reverse: bool) -> str:
    """The ORDER BY list; null is the smallest value."""
    terms = []
    for key in keys:
        falling = key.descending is not reverse
        # Said of what may be null alone: an index gives no order but the one that it was declared with.
        nulls = "" if dialect.nulls_smallest or not key.nullable else f" NULLS {'LAST' if falling else 'FIRST'}"
        terms.append(f"{key.expression} {'DESC' if falling else 'ASC'}{nulls}")
    return ", ".join([*terms, f"p.record_id {'DESC' if reverse else 'ASC'}"])
