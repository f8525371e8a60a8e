"""Input types, order and filter types, and mutations of the GraphQL schema, derived from the catalog.

Every mutation's payload has the same shape: `record` (also under the kind's own name, where the mutation is a
kind's), `clientMutationId`, and `userErrors`.
"""

from collections.abc import Iterator

from schema.field import Base, Field, FieldType
from schema.kind import Catalog, Kind
from schema.shape import ArgumentShape, EnumShape, FieldShape, InputField, InputShape, ObjectShape
from schema.shapes_out import groups_of, output_name
from schema.source import Builtin, Step

_ID_BASES = (Base.PERSON, Base.COMPANY, Base.RECORD)
_ORDERED = (Base.INTEGER, Base.NUMBER, Base.MONEY, Base.DATE, Base.DATETIME)
_TEXTS = (Base.TEXT, Base.URL, Base.EMAIL)
_UNSORTED = (Base.STRUCT, Base.RECORD, Base.PERSON, Base.COMPANY)

CREATED_AT = "CREATED_AT"
UPDATED_AT = "UPDATED_AT"
_KEY_DOC = "Idempotency key: the same key with the same input is carried out once."


def upper_snake(name: str) -> str:
    """`targetCloseDate` -> `TARGET_CLOSE_DATE`; dots become underscores."""
    return "".join("_" + c if c.isupper() else c.upper() for c in name).replace(".", "_")


def sortable(fields: tuple[Field, ...]) -> dict[str, Field]:
    """The fields that can be sorted by, by the name of their order enum value."""
    return {
        upper_snake(f"{f.group}.{f.key}" if f.group else f.name): f
        for f in fields
        if not f.type.many and f.type.base not in _UNSORTED and f.type.name != "LongText"
    }


def _input_name(type_: FieldType, kinds: dict[str, Kind]) -> str:
    if type_.base in _ID_BASES:
        return "ID"
    if type_.base in (Base.STRUCT, Base.MONEY):
        return output_name(type_, kinds) + "Input"
    return output_name(type_, kinds)


def _element(type_: FieldType, kinds: dict[str, Kind]) -> str:
    name = _input_name(type_, kinds)
    return f"[{name}!]" if type_.many else name


def filter_name(type_: FieldType, kinds: dict[str, Kind]) -> str | None:
    """The filter input for a field type, e.g. "TextFilter", "SalesStageListFilter"; None where it has none."""
    if type_.base is Base.STRUCT:
        return None
    base = "Text" if type_.base in (*_TEXTS, Base.COUNTRY) else _input_name(type_, kinds).removesuffix("Input")
    return {"String": "Text"}.get(base, base) + ("ListFilter" if type_.many else "Filter")


def _filter(type_: FieldType, kinds: dict[str, Kind]) -> InputShape:
    name = filter_name(type_, kinds) or ""
    element = _input_name(type_, kinds)
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


def _where_fields(fields: tuple[Field, ...], kinds: dict[str, Kind]) -> Iterator[InputField]:
    for field in fields:
        name = filter_name(field.type, kinds)
        if name:
            yield InputField(field.key or field.name, name, field.doc)


def _logic(name: str) -> tuple[InputField, ...]:
    return (
        InputField("and", f"[{name}!]", "All of these hold."),
        InputField("or", f"[{name}!]", "At least one of these holds."),
        InputField("not", name, "This does not hold; what is null still does not match."),
    )


def _kind_inputs(kind: Kind, kinds: dict[str, Kind]) -> Iterator[InputShape]:
    name, groups = kind.type_name, groups_of(kind)
    joint: list[InputField] = []
    where: list[InputField] = []
    for field in kind.joint:
        if field.group is None:
            required = "!" if field.required else ""
            joint.append(InputField(field.name, _element(field.type, kinds) + required, field.doc))
    where += _where_fields(tuple(f for f in kind.joint if f.group is None), kinds)
    for group, fields in groups.items():
        group_name = group[0].upper() + group[1:]
        members = tuple(InputField(f.key or "", _element(f.type, kinds), f.doc) for f in fields)
        yield InputShape(f"{group_name}Input", f"The {group}.", members)
        yield InputShape(f"{group_name}Where", f"Tests of the {group}.", tuple(_where_fields(fields, kinds)))
        joint.append(InputField(group, f"{group_name}Input", f"The {group}."))
        where.append(InputField(group, f"{group_name}Where", f"Tests of the {group}."))
    side = tuple(InputField(f.name, _element(f.type, kinds), f.doc) for f in kind.side if f.history_of is None)
    yield InputShape(f"{name}SideInput", f"Fields of your own side of a {kind.name}.", side)
    yield InputShape(
        f"{name}JointInput",
        f"Joint fields of a {kind.name}.",
        tuple(InputField(f.name, f.type.removesuffix("!"), f.doc) for f in joint),
    )
    yield InputShape(
        f"Create{name}Input",
        f"A new {kind.name}: joint fields, your own side, and whom to invite.",
        (
            *joint,
            InputField("mine", f"{name}SideInput", "Your own side."),
            InputField("invite", "[ID!]", "Companies to invite as participants."),
            InputField("clientMutationId", "String", _KEY_DOC),
        ),
    )
    yield InputShape(
        f"Update{name}Input",
        "Only the named fields change; an explicit null clears.",
        (
            InputField("id", "ID!", "The record."),
            InputField("joint", f"{name}JointInput", "Joint fields, for owner and collaborators."),
            InputField("mine", f"{name}SideInput", "Fields of your own side."),
            InputField("ifVersion", "String", "Refuse where your side's `version` is no longer this one."),
            InputField("clientMutationId", "String", _KEY_DOC),
        ),
    )
    yield InputShape(
        f"{name}SideWhere",
        "Tests of a side, all of which must hold.",
        (*_where_fields(kind.side, kinds), *_logic(f"{name}SideWhere")),
    )
    yield InputShape(
        f"{name}Where",
        "Tests of a record as far as you may see it, all of which must hold.",
        (
            *where,
            InputField("createdAt", "DateTimeFilter", "When it was opened."),
            InputField("updatedAt", "DateTimeFilter", "Last change that you may see."),
            InputField("myRole", "AccessLevelFilter", "Your company's role."),
            InputField("myStatus", "ParticipantStatusFilter", "Your company's status."),
            InputField("mine", f"{name}SideWhere", "Your own side."),
            *_logic(f"{name}Where"),
        ),
    )
    yield InputShape(
        f"{name}Order",
        "One sort key: `field`, or `mine` for a field of your own side; exactly one of the two.",
        (
            InputField("field", f"{name}OrderField"),
            InputField("mine", f"{name}SideOrderField"),
            InputField("direction", "OrderDirection!", "", "ASC"),
        ),
    )


def _fixed_inputs() -> Iterator[InputShape]:
    key = InputField("clientMutationId", "String", _KEY_DOC)
    record = InputField("recordId", "ID!", "The record.")
    ids = "[ID!]"
    yield InputShape(
        "MoneyInput",
        "An amount of money.",
        (
            InputField("amount", "Decimal!", "Decimal string, with no more decimals than the currency has."),
            InputField("currency", "String!", "ISO 4217 code."),
        ),
    )
    yield InputShape(
        "InviteCompaniesInput",
        "Invites companies to a record.",
        (
            record,
            InputField("companyIds", "[ID!]!", "Whom to invite."),
            InputField("role", "AccessLevel!", "What they may do; not OWNER.", "PARTICIPANT"),
            InputField("message", "String", "What to tell them, 1,000 characters at most."),
            key,
        ),
    )
    yield InputShape(
        "RespondToInvitationInput",
        "Accepts or declines.",
        (record, InputField("accept", "Boolean!", "True to accept, false to decline."), key),
    )
    yield InputShape("WithdrawInput", "Leaves a record; your side is then seen by nobody else.", (record, key))
    yield InputShape(
        "AudienceInput",
        "Who may read.",
        (
            InputField("kind", "AudienceKind!", "PRIVATE, PARTICIPANTS (those who accepted), or SELECTED."),
            InputField("companies", ids, "With SELECTED."),
            InputField("people", ids, "With SELECTED."),
        ),
    )
    yield InputShape(
        "ShareFieldsInput",
        "Sets who may read fields of your own side of one record.",
        (
            record,
            InputField("fields", "[String!]!", "Names of side fields."),
            InputField("audience", "AudienceInput!", "Who may read them besides your company."),
            key,
        ),
    )


def input_shapes(catalog: Catalog) -> tuple[InputShape, ...]:
    """Every input type, without repeats."""
    kinds = catalog.by_name
    found: dict[str, InputShape] = {shape.name: shape for shape in _fixed_inputs()}
    for _, struct in catalog.structs:
        members = tuple(InputField(key, _element(member, kinds)) for key, member in struct.members)
        found[f"{struct.name}Input"] = InputShape(f"{struct.name}Input", f"A {struct.name}.", members)
    fixed = (
        FieldType("DateTime", Base.DATETIME),
        FieldType("AccessLevel", Base.PICKLIST),
        FieldType("ParticipantStatus", Base.PICKLIST),
    )
    declared = (f.type for kind in catalog.kinds for f in (*kind.joint, *kind.side))
    for type_ in (*fixed, *declared):
        if filter_name(type_, kinds):
            shape = _filter(type_, kinds)
            found.setdefault(shape.name, shape)
    for kind in catalog.kinds:
        for shape in _kind_inputs(kind, kinds):
            found.setdefault(shape.name, shape)
    return tuple(found.values())


def enum_shapes(catalog: Catalog) -> tuple[EnumShape, ...]:
    """Picklists in use and the order enums of each kind."""
    used = {f.type.name for kind in catalog.kinds for f in (*kind.joint, *kind.side) if f.type.base is Base.PICKLIST}
    used |= {m.name for _, struct in catalog.structs for _, m in struct.members if m.base is Base.PICKLIST}
    picklists = tuple(EnumShape(n, f"Picklist {n}.", v) for n, v in catalog.picklists if n in used)
    orders = []
    for kind in catalog.kinds:
        joint = (CREATED_AT, UPDATED_AT, *sortable(kind.joint))
        orders.append(EnumShape(f"{kind.type_name}OrderField", f"What {kind.plural} can be sorted by.", joint))
        orders.append(
            EnumShape(
                f"{kind.type_name}SideOrderField",
                f"Fields of your own side that {kind.plural} can be sorted by.",
                tuple(sortable(kind.side)),
            )
        )
    return (*picklists, *orders)


def mutation_shapes(catalog: Catalog) -> tuple[ObjectShape, ...]:
    """The Mutation root and the payloads."""
    roots: list[FieldShape] = []
    payloads: list[ObjectShape] = []

    def add(verb: str, record: str, step: Step, doc: str, kind: Kind | None = None) -> None:
        name = verb[0].upper() + verb[1:]
        fields = [FieldShape("record", record, "The record as you see it now; null if refused.", Step("payloadRecord"))]
        if kind:
            fields.append(FieldShape(kind.name, record, "The same record.", Step("payloadRecord")))
        fields += [
            FieldShape("clientMutationId", "String", "As given.", Builtin("clientMutationId")),
            FieldShape("userErrors", "[UserError!]!", "Why it was refused; empty if done.", Builtin("userErrors")),
        ]
        payloads.append(ObjectShape(f"{name}Payload", f"Answer of {verb}.", tuple(fields)))
        roots.append(FieldShape(verb, f"{name}Payload!", doc, step, (ArgumentShape("input", f"{name}Input!"),)))

    for kind in catalog.kinds:
        add(f"create{kind.type_name}", kind.type_name, Step("create", kind.name), f"Opens a {kind.name}.", kind)
        add(
            f"update{kind.type_name}",
            kind.type_name,
            Step("update", kind.name),
            f"Changes named fields of a {kind.name}.",
            kind,
        )
    add("inviteCompanies", "Record", Step("inviteCompanies"), "Invites companies to a record.")
    add("respondToInvitation", "Record", Step("respondToInvitation"), "Accepts or declines an invitation.")
    add("withdraw", "Record", Step("withdraw"), "Leaves a record.")
    add("shareFields", "Record", Step("shareFields"), "Sets who may read fields of your own side.")
    roots.append(
        FieldShape(
            "setHidePrivateFields",
            "Viewer!",
            "Hides from you what nobody else may see of your own side; kept.",
            Step("setHidePrivateFields"),
            (ArgumentShape("on", "Boolean!"),),
        )
    )
    return (*payloads, ObjectShape("Mutation", "All that can be changed.", tuple(roots)))
