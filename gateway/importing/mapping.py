"""A mapping: how the rows of a source become records. Frozen values; `mapping_file.py` reads them from TOML."""

from dataclasses import dataclass
from typing import Literal

from gateway.importing.paths import Reference
from gateway.importing.recipes import Plain, Recipe
from schema.field import Field
from schema.kind import Kind

Recipes = tuple[tuple[Field, Recipe], ...]


@dataclass(frozen=True, slots=True)
class SourceForm:
    """How the source is written. `file` is its name where SOURCE is a folder; `items` (JSON) the keys from the
    root to the items, None for "all elements of this list"."""

    format: Literal["csv", "json"]
    file: str | None
    encoding: str
    delimiter: str
    items: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Lookup:
    """A second CSV file, joined to each row: the line whose `key` column equals what `by` makes of the row.
    `optional` lets a row name what the file does not have."""

    name: str
    file: str
    key: str
    by: Plain
    optional: bool


@dataclass(frozen=True, slots=True)
class Mapping:
    """`each` leads to the list of participants, known as `alias` (None: the row has just one); `company` makes the
    name of each. `owner_side` are fields of the first participant's side alone. Of rows with one natural key the
    one with the latest `newest` counts. `references` are all references with the keys that hold them."""

    source: str  # the mapping file, as errors name it
    kind: Kind
    form: SourceForm
    lookups: tuple[Lookup, ...]
    each: Reference | None
    alias: str | None
    company: Plain
    joint: Recipes
    side: Recipes
    owner_side: Recipes
    newest: Plain | None
    references: tuple[tuple[Reference, str], ...]
