"""Opens what an import reads: the mapping, the source and its lookups, checked one against the other."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gateway.importing.json_items import JsonFile
from gateway.importing.lookups import LookupTable, check_columns, load_lookups
from gateway.importing.mapping import Mapping
from gateway.importing.mapping_file import read_mapping
from gateway.importing.sources import CsvFile
from schema.errors import BadDeclaration
from schema.kind import Catalog


@dataclass(frozen=True, slots=True)
class Opened:
    """A source that can be read row by row, as often as one likes."""

    mapping: Mapping
    file: CsvFile | JsonFile
    tables: tuple[LookupTable, ...]


def open_source(source: Path, mapping: Path, catalog: Catalog, refuse: Callable[[str, int, str], None]) -> Opened:
    """Opens a file, or a folder in which the mapping names the file. `refuse` as in `load_lookups`. Raises
    BadDeclaration for the mapping, and UnreadableSource."""
    read = read_mapping(mapping, catalog)
    form = read.form
    folder, path = source.parent, source
    if source.is_dir():
        if form.file is None:
            raise BadDeclaration(f"{read.source}: source.file: is needed, as {source.name} is a folder.")
        folder, path = source, source / form.file
    file = CsvFile(path, form.encoding, form.delimiter) if form.format == "csv" else _json(path, read)
    tables = load_lookups(folder, read, refuse)
    check_columns(read, file.columns if isinstance(file, CsvFile) else None, tables)
    return Opened(read, file, tables)


def _json(path: Path, mapping: Mapping) -> JsonFile:
    return JsonFile(path, mapping.form.encoding, mapping.form.items)
