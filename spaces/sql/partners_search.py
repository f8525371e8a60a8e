"""What a search finds in partners' sides, from the words of their texts as the viewer may see them."""

from collections.abc import Sequence
from typing import Any

from spaces.asked import Asking, partners_searched, searched
from spaces.columns import PARTNERS, PARTNERS_CUSTOM
from spaces.sql.custom_words import CustomWords, word_in

_CUSTOM = PARTNERS_CUSTOM.removeprefix(PARTNERS)


class PartnersSearch:
    """Takes in one side after the other. `found` is for each word of the search what it counts, by record; `asks`
    whether partners' sides are searched."""

    def __init__(self, fetch: Asking) -> None:
        self._weights: dict[int, list[int]] = {}  # the places of the kind's own texts
        self._custom: list[tuple[int, int]] = []  # weight and place of custom texts
        for place, (column, weight) in enumerate(partners_searched(fetch)):
            if column == _CUSTOM:
                self._custom.append((weight, place))
            else:
                self._weights.setdefault(weight, []).append(place)
        search = searched(fetch)
        self.asks = bool(self._weights or self._custom)
        self._words = search.words if search and self.asks else ()
        self._forms = [(f" {word}", f" {word} ") for word in self._words]
        self._custom_forms: dict[tuple[str, ...], list[list[str]]] = {}
        self.found: list[dict[str, Any]] = [{} for _ in self._words]

    def look_at(self, record: str, texts: Sequence[Any]) -> None:
        """Takes in the words of one side's texts, null where hidden."""
        for weight, places in self._weights.items():
            held = "".join([text for place in places if (text := texts[place])])
            for (begins, whole), best in zip(self._forms, self.found, strict=True):
                if begins in held:
                    best[record] = max(best.get(record, 0), weight + (whole in held))
        for weight, place in self._custom:
            if (custom := texts[place]) is not None:
                self._look_at_custom(record, custom, weight)

    def _look_at_custom(self, record: str, custom: CustomWords, weight: int) -> None:
        forms = self._custom_forms.get(custom.columns)
        if forms is None:
            forms = [[f" {word_in(column, word)}" for column in custom.columns] for word in self._words]
            self._custom_forms[custom.columns] = forms
        held = custom.words
        for each, best in zip(forms, self.found, strict=True):
            begun = [begins for begins in each if begins in held]
            if begun:
                whole = any(f"{begins} " in held for begins in begun)
                best[record] = max(best.get(record, 0), weight + whole)
