"""Explains one side to its owner: which field is open to a viewer, and by which rules."""

from collections.abc import Mapping

from policies.facts import Given
from policies.side_rules import SideRules, bits_of_side
from schema.kind import Kind
from schema.matching import holds
from schema.where import Scalar


def reasons(rules: SideRules, kind: Kind, sets: Given, row: Mapping[str, Scalar | None]) -> list[tuple[str, str]]:
    """(ident of the field, reason) in the order of the fields, then of the rules, for a side of the owner's kind with
    these sets. It reads the same answers as the mask, so it cannot say otherwise."""
    allows, _ = rules.under(kind, sets)
    program = rules.program(kind, sets)
    bits = bits_of_side(kind)
    seen = program.evaluate(*(row.get(column) for column in program.columns))
    found = {
        (field, answer.reason): None
        for answer in allows
        if all(holds(test, row.get(test.column)) for test in answer.tests)
        for field in answer.fields
        if seen & bits[field]
    }
    order = list(bits)
    return sorted(found, key=lambda pair: order.index(pair[0]))
