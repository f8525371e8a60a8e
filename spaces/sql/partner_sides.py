"""One company's sides as a viewer may know them: what is read of them, and how it is projected through the masks.

The masks may test columns of the record as well: see `record_facts.py`.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import orjson

from schema.errors import Fault
from schema.kind import Kind
from schema.mask import EXISTS, MaskProgram, SideMasks, record_columns
from schema.names import CompanyId, RecordId
from schema.sharing import Sharing
from schema.words import searchable
from spaces.columns import ACCEPTED, PARTNERS, PARTNERS_CUSTOM, families
from spaces.deadline import go_on, in_time
from spaces.sql.booleans import with_booleans
from spaces.sql.custom import is_custom, side_json
from spaces.sql.custom_words import CustomWords
from spaces.sql.dialect import Dialect
from spaces.sql.names import CUSTOM, column_of, words_column
from spaces.sql.record_facts import NUMBER, RecordFacts
from spaces.sql.sharings import parsed_sharing

WORDS = "words."
"""What the names of the words of a side's texts begin with, beside the names of its columns."""

_CUSTOM_WORDS = WORDS + PARTNERS_CUSTOM.removeprefix(PARTNERS)


class PartnerRow(NamedTuple):
    """A partner's side of a record as the viewer may know it: the asked columns, null where hidden. The words of custom
    texts are a CustomWords."""

    record: RecordId
    values: tuple[Any, ...]


class Sides:
    """How one company's sides are read and projected for a viewer's company of one status. `read` are the columns
    that are read: the asked ones, those that the masks test, and the number of what they test of the record. `texts`
    are the custom columns whose words may be asked for."""

    def __init__(
        self,
        kind: Kind,
        company: CompanyId,
        masks: SideMasks,
        columns: tuple[str, ...],
        viewer: str,
        dialect: Dialect,
        texts: tuple[str, ...] = (),
    ) -> None:
        self.kind = kind
        self._dialect = dialect
        self.company = company
        self._masks = masks
        self._columns = columns
        self._facts = {"viewer_status": viewer, "owner_status": ACCEPTED}
        self._by_name = families(kind.side)
        self._texts = {WORDS + f.column: words_column(f) for f in searchable(kind.side) if f.custom is None}
        self._custom = texts if _CUSTOM_WORDS in columns else ()
        if self._custom:
            self._texts[_CUSTOM_WORDS] = CUSTOM
        asked = [name for name in columns if name in self._by_name or name in self._texts]
        tested = [name for name in masks.columns if name in self._by_name or is_custom(name)]
        self._of_record = tuple(sorted(record_columns(masks.columns)))
        self._said: Sequence[tuple[Any, ...]] = ()  # by number, what the record's columns hold
        self.read = list(dict.fromkeys([*asked, *sorted(tested)]))
        # The owner's masks may test custom fields that the fetch's kind has not: so each brings its type with it.
        own = {name for name, (field, _) in self._by_name.items() if field.custom is None}
        self._json = frozenset(name for name in self.read if name not in own and name not in self._texts)
        flags = [3 + i for i, name in enumerate(self.read) if name in own and self._by_name[name][1] is bool]
        self._number = 3 + len(self.read)
        if self._of_record:
            self.read.append(NUMBER)
        self._flags = tuple(flags)
        self._words_at = self._cell(_CUSTOM_WORDS) if self._custom else 0
        self._parsed = tuple([3 + i for i, name in enumerate(self.read) if name in self._json])
        self._bits_of: dict[int, Callable[[tuple[Any, ...]], int]] = {}
        self._shown_custom: dict[int, tuple[str, ...]] = {}

    @property
    def tests_record(self) -> bool:
        """Whether the masks test columns of the record, so that statements take the records with numbers."""
        return bool(self._of_record)

    def number(self, records: Sequence[RecordId], facts: RecordFacts) -> list[int]:
        """The numbers of records, by which `project` and `mask` know what the masks test of them. Raises OutOfTime."""
        numbers, self._said = facts.numbered(records, self._of_record)
        return numbers

    def stored(self, number: str) -> list[str]:
        """What is `read`, as SQL, given that of the record's number. Aliases: `s` side, `o` its words."""
        return [number if name == NUMBER else self._stored(name) for name in self.read]

    def _stored(self, name: str) -> str:
        if name in self._texts:
            return f"o.{self._texts[name]}"
        return side_json(self._dialect, "s", name) if name in self._json else f"s.{column_of(name)}"

    def project(self, rows: Sequence[tuple[Any, ...]], sharings: dict[int, Sharing]) -> Iterator[PartnerRow]:
        """The rows that exist for the viewer, through the masks. A row is a record's id, its side's class, the content
        of that, and what is `read`. Raises OutOfTime."""
        places_of: dict[int, list[int] | None] = {}
        for raw in in_time(rows):
            row = self._typed(raw)
            mask = self._mask(row, sharings)
            if mask not in places_of:
                places_of[mask] = self._places(mask)
            places = places_of[mask]
            if places is not None:
                cells = (*row, None, self.company)
                if self._custom:
                    cells += (self._custom_words(row, mask),)
                yield PartnerRow(row[0], tuple([cells[place] for place in places]))

    def mask(self, row: tuple[Any, ...], sharings: dict[int, Sharing]) -> int:
        """What the viewer may see of a row, whose class stands second, its content third, and then what is `read`.
        Raises OutOfTime."""
        return self._mask(self._typed(row), sharings)

    def bit(self, column: str) -> int:
        """The bit of a column in the masks of these sides, 0 where they have none; the company shows where the side
        exists."""
        return EXISTS if column == "company" else self._masks.bit(column.removeprefix(WORDS))

    def _typed(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        """A row with the values that its columns stand for."""
        if self._flags:
            row = with_booleans(row, self._flags)
        if self._parsed:
            cells = list(row)
            for place in self._parsed:
                if cells[place] is not None:
                    cells[place] = orjson.loads(cells[place])
            row = tuple(cells)
        return row

    def _mask(self, row: tuple[Any, ...], sharings: dict[int, Sharing]) -> int:
        bits = self._bits_of.get(row[1])
        if bits is None:
            go_on()  # a class is decided in a millisecond or two, and there may be hundreds
            if row[1] not in sharings:
                sharings[row[1]] = parsed_sharing(row[2])
            bits = self._bits_of[row[1]] = self._bits(self._masks.program(sharings[row[1]]))
        return bits(row)

    def _bits(self, program: MaskProgram) -> Callable[[tuple[Any, ...]], int]:
        """The bits of a row: constant where the program tests no column of the side."""
        evaluate, facts = program.evaluate, self._facts
        if facts.keys() >= set(program.columns):
            bits = evaluate(*[facts[column] for column in program.columns])
            return lambda row: bits
        if not self._of_record:
            cells = [(facts.get(column), self._cell(column)) for column in program.columns]
            return lambda row: evaluate(*[row[place] if place else fact for fact, place in cells])
        columns = [c for c in program.columns if c not in self._of_record and c not in facts]
        names, number, said = (*self._of_record, *facts, *columns), self._number, self._said
        places = [self._cell(column) for column in columns]
        wanted = [names.index(column) for column in program.columns]

        def bits_of(row: tuple[Any, ...]) -> int:
            known = (*said[row[number]], *facts.values(), *[row[place] for place in places])
            return evaluate(*[known[place] for place in wanted])

        return bits_of

    def _cell(self, column: str) -> int:
        """The place of a column in a row; 0 for a fact that does not stand there."""
        if column in self._facts:
            return 0
        if column not in self.read:
            raise Fault(f"a mask of sides tests the unknown column {column}")
        return 3 + self.read.index(column)

    def _places(self, mask: int) -> list[int] | None:
        """Where in a row, behind which stand null, the company's id and the custom words, each asked column stands
        under this mask."""
        if not mask & EXISTS:
            return None
        hidden = 3 + len(self.read)
        behind = {"company": hidden + 1, _CUSTOM_WORDS: hidden + 2 if self._custom else hidden}
        return [
            behind[name] if name in behind else self._cell(name) if mask & self.bit(name) else hidden
            for name in self._columns
        ]

    def _custom_words(self, row: tuple[Any, ...], mask: int) -> CustomWords | None:
        """The words of the custom texts, where the mask shows some."""
        columns = self._shown_custom.get(mask)
        if columns is None:
            columns = tuple([column for column in self._custom if mask & self._masks.bit(column)])
            self._shown_custom[mask] = columns
        words = row[self._words_at]
        return CustomWords(words, columns) if words is not None and columns else None
