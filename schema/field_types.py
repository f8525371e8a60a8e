"""The types that a declaration may name: base types, picklists, structs and kinds, alone or as a list."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from schema.declaration import Table
from schema.field import Base, FieldType
from schema.reserved import FIELD_NAME, FIELD_RULE

GRAPHQL_INT = 2**31

BASE_TYPES: Mapping[str, FieldType] = {
    type_.name: type_
    for type_ in (
        FieldType("Text", Base.TEXT, max_length=255),
        FieldType("LongText", Base.TEXT, max_length=65_536),
        FieldType("Url", Base.URL, max_length=2_048),
        FieldType("Email", Base.EMAIL, max_length=254),
        FieldType("Phone", Base.PHONE, max_length=16),
        # GraphQL's Int has 32 bits; a wider value could be stored but never be read
        FieldType("Integer", Base.INTEGER, low=-GRAPHQL_INT, high=GRAPHQL_INT - 1),
        FieldType("Percent", Base.INTEGER, low=0, high=100),
        FieldType("Number", Base.NUMBER),
        FieldType("Boolean", Base.BOOLEAN),
        FieldType("Money", Base.MONEY),
        FieldType("Date", Base.DATE),
        FieldType("DateTime", Base.DATETIME),
        FieldType("Country", Base.COUNTRY),
        FieldType("Person", Base.PERSON),
        FieldType("Company", Base.COMPANY),
    )
}

_NOT_IN_STRUCTS = frozenset({Base.STRUCT, Base.RECORD, Base.PERSON, Base.COMPANY})


@dataclass(frozen=True, slots=True)
class Types:
    """The types known to one catalog, by the name that a declaration writes."""

    known: Mapping[str, FieldType]

    def read(self, table: Table) -> FieldType:
        """The type of one field from its keys `type` and `max_length`. "[Need]" is a list of Need: the result is
        named "Need" and is `many`. Raises BadDeclaration."""
        written = table.text("type")
        many = written.startswith("[") and written.endswith("]")
        name = written[1:-1] if many else written
        type_ = self.known.get(name)
        if type_ is None:
            table.refuse(f'there is no type "{name}"', "type")
        if "max_length" in table.keys:
            longest = table.keys["max_length"]
            if type_.base is not Base.TEXT:
                table.refuse("only a text has one", "max_length")
            if type(longest) is not int or longest < 1 or longest == type_.max_length:
                table.refuse("must be a number from 1 that is not the usual one", "max_length")
            type_ = replace(type_, max_length=longest)
        return replace(type_, many=many)


def read_struct(name: str, table: Table, types: Types) -> tuple[FieldType, dict[str, str]]:
    """One struct: its type, and the docs of its members by name. Its members are plain values, so that nothing
    in it needs a look-up, a mask or a filter of its own. Raises BadDeclaration."""
    members: dict[str, FieldType] = {}
    docs: dict[str, str] = {}
    required: list[str] = []
    table.text("doc")
    for key in table.keys:
        if key == "doc":
            continue
        member = table.table(key)
        if not FIELD_NAME.fullmatch(key):
            member.refuse(FIELD_RULE)
        member.allow("type", "doc", "required", "max_length")
        members[key] = types.read(member)
        if members[key].base in _NOT_IN_STRUCTS:
            member.refuse("a member of a struct is a plain value: no struct, no link, no id", "type")
        docs[key] = member.text("doc")
        if member.truth("required"):
            required.append(key)
    if not members:
        table.refuse("a struct needs members")
    return FieldType(name, Base.STRUCT, members=tuple(members.items()), required=tuple(required)), docs
