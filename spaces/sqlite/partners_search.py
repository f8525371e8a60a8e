"""What a search finds in partners' sides, from the words of their texts as the viewer may see them."""

from collections.abc import Sequence
from typing import Any

from spaces.asked import Asking, partners_searched, searched


class PartnersSearch:
    """Takes in one side after the other. `found` is for each word of the search what it counts, by record; `weights`
    the places of the searched texts by their weight, none where partners' sides are not searched."""

    def __init__(self, fetch: Asking) -> None:
        self.weights: dict[int, list[int]] = {}
        for place, (_, weight) in enumerate(partners_searched(fetch)):
            self.weights.setdefault(weight, []).append(place)
        search = searched(fetch)
        words = search.words if search and self.weights else ()
        self._words = [(f" {word}", f" {word} ") for word in words]
        self.found: list[dict[str, Any]] = [{} for _ in words]

    def look_at(self, record: str, texts: Sequence[Any]) -> None:
        """Takes in the words of one side's texts, null where hidden."""
        for weight, places in self.weights.items():
            held = "".join([text for place in places if (text := texts[place])])
            for (begins, whole), best in zip(self._words, self.found, strict=True):
                if begins in held:
                    best[record] = max(best.get(record, 0), weight + (whole in held))
