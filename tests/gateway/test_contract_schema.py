"""Everything in the clients' contract exists in the schema, with its types, for every kind."""

import re
from typing import Any

import pytest
from graphql import GraphQLSchema, build_schema, is_input_object_type, is_interface_type, is_object_type
from strawberry import Schema

from schema.sdl import build, derive
from tests.gateway.world import CATALOG

CORE = """
scalar Date scalar DateTime scalar Decimal
type Query {
  viewer: Viewer!
  node(id: ID!): Node
  nodes(ids: [ID!]!): [Node]!
  company(id: ID!): Company
}
type Viewer { person: Person!  company: Company!  hidePrivateFields: Boolean! }
interface Node { id: ID! }
interface Record implements Node {
  id: ID!
  name: String!
  owner: Company
  participants: [Participant!]!
  createdAt: DateTime!
  updatedAt: DateTime!
}
type Participant { company: Company!  role: AccessLevel!  status: ParticipantStatus! }
type Company implements Node { id: ID!  name: String! }
type Person implements Node { id: ID!  name: String! }
type Money { amount: Decimal!  currency: String! }
type FieldSharing { field: String!  audience: Audience! }
type Audience { kind: AudienceKind!  companies: [Company!]!  people: [Person!]! }
type PageInfo { hasNextPage: Boolean!  hasPreviousPage: Boolean!  startCursor: String  endCursor: String }
type UserError { code: String!  message: String!  field: [String!] }
enum AccessLevel { OWNER COLLABORATOR VIEWER PARTICIPANT }
enum ParticipantStatus { INVITED ACCEPTED DECLINED WITHDRAWN }
enum AudienceKind { PRIVATE PARTICIPANTS SELECTED }
input InviteCompaniesInput { recordId: ID!  companyIds: [ID!]!  role: AccessLevel!  message: String }
input RespondToInvitationInput { recordId: ID!  accept: Boolean! }
input WithdrawInput { recordId: ID! }
input ShareFieldsInput { recordId: ID!  fields: [String!]!  audience: AudienceInput! }
input AudienceInput { kind: AudienceKind!  companies: [ID!]  people: [ID!] }
type Mutation {
  inviteCompanies(input: InviteCompaniesInput!): InviteCompaniesPayload!
  respondToInvitation(input: RespondToInvitationInput!): RespondToInvitationPayload!
  withdraw(input: WithdrawInput!): WithdrawPayload!
  shareFields(input: ShareFieldsInput!): ShareFieldsPayload!
  setHidePrivateFields(on: Boolean!): Viewer!
}
type InviteCompaniesPayload { record: Record  userErrors: [UserError!]! }
type RespondToInvitationPayload { record: Record  userErrors: [UserError!]! }
type WithdrawPayload { record: Record  userErrors: [UserError!]! }
type ShareFieldsPayload { record: Record  userErrors: [UserError!]! }
"""

KIND = """
extend type Query {
  KIND(id: ID!): TYPE
  PLURAL(where: TYPEWhere, orderBy: [TYPEOrder!], first: Int, after: String, last: Int, before: String): TYPEConnection!
}
extend type Mutation {
  createTYPE(input: CreateTYPEInput!): CreateTYPEPayload!
  updateTYPE(input: UpdateTYPEInput!): UpdateTYPEPayload!
}
type TYPE implements Node & Record {
  id: ID!  name: String!  owner: Company  participants: [Participant!]!  createdAt: DateTime!  updatedAt: DateTime!
  mine: TYPESide
  partners(companies: [ID!]): [TYPESide!]!
}
type TYPESide { company: Company!  updatedAt: DateTime  version: String  sharing: [FieldSharing!]  owner: Person }
type TYPEConnection { nodes: [TYPE!]!  edges: [TYPEEdge!]!  totalCount: Int!  pageInfo: PageInfo! }
type TYPEEdge { cursor: String!  node: TYPE! }
input TYPEWhere { and: [TYPEWhere!]  or: [TYPEWhere!]  not: TYPEWhere  mine: TYPESideWhere }
input TYPESideWhere { and: [TYPESideWhere!]  or: [TYPESideWhere!]  not: TYPESideWhere }
enum TYPEOrderField { CREATED_AT UPDATED_AT }
enum OrderDirectionTYPE { ASC DESC }
input TYPEOrder { field: TYPEOrderField  direction: OrderDirection! = ASC }
input TYPESideInput { owner: ID }
input TYPEJointInput { TITLE: String }
input CreateTYPEInput { TITLE: String!  mine: TYPESideInput  invite: [ID!]  clientMutationId: String }
input UpdateTYPEInput { id: ID!  joint: TYPEJointInput  mine: TYPESideInput  ifVersion: String }
type CreateTYPEPayload { record: TYPE  userErrors: [UserError!]! }
type UpdateTYPEPayload { record: TYPE  userErrors: [UserError!]! }
"""

OPPORTUNITY = """
extend type Opportunity { customer: Customer  motion: SalesMotion }
type Customer { name: String  industry: Industry  country: String  region: Region  segment: Segment }
extend type OpportunitySide {
  stage: SalesStage
  amount: Money
  expectedRevenue: Money
  probability: Int
  forecastCategory: ForecastCategory
  targetCloseDate: Date
  nextStep: String
}
enum SalesMotion { CO_SELL RESELL CROSS_SELL RENEWAL REFERRAL SELL_WITH SELL_THROUGH }
enum SalesStage { PROSPECT QUALIFIED TECHNICAL_VALIDATION BUSINESS_VALIDATION COMMITTED LAUNCHED CLOSED_LOST }
enum ForecastCategory { OMITTED PIPELINE BEST_CASE MOST_LIKELY COMMIT CLOSED }
enum Industry { AEROSPACE } enum Region { EMEA } enum Segment { ENTERPRISE }
extend type CreateOpportunityPayload { opportunity: Opportunity }
"""


def expected() -> GraphQLSchema:
    """The contract as a schema of its own."""
    text = CORE + OPPORTUNITY + "enum OrderDirection { ASC DESC }"
    for kind in CATALOG.kinds:
        part = KIND.replace("TYPE", kind.type_name).replace("KIND", kind.name).replace("PLURAL", kind.plural)
        part = part.replace("TITLE", kind.title)
        text += re.sub(r"enum OrderDirection\w+ \{[^}]*\}", "", part)
    return build_schema(text)


OURS = build_schema(build(CATALOG, Schema).as_str())
EXPECTED = expected()
NAMES = sorted(name for name in EXPECTED.type_map if not name.startswith("__"))


@pytest.mark.parametrize("name", NAMES)
def test_every_type_of_the_contract_is_there_with_its_fields(name: str) -> None:
    promised: Any = EXPECTED.type_map[name]
    ours: Any = OURS.type_map.get(name)
    assert ours is not None, f"there is no {name}"
    assert isinstance(ours, type(promised))
    for field_name, field in getattr(promised, "fields", {}).items():
        found = ours.fields[field_name]
        assert str(found.type) == str(field.type), f"{name}.{field_name}"
        for argument, its in getattr(field, "args", {}).items():
            assert str(found.args[argument].type) == str(its.type)
        extra = set(getattr(found, "args", {})) - set(getattr(field, "args", {}))
        assert not [a for a in extra if found.args[a].type.__class__.__name__ == "GraphQLNonNull"]
    if is_object_type(promised) or is_interface_type(promised):
        assert {i.name for i in promised.interfaces} <= {i.name for i in ours.interfaces}
    if is_input_object_type(promised):  # nothing more may be required than the contract says
        more = {n: f for n, f in ours.fields.items() if n not in promised.fields}
        assert not [n for n, f in more.items() if str(f.type).endswith("!")]
    if hasattr(promised, "values"):
        wanted = list(promised.values)
        assert [v for v in ours.values if v in wanted] == wanted


def test_every_shareable_field_is_nullable() -> None:
    for shape in derive(CATALOG).objects:
        if shape.name.endswith("Side"):
            assert [f.name for f in shape.fields if f.type.endswith("!")] == ["company", "customFields"]
        for kind in CATALOG.kinds:
            if shape.name == kind.type_name:
                required = [f.name for f in shape.fields if f.type.endswith("!")]
                assert required == ["id", "name", "participants", "createdAt", "updatedAt", "history", "partners"]
