"""Opens what an import reads: the mapping, the source and its lookups, checked one against the other."""

from dataclasses import dataclass
from pathlib import Path

from gateway.importing.json_items import JsonFile
from gateway.importing.lookups import LookupTable, check_columns, load_lookups
from gateway.importing.mapping import Mapping
from gateway.importing.mapping_file import read_mapping
from gateway.importing.report import Outcome
from gateway.importing.sources import CsvFile
from schema.errors import BadDeclaration
from schema.kind import Catalog


@dataclass(frozen=True, slots=True)
class Opened:
    """A source that can be read row by row, as often as one likes. `left_out` are the lines of lookups that are
    refused: they are known before any row is."""

    mapping: Mapping
    file: CsvFile | JsonFile
    tables: tuple[LookupTable, ...]
    left_out: tuple[Outcome, ...]


def open_source(source: Path, mapping: Path, catalog: Catalog) -> Opened:
    """Opens a file, or a folder in which the mapping names the file. It touches no space, so that a source that
    cannot be read leaves no data folder behind. Raises BadDeclaration for the mapping, and UnreadableSource."""
    read = read_mapping(mapping, catalog)
    form = read.form
    folder, path = source.parent, source
    if source.is_dir():
        if form.file is None:
            raise BadDeclaration(f"{read.source}: source.file: is needed, as {source} is a folder.")
        folder, path = source, source / form.file
    file = CsvFile(path, form.encoding, form.delimiter) if form.format == "csv" else _json(path, read)
    left_out: list[Outcome] = []
    tables = load_lookups(folder, read, lambda name, line, why: left_out.append(Outcome(name, line, "refused", why)))
    check_columns(read, file.columns if isinstance(file, CsvFile) else None, tables)
    return Opened(read, file, tables, tuple(left_out))


def _json(path: Path, mapping: Mapping) -> JsonFile:
    return JsonFile(path, mapping.form.encoding, mapping.form.items)
