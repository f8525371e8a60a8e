"""Names that a declaration may not take, because the GraphQL types or the tables use them already."""

import re

FIELD_NAME = re.compile(r"[a-z][A-Za-z0-9]{0,39}", re.ASCII)
FIELD_RULE = "must be a camelCase name of at most 40 letters and digits"
KIND_NAME = re.compile(r"[a-z][A-Za-z0-9]{0,29}", re.ASCII)
PREFIX = re.compile(r"[a-z]{2,8}", re.ASCII)
OPTION = re.compile(r"[A-Z][A-Z0-9_]{0,79}", re.ASCII)

_SUFFIXES = "Side Where Filter Input Payload Connection Edge Order OrderField GroupBy GroupField Measure MeasureField"
TYPE_NAME = re.compile(rf"(?!.*(?:{'|'.join(_SUFFIXES.split())})$)[A-Z][A-Za-z0-9]{{0,39}}", re.ASCII)
"""Types whose names end in a suffix are derived from others, e.g. `OpportunitySide`, so none may be declared."""
TYPE_RULE = "must be a PascalCase name that ends in none of " + ", ".join(_SUFFIXES.split())

_FILTERS = "and or not"
_INPUTS = "joint mine invite clientMutationId ifVersion myRole myStatus"
_RECORD = (
    "id name owner participants partners createdAt updatedAt version sharing company customFields record kind history"
)
_SIDE = "id company participants createdAt updatedAt version sharing customFields record kind"
_COLUMNS = "recordId companyId ownerId sharingId naturalKey stamps viewerStatus viewerRole ownerStatus"
_TYPES = """
    Query Mutation Subscription Int Float String Boolean ID Decimal Node Record Viewer Person Company Participant
    ParticipantStatus AccessLevel PageInfo FieldSharing Audience AudienceKind UserError OrderDirection
    OrderAggregate DateBucket Groups Group GroupKey GroupTotal JSON RecordKind SearchConnection SearchEdge
    HistoryEvent HistoryChange HistoryConnection HistoryEdge DefinitionChange DefinitionHistoryConnection
    DefinitionHistoryEdge
"""

JOINT_FIELDS = frozenset(f"{_RECORD} {_FILTERS} {_INPUTS} {_COLUMNS}".split())
"""`name` is free for the kind's title alone."""
SIDE_FIELDS = frozenset(f"{_SIDE} {_FILTERS} {_COLUMNS}".split())
QUERIES = frozenset(
    ("viewer", "node", "nodes", "company", "companies", "person", "people", "record", "records", "search")
)
TYPES = frozenset(_TYPES.split())
"""GraphQL types that are there whatever the kinds; the base types of `schema/field_types.py` come on top."""
PREFIXES = frozenset(("co", "pe"))
