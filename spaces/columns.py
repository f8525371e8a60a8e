"""What backends know of columns: the sort of their values, and which of them hold booleans."""

from collections.abc import Sequence
from typing import NamedTuple

from schema.field import Base, Field
from schema.kind import Kind
from schema.words import searchable

ACCEPTED, INVITED = "ACCEPTED", "INVITED"
"""Statuses of participants: of those that take part, whose sides are the ones that others may be shown, and of those
that have not answered yet."""

PARTNERS = "partners."
"""What the names of columns of partners' sides begin with."""

PARTNERS_CUSTOM = "partners.cf_*"
"""What Search names all custom texts of partners' sides by, see PartnerMasks.texts."""

SCORE = "search.score"
"""The page column of a search's score, see Search."""

_FAMILIES: dict[Base, type] = {Base.INTEGER: float, Base.NUMBER: float, Base.BOOLEAN: bool}


class Named(NamedTuple):
    """A column that a fetch may name: the field that it belongs to, if one does, and the sort of its values."""

    field: Field | None
    family: type  # str, float (whole numbers too) or bool


def booleans(fields: Sequence[Field]) -> tuple[int, ...]:
    """The places of boolean columns among the columns of some fields: engines without booleans give 0 and 1."""
    columns = [(f, c) for f in fields for c in f.columns]
    return tuple(i for i, (f, _) in enumerate(columns) if f.type.base is Base.BOOLEAN and not f.type.many)


def families(fields: Sequence[Field]) -> dict[str, tuple[Field, type]]:
    """The columns of some fields by name: each with its field and the sort of its values, which is str, float
    (for whole numbers too) or bool; a list is its JSON, a str."""
    found: dict[str, tuple[Field, type]] = {}
    for field in fields:
        plain = str if field.type.many else _FAMILIES.get(field.type.base, str)
        sorts = (plain,) if len(field.columns) == 1 else (float, str)  # money: minor units, currency
        found.update({column: (field, sort) for column, sort in zip(field.columns, sorts, strict=True)})
    return found


def is_whole(field: Field) -> bool:
    """Whether the numbers of a field are whole: they are, but those of the type "number"."""
    return field.type.base is not Base.NUMBER


def page_columns(kind: Kind) -> dict[str, Named]:
    """The page columns of a kind by name, see PageFetch."""
    house = {name: Named(None, str) for name in ("created_at", "updated_at", "role", "status")}
    joint = {f"joint.{column}": Named(*each) for column, each in families(kind.joint).items()}
    mine = {f"mine.{column}": Named(*each) for column, each in families(kind.side).items()}
    return house | joint | mine


def partner_columns(kind: Kind) -> dict[str, Named]:
    """The columns of the relation `partners` by bare name, see Related."""
    return {"company": Named(None, str), **{column: Named(*each) for column, each in families(kind.side).items()}}


def currency_of(kind: Kind, column: str) -> str | None:
    """The column of the currency of a side's column that holds amounts of money; None for any other column."""
    field, _ = families(kind.side).get(column, (None, str))
    money = field is not None and field.type.base is Base.MONEY and not field.type.many
    return field.columns[1] if field is not None and money and field.columns[0] == column else None


def searchable_columns(kind: Kind) -> dict[str, Field]:
    """The columns in which text can be searched, as Search names them, with their fields. PARTNERS_CUSTOM stands beside
    them: whoever the partners are decides what that is."""
    found = {f"joint.{field.column}": field for field in searchable(kind.joint)}
    for field in searchable(kind.side):
        found[f"mine.{field.column}"] = field
        if field.custom is None:
            found[f"{PARTNERS}{field.column}"] = field
    return found


PARTICIPANT_COLUMNS = {name: Named(None, str) for name in ("company", "role", "status")}
"""The columns of the relation `participants`."""
