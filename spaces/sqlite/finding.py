"""A page's search as SQL: for each word a test, and the score, over the projected words of each text.

Joint texts, and own texts whose mask depends on side or record, are looked at row by row: `instr(<words>, ' har')`.
Own texts whose mask hangs on the participation alone are looked up in the index of the company's own file, which holds
nothing else, once for each word, and only in the columns that the mask may open. What partners' sides give was found
before (`partners.py`). Both come as AGGREGATE(place, record), null where a record is not among them: first the places
of the fetch's aggregates, then partners' sides by word, then the look-ups.

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
from spaces.sql_where import FALSE, TRUE, Bindings, either
from spaces.sqlite.connections import AGGREGATE, CompanyFile
from spaces.sqlite.custom_words import word_in
from spaces.sqlite.layout import CUSTOM, side_words, words_column
from spaces.sqlite.partners import aggregates
from spaces.sqlite.projection import Projection, shown

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
    """A word in columns of the own index: the records that hold it, each at `weight` or 1 more for the whole word."""

    sql: str
    begins: str
    whole: str
    weight: int


class Finding:
    """The search of one fetch."""

    def __init__(self, fetch: PageFetch, search: Search, projection: Projection, bindings: Bindings) -> None:
        self.look_ups: list[LookUp] = []
        self._fetch = fetch
        self._projection = projection
        self._bindings = bindings
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
                rows.append(_Place(shown(f"t.{words_column(field)}", visible), weight, field))
            elif field is not None and part == "mine":
                visible = self._projection.own_condition(field.bit)
                if _OF_THE_ROW.search(visible):
                    words = CUSTOM if field.custom else words_column(field)
                    rows.append(_Place(shown(f"o.{words}", visible), weight, field))
                elif visible != FALSE:
                    indexed.setdefault((visible, weight), []).append(field)
        return [each for each in rows if each.words != "NULL"], indexed

    def _word(self, number: int, word: str) -> tuple[str, str]:
        """The test that a record holds a word, and what it counts there."""
        tests, scores = [], []
        for weight in sorted({each.weight for each in self._rows}, reverse=True):
            places = [(each.words, each.form(word)) for each in self._rows if each.weight == weight]
            found = [f"instr({words}, {self._bindings.bind(f' {form}')}) > 0" for words, form in places]
            exact = [f"instr({words}, {self._bindings.bind(f' {form} ')}) > 0" for words, form in places]
            tests += found
            scores.append(f"CASE WHEN {either(exact)} THEN {weight + 1} WHEN {either(found)} THEN {weight} ELSE 0 END")
        for (visible, weight), fields in self._indexed.items():
            place = self._look_up(word, weight, fields)
            tests.append(f"{'' if visible == TRUE else f'{visible} AND '}{place} IS NOT NULL")
            scores.append(f"coalesce({shown(place, visible)}, 0)")
        if self._partners is not None:
            place = f"{AGGREGATE}({self._partners + number}, p.record_id)"
            tests.append(f"{place} IS NOT NULL")
            scores.append(f"coalesce({place}, 0)")
        return either([f"({test})" for test in tests]), f"max({', '.join(['0', '0', *scores])})"

    def _look_up(self, word: str, weight: int, fields: Sequence[Field]) -> str:
        words = side_words(self._fetch.kind)
        sql = (
            f"SELECT i.record_id FROM main.{words.index} CROSS JOIN main.{words.name} AS i"
            f" ON i.id = {words.index}.rowid WHERE {words.index} MATCH ? AND i.company_id = ?"
        )
        # Words are letters and numbers, so nothing in them is an operator; quoted, AND and NEAR are words, too.
        own = " ".join([words_column(field) for field in fields if field.custom is None])
        among = [f'{{{own}}} : "{word}"'] if own else []
        among += [f'{CUSTOM} : "{word_in(field.column, word)}"' for field in fields if field.custom]
        self.look_ups.append(LookUp(sql, " OR ".join([f"{each} *" for each in among]), " OR ".join(among), weight))
        return f"{AGGREGATE}({self._first + len(self.look_ups) - 1}, p.record_id)"


def look_up(file: CompanyFile, look_ups: Sequence[LookUp], company: str) -> tuple[dict[str, int], ...]:
    """What the look-ups find, in their order: two statements each, whatever there is."""
    found = []
    for each in look_ups:
        levels = dict.fromkeys(
            [row[0] for row in file.connection.execute(each.sql, (each.begins, company))], each.weight
        )
        levels |= dict.fromkeys(
            [row[0] for row in file.connection.execute(each.sql, (each.whole, company))], each.weight + 1
        )
        found.append(levels)
    return tuple(found)
