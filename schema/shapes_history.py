"""The GraphQL types of history."""

from schema.shape import ArgumentShape, EnumShape, FieldShape, ObjectShape
from schema.shapes_connection import connection_objects
from schema.source import Builtin, Step

HISTORY_ENUMS = (
    EnumShape(
        "HistoryEvent",
        "What changed: OPENED, the record was made; SIDE, your company's side was begun; JOINT, a joint field; "
        "FIELD, a field of your side; SHARING, who may read such a field; PARTICIPANT, a company's role or status.",
        ("OPENED", "SIDE", "JOINT", "FIELD", "SHARING", "PARTICIPANT"),
    ),
)

PAGE_ARGUMENTS = (
    ArgumentShape("first", "Int", "The newest so many, behind `after`."),
    ArgumentShape("after", "String"),
    ArgumentShape("last", "Int", "The oldest so many, before `before`."),
    ArgumentShape("before", "String"),
)

RECORD_HISTORY = FieldShape(
    "history",
    "HistoryConnection!",
    "What was changed, newest first, as far as you may see it now: of joint fields and participants since your company "
    "took part, of your own side from its beginning, of others' sides nothing. Give `first` or `last`, 1 to 100.",
    Step("history"),
    (
        *PAGE_ARGUMENTS,
        ArgumentShape(
            "fields", "[String!]", "Only these fields, and who may read them: as an entry's `field` names them."
        ),
    ),
)


HISTORY_OBJECTS = (
    ObjectShape(
        "HistoryChange",
        "One thing that a change changed. What a record or side began with has no entry: it is where the first change "
        "of a field comes from.",
        (
            FieldShape("event", "HistoryEvent!", "What it is about.", Builtin("event")),
            FieldShape("at", "DateTime!", "When.", Builtin("at")),
            FieldShape(
                "company",
                "Company",
                "Whose change it was; null where you may not know now that it takes part.",
                Step("historyCompany"),
            ),
            FieldShape(
                "person",
                "Person",
                "Who made it; null of another company's change, and of an import.",
                Step("historyPerson"),
            ),
            FieldShape("field", "String", "Name of the field; of one in a group `group.name`.", Builtin("field")),
            FieldShape("participant", "Company", "With PARTICIPANT, which company.", Step("historyParticipant")),
            FieldShape(
                "from",
                "JSON",
                "What was before, as the field's type writes it, links as ids; with SHARING {kind, companies, people}, "
                "with PARTICIPANT {role, status}. A list of links has an entry for each that came or went.",
                Builtin("was"),
            ),
            FieldShape("to", "JSON", "What is from then on.", Builtin("became")),
        ),
    ),
    *connection_objects(
        "History",
        "HistoryChange",
        "A page of what was changed on a record.",
        "One of what was changed on a record.",
        word="entry",
    ),
    ObjectShape(
        "DefinitionChange",
        "A version of something that your company defined.",
        (
            FieldShape("definition", "ID!", "Which template, rule or policy it is of.", Builtin("definition")),
            FieldShape(
                "sort",
                "String!",
                "What that is: TEMPLATE, SHARING_RULE, ACCESS_POLICY or ASSOCIATION_RULE.",
                Builtin("sort"),
            ),
            FieldShape("version", "Int!", "Counts its changes, from 1.", Builtin("version")),
            FieldShape("at", "DateTime!", "When.", Builtin("at")),
            FieldShape("person", "Person", "Who made it.", Step("definitionPerson")),
            FieldShape(
                "from",
                "JSON",
                "As it was before, in the words of the input that defines it; what is usual is left out. Of a template "
                "`sharedWith`, too, which shareTemplate sets. Null of the first version.",
                Builtin("was"),
            ),
            FieldShape("to", "JSON", "As it was from then on; null where it was retired.", Builtin("became")),
        ),
    ),
    *connection_objects(
        "DefinitionHistory",
        "DefinitionChange",
        "A page of what your company defined.",
        "One of what your company defined.",
        word="entry",
    ),
)

HISTORY_ROOTS = (
    FieldShape(
        "definitionHistory",
        "DefinitionHistoryConnection!",
        "All versions of what your company defined, newest first, retired ones too; for its admins. Give `first` or "
        "`last`, 1 to 100.",
        Step("definitionHistory"),
        (*PAGE_ARGUMENTS, ArgumentShape("id", "ID", "Only of this template, rule or policy.")),
    ),
)

OWN_HISTORY = FieldShape(
    "history",
    "DefinitionHistoryConnection",
    "Its versions, newest first; for its company's admins, null for all others. Give `first` or `last`, 1 to 100.",
    Step("versions"),
    PAGE_ARGUMENTS,
)
