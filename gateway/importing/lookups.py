"""Lookups: further CSV files whose lines are joined to the rows of the source by a key."""

from collections.abc import Callable, Sequence
from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass
from pathlib import Path

from gateway.importing.mapping import Lookup, Mapping
from gateway.importing.paths import Scope
from gateway.importing.recipes import cook, shown
from gateway.importing.sources import BadRow, CsvFile
from schema.errors import BadDeclaration, BadInput


@dataclass(frozen=True, slots=True)
class LookupTable:
    """A lookup with its file's rows by key."""

    lookup: Lookup
    columns: tuple[str, ...]
    rows: ReadOnly[str, dict[str, str]]

    def row(self, scope: Scope) -> dict[str, str] | None:
        """The line that belongs to a row; None where the row names none. Raises BadInput where it names one that
        is not there, unless the lookup is optional."""
        key = cook(self.lookup.by, scope)
        if key is None:
            return None
        found = self.rows.get(str(key))
        if found is None and not self.lookup.optional:
            raise BadInput(f"{self.lookup.file} has no {self.lookup.key} {shown(key)}.")
        return found


def load_lookups(folder: Path, mapping: Mapping, refuse: Callable[[str, int, str], None]) -> tuple[LookupTable, ...]:
    """Reads all lookups of a mapping. `refuse` is told file, line and reason of each line that is left out: broken
    ones, and those whose key an earlier line has. Raises UnreadableSource and BadDeclaration."""
    return tuple(_load(folder, mapping, lookup, refuse) for lookup in mapping.lookups)


def _load(folder: Path, mapping: Mapping, lookup: Lookup, refuse: Callable[[str, int, str], None]) -> LookupTable:
    file = CsvFile(folder / lookup.file, mapping.form.encoding, ",")
    if lookup.key not in file.columns:
        place = f"lookup.{lookup.name}.key"
        raise BadDeclaration(f'{mapping.source}: {place}: {lookup.file} has no column "{lookup.key}".')
    rows: dict[str, dict[str, str]] = {}
    for row in file.rows():
        if isinstance(row, BadRow):
            refuse(lookup.file, row.line, row.reason)
        elif (key := row.item[lookup.key].strip()) in rows:
            refuse(lookup.file, row.line, f"an earlier line has the {lookup.key} {shown(key)}.")
        else:
            rows[key] = row.item
    return LookupTable(lookup, file.columns, rows)


def check_columns(mapping: Mapping, own: Sequence[str] | None, tables: Sequence[LookupTable]) -> None:
    """Raises BadDeclaration for a reference to a column that its file does not have. `own` are the columns of the
    source, None for JSON, whose keys may come and go."""
    known: dict[str | None, tuple[str, ...]] = {table.lookup.name: table.columns for table in tables}
    if own is not None:
        known[None] = tuple(own)
    for reference, place in mapping.references:
        columns = known.get(reference.root)
        if columns is not None and (not reference.steps or reference.steps[0] not in columns):
            raise BadDeclaration(f'{mapping.source}: {place}: there is no column "{reference.text}".')
