"""Sides as they are read: which columns are selected, and what a row of them is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import orjson

from schema.names import CompanyId
from schema.sharing import Sharing
from spaces.fetch import SideFetch, SideRow
from spaces.sql.custom import Cells, cells_of
from spaces.sql.statements import Statements

T = TypeVar("T")

_new = tuple.__new__  # makes a named row in half the time, where there are hundreds a page


@dataclass(frozen=True, slots=True)
class SideColumns:
    """What is selected of the sides `s` and their sharing classes `c`: the record, the class, the content of that, the
    version, the stamps, and the stored cells of the asked fields."""

    selected: str
    cells: Cells
    stamped: bool

    def rows(
        self, company: CompanyId, found: Sequence[tuple[Any, ...]], sharing_of: Callable[[Any, Any], Sharing]
    ) -> list[SideRow]:
        """The sides of a company from their rows. `sharing_of` gives the sharing of a class and its content."""
        cells, stamped = self.cells, self.stamped
        plain = not cells.custom and not cells.booleans
        sides = []
        for row in found:
            values = row[5:] if plain else cells.values(row[5:])
            stamps = orjson.loads(row[4]) if stamped else None
            sides.append(_new(SideRow, (row[0], company, sharing_of(row[1], row[2]), row[3], values, stamps)))
        return sides


class SideCompiler(Generic[T]):
    """Makes statements of sides by `compile_`, given the kind's name, and keeps them."""

    def __init__(self, compile_: Callable[[str, SideColumns], T]) -> None:
        self._compile = compile_
        self._kept = Statements()

    def statement(self, fetch: SideFetch) -> T:
        """The statement of a fetch, for each of its companies."""
        kind, fields, stamps = fetch.kind, fetch.fields, fetch.stamps
        # Not by the fields' names: two companies' custom fields may share one.
        key = (kind.name, stamps, tuple([f.columns for f in fields]))
        return self._kept.get(key, None, lambda: self._compile(kind.name, _columns(fetch)))


def _columns(fetch: SideFetch) -> SideColumns:
    # The content of the class comes along: asked for where it is new, it would be one more statement, and how many
    # statements are run would tell of sharings that nobody may see.
    cells = cells_of(fetch.fields)
    stamps = "s.stamps" if fetch.stamps else "NULL"
    stored = [f"s.{column}" for column in cells.stored]
    return SideColumns(
        ", ".join(("s.record_id", "s.sharing", "c.content", "s.version", stamps, *stored)), cells, fetch.stamps
    )
