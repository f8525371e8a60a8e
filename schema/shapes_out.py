"""Output types of the GraphQL schema, derived from the catalog: one mechanism for every kind."""

from collections.abc import Iterator

from schema.field import Base, Field, FieldType
from schema.kind import Catalog, Kind
from schema.shape import ArgumentShape, EnumShape, FieldShape, ObjectShape
from schema.shapes_access_policies import ACCESS_OBJECTS, PERSON_ATTRIBUTES
from schema.shapes_association_rules import ASSOCIATION_OBJECTS
from schema.shapes_connection import connection_objects
from schema.shapes_explain import EXPLAIN_OBJECTS
from schema.shapes_groups import GROUP_OBJECTS
from schema.shapes_history import HISTORY_OBJECTS, RECORD_HISTORY
from schema.shapes_search import SEARCH_OBJECTS
from schema.shapes_sharing_rules import RULE_OBJECTS
from schema.shapes_templates import TEMPLATE_OBJECTS
from schema.source import Builtin, Column, Group, Key, Step

_SCALARS = {
    Base.TEXT: "String",
    Base.URL: "String",
    Base.EMAIL: "String",
    Base.PHONE: "String",
    Base.COUNTRY: "String",
    Base.INTEGER: "Int",
    Base.NUMBER: "Float",
    Base.BOOLEAN: "Boolean",
    Base.MONEY: "Money",
    Base.DATE: "Date",
    Base.DATETIME: "DateTime",
    Base.PERSON: "Person",
    Base.COMPANY: "Company",
}

_LINK_STEPS = {Base.PERSON: "person", Base.COMPANY: "company", Base.RECORD: "linked"}

BUILTIN_ENUMS = (
    EnumShape(
        "AccessLevel",
        "What a participant may do on a record, strongest first.",
        ("OWNER", "COLLABORATOR", "VIEWER", "PARTICIPANT"),
    ),
    EnumShape(
        "ParticipantStatus",
        "How far a company has come on a record.",
        ("INVITED", "ACCEPTED", "DECLINED", "WITHDRAWN"),
    ),
    EnumShape(
        "AudienceKind",
        "Who may read a side field besides its own company.",
        ("PRIVATE", "PARTICIPANTS", "SELECTED"),
    ),
    EnumShape("OrderAggregate", "Which of the partners' values counts, of those that you may see.", ("MAX", "MIN")),
    EnumShape("DateBucket", "What dates and times are cut to, in UTC.", ("MONTH", "QUARTER", "YEAR")),
    EnumShape("OrderDirection", "ASC puts the smallest value first; null is the smallest.", ("ASC", "DESC")),
)


def output_name(type_: FieldType, kinds: dict[str, Kind]) -> str:
    """The GraphQL type of one element of a field type, without list or non-null marks."""
    if type_.base is Base.RECORD:
        return kinds[type_.target or ""].type_name
    if type_.base in (Base.PICKLIST, Base.STRUCT):
        return type_.name
    return _SCALARS[type_.base]


def _element(type_: FieldType, kinds: dict[str, Kind]) -> str:
    name = output_name(type_, kinds)
    return f"[{name}!]" if type_.many else name


def _column(field: Field, kinds: dict[str, Kind], name: str | None = None) -> FieldShape:
    step = _LINK_STEPS.get(field.type.base)
    source = Step(step, field.type.target, field) if step else Column(field)
    return FieldShape(name or field.name, _element(field.type, kinds), field.doc, source)


def group_type(group: str) -> str:
    """The type name of a group of joint fields, e.g. "Customer" for opportunity's `customer`."""
    return group[0].upper() + group[1:]


def groups_of(kind: Kind) -> dict[str, tuple[Field, ...]]:
    """The groups of a kind's joint fields, in order of first mention."""
    groups: dict[str, tuple[Field, ...]] = {}
    for field in kind.joint:
        if field.group:
            groups[field.group] = (*groups.get(field.group, ()), field)
    return groups


_ID = FieldShape("id", "ID!", "Random public id.", Builtin("id"))

RECORD_FIELDS = (
    _ID,
    FieldShape("name", "String!", "The record's title.", Builtin("name")),
    FieldShape("owner", "Company", "The company that opened it.", Step("recordOwner")),
    FieldShape("participants", "[Participant!]!", "Those that you may know of.", Step("participants")),
    FieldShape("createdAt", "DateTime!", "When it was opened.", Builtin("createdAt")),
    FieldShape(
        "updatedAt",
        "DateTime!",
        "Last change that you may see of joint fields, participants and your own side.",
        Builtin("updatedAt"),
    ),
    RECORD_HISTORY,
)


def _fixed_objects() -> Iterator[ObjectShape]:
    yield ObjectShape("Node", "Anything with an id.", (_ID,), interface=True)
    yield ObjectShape("Record", "A shared record of any kind.", RECORD_FIELDS, ("Node",), interface=True)
    yield ObjectShape(
        "Money",
        "An amount of money, never a float.",
        (
            FieldShape("amount", "Decimal!", "Decimal string with the currency's own decimals.", Key("amount")),
            FieldShape("currency", "String!", "ISO 4217 code.", Key("currency")),
        ),
    )
    yield ObjectShape(
        "Company",
        "A member of the network. Its id and name are known to all who sign in.",
        (_ID, FieldShape("name", "String!", "Name of the company.", Builtin("name"))),
        ("Node",),
    )
    yield ObjectShape(
        "Person",
        "A user of one company.",
        (
            _ID,
            FieldShape("name", "String!", "Name of the person.", Builtin("name")),
            FieldShape("company", "Company!", "The person's company.", Step("personCompany")),
            PERSON_ATTRIBUTES,
        ),
        ("Node",),
    )
    yield ObjectShape(
        "Viewer",
        "You: who asks.",
        (
            FieldShape("person", "Person!", "Your person.", Step("viewerPerson")),
            FieldShape("company", "Company!", "Your company.", Step("viewerCompany")),
            FieldShape("email", "String!", "The address you sign in with.", Builtin("email")),
            FieldShape(
                "hidePrivateFields",
                "Boolean!",
                "Whether fields of your own side that nobody else may see are hidden from you, too.",
                Builtin("hidePrivateFields"),
            ),
            FieldShape(
                "presentingTo",
                "[Company!]!",
                "To whom you show your screen: you see just what each of these companies may see, too.",
                Step("viewerPresentingTo"),
            ),
        ),
    )
    yield ObjectShape(
        "Participant",
        "A company on a record.",
        (
            FieldShape("company", "Company!", "The company.", Step("participantCompany")),
            FieldShape("role", "AccessLevel!", "What it may do on the record.", Builtin("role")),
            FieldShape("status", "ParticipantStatus!", "How far it has come.", Builtin("status")),
            FieldShape(
                "message",
                "String",
                "What the open invitation says, for whom it is and for those who may invite.",
                Builtin("message"),
            ),
        ),
    )
    yield ObjectShape(
        "Audience",
        "Who may read a side field besides its own company.",
        (
            FieldShape("kind", "AudienceKind!", "The sort of audience.", Builtin("kind")),
            FieldShape("companies", "[Company!]!", "With SELECTED, the companies.", Step("audienceCompanies")),
            FieldShape("people", "[Person!]!", "With SELECTED, the people.", Step("audiencePeople")),
        ),
    )
    yield ObjectShape(
        "FieldSharing",
        "The audience in force of one field of your own side.",
        (
            FieldShape("field", "String!", "Name of the side field.", Builtin("field")),
            FieldShape("audience", "Audience!", "Who may read it.", Step("fieldAudience")),
        ),
    )
    yield ObjectShape(
        "PageInfo",
        "Where a page of a connection lies.",
        (
            FieldShape("hasNextPage", "Boolean!", "Whether records follow.", Builtin("hasNextPage")),
            FieldShape("hasPreviousPage", "Boolean!", "Whether records precede.", Builtin("hasPreviousPage")),
            FieldShape("startCursor", "String", "Cursor of the first record.", Builtin("startCursor")),
            FieldShape("endCursor", "String", "Cursor of the last record.", Builtin("endCursor")),
        ),
    )
    yield ObjectShape(
        "UserError",
        "Why a mutation was refused. A refused mutation changes nothing.",
        (
            FieldShape("code", "String!", "Stable code, see docs/errors.md.", Key("code")),
            FieldShape("message", "String!", "One sentence.", Key("message")),
            FieldShape("field", "[String!]", "Path of the offending input.", Key("field")),
        ),
    )


def _struct(type_: FieldType, kinds: dict[str, Kind]) -> ObjectShape:
    fields = tuple(FieldShape(key, _element(member, kinds), "", Key(key)) for key, member in type_.members)
    return ObjectShape(type_.name, f"Value of a field of type {type_.name}.", fields)


def _kind_objects(kind: Kind, kinds: dict[str, Kind]) -> Iterator[ObjectShape]:
    name = kind.type_name
    groups = groups_of(kind)
    own: list[FieldShape] = []
    for field in kind.joint:
        if field.group is None and field.name != "name":  # Record.name shows it
            own.append(_column(field, kinds))
    for group, fields in groups.items():
        yield ObjectShape(
            group_type(group),
            f"The {group} of a record.",
            tuple(_column(field, kinds, field.key) for field in fields),
        )
        own.append(FieldShape(group, group_type(group), f"The {group}.", Group(fields)))
    own.append(
        FieldShape("mine", f"{name}Side", "Your company's own side; null before it accepts.", Step("mine", kind.name))
    )
    own.append(
        FieldShape(
            "partners",
            f"[{name}Side!]!",
            "The sides of the other accepted participants, in the order in which they joined.",
            Step("partners", kind.name),
            (ArgumentShape("companies", "[ID!]", "Only these companies."),),
        )
    )
    yield ObjectShape(name, kind.doc, (*RECORD_FIELDS, *own), ("Node", "Record"))
    yield ObjectShape(
        f"{name}Side",
        f"One company's own side of {kind.noun}.",
        (
            FieldShape("company", "Company!", "Whose side it is.", Step("sideCompany")),
            FieldShape(
                "updatedAt", "DateTime", "Last change of a field of this side that you may see.", Builtin("updatedAt")
            ),
            FieldShape("version", "String", "Own side only: opaque, the `ifVersion` of an update.", Builtin("version")),
            *(_column(field, kinds) for field in kind.side),
            FieldShape(
                "customFields",
                "[CustomFieldValue!]!",
                "The values of its company's custom fields that this side has and that you may see, also of those that "
                "your schema has no field for.",
                Step("customFields", kind.name),
            ),
            FieldShape("sharing", "[FieldSharing!]", "Own side only: who may read what.", Step("sharing", kind.name)),
        ),
    )
    yield from connection_objects(
        name, name, f"A page of {kind.plural}.", f"One of the {kind.plural} in a connection.", kind=kind.name
    )


def output_shapes(catalog: Catalog) -> tuple[ObjectShape, ...]:
    """Every object and interface besides the roots and payloads, without repeats. Raises ValueError where two kinds
    define the same type name differently."""
    found: dict[str, ObjectShape] = {}
    structs = (_struct(type_, catalog.by_name) for _, type_ in catalog.structs)
    per_kind = (shape for kind in catalog.kinds for shape in _kind_objects(kind, catalog.by_name))
    for shape in (
        *_fixed_objects(),
        *GROUP_OBJECTS,
        *SEARCH_OBJECTS,
        *TEMPLATE_OBJECTS,
        *RULE_OBJECTS,
        *EXPLAIN_OBJECTS,
        *HISTORY_OBJECTS,
        *ACCESS_OBJECTS,
        *ASSOCIATION_OBJECTS,
        *structs,
        *per_kind,
    ):
        known = found.setdefault(shape.name, shape)
        if known is not shape and [(f.name, f.type) for f in known.fields] != [(f.name, f.type) for f in shape.fields]:
            raise ValueError(f"two different GraphQL types would be named {shape.name}")
    return tuple(found.values())
