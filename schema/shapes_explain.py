"""The GraphQL types of `explain`: who sees what of one's own side, and by which rule."""

from schema.shape import ArgumentShape, FieldShape, ObjectShape
from schema.source import Builtin, Step

READER = (
    ArgumentShape("company", "ID!", "The partner; with `person` it may be your own company, for its admins."),
    ArgumentShape("person", "ID", "One person of that company; without it, anybody there."),
)
"""Whose eyes to see with."""

EXPLAIN_OBJECTS = (
    ObjectShape(
        "FieldExplanation",
        "Whether somebody else sees a field of your own side, and why.",
        (
            FieldShape("field", "String!", "Name of the side field.", Builtin("field")),
            FieldShape("visible", "Boolean!", "Whether it is seen.", Builtin("visible")),
            FieldShape(
                "reasons", "[String!]!", "The rules that open it; none where it is not seen.", Builtin("reasons")
            ),
            FieldShape(
                "closedBy",
                "[String!]!",
                "Where it is not seen, the rules that close it, whatever else opens it; none where nothing opens it.",
                Builtin("closedBy"),
            ),
            FieldShape(
                "overridden",
                "Boolean!",
                "Whether this record's own sharing says who sees the field, in the place of the default.",
                Builtin("overridden"),
            ),
            FieldShape("seenBy", "[Company!]!", "The other participants that see it.", Step("explainedCompanies")),
        ),
    ),
)

EXPLAIN_ROOT = FieldShape(
    "explain",
    "[FieldExplanation!]",
    "Who sees your own side of a record, by your company's rules: the fields that you may see yourself, in their "
    "order. Null where you see no side of your own, and where there is no such company or person.",
    Step("explain"),
    (ArgumentShape("recordId", "ID!", "The record."), *READER),
)
