"""A client's search, as a Search over the texts of one kind."""

from schema.kind import Kind
from schema.words import searchable
from spaces.columns import PARTNERS_CUSTOM
from spaces.fetch import Order, Search

TITLE, JOINT, OWN, PARTNERS = 7, 5, 3, 1
"""What a word counts by where it begins a word; 1 more where it is a whole one."""

BEST_FIRST = (Order("search.score", descending=True), Order("updated_at", descending=True))
"""The order of what is found; ties are broken by record id. The same for every kind, so that kinds can be merged."""


def search_in(kind: Kind, words: tuple[str, ...]) -> Search:
    """The search of these words in the texts of a kind's records."""
    joint = [(f"joint.{f.column}", TITLE if f.name == kind.title else JOINT) for f in searchable(kind.joint)]
    side = searchable(kind.side)
    own = [(f"mine.{f.column}", OWN) for f in side]
    partners = [(f"partners.{f.column}", PARTNERS) for f in side if f.custom is None]
    return Search(words, (*joint, *own, *partners, (PARTNERS_CUSTOM, PARTNERS)))
