"""The GraphQL types of search, over all kinds at once."""

from schema.kind import Catalog, Kind
from schema.queryable import upper_snake
from schema.shape import ArgumentShape, EnumShape, FieldShape, ObjectShape
from schema.source import Builtin, Step


def kinds_by_value(catalog: Catalog) -> dict[str, Kind]:
    """The kinds by their values of the enum RecordKind."""
    return {upper_snake(kind.name): kind for kind in catalog.kinds}


def kind_enum(catalog: Catalog) -> EnumShape:
    """Which kinds there are."""
    return EnumShape("RecordKind", "The kinds of records.", tuple(kinds_by_value(catalog)))


SEARCH_ROOT = FieldShape(
    "search",
    "SearchConnection!",
    "The records in whose texts, as far as you may see them, each word of the given text begins some word, "
    "best first. Give `first` or `last`, 1 to 100.",
    Step("search"),
    (
        ArgumentShape("text", "String!", "At most 8 words in 200 characters; case and accents do not matter."),
        ArgumentShape("kinds", "[RecordKind!]", "Only these kinds; all without it."),
        ArgumentShape("first", "Int"),
        ArgumentShape("after", "String"),
        ArgumentShape("last", "Int"),
        ArgumentShape("before", "String"),
    ),
)

SEARCH_OBJECTS = (
    ObjectShape(
        "SearchConnection",
        "A page of what a search found: the highest score first, then the newest change that you may see.",
        (
            FieldShape("nodes", "[Record!]!", "The records.", Step("connectionNodes")),
            FieldShape("edges", "[SearchEdge!]!", "The records with their scores and cursors.", Step("searchEdges")),
            FieldShape("pageInfo", "PageInfo!", "Where this page lies.", Step("pageInfo")),
            FieldShape("totalCount", "Int!", "How many records there are on all pages.", Builtin("totalCount")),
        ),
    ),
    ObjectShape(
        "SearchEdge",
        "One of the records that a search found.",
        (
            FieldShape("cursor", "String!", "Where this record lies in the order.", Builtin("cursor")),
            FieldShape("node", "Record!", "The record.", Step("edgeNode")),
            FieldShape(
                "score",
                "Int!",
                "For each word the best place that has it, added up: 8 the record's name, 6 its other joint texts, 4 "
                "your own side, 2 a partner's side; 1 less where it is just the beginning of a word.",
                Builtin("score"),
            ),
        ),
    ),
)
