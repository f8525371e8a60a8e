"""The GraphQL types of sharing rules."""

from collections.abc import Iterator

from schema.shape import ArgumentShape, EnumShape, FieldShape, InputField, InputShape, ObjectShape
from schema.shapes_definitions import CONDITIONS, ID, KEY, LIFE, LIFE_GIVEN, VERSION
from schema.sharing_rule_read import EFFECTS, OPERATORS, SUBJECTS
from schema.source import Builtin, Key, Step

RULE_ENUMS = (
    EnumShape("SharingRuleEffect", "What a rule does with its fields: ALLOW opens, DENY closes.", EFFECTS),
    EnumShape("SharingRuleOperator", "How a rule tests a field.", tuple(OPERATORS)),
    EnumShape(
        "SharingRuleSubject",
        "What a rule tests: SIDE your company's side, RECORD the joint fields of its record, as they are stored.",
        tuple(SUBJECTS),
    ),
)

_CONDITION = (
    ("field", "String!", "Name of a side field; of a RECORD of a joint field, e.g. `customer.country`."),
    ("op", "SharingRuleOperator!", "Numbers, amounts, dates and times have an order; texts and picklists have none."),
    ("value", "JSON!", "A value as the field's type writes it; with IN a list of values."),
)
RULE_OBJECTS = (
    ObjectShape(
        "SharingRule",
        "What your company says once of all its sides of a kind. Partners do not see rules, only what they open.",
        (
            ID,
            FieldShape("kind", "RecordKind!", "Which kind it is for.", Builtin("kind")),
            FieldShape("label", "String!", "What people read, and what `explain` names it by.", Builtin("label")),
            FieldShape("effect", "SharingRuleEffect!", "Whether it opens or closes.", Builtin("effect")),
            FieldShape(
                "fields",
                "[String!]!",
                "Names of side fields; of one that its template dropped, the id.",
                Builtin("fields"),
            ),
            FieldShape("audience", "Audience!", "For whom.", Step("fieldAudience")),
            CONDITIONS,
            FieldShape(
                "recordIds",
                "[ID!]",
                "The records whose sides it is about, those that you see; null where it is about all.",
                Builtin("recordIds"),
            ),
            *LIFE,
        ),
    ),
    ObjectShape(
        "SharingRuleCondition",
        "A test of one field of a side or its record. A field that is not set opens nothing, and closes.",
        (
            FieldShape("of", "SharingRuleSubject!", "What it tests.", Key("of")),
            *(FieldShape(name, type_, doc, Key(name)) for name, type_, doc in _CONDITION),
        ),
    ),
    ObjectShape(
        "SharingRulePreview",
        "What a rule would change for a partner.",
        (
            FieldShape(
                "records", "Int!", "Records in which your company and the partner take part.", Builtin("records")
            ),
            FieldShape("fields", "[SharingRulePreviewField!]!", "The rule's fields, in order.", Builtin("fields")),
        ),
    ),
    ObjectShape(
        "SharingRulePreviewField",
        "On how many of your sides a partner sees a value of a field.",
        (
            FieldShape("field", "String!", "Name of the side field.", Key("field")),
            FieldShape("before", "Int!", "As it is today.", Key("before")),
            FieldShape("after", "Int!", "With the rule in force.", Key("after")),
        ),
    ),
)

RULE_ROOTS = (
    FieldShape(
        "sharingRules",
        "[SharingRule!]!",
        "Your company's sharing rules, in the order in which they were made.",
        Step("sharingRules"),
        (ArgumentShape("kind", "RecordKind", "Only of this kind."),),
    ),
    FieldShape(
        "previewSharingRule",
        "SharingRulePreview!",
        "What a rule would show a partner, before it is defined; for your company's admins. Its days are left aside.",
        Step("previewSharingRule"),
        (
            ArgumentShape("input", "DefineSharingRuleInput!", "The rule, as it would be defined."),
            ArgumentShape("company", "ID!", "The partner."),
            ArgumentShape("person", "ID", "As this person of the partner's would see it; without it, as everybody."),
        ),
    ),
)


def rule_inputs() -> Iterator[InputShape]:
    """The inputs of the mutations of sharing rules."""
    yield InputShape(
        "SharingRuleConditionInput",
        "A test of one field of a side or its record.",
        (
            InputField("of", "SharingRuleSubject", "What it tests; the SIDE without it."),
            *(InputField(name, type_, doc) for name, type_, doc in _CONDITION),
        ),
    )
    yield InputShape(
        "DefineSharingRuleInput",
        "A rule as a whole: what is left out of a change is gone.",
        (
            InputField("ruleId", "ID", "The rule to change; a new one is made without it."),
            VERSION,
            InputField("kind", "RecordKind!", "Which kind it is for."),
            InputField("label", "String!", "What people read, 100 characters at most."),
            InputField("effect", "SharingRuleEffect!", "DENY beats ALLOW, and whatever else opens a field."),
            InputField("fields", "[String!]!", "Names of side fields."),
            InputField("audience", "AudienceInput!", "PARTICIPANTS (those who accepted), or SELECTED."),
            InputField("conditions", "[SharingRuleConditionInput!]", "What must hold of a side, all of it."),
            InputField("recordIds", "[ID!]", "Only of these records' sides, in which your company takes part."),
            *LIFE_GIVEN,
        ),
    )
    yield InputShape(
        "RetireSharingRuleInput",
        "Takes a rule away.",
        (InputField("ruleId", "ID!", "The rule."), VERSION, KEY),
    )


RULE_MUTATIONS = (
    ("defineSharingRule", "Makes a sharing rule, or changes one; for your company's admins."),
    ("retireSharingRule", "Takes a sharing rule away; for your company's admins."),
)
"""Each with its doc. The payload holds the rule."""
