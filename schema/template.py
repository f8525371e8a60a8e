"""Templates: what a company adds to a kind at run time. Frozen values; `schema/template_read.py` reads them."""

from collections.abc import Mapping
from dataclasses import dataclass

from schema.field import Base, Field, FieldType
from schema.field_types import BASE_TYPES
from schema.names import CompanyId

MOST_FIELDS = 200
MOST_OPTIONS = 250
"""Of one picklist."""
MOST_SECTIONS = 50
MOST_COMPANIES = 250
LONGEST_LABEL = 100
LONGEST_HELP = 1_000

PLAIN_TYPES: Mapping[str, FieldType] = {
    "TEXT": BASE_TYPES["Text"],
    "LONG_TEXT": BASE_TYPES["LongText"],
    "INTEGER": BASE_TYPES["Integer"],
    "NUMBER": BASE_TYPES["Number"],
    "MONEY": BASE_TYPES["Money"],
    "DATE": BASE_TYPES["Date"],
    "DATE_TIME": BASE_TYPES["DateTime"],
    "BOOLEAN": BASE_TYPES["Boolean"],
    "PERSON": BASE_TYPES["Person"],
    "COMPANY": BASE_TYPES["Company"],
    "URL": BASE_TYPES["Url"],
    "EMAIL": BASE_TYPES["Email"],
    "PHONE": BASE_TYPES["Phone"],
}
"""The types of custom fields by the words that a template writes; PICKLIST, MULTI_PICKLIST and FORMULA come on top."""
PICKLIST, MULTI_PICKLIST, FORMULA = "PICKLIST", "MULTI_PICKLIST", "FORMULA"
TYPE_WORDS = (*PLAIN_TYPES, PICKLIST, MULTI_PICKLIST, FORMULA)

_WORDS = {type_.name: word for word, type_ in PLAIN_TYPES.items()}


@dataclass(frozen=True, slots=True)
class Section:
    """A heading under which a template shows fields."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Template:
    """One version of a company's template. `fields` are in the order in which they are shown; `defined` holds their
    ids in the order in which they were first defined, in which they stand in an effective kind."""

    id: str  # "tpl_…"
    company: CompanyId
    version: int  # from 1
    kind: str  # name of the kind
    key: str  # camelCase
    label: str
    help: str | None
    sections: tuple[Section, ...]
    fields: tuple[Field, ...]  # side fields with their Custom; their names are the keys, their indexes mean nothing
    defined: tuple[str, ...]
    shared_with: tuple[CompanyId, ...]  # sorted; their sides gain the fields, too
    lent: bool = False  # whether it was ever shared: then sides of other companies may hold values

    def serves(self, company: CompanyId) -> bool:
        """Whether sides of this company have the template's fields."""
        return company == self.company or company in self.shared_with


def type_word(field: Field) -> str:
    """The word of TYPE_WORDS for the type of a custom field."""
    if field.custom and field.custom.formula is not None:
        return FORMULA
    if field.type.base is Base.PICKLIST:
        return MULTI_PICKLIST if field.type.many else PICKLIST
    return _WORDS[field.type.name]
