"""What a policy says of sides before their fields and sharing are known, and its mask programs once they are.

Oso is asked once for a viewer, an owner and a kind, whatever custom fields and sharing classes there are: its answers
name the sets that must hold a field. Putting them in is plain set membership, done here, and never a question.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from policies.alarm import alarm
from policies.compile import compile_mask
from policies.facts import COLUMNS, EXISTS_NAME, SETS, Given, Question
from policies.residual import Answer, OpenAnswer, Unsupported
from schema.kind import Kind
from schema.mask import EXISTS, MaskProgram

_GRANTS = frozenset(SETS) - {"fields", "open_read", "open_share", "open_update"}
_PROGRAMS = 1_024  # programs of one question, some 2 kB each


def bits_of_side(kind: Kind) -> Mapping[str, int]:
    """The bit of each side field by ident, and of "exists"."""
    return {EXISTS_NAME: EXISTS} | {ident: field.bit for ident, field in kind.side_by_ident.items()}


class SideRules:
    """The answers to one question about sides, and the program for each kind, which may be extended for its owner, and
    each different content of the sets."""

    def __init__(self, question: Question, allows: Sequence[OpenAnswer], denies: Sequence[OpenAnswer]) -> None:
        self._question = question
        self._allows = allows
        self._denies = denies
        self.by_sharing = [any(name in _GRANTS for name in a.held) for a in allows]
        """Of each answer that allows whether it asks what the side's sharing grants the viewer, in order."""
        self.program = lru_cache(_PROGRAMS)(self._program)

    def under(self, kind: Kind, sets: Given) -> tuple[list[Answer], list[Answer]]:
        """What allows and what denies for sides of the owner's kind with these sets."""
        held = {name: frozenset(fields) for name, fields in sets if isinstance(fields, tuple)}
        fields = bits_of_side(kind)
        return [a.under(fields, held) for a in self._allows], [d.under(fields, held) for d in self._denies]

    def _program(self, kind: Kind, sets: Given) -> MaskProgram:
        columns = COLUMNS["side"]
        try:
            return compile_mask(*self.under(kind, sets), bits_of_side(kind), columns)
        except Unsupported as reason:
            asked = self._question
            alarm(f"everything, for a deny rule has {reason}", asked.subject, asked.action, asked.kind)
            return MaskProgram(0, (), columns)
