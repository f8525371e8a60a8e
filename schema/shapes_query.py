"""The Query root of the GraphQL schema, derived from the catalog."""

from schema.kind import Catalog
from schema.shape import ArgumentShape, FieldShape, ObjectShape
from schema.shapes_access_policies import ACCESS_ROOTS
from schema.shapes_association_rules import ASSOCIATION_ROOTS
from schema.shapes_explain import EXPLAIN_ROOT
from schema.shapes_groups import group_root
from schema.shapes_history import HISTORY_ROOTS
from schema.shapes_previews import PREVIEW_ROOT
from schema.shapes_search import SEARCH_ROOT
from schema.shapes_sharing_rules import RULE_ROOTS
from schema.shapes_templates import TEMPLATE_ROOTS
from schema.source import Step


def query_shape(catalog: Catalog) -> ObjectShape:
    """The Query root: the fields that are there whatever the kinds, then three of each kind."""
    roots = [
        FieldShape("viewer", "Viewer!", "Who you are.", Step("viewer")),
        FieldShape("node", "Node", "The object of an id.", Step("node"), (ArgumentShape("id", "ID!"),)),
        FieldShape("nodes", "[Node]!", "The objects of ids.", Step("nodes"), (ArgumentShape("ids", "[ID!]!"),)),
        FieldShape("company", "Company", "A company.", Step("companyById"), (ArgumentShape("id", "ID!"),)),
        SEARCH_ROOT,
        *TEMPLATE_ROOTS,
        *RULE_ROOTS,
        *HISTORY_ROOTS,
        EXPLAIN_ROOT,
        *ACCESS_ROOTS,
        PREVIEW_ROOT,
        *ASSOCIATION_ROOTS,
    ]
    for kind in catalog.kinds:
        doc = f"One {kind.name} by id; null where you take no part in it."
        roots.append(
            FieldShape(kind.name, kind.type_name, doc, Step("record", kind.name), (ArgumentShape("id", "ID!"),))
        )
        roots.append(
            FieldShape(
                kind.plural,
                f"{kind.type_name}Connection!",
                f"The {kind.plural} in which your company takes part. Give `first` or `last`, 1 to 100.",
                Step("page", kind.name),
                (
                    ArgumentShape("where", f"{kind.type_name}Where"),
                    ArgumentShape("orderBy", f"[{kind.type_name}Order!]"),
                    ArgumentShape("first", "Int"),
                    ArgumentShape("after", "String"),
                    ArgumentShape("last", "Int"),
                    ArgumentShape("before", "String"),
                ),
            )
        )
        roots.append(group_root(kind))
    return ObjectShape("Query", "All that can be read.", tuple(roots))
