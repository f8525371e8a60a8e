"""Explains one side to its owner: which field is open to a viewer, and by which rules."""

from collections.abc import Mapping

from policies.compile import compile_mask
from policies.epoch import Epoch
from policies.facts import COLUMNS, Question
from schema.matching import holds
from schema.where import Scalar


def reasons(epoch: Epoch, question: Question, row: Mapping[str, Scalar | None]) -> list[tuple[str, str]]:
    """(field name, reason) in the order of the fields, then of the rules. It reads the same answers as the mask,
    so it cannot say otherwise. Raises what asking raises, and Unsupported."""
    allows, denies = epoch.answers(question)
    bits = epoch.bits(question)
    program = compile_mask(allows, denies, bits, COLUMNS[question.subject])
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
