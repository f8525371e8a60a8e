"""Input types, order types, and mutations of the GraphQL schema, derived from the catalog.

Every mutation's payload has the same shape: `record` (also under the kind's own name, where the mutation is a
kind's), `clientMutationId`, and `userErrors`.
"""

from collections.abc import Iterator

from schema.field import Base, FieldType
from schema.kind import Catalog, Kind
from schema.queryable import TIMES, sortable
from schema.shape import ArgumentShape, EnumShape, FieldShape, InputField, InputShape, ObjectShape
from schema.shapes_access_policies import ACCESS_MUTATIONS, ATTRIBUTE_MUTATIONS, access_inputs
from schema.shapes_association_rules import ASSOCIATION_MUTATIONS, association_inputs
from schema.shapes_definitions import KEY
from schema.shapes_groups import group_enums, group_inputs
from schema.shapes_out import groups_of
from schema.shapes_sharing_rules import RULE_MUTATIONS, rule_inputs
from schema.shapes_templates import TEMPLATE_MUTATIONS, template_inputs
from schema.shapes_where import input_name, where_shapes
from schema.source import Builtin, Step


def _element(type_: FieldType, kinds: dict[str, Kind]) -> str:
    name = input_name(type_, kinds)
    return f"[{name}!]" if type_.many else name


def _kind_inputs(kind: Kind, kinds: dict[str, Kind]) -> Iterator[InputShape]:
    name, groups = kind.type_name, groups_of(kind)
    joint: list[InputField] = []
    for field in kind.joint:
        if field.group is None:
            required = "!" if field.required else ""
            joint.append(InputField(field.name, _element(field.type, kinds) + required, field.doc))
    for group, fields in groups.items():
        group_name = group[0].upper() + group[1:]
        members = tuple(InputField(f.key or "", _element(f.type, kinds), f.doc) for f in fields)
        yield InputShape(f"{group_name}Input", f"The {group}.", members)
        joint.append(InputField(group, f"{group_name}Input", f"The {group}."))
    side = tuple(InputField(f.name, _element(f.type, kinds), f.doc) for f in kind.side if f.is_written)
    yield InputShape(f"{name}SideInput", f"Fields of your own side of {kind.noun}.", side)
    yield InputShape(
        f"{name}JointInput",
        f"Joint fields of {kind.noun}.",
        tuple(InputField(f.name, f.type.removesuffix("!"), f.doc) for f in joint),
    )
    yield InputShape(
        f"Create{name}Input",
        f"A new {kind.name}: joint fields, your own side, and whom to invite.",
        (
            *joint,
            InputField("mine", f"{name}SideInput", "Your own side."),
            InputField("invite", "[ID!]", "Companies to invite as participants."),
            KEY,
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
            KEY,
        ),
    )
    yield _order(kind)


def _order(kind: Kind) -> InputShape:
    name = kind.type_name
    keys = [InputField("field", f"{name}OrderField", "A field of the record.")]
    if sortable(kind.side):
        keys.append(InputField("mine", f"{name}SideOrderField", "A field of your own side."))
    options = [InputField("direction", "OrderDirection!", "", "ASC")]
    if sortable(kind.side):
        keys.append(InputField("partners", f"{name}PartnerOrderField", "A field of the partners' sides."))
        doc = "With `partners`: the largest or the smallest value that you may see; MAX where it is left out."
        options.append(InputField("aggregate", "OrderAggregate", doc))
    named = ", ".join(f"`{key.name}`" for key in keys)
    return InputShape(f"{name}Order", f"One sort key: exactly one of {named}.", (*keys, *options))


def _fixed_inputs() -> Iterator[InputShape]:
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
            KEY,
        ),
    )
    yield InputShape(
        "RespondToInvitationInput",
        "Accepts or declines.",
        (record, InputField("accept", "Boolean!", "True to accept, false to decline."), KEY),
    )
    yield InputShape("WithdrawInput", "Leaves a record; your side is then seen by nobody else.", (record, KEY))
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
            KEY,
        ),
    )


def input_shapes(catalog: Catalog) -> tuple[InputShape, ...]:
    """Every input type, without repeats."""
    kinds = catalog.by_name
    found: dict[str, InputShape] = {
        shape.name: shape
        for shape in (
            *_fixed_inputs(),
            *template_inputs(),
            *rule_inputs(),
            *access_inputs(),
            *association_inputs(),
        )
    }
    for _, struct in catalog.structs:
        members = tuple(InputField(key, _element(member, kinds)) for key, member in struct.members)
        found[f"{struct.name}Input"] = InputShape(f"{struct.name}Input", f"A {struct.name}.", members)
    found.update((shape.name, shape) for shape in where_shapes(catalog))
    for kind in catalog.kinds:
        for shape in (*_kind_inputs(kind, kinds), *group_inputs(kind)):
            found.setdefault(shape.name, shape)
    return tuple(found.values())


def enum_shapes(catalog: Catalog) -> tuple[EnumShape, ...]:
    """Picklists in use, and for each kind what it can be sorted by, grouped by and measured."""
    used = {f.type.name for kind in catalog.kinds for f in (*kind.joint, *kind.side) if f.type.base is Base.PICKLIST}
    used |= {m.name for _, struct in catalog.structs for _, m in struct.members if m.base is Base.PICKLIST}
    picklists = tuple(EnumShape(n, f"Picklist {n}.", v) for n, v in catalog.picklists if n in used)
    orders = [shape for kind in catalog.kinds for shape in (*_order_enums(kind), *group_enums(kind))]
    return (*picklists, *orders)


def _order_enums(kind: Kind) -> Iterator[EnumShape]:
    name, plural = kind.type_name, kind.plural
    yield EnumShape(f"{name}OrderField", f"What {plural} can be sorted by.", (*TIMES, *sortable(kind.joint)))
    if own := tuple(sortable(kind.side)):
        yield EnumShape(f"{name}SideOrderField", f"Fields of your own side that {plural} can be sorted by.", own)
    if theirs := tuple(sortable(kind.side)):
        doc = f"Fields of the partners' sides that {plural} can be sorted by."
        yield EnumShape(f"{name}PartnerOrderField", doc, theirs)


_ENDING = (
    FieldShape("clientMutationId", "String", "As given.", Builtin("clientMutationId")),
    FieldShape("userErrors", "[UserError!]!", "Why it was refused; empty if done.", Builtin("userErrors")),
)
"""What every payload ends with."""


def mutation_shapes(catalog: Catalog) -> tuple[ObjectShape, ...]:
    """The Mutation root and the payloads."""
    roots: list[FieldShape] = []
    payloads: list[ObjectShape] = []

    def add(verb: str, record: str, step: Step, doc: str, kind: Kind | None = None) -> None:
        name = verb[0].upper() + verb[1:]
        fields = [FieldShape("record", record, "The record as you see it now; null if refused.", Step("payloadRecord"))]
        if kind:
            fields.append(FieldShape(kind.name, record, "The same record.", Step("payloadRecord")))
        payloads.append(ObjectShape(f"{name}Payload", f"Answer of {verb}.", (*fields, *_ENDING)))
        roots.append(FieldShape(verb, f"{name}Payload!", doc, step, (ArgumentShape("input", f"{name}Input!"),)))

    for kind in catalog.kinds:
        add(f"create{kind.type_name}", kind.type_name, Step("create", kind.name), f"Opens {kind.noun}.", kind)
        add(
            f"update{kind.type_name}",
            kind.type_name,
            Step("update", kind.name),
            f"Changes named fields of {kind.noun}.",
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
            "Hides from you what nobody else may see of your own side; kept. With `presentingTo` you see just records "
            "in which all of these companies take part, and of them what each may see, too; without it that ends.",
            Step("setHidePrivateFields"),
            (
                ArgumentShape("on", "Boolean!"),
                ArgumentShape("presentingTo", "[ID!]", "At most 10 companies, besides your own."),
            ),
        )
    )
    made = (
        ("template", "Template", TEMPLATE_MUTATIONS),
        ("sharingRule", "SharingRule", RULE_MUTATIONS),
        ("accessPolicy", "AccessPolicy", ACCESS_MUTATIONS),
        ("associationRule", "AssociationRule", ASSOCIATION_MUTATIONS),
        ("person", "Person", ATTRIBUTE_MUTATIONS),
    )
    for field, type_name, mutations in made:
        for verb, doc in mutations:
            name = verb[0].upper() + verb[1:]
            made_doc = "As it is now; null if refused, and where it was taken away."
            result = FieldShape(field, type_name, made_doc, Step(f"payload{type_name}"))
            payloads.append(ObjectShape(f"{name}Payload", f"Answer of {verb}.", (result, *_ENDING)))
            argument = ArgumentShape("input", f"{name}Input!")
            roots.append(FieldShape(verb, f"{name}Payload!", doc, Step(verb), (argument,)))
    return (*payloads, ObjectShape("Mutation", "All that can be changed.", tuple(roots)))
