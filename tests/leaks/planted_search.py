"""Planted leaks of search: texts found that are hidden, scores that count them, an index that knows no mask."""

import contextlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from schema.mask import EXISTS
from spaces.columns import searchable_columns
from spaces.sql.finding import Finding
from tests.leaks.planted_pages import Plant, pages, raw
from tests.leaks.scenario import Harness


async def _matches_raw(plain: Any, self: Any, fetch: Any) -> Any:
    return await plain(self, raw(fetch) if fetch.search else fetch)


async def _scores_raw(plain: Any, self: Any, fetch: Any) -> Any:
    """A record scores 1 more for each column that holds the words, hidden or not."""
    page = await plain(self, fetch)
    if fetch.search is None:
        return page
    more: Counter[Any] = Counter()
    for column in fetch.search.columns:
        one = replace(raw(fetch), search=replace(fetch.search, columns=(column,)), limit=1000, after=None, before=None)
        more.update(row.record for row in (await plain(self, one)).rows)
    return replace(page, rows=[r._replace(keys=(r.keys[0] + more[r.record], *r.keys[1:])) for r in page.rows])


async def _rarity(plain: Any, self: Any, fetch: Any) -> Any:
    """Scores by how rare a word is in the texts of all records, as bm25 does."""
    page = await plain(self, fetch)
    if fetch.search is None:
        return page
    cells = [str(cell).lower() for r in self._records.values() for cell in r.cells.values()]
    number = sum(word in cell for word in fetch.search.words for cell in cells)
    return replace(page, rows=[row._replace(keys=(row.keys[0] + number, *row.keys[1:])) for row in page.rows])


@contextlib.contextmanager
def _index_without_mask(harness: Harness) -> Iterator[None]:
    """Own texts looked up in the index, whatever the mask says of their fields."""
    plain = Finding._columns

    def columns(self: Finding, search: Any) -> Any:
        own = [(column, weight) for column, weight in search.columns if column.startswith("mine.")]
        others = tuple(each for each in search.columns if each not in own)
        rows, indexed = plain(self, replace(search, columns=others))
        fields = [searchable_columns(self._fetch.kind)[column] for column, _ in own]
        return rows, {**indexed, (self._projection.own_condition(EXISTS), own[0][1]): fields}

    with patch.object(Finding, "_columns", columns), _without_statements(harness):
        yield


@contextlib.contextmanager
def _without_statements(harness: Harness) -> Iterator[None]:
    """Nothing compiled before is used, and nothing compiled meanwhile is kept."""

    def forget() -> None:
        for box in harness.boxes:
            if box.spaces.inner is not None:
                box.spaces.inner._pages._kept._kept.clear()

    forget()
    yield
    forget()


SEARCH_LEAKS: dict[str, Plant] = {
    "42 search looks at raw texts": pages(_matches_raw),
    "42 index of own texts knows no mask": _index_without_mask,
    "43 score counts hidden texts": pages(_scores_raw),
    "43 score counts how rare a word is": pages(_rarity),
}
"""Each by its row and what it does."""

ON_SQLITE = frozenset({"42 index of own texts knows no mask"})
"""Those that need the embedded backend; all others are planted in memory."""
