"""The GraphQL types of access policies, of the filter of people, and of people's attributes."""

from collections.abc import Iterator

from schema.access_policy_read import ACTIONS, WHO
from schema.shape import ArgumentShape, EnumShape, FieldShape, InputField, InputShape, ObjectShape
from schema.shapes_definitions import CONDITIONS, ID, KEY, LIFE, LIFE_GIVEN, VERSION
from schema.source import Builtin, Key, Step

ACCESS_ENUMS = (
    EnumShape(
        "AccessAction",
        "What a policy is about: READ, UPDATE and SHARE fields; INVITE to a record, RESPOND to an invitation to it, "
        "WITHDRAW from it.",
        ACTIONS,
    ),
    EnumShape("AccessWho", "Whom a policy is about: people of your own company, or those of partners.", WHO),
)

_EFFECT = "DENY takes the actions away; ALLOW leaves them to these people alone. DENY beats ALLOW."
_FIELDS = (
    "Names of side fields, `joint.<name>` of joint ones; `*` for the whole side, `joint.*` for the record itself with "
    "all joint fields."
)

PERSON_ATTRIBUTES = FieldShape(
    "attributes",
    "[PersonAttribute!]",
    "What your company says of it; null for people of other companies.",
    Builtin("attributes"),
)

ACCESS_OBJECTS = (
    ObjectShape(
        "PersonAttribute",
        "What a company says of one of its people, e.g. its region.",
        (
            FieldShape("name", "String!", "Name of the attribute.", Key("name")),
            FieldShape("values", "[String!]!", "Its values; an attribute without any is not there.", Key("values")),
        ),
    ),
    ObjectShape(
        "AccessPolicy",
        "Which people may do what with your company's records and its own sides. Nobody but its admins sees policies.",
        (
            ID,
            FieldShape("kind", "RecordKind", "Which kind it is for; null for all.", Builtin("kind")),
            FieldShape("label", "String!", "What people read, and what `explain` names it by.", Builtin("label")),
            FieldShape("effect", "SharingRuleEffect!", _EFFECT, Builtin("effect")),
            FieldShape("actions", "[AccessAction!]!", "What may be done, or not.", Builtin("actions")),
            FieldShape(
                "fields", "[String!]!", f"{_FIELDS} Of a field that its template dropped, the id.", Builtin("fields")
            ),
            FieldShape("who", "AccessWho!", "Whose people it is about.", Builtin("who")),
            FieldShape("people", "JSON", "Which of the own people, as a PersonWhere; all for {}.", Builtin("people")),
            CONDITIONS,
            FieldShape(
                "recordIds",
                "[ID!]",
                "The records that it is about, those that you see; null where it is about all.",
                Builtin("recordIds"),
            ),
            *LIFE,
        ),
    ),
)

ACCESS_ROOTS = (
    FieldShape(
        "accessPolicies",
        "[AccessPolicy!]!",
        "Your company's access policies, in the order in which they were made; for its admins.",
        Step("accessPolicies"),
        (ArgumentShape("kind", "RecordKind", "Only of this kind, without those for all kinds."),),
    ),
)


def access_inputs() -> Iterator[InputShape]:
    """The inputs of access policies and attributes."""
    words = (
        InputField("eq", "String", "It is this; of several, one is."),
        InputField("ne", "String", "There is one, and it is not this; of several, none is."),
        InputField("in", "[String!]", "It is one of these; of several, one is."),
        InputField("isNull", "Boolean", "Whether there is none."),
    )
    name = "PersonWhere"
    yield InputShape("PersonWordFilter", "Tests of words of a person, all of which must hold.", words)
    yield InputShape(
        "PersonAttributeFilter",
        "Tests of an attribute, all of which must hold. Who does not have it matches `isNull` alone.",
        (InputField("name", "String!", "Name of the attribute."), *words),
    )
    yield InputShape(
        name,
        "Tests of a person of your company, all of which must hold.",
        (
            InputField("id", "PersonWordFilter", "Its id."),
            InputField("role", "PersonWordFilter", "Its roles."),
            InputField("attribute", "PersonAttributeFilter", "One of its attributes; of several, use `and`."),
            InputField("and", f"[{name}!]", "All of these hold."),
            InputField("or", f"[{name}!]", "At least one of these holds; none of nothing."),
            InputField("not", name, "This does not hold; what is null still does not match."),
        ),
    )
    yield InputShape(
        "DefineAccessPolicyInput",
        "A policy as a whole: what is left out of a change is gone.",
        (
            InputField("policyId", "ID", "The policy to change; a new one is made without it."),
            VERSION,
            InputField("kind", "RecordKind", "Which kind it is for; all without it."),
            InputField("label", "String!", "What people read, 100 characters at most."),
            InputField("effect", "SharingRuleEffect!", _EFFECT),
            InputField("actions", "[AccessAction!]!", "Who may not READ a field may neither UPDATE nor SHARE it."),
            InputField("fields", "[String!]", f"{_FIELDS} Without it, all of both."),
            InputField("who", "AccessWho", "OWN without it. PARTNERS goes with DENY and READ of side fields alone."),
            InputField("people", name, "With OWN, which of them; all without it."),
            InputField("conditions", "[SharingRuleConditionInput!]", "What must hold, all of it."),
            InputField("recordIds", "[ID!]", "Records that it is about; all without it."),
            *LIFE_GIVEN,
        ),
    )
    yield InputShape(
        "RetireAccessPolicyInput",
        "Takes a policy away.",
        (InputField("policyId", "ID!", "The policy."), VERSION, KEY),
    )
    yield InputShape(
        "PersonAttributeInput",
        "An attribute of a person.",
        (
            InputField("name", "String!", "E.g. region; a small letter, then letters, digits and underscores."),
            InputField("values", "[String!]!", "Its values; none takes it away."),
        ),
    )
    yield InputShape(
        "SetPersonAttributesInput",
        "All that your company says of a person: what is left out is gone.",
        (
            InputField("personId", "ID!", "A person of your company."),
            InputField("attributes", "[PersonAttributeInput!]!", "Its attributes."),
            InputField("clientMutationId", "String", "Given back as it is: the same said twice is as said once."),
        ),
    )


ACCESS_MUTATIONS = (
    ("defineAccessPolicy", "Makes an access policy, or changes one; for your company's admins."),
    ("retireAccessPolicy", "Takes an access policy away; for your company's admins."),
)
"""Each with its doc. The payload holds the policy."""

ATTRIBUTE_MUTATIONS = (
    ("setPersonAttributes", "Says what a person of your company is like, for its policies; for your company's admins."),
)
"""The same; the payload holds the person."""
