"""Explains one side to its owner: which field is open to a viewer, and by which rules."""

from collections.abc import Mapping

from policies.facts import Given
from policies.side_rules import SideRules
from schema.matching import holds
from schema.where import Scalar


def reasons(rules: SideRules, grants: Given, row: Mapping[str, Scalar | None]) -> list[tuple[str, str]]:
    """(field name, reason) in the order of the fields, then of the rules, for a side whose sharing grants this. It
    reads the same answers as the mask, so it cannot say otherwise."""
    allows, _ = rules.under(grants)
    program = rules.program(grants)
    seen = program.evaluate(*(row.get(column) for column in program.columns))
    found = {
        (field, answer.reason): None
        for answer in allows
        if all(holds(test, row.get(test.column)) for test in answer.tests)
        for field in answer.fields
        if seen & rules.bits[field]
    }
    order = list(rules.bits)
    return sorted(found, key=lambda pair: order.index(pair[0]))
