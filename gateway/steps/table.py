"""Which batch resolver serves which step: the schema names steps, this table binds them."""

from collections.abc import Mapping

from gateway.level import Resolver
from gateway.steps import directory, groups, records, search, sides, templates

QUERY_STEPS: Mapping[str, Resolver] = {
    "viewer": directory.viewer,
    "viewerPerson": directory.viewer_person,
    "viewerCompany": directory.company_step(lambda viewer: viewer.company),
    "node": records.node,
    "nodes": records.nodes,
    "companyById": directory.company_by_id,
    "record": records.record,
    "page": records.page,
    "connectionNodes": records.connection_nodes,
    "edges": records.edges,
    "edgeNode": records.edge_node,
    "pageInfo": records.page_info,
    "search": search.search,
    "searchEdges": search.edges,
    "groups": groups.groups,
    "groupNodes": groups.group_nodes,
    "groupKeys": groups.group_keys,
    "keyCompany": directory.company_step(lambda key: key.company),
    "keyPerson": groups.key_person,
    "linked": records.linked,
    "payloadRecord": records.payload_record,
    "recordOwner": directory.company_step(lambda record: record.row.owner),
    "participants": sides.participants,
    "participantCompany": directory.company_step(lambda participant: participant.company),
    "mine": sides.mine,
    "partners": sides.partners,
    "sideCompany": directory.company_step(lambda side: side.company),
    "sharing": sides.sharing,
    "fieldAudience": sides.field_audience,
    "company": directory.company,
    "person": directory.person,
    "personCompany": directory.company_step(lambda person: person.company),
    "audienceCompanies": directory.audience_companies,
    "audiencePeople": directory.audience_people,
    "templates": templates.templates,
    "templateCompany": directory.company_step(lambda parent: parent.template.company),
    "templateSharedWith": templates.shared_with,
    "payloadTemplate": templates.payload_template,
    "customFields": templates.custom_fields,
}
