"""Fields and their types: what one value of a record may be, how it is stored, which mask bit guards it."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Literal, TypeAlias

Part: TypeAlias = Literal["joint", "side"]


class Base(Enum):
    """The storage and wire shape of a type. Columns and stored Python value of each:

    TEXT, URL, EMAIL, PHONE (E.164), PICKLIST, COUNTRY (ISO 3166 alpha-2), PERSON, COMPANY, RECORD (public ids): one
    text column, str.
    INTEGER: int (64 bit). NUMBER: float (finite). BOOLEAN: bool.
    MONEY: two columns, `<name>_minor` int (minor units) and `<name>_currency` text (ISO 4217).
    DATE: text `YYYY-MM-DD`. DATETIME: text `YYYY-MM-DDTHH:MM:SS.ffffffZ`, UTC.
    STRUCT: one text column, canonical JSON of a dict {key: stored value}. A many-valued field of any base: one
    text column, canonical JSON of a list of stored values.
    """

    TEXT = "text"
    URL = "url"
    EMAIL = "email"
    PHONE = "phone"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    MONEY = "money"
    DATE = "date"
    DATETIME = "datetime"
    PICKLIST = "picklist"
    COUNTRY = "country"
    PERSON = "person"
    COMPANY = "company"
    RECORD = "record"
    STRUCT = "struct"


@dataclass(frozen=True, slots=True)
class FieldType:
    """The type of a field. `name` as written in the kind file, e.g. "SalesStage", "Money", "Text"."""

    name: str
    base: Base
    many: bool = False
    options: tuple[str, ...] = ()  # PICKLIST: the allowed values, in order
    target: str | None = None  # RECORD: the kind that is linked, e.g. "solution"
    members: tuple[tuple[str, "FieldType"], ...] = ()  # STRUCT: key -> type, in order
    required: tuple[str, ...] = ()  # STRUCT: the members that may not be null
    low: int | None = None  # INTEGER: least and greatest value, inclusive
    high: int | None = None
    max_length: int | None = None  # TEXT: most characters
    standard: tuple[tuple[str, str], ...] = ()  # PICKLIST that refines another: each option with what it stands for


@dataclass(frozen=True, slots=True)
class Custom:
    """What a template says of a custom field besides its type. `id` is random and for ever: values, stamps, sharing and
    rights hang on it, so a field that is dropped and declared again under the same key begins with none of them."""

    id: str  # "cf_…"
    template: str  # id of the template that declares it, "tpl_…"
    label: str
    section: str | None = None
    default: object = None  # stored value of a new side, None for none
    low: float | None = None  # least and greatest value of a number (money: in major units), inclusive
    high: float | None = None
    min_length: int | None = None  # of a text, in characters
    pattern: str | None = None  # of a text, as a whole; see schema/pattern.py
    editable_in: tuple[str, ...] | None = None  # values of the kind's lifecycle field; None: always
    formula: str | None = None  # computed from the same side's other fields, custom ones by id; never written
    labels: tuple[str, ...] = ()  # PICKLIST: how people write each option, in order
    refines: str | None = None  # PICKLIST: name of the kind's own side field, whose value follows from its option
    recipe: str = ""  # of a formula that has changed: what tells its values from those of the formulas before


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a kind. `index` is its bit in the mask of its part; bit 0 is the existence of the record or
    side itself, so indexes begin at 1, in the order of declaration."""

    name: str  # GraphQL name, camelCase, unique within the part
    part: Part
    type: FieldType
    doc: str
    index: int
    audience: Literal["private", "participants", "invited"]
    """Default audience. side: private or participants. joint: participants (those who accepted) or invited
    (also those who have not answered yet)."""
    required: bool = False
    group: str | None = None  # e.g. "customer": shown inside an object of that name
    key: str | None = None  # its name inside the group, e.g. "industry"
    history_of: str | None = None  # read-only log of the values of another field of the part
    custom: Custom | None = None  # None: the kind's own field
    columns: tuple[str, ...] = field(init=False, compare=False, repr=False)
    """The columns that keep it: two for money, else one. Made once: every page reads them."""
    bit: int = field(init=False, compare=False, repr=False)
    """The mask bit of this field, `1 << index`."""

    def __post_init__(self) -> None:
        money = self.type.base is Base.MONEY and not self.type.many
        columns = (self.column + "_minor", self.column + "_currency") if money else (self.column,)
        object.__setattr__(self, "columns", columns)
        object.__setattr__(self, "bit", 1 << self.index)

    @property
    def is_written(self) -> bool:
        """Whether callers write it: histories are kept and formulas computed."""
        return self.history_of is None and not (self.custom and self.custom.formula is not None)

    @property
    def ident(self) -> str:
        """What stamps, sharing and rights name the field by: the id of a custom field, else its name."""
        return self.custom.id if self.custom else self.name

    @property
    def column(self) -> str:
        """snake_case name of the column, e.g. `target_close_date`; of a custom field its id, behind which stands the
        recipe of a formula that has changed, so that what was computed by another formula is no value of it."""
        if self.custom:
            return f"{self.custom.id}_{self.custom.recipe}" if self.custom.recipe else self.custom.id
        return "".join("_" + c.lower() if c.isupper() else c for c in self.name)
