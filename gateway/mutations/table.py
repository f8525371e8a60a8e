"""Which resolver serves which step of a mutation."""

from collections.abc import Mapping

from gateway.level import Resolver
from gateway.mutations import participation, records, sharing
from gateway.mutations.access_policies import ACCESS_STEPS
from gateway.mutations.association_rules import ASSOCIATION_STEPS
from gateway.mutations.commit import mutation
from gateway.mutations.person_attributes import set_attributes
from gateway.mutations.sharing_rules import RULE_STEPS
from gateway.mutations.templates import TEMPLATE_STEPS

MUTATION_STEPS: Mapping[str, Resolver] = {
    "create": mutation(records.create),
    "update": mutation(records.update),
    "inviteCompanies": mutation(participation.invite),
    "respondToInvitation": mutation(participation.respond),
    "withdraw": mutation(participation.withdraw),
    "shareFields": mutation(sharing.share),
    "setHidePrivateFields": sharing.set_hide_private,
    **TEMPLATE_STEPS,
    **RULE_STEPS,
    **ACCESS_STEPS,
    **ASSOCIATION_STEPS,
    "setPersonAttributes": set_attributes,
}
