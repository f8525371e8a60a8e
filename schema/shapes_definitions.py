"""What the GraphQL types of sharing rules, access policies and association rules share."""

from schema.shape import FieldShape, InputField
from schema.shapes_history import OWN_HISTORY
from schema.source import Builtin

_FROM = ("from", "Date", "First day on which it is in force, from midnight UTC; at once without it.")
_UNTIL = ("until", "Date", "Last day on which it is in force, to midnight UTC; for good without it.")

ID = FieldShape("id", "ID!", "Random public id.", Builtin("id"))
CONDITIONS = FieldShape(
    "conditions", "[SharingRuleCondition!]!", "What must hold of a side, all of it.", Builtin("conditions")
)
LIFE = (
    FieldShape(*_FROM, Builtin("since")),
    FieldShape(*_UNTIL, Builtin("until")),
    FieldShape("inForce", "Boolean!", "Whether it is in force today (UTC).", Builtin("inForce")),
    FieldShape("version", "Int!", "Counts its changes; the `ifVersion` of a change.", Builtin("version")),
    OWN_HISTORY,
)
"""From when to when it holds, and its versions."""

KEY_DOC = "Idempotency key: the same key with the same input is carried out once."
KEY = InputField("clientMutationId", "String", KEY_DOC)
VERSION = InputField("ifVersion", "Int", "Refuse unless this is its version.")
LIFE_GIVEN = (InputField(*_FROM), InputField(*_UNTIL), KEY)
"""What ends the input that defines it."""
