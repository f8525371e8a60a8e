"""Filters by who takes part in a record, as far as the viewer knows of it."""

from collections.abc import Iterable

from schema.names import CompanyId
from schema.where import Comparison, Quantified, Where

ACCEPTED = "ACCEPTED"


def takes_part(company: CompanyId, statuses: Iterable[str] = (ACCEPTED,)) -> Quantified:
    """That the company is a participant with one of these statuses."""
    tests = (Comparison("company", "eq", company), Comparison("status", "in", tuple(statuses)))
    return Quantified("participants", "some", Where((tests,)))
