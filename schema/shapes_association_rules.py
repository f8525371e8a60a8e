"""The GraphQL types of association rules."""

from collections.abc import Iterator

from schema.shape import ArgumentShape, FieldShape, InputField, InputShape, ObjectShape
from schema.shapes_definitions import CONDITIONS, ID, KEY, LIFE, LIFE_GIVEN, VERSION
from schema.source import Builtin, Step

_ROLE = "What they may do on the record; not OWNER."
_MESSAGE = "What its invitations say, 1,000 characters at most."

ASSOCIATION_OBJECTS = (
    ObjectShape(
        "AssociationRule",
        "Which companies your company invites to its records as long as these meet conditions. Nobody but its admins "
        "sees such rules; partners see invitations.",
        (
            ID,
            FieldShape("kind", "RecordKind!", "Which kind it is for.", Builtin("kind")),
            FieldShape("label", "String!", "What admins read.", Builtin("label")),
            FieldShape("companies", "[Company!]!", "Whom it invites.", Step("audienceCompanies")),
            FieldShape("role", "AccessLevel!", _ROLE, Builtin("role")),
            FieldShape("message", "String", _MESSAGE, Builtin("message")),
            CONDITIONS,
            *LIFE,
        ),
    ),
)

ASSOCIATION_ROOTS = (
    FieldShape(
        "associationRules",
        "[AssociationRule!]!",
        "Your company's association rules, in the order in which they were made; for its admins.",
        Step("associationRules"),
        (ArgumentShape("kind", "RecordKind", "Only of this kind."),),
    ),
)


def association_inputs() -> Iterator[InputShape]:
    """The inputs of the mutations of association rules."""
    yield InputShape(
        "DefineAssociationRuleInput",
        "A rule as a whole: what is left out of a change is gone.",
        (
            InputField("ruleId", "ID", "The rule to change; a new one is made without it."),
            VERSION,
            InputField("kind", "RecordKind!", "Which kind it is for."),
            InputField("label", "String!", "What admins read, 100 characters at most."),
            InputField("companies", "[ID!]!", "Whom it invites: 1 to 50 companies."),
            InputField("role", "AccessLevel!", _ROLE, "PARTICIPANT"),
            InputField("message", "String", _MESSAGE),
            InputField(
                "conditions", "[SharingRuleConditionInput!]", "What must hold of your side or its record, all of it."
            ),
            *LIFE_GIVEN,
        ),
    )
    yield InputShape(
        "RetireAssociationRuleInput",
        "Takes a rule away, and off records whom it alone brought there.",
        (InputField("ruleId", "ID!", "The rule."), VERSION, KEY),
    )


ASSOCIATION_MUTATIONS = (
    ("defineAssociationRule", "Makes an association rule, or changes one; for your company's admins."),
    ("retireAssociationRule", "Takes an association rule away; for your company's admins."),
)
"""Each with its doc. The payload holds the rule."""
