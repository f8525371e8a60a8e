"""Presenting: what a viewer sees on a screen that it shares with some partners.

- Just records exist in which all of them have accepted, in every query, count, group and search (`fetching.py`).
- Of the own side just what each of them sees, too; of others' sides that there is one, and values where the screen is
  shown to this one partner alone (`policies/decide.py`).
- What tells of one's own company's rules is refused, and histories and audiences are empty.

A header can force it for one request, as it can hide private fields: it adds to the person's own settings and takes
nothing from them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from schema.errors import Refusal
from schema.names import CompanyId
from schema.viewer import Viewer

MOST_PRESENTED = 10
"""The most companies that one screen is shown to."""


class Presenting(Refusal):
    """This tells of your own company's rules, and you present to partners; end that first."""

    code = "PRESENTING"


@dataclass(frozen=True, slots=True)
class Forced:
    """What a request hides besides what its person's settings hide."""

    hides: bool = False
    presenting: tuple[CompanyId, ...] = ()


NOT_FORCED = Forced()


def presented(ids: Iterable[str]) -> tuple[CompanyId, ...]:
    """The companies of these ids, each once and in one order."""
    return tuple(sorted({CompanyId(each) for each in ids}))


def seeing(viewer: Viewer, forced: Forced) -> Viewer:
    """The viewer as it sees in a request that is forced so."""
    if forced == NOT_FORCED:
        return viewer
    together = presented((*viewer.presenting, *forced.presenting))
    return replace(viewer, hide_private=viewer.hide_private or forced.hides, presenting=together)


def refuse_presenting(viewer: Viewer) -> None:
    """Raises Presenting where the viewer presents."""
    if viewer.presenting:
        raise Presenting


def sight(viewer: Viewer) -> list[object]:
    """What a cursor is bound to, of the viewer: who it is, and what it hides from itself."""
    return [viewer.person, viewer.company, viewer.hide_private, list(viewer.presenting)]
