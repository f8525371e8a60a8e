"""Search, the plain way: the score of what the viewer may see of one record."""

from schema.kind import Kind
from schema.words import words_of
from spaces.columns import PARTNERS, PARTNERS_CUSTOM, searchable_columns
from spaces.fetch import Search
from spaces.memory_view import CUSTOM_TEXTS, Seen


def score_of(search: Search, kind: Kind, seen: Seen) -> int | None:
    """The record's score, None where it is not found."""
    texts = _texts(search, kind, seen)
    total = 0
    for word in search.words:
        places = [weight + (word in text) for text, weight in texts if any(each.startswith(word) for each in text)]
        if not places:
            return None
        total += max(places)
    return total


def _texts(search: Search, kind: Kind, seen: Seen) -> list[tuple[tuple[str, ...], int]]:
    """The words of each text that is searched, with its weight."""
    fields = searchable_columns(kind)
    found = []
    for column, weight in search.columns:
        if column == PARTNERS_CUSTOM:
            texts = [pair for row in seen.related["partners"] for pair in row[CUSTOM_TEXTS]]
        elif column.startswith(PARTNERS):
            texts = [(fields[column], row[column.removeprefix(PARTNERS)]) for row in seen.related["partners"]]
        else:
            texts = [(fields[column], seen.columns[column])]
        found += [(words_of(field.type, cell), weight) for field, cell in texts]
    return found
