"""Input types of `where`: a filter for each type of field, and for each kind tests of its records, own sides,
partners' sides and participants. Null is no condition anywhere: what is not to be tested is left out."""

from collections.abc import Iterator

from schema.field import Base, Field, FieldType
from schema.kind import Catalog, Kind
from schema.shape import InputField, InputShape
from schema.shapes_out import groups_of, output_name

_ID_BASES = (Base.PERSON, Base.COMPANY, Base.RECORD)
_ORDERED = (Base.INTEGER, Base.NUMBER, Base.MONEY, Base.DATE, Base.DATETIME)
_TEXTS = (Base.TEXT, Base.URL, Base.EMAIL, Base.PHONE)

_TIME = FieldType("DateTime", Base.DATETIME)
_ROLE = FieldType("AccessLevel", Base.PICKLIST)
_STATUS = FieldType("ParticipantStatus", Base.PICKLIST)
_COMPANY = FieldType("Company", Base.COMPANY)


def input_name(type_: FieldType, kinds: dict[str, Kind]) -> str:
    """The GraphQL input type of one element of a field type, e.g. "ID", "MoneyInput"."""
    if type_.base in _ID_BASES:
        return "ID"
    if type_.base in (Base.STRUCT, Base.MONEY):
        return output_name(type_, kinds) + "Input"
    return output_name(type_, kinds)


def filter_name(type_: FieldType, kinds: dict[str, Kind]) -> str | None:
    """The filter input for a field type, e.g. "TextFilter", "SalesStageListFilter"; None where it has none.
    Links to records have none: what they name may not exist for who asks."""
    if type_.base in (Base.STRUCT, Base.RECORD):
        return None
    base = "Text" if type_.base in (*_TEXTS, Base.COUNTRY) else input_name(type_, kinds).removesuffix("Input")
    return {"String": "Text"}.get(base, base) + ("ListFilter" if type_.many else "Filter")


def _filter(type_: FieldType, kinds: dict[str, Kind]) -> InputShape:
    name = filter_name(type_, kinds) or ""
    element = input_name(type_, kinds)
    null = InputField("isNull", "Boolean", "Whether there is no value that you may see.")
    if type_.many:
        list_tests = (
            InputField("has", element, "Contains this value."),
            InputField("any", f"[{element}!]", "Contains at least one of these."),
            InputField("all", f"[{element}!]", "Contains all of these."),
        )
        return InputShape(name, "Tests of a list. Null never matches, save `isNull`.", (*list_tests, null))
    tests: tuple[InputField, ...] = (
        InputField("eq", element, "Equals."),
        InputField("ne", element, "Has another value."),
    )
    if type_.base is not Base.BOOLEAN:
        tests = (*tests, InputField("in", f"[{element}!]", "Equals one of these."))
    if type_.base in _ORDERED:
        tests = (
            *tests,
            InputField("lt", element, "Is less."),
            InputField("lte", element, "Is less or equal."),
            InputField("gt", element, "Is greater."),
            InputField("gte", element, "Is greater or equal."),
            InputField("between", f"[{element}!]", "Lies between these two, both included."),
        )
    if type_.base in _TEXTS:
        tests = (
            *tests,
            InputField("contains", element, "Contains, whatever the case of ASCII letters."),
            InputField("startsWith", element, "Starts with, whatever the case of ASCII letters."),
        )
    doc = "Tests of one value, all of which must hold. Null never matches, save `isNull`."
    return InputShape(name, doc, (*tests, null))


def _tests(fields: tuple[Field, ...], kinds: dict[str, Kind]) -> Iterator[InputField]:
    for field in fields:
        name = filter_name(field.type, kinds)
        if name:
            yield InputField(field.key or field.name, name, field.doc)


def _logic(name: str) -> tuple[InputField, ...]:
    return (
        InputField("and", f"[{name}!]", "All of these hold."),
        InputField("or", f"[{name}!]", "At least one of these holds; none of nothing."),
        InputField("not", name, "This does not hold; what is null still does not match."),
    )


def _quantified(name: str, row: str, doc: str) -> InputShape:
    quantifiers = (
        InputField("some", row, "At least one matches; of `{}`, there is one."),
        InputField("every", row, "Each one matches, or there is none."),
        InputField("none", row, "Not one matches; of `{}`, there is none."),
    )
    return InputShape(name, doc, quantifiers)


def _kind_wheres(kind: Kind, kinds: dict[str, Kind]) -> Iterator[InputShape]:
    name = kind.type_name
    tests = list(_tests(tuple(f for f in kind.joint if f.group is None), kinds))
    for group, fields in groups_of(kind).items():
        group_name = group[0].upper() + group[1:]
        yield InputShape(f"{group_name}Where", f"Tests of the {group}.", tuple(_tests(fields, kinds)))
        tests.append(InputField(group, f"{group_name}Where", f"Tests of the {group}."))
    side = tuple(_tests(kind.side, kinds))
    yield InputShape(
        f"{name}SideWhere", "Tests of a side, all of which must hold.", (*side, *_logic(f"{name}SideWhere"))
    )
    yield InputShape(
        f"{name}PartnerWhere",
        "Tests of another company's side as far as you may see it, all of which must hold.",
        (InputField("company", "IDFilter", "Whose side it is."), *side, *_logic(f"{name}PartnerWhere")),
    )
    yield _quantified(f"{name}PartnersWhere", f"{name}PartnerWhere", "Tests of the other accepted participants' sides.")
    yield InputShape(
        f"{name}Where",
        "Tests of a record as far as you may see it, all of which must hold.",
        (
            *tests,
            InputField("createdAt", "DateTimeFilter", "When it was opened."),
            InputField("updatedAt", "DateTimeFilter", "Last change that you may see."),
            InputField("myRole", "AccessLevelFilter", "Your company's role."),
            InputField("myStatus", "ParticipantStatusFilter", "Your company's status."),
            InputField("mine", f"{name}SideWhere", "Your own side."),
            InputField("partners", f"{name}PartnersWhere", "The other accepted participants' sides."),
            InputField("participants", "ParticipantsWhere", "The participants that you may know of."),
            *_logic(f"{name}Where"),
        ),
    )


def where_shapes(catalog: Catalog) -> Iterator[InputShape]:
    """Every input type of filters, some more than once."""
    kinds = catalog.by_name
    declared = (f.type for kind in catalog.kinds for f in (*kind.joint, *kind.side))
    for type_ in (_TIME, _ROLE, _STATUS, _COMPANY, *declared):
        if filter_name(type_, kinds):
            yield _filter(type_, kinds)
    yield InputShape(
        "ParticipantWhere",
        "Tests of a participant, all of which must hold.",
        (
            InputField("company", "IDFilter", "The company."),
            InputField("role", "AccessLevelFilter", "What it may do on the record."),
            InputField("status", "ParticipantStatusFilter", "How far it has come."),
            *_logic("ParticipantWhere"),
        ),
    )
    yield _quantified("ParticipantsWhere", "ParticipantWhere", "Tests of the participants that you may know of.")
    for kind in catalog.kinds:
        yield from _kind_wheres(kind, kinds)
