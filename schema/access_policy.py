"""Access policies: which people of a company may do what with its records and its own sides. Frozen values, and their
canonical JSON; `schema/access_policy_read.py` reads what an admin gives.

A policy only ever narrows. Side fields are named by their idents, joint ones behind "joint."; `ALL_SIDE` stands for the
whole side and `ALL_JOINT` for the whole record.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from schema.errors import BadInput
from schema.kind import Kind
from schema.names import CompanyId, RecordId
from schema.sharing_rule import Condition, kept_conditions, read_conditions, show_condition
from schema.values import canonical_json

AccessAction: TypeAlias = Literal["READ", "UPDATE", "SHARE", "INVITE", "RESPOND", "WITHDRAW"]

ON_FIELDS: tuple[AccessAction, ...] = ("READ", "UPDATE", "SHARE")
"""Actions on fields; the others are on the record."""
ON_RECORD: tuple[AccessAction, ...] = ("INVITE", "RESPOND", "WITHDRAW")
ALL_SIDE = "*"
ALL_JOINT = "joint.*"
JOINT_PREFIX = "joint."


@dataclass(frozen=True, slots=True)
class AccessPolicy:
    """One version of a company's policy. For the people that it is about, DENY takes the actions away; ALLOW leaves
    them to these people alone, and to those of other ALLOW policies on the same. Deny beats allow. With `records` it
    is about these alone."""

    id: str  # "acp_…"
    company: CompanyId
    version: int  # from 1
    kind: str | None  # name of the kind; None for all
    label: str
    effect: Literal["ALLOW", "DENY"]
    actions: tuple[AccessAction, ...]
    fields: tuple[str, ...]  # idents of side fields, "joint." and a joint field's name, ALL_SIDE, ALL_JOINT
    people: str | None  # canonical JSON of a filter of the own people (see people_filter.py); None for partners
    conditions: tuple[Condition, ...] = ()
    since: str | None = None  # first and last day (UTC) on which it is in force, `YYYY-MM-DD`
    until: str | None = None
    records: tuple[RecordId, ...] = ()  # in order of id; none: whatever the record

    def in_force(self, day: str) -> bool:
        """Whether the policy holds on this day, `YYYY-MM-DD` in UTC."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


def content_of(policy: AccessPolicy) -> str:
    """The canonical JSON of a policy, as a definition keeps it."""
    return canonical_json(
        {
            "kind": policy.kind,
            "label": policy.label,
            "effect": policy.effect,
            "actions": policy.actions,
            "fields": policy.fields,
            "people": policy.people,
            "conditions": kept_conditions(policy.conditions),
            "since": policy.since,
            "until": policy.until,
            "records": policy.records,
        }
    )


def read_content(content: str, id_: str, company: CompanyId, version: int) -> AccessPolicy:
    """The policy that `content_of` wrote, whatever kinds and templates have become since. Raises BadInput for the
    content of something else."""
    try:
        found = json.loads(content)
        return AccessPolicy(
            id=id_,
            company=company,
            version=version,
            kind=found["kind"],
            label=found["label"],
            effect=found["effect"],
            actions=tuple(found["actions"]),
            fields=tuple(found["fields"]),
            people=found["people"],
            conditions=read_conditions(found["conditions"]),
            since=found["since"],
            until=found["until"],
            records=tuple(map(RecordId, found.get("records", ()))),
        )
    except (ValueError, TypeError, KeyError, RecursionError):
        raise BadInput("This is not the content of an access policy.") from None


def show(policy: AccessPolicy, kinds: Mapping[str, Kind]) -> Mapping[str, Any]:
    """The policy as it may be given again, where these are its company's kinds by name; a field that they do not have
    stands there by its ident."""
    about = [kind for kind in kinds.values() if policy.kind in (None, kind.name)]
    names = {ident: field.name for kind in about for ident, field in kind.side_by_ident.items()}
    kind = kinds.get(policy.kind or "")
    return {
        "kind": policy.kind,
        "label": policy.label,
        "effect": policy.effect,
        "actions": list(policy.actions),
        "fields": [names.get(ident, ident) for ident in policy.fields],
        "who": "PARTNERS" if policy.people is None else "OWN",
        "people": None if policy.people is None else json.loads(policy.people),
        "conditions": [show_condition(each, kind) for each in policy.conditions],
        "recordIds": list(policy.records) or None,
        "from": policy.since,
        "until": policy.until,
    }
