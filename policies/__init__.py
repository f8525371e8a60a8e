"""Who may see and do what: Oso by partial evaluation, compiled to mask programs."""

from policies.authority import Policies
from policies.decide import CompanySides, Decisions

__all__ = ["CompanySides", "Decisions", "Policies"]
