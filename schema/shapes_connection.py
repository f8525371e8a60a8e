"""The GraphQL types of a connection (Relay), of whatever."""

from schema.shape import FieldShape, ObjectShape
from schema.source import Builtin, Step


def connection_objects(
    name: str, entry: str, page: str, one: str, *, kind: str | None = None, word: str = "record"
) -> tuple[ObjectShape, ObjectShape]:
    """A connection of the type `entry`, and its edge. `page` and `one` are the docs of the two, `word` is that for what
    is in it; `kind` goes with the steps where these are records of one."""
    return (
        ObjectShape(
            f"{name}Connection",
            page,
            (
                FieldShape("nodes", f"[{entry}!]!", f"The {_plural(word)}.", Step("connectionNodes", kind)),
                FieldShape("edges", f"[{name}Edge!]!", f"The {_plural(word)} with their cursors.", Step("edges", kind)),
                FieldShape("pageInfo", "PageInfo!", "Where this page lies.", Step("pageInfo")),
                FieldShape(
                    "totalCount", "Int!", f"How many {_plural(word)} there are on all pages.", Builtin("totalCount")
                ),
            ),
        ),
        ObjectShape(
            f"{name}Edge",
            one,
            (
                FieldShape("cursor", "String!", f"Where this {word} lies in the order.", Builtin("cursor")),
                FieldShape("node", f"{entry}!", f"The {word}.", Step("edgeNode", kind)),
            ),
        ),
    )


def _plural(word: str) -> str:
    return "entries" if word == "entry" else f"{word}s"
