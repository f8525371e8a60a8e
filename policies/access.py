"""What a company's access policies leave open, and whom of its people they mean.

What no ALLOW policy restricts is open to all of the company's people; what one does, just to those whom the compiled
text (access_text.py) lets. Both go to Oso as facts: which fields are open, as sets that are put in after the question,
and which policies mean the viewer.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from schema.names import CompanyId
from schema.people_filter import is_met
from schema.viewer import Viewer
from schema.where import Where

Restricted = Mapping[tuple[str, str], frozenset[str]]
"""By kind and action the fields that are not open to everybody of the company, "exists" among them."""

Meant: TypeAlias = Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]]
"""By kind the sets that a compiled text asks for the field: (name, fields of sides), see access_sets.py."""

NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Access:
    """The access policies in force of a company, as an epoch asks of them. `people` are the policies' ids with their
    filters, `denies` those among them that take away."""

    company: CompanyId
    people: tuple[tuple[str, Where], ...] = ()
    denies: frozenset[str] = NONE
    side: Restricted = field(default_factory=dict)
    joint: Restricted = field(default_factory=dict)
    meant: Meant = field(default_factory=dict)

    @property
    def names(self) -> frozenset[str]:
        """The names of its sets."""
        return frozenset(name for sets in self.meant.values() for name, _ in sets)

    def meets(self, viewer: Viewer) -> tuple[str, ...]:
        """The ids of the policies that mean this viewer: none but of its own company. Who stands for everybody of it,
        with no person's id, is meant by all that take away and by none that lets: it sees what all of them see."""
        if viewer.company != self.company:
            return ()
        if not viewer.person:
            return tuple(id_ for id_, _ in self.people if id_ in self.denies)
        return tuple(id_ for id_, where in self.people if is_met(where, viewer))


NO_ACCESS = Access(CompanyId(""))
"""Of companies without access policies."""
