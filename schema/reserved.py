"""Names that a declaration may not take, because the GraphQL types or the tables use them already."""

import re

FIELD_NAME = re.compile(r"[a-z][A-Za-z0-9]{0,39}", re.ASCII)
TYPE_NAME = re.compile(r"[A-Z][A-Za-z0-9]{0,39}", re.ASCII)
KIND_NAME = re.compile(r"[a-z][A-Za-z0-9]{0,29}", re.ASCII)
PREFIX = re.compile(r"[a-z]{2,8}", re.ASCII)
OPTION = re.compile(r"[A-Z][A-Z0-9_]{0,79}", re.ASCII)

JOINT_FIELDS = frozenset(
    {
        # the record's own fields, then those of filters, orders and inputs, then the columns that masks and tables use
        "id",
        "name",
        "mine",
        "partners",
        "participants",
        "owner",
        "createdAt",
        "updatedAt",
        "version",
        "sharing",
        "company",
        "customFields",
        "kind",
        "and",
        "or",
        "not",
        "joint",
        "invite",
        "clientMutationId",
        "ifVersion",
        "record",
        "role",
        "recordId",
        "companyId",
        "viewerStatus",
        "viewerRole",
        "ownerStatus",
        "ownerId",
    }
)
"""`name` is free for the kind's title alone."""

SIDE_FIELDS = frozenset(
    {
        "id",
        "company",
        "createdAt",
        "updatedAt",
        "version",
        "sharing",
        "participants",
        "mine",
        "partners",
        "customFields",
        "kind",
        "and",
        "or",
        "not",
        "joint",
        "record",
        "recordId",
        "companyId",
        "sharingId",
        "naturalKey",
        "stamps",
        "viewerStatus",
        "viewerRole",
        "ownerStatus",
    }
)

QUERIES = frozenset(
    {
        "viewer",
        "node",
        "nodes",
        "company",
        "companies",
        "person",
        "people",
        "record",
        "records",
    }
)

TYPES = frozenset(
    {
        "Query",
        "Mutation",
        "Subscription",
        "Int",
        "Float",
        "String",
        "Boolean",
        "ID",
        "Decimal",
        "Node",
        "Record",
        "Viewer",
        "Person",
        "Company",
        "Participant",
        "ParticipantStatus",
        "AccessLevel",
        "PageInfo",
        "FieldSharing",
        "Audience",
        "AudienceKind",
        "UserError",
        "OrderDirection",
        "Direction",
        "InviteCompanies",
        "RespondToInvitation",
        "Withdraw",
        "ShareFields",
    }
)
"""GraphQL types that are there whatever the kinds; the base types of `schema/field_types.py` come on top."""

PREFIXES = frozenset({"co", "pe"})

_DERIVED = "{} {}Side {}Where {}SideWhere {}Order {}OrderField {}Connection {}Edge {}JointInput {}SideInput"
_INPUTS = "Create{}Input Create{}Payload Update{}Input Update{}Payload"


def derived_types(type_name: str) -> tuple[str, ...]:
    """The GraphQL types that a kind of this type name brings along, its own first."""
    return tuple(f"{_DERIVED} {_INPUTS}".replace("{}", type_name).split())
