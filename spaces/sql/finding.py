"""A page's search as SQL: for each word a test, and the score, over the projected words of each text.

Joint texts, and own texts whose mask depends on side or record, are looked at row by row: `instr(<words>, ' har')`.
Where an engine has an index of a company's own words (`Dialect.looks_up`), own texts whose mask hangs on the
participation alone are looked up there, once for each word, and only in the columns that the mask may open. What
partners' sides give was found before (`partners.py`). Both have places (`Selection.found`): first those of the fetch's
aggregates, then partners' sides by word, then the look-ups.

Words of custom fields stand in one column, each behind its field (`custom_words.py`): so they are looked for as words
of these fields.

Aliases: those of `projection.py`, `t` for the words of the record's joint texts, `o` for those of the own side.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from schema.field import Field
from spaces.asked import partners_searched
from spaces.columns import searchable_columns
from spaces.fetch import PageFetch, Search
from spaces.sql.custom_words import word_in
from spaces.sql.names import CUSTOM, words_column
from spaces.sql.partners import aggregates
from spaces.sql.projection import shown
from spaces.sql.selection import Selection
from spaces.sql.where import FALSE, TRUE, Column, either

_OF_THE_ROW = re.compile(r"\b[rs]\.|\bp\.record_id\b")


@dataclass(frozen=True, slots=True)
class _Place:
    """A text that is looked at row by row: the SQL of its projected words, and what stands there for a word."""

    words: str
    weight: int
    field: Field

    def form(self, word: str) -> str:
        return word_in(self.field.column, word) if self.field.custom else word


@dataclass(frozen=True, slots=True)
class LookUp:
    """A word in columns of the own index, which hold words of the kind's own fields or, as `forms`, of custom ones: the
    records that hold it, each at `weight` or 1 more for the whole word."""

    word: str
    columns: tuple[str, ...]
    forms: tuple[str, ...]
    weight: int


class Finding:
    """The search of one fetch."""

    def __init__(self, fetch: PageFetch, search: Search, selection: Selection) -> None:
        self.look_ups: list[LookUp] = []
        self._fetch = fetch
        self._selection = selection
        self._projection = selection.projection
        self._bindings = selection.bindings
        self._dialect = selection.bindings.dialect
        self._rows, self._indexed = self._columns(search)
        self._partners = len(aggregates(fetch)) if partners_searched(fetch) else None
        self._first = len(aggregates(fetch)) + (len(search.words) if partners_searched(fetch) else 0)
        parts = [self._word(number, word) for number, word in enumerate(search.words)]
        self.tests = [test for test, _ in parts]
        self.score = " + ".join(score for _, score in parts)

    def _columns(self, search: Search) -> tuple[list[_Place], dict[tuple[str, int], list[Field]]]:
        """The texts that are looked at row by row, and by condition and weight those that are looked up."""
        fields = searchable_columns(self._fetch.kind)
        rows: list[_Place] = []
        indexed: dict[tuple[str, int], list[Field]] = {}
        for column, weight in search.columns:
            part, field = column.partition(".")[0], fields.get(column)
            if field is not None and part == "joint":
                visible = self._projection.joint_condition(field.bit)
                rows.append(_Place(self._words(f"t.{words_column(field)}", visible), weight, field))
            elif field is not None and part == "mine":
                visible = self._projection.own_condition(field.bit)
                if not self._dialect.looks_up or _OF_THE_ROW.search(visible):
                    words = CUSTOM if field.custom else words_column(field)
                    rows.append(_Place(self._words(f"o.{words}", visible), weight, field))
                elif visible != FALSE:
                    indexed.setdefault((visible, weight), []).append(field)
        return [each for each in rows if each.words], indexed

    def _words(self, column: str, visible: str) -> str:
        """The SQL of projected words; empty where they are never seen."""
        return "" if visible == FALSE else self._projection.shown(Column(column, str), visible).expression

    def _word(self, number: int, word: str) -> tuple[str, str]:
        """The test that a record holds a word, and what it counts there."""
        tests, scores, find = [], [], self._dialect.find
        for weight in sorted({each.weight for each in self._rows}, reverse=True):
            places = [(each.words, each.form(word)) for each in self._rows if each.weight == weight]
            found = [f"{find}({words}, {self._bindings.bind(f' {form}')}) > 0" for words, form in places]
            exact = [f"{find}({words}, {self._bindings.bind(f' {form} ')}) > 0" for words, form in places]
            tests += found
            scores.append(f"CASE WHEN {either(exact)} THEN {weight + 1} WHEN {either(found)} THEN {weight} ELSE 0 END")
        for (visible, weight), fields in self._indexed.items():
            place = self._look_up(word, weight, fields)
            tests.append(f"{'' if visible == TRUE else f'{visible} AND '}{place} IS NOT NULL")
            scores.append(f"coalesce({shown(place, visible)}, 0)")
        if self._partners is not None:
            place = self._selection.found(self._partners + number)
            tests.append(f"{place} IS NOT NULL")
            scores.append(f"coalesce({place}, 0)")
        return either([f"({test})" for test in tests]), f"{self._dialect.largest}({', '.join(['0', '0', *scores])})"

    def _look_up(self, word: str, weight: int, fields: Sequence[Field]) -> str:
        own = tuple([words_column(field) for field in fields if field.custom is None])
        forms = tuple([word_in(field.column, word) for field in fields if field.custom])
        self.look_ups.append(LookUp(word, own, forms, weight))
        return self._selection.found(self._first + len(self.look_ups) - 1)
