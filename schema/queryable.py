"""What can be asked by: the fields that queries may sort by, group by and measure, under the names of their enums.

The same for every kind: nothing here but the types of its fields decides.
"""

from schema.field import Base, Field, FieldType

CREATED_AT = "CREATED_AT"
UPDATED_AT = "UPDATED_AT"
COMPANY = "COMPANY"

TIMES = {CREATED_AT: "createdAt", UPDATED_AT: "updatedAt"}
"""What every record has besides its fields: by the name of its enum value, its name in filters."""
STANDING = {"MY_ROLE": "myRole", "MY_STATUS": "myStatus"}
"""How the own company takes part, in the same way."""

_UNSORTED = (Base.STRUCT, Base.RECORD, Base.PERSON, Base.COMPANY)
_UNGROUPED = (Base.STRUCT, Base.MONEY, Base.RECORD)  # a link may name a record that does not exist for the viewer
_MEASURED = (Base.INTEGER, Base.NUMBER, Base.MONEY)


def upper_snake(name: str) -> str:
    """`targetCloseDate` -> `TARGET_CLOSE_DATE`; dots become underscores."""
    return "".join("_" + c if c.isupper() else c.upper() for c in name).replace(".", "_")


def sortable(fields: tuple[Field, ...]) -> dict[str, Field]:
    """The fields that can be sorted by, by the name of their enum value."""
    return {_value(f): f for f in fields if _short(f.type) and f.type.base not in _UNSORTED}


def groupable(fields: tuple[Field, ...]) -> dict[str, Field]:
    """The fields that can be grouped by, by the name of their enum value."""
    return {_value(f): f for f in fields if _short(f.type) and f.type.base not in _UNGROUPED}


def measurable(fields: tuple[Field, ...]) -> dict[str, Field]:
    """The fields that can be summed up, by the name of their enum value: numbers and money."""
    return {_value(f): f for f in fields if not f.type.many and f.type.base in _MEASURED}


def _short(type_: FieldType) -> bool:
    return not type_.many and type_.name != "LongText"


def _value(field: Field) -> str:
    return upper_snake(f"{field.group}.{field.key}" if field.group else field.name)
