"""Explains one side to its owner: which field is open to a viewer, by which rules, and which rules close it.

It reads the same answers as the mask, so it cannot say otherwise.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from policies.facts import EXISTS_NAME, Given
from policies.residual import Answer
from policies.side_rules import SideRules, bits_of_side
from schema.kind import Kind
from schema.matching import holds, negate
from schema.where import Comparison, Scalar, Where


@dataclass(frozen=True, slots=True)
class Reason:
    """A rule's own words. `by_sharing` says that it asks what the side's sharing grants; any other rule is a sharing
    rule, a policy, or the network's own."""

    text: str
    by_sharing: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules say of one field of one side: whether the viewer sees it, by which rules, and which deny rules
    close it; `columns` are those of the side that any of the rules about the field reads, whatever they hold."""

    visible: bool
    reasons: tuple[Reason, ...]
    closed_by: tuple[Reason, ...]
    columns: frozenset[str]


def verdicts(
    rules: SideRules,
    kind: Kind,
    sets: Given,
    row: Mapping[str, Scalar | None],
    statuses: Collection[str],
) -> dict[str, Verdict]:
    """The verdict on each field of the owner's kind by its ident, "exists" first, for a side with these sets and
    columns. `statuses` are the columns that are not the side's own."""
    allows, denies = rules.under(kind, sets)
    program = rules.program(kind, sets)
    seen = program.evaluate(*(row.get(column) for column in program.columns))
    opening = [each for each in zip(allows, rules.by_sharing, strict=True) if _all_hold(each[0].tests, row)]
    closing = [each for each in denies if not _surely_fails(each.tests, row)]
    found = {}
    for field, bit in bits_of_side(kind).items():
        visible = bool(seen & bit)
        why = {Reason(answer.reason, shared): None for answer, shared in opening if field in answer.fields}
        found[field] = Verdict(
            visible,
            tuple(why) if visible else (),
            () if visible else _once(closing, field),
            frozenset(
                test.column
                for answer in (*allows, *denies)
                if not {field, EXISTS_NAME}.isdisjoint(answer.fields)
                for test in answer.tests
                if test.column not in statuses
            ),
        )
    return found


def _once(closing: Sequence[Answer], field: str) -> tuple[Reason, ...]:
    """The reasons of the denies that close a field; a deny of existence closes every field."""
    meant = [answer for answer in closing if not {field, EXISTS_NAME}.isdisjoint(answer.fields)]
    return tuple(dict.fromkeys(Reason(answer.reason) for answer in meant))


def _all_hold(tests: Sequence[Comparison], row: Mapping[str, Scalar | None]) -> bool:
    return all(holds(test, row.get(test.column)) for test in tests)


def _surely_fails(tests: tuple[Comparison, ...], row: Mapping[str, Scalar | None]) -> bool:
    """Whether some test is false. One of a column that is null is not: there a deny closes, as in a mask."""
    return any(
        isinstance(test, Comparison) and holds(test, row.get(test.column))
        for failing in negate(Where((tests,))).any_of
        for test in failing
    )
