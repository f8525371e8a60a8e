"""What a policy says of sides before their sharing is known, and its mask programs once it is.

Oso is asked once for a viewer, an owner and a kind, whatever sharing classes there are: its answers name the grants
that must hold a field. Putting a class in is plain set membership, done here, and never a question.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from policies.alarm import alarm
from policies.compile import compile_mask
from policies.facts import COLUMNS, Given, Question
from policies.residual import Answer, Unsupported
from schema.mask import MaskProgram

_PROGRAMS = 1_024  # programs of one question, some 2 kB each


class SideRules:
    """The answers to one question about sides, and the program for each different set of grants."""

    def __init__(
        self, question: Question, allows: Sequence[Answer], denies: Sequence[Answer], bits: Mapping[str, int]
    ) -> None:
        """`bits` maps each field, and "exists", to its bit."""
        self._question = question
        self._allows = allows
        self._denies = denies
        self.bits = bits
        self.program = lru_cache(_PROGRAMS)(self._program)

    def under(self, grants: Given) -> tuple[list[Answer], list[Answer]]:
        """What allows and what denies where a side grants this."""
        held = {name: frozenset(fields) for name, fields in grants if isinstance(fields, tuple)}
        return [a.under(held) for a in self._allows], [d.under(held) for d in self._denies]

    def _program(self, grants: Given) -> MaskProgram:
        columns = COLUMNS["side"]
        try:
            return compile_mask(*self.under(grants), self.bits, columns)
        except Unsupported as reason:
            asked = self._question
            alarm(f"everything, for a deny rule has {reason}", asked.subject, asked.action, asked.kind)
            return MaskProgram(0, (), columns)
