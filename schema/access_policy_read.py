"""Reads the access policies that admins give, with every mistake told at its place.

1. the head: kind, label, effect, actions, the days on which it is in force;
2. the fields, by name, of sides kept by ident;
3. the people;
4. the conditions;
5. what does not go together.
"""

from collections.abc import Mapping, Sequence

from schema.access_policy import (
    ALL_JOINT,
    ALL_SIDE,
    JOINT_PREFIX,
    ON_FIELDS,
    ON_RECORD,
    AccessAction,
    AccessPolicy,
)
from schema.given import Given, given
from schema.kind import Kind
from schema.names import CompanyId
from schema.people_filter import read_people
from schema.sharing_rule_read import EFFECTS, LONGEST_LABEL, conditions_of, days_of, one_of, records_of

MOST_FIELDS = 50
ACTIONS = (*ON_FIELDS, *ON_RECORD)
WHO = ("OWN", "PARTNERS")


def define_policy(
    content: object, kinds: Mapping[str, Kind], id_: str, company: CompanyId, version: int = 1
) -> AccessPolicy:
    """The policy that an input like `show` gives it says. `kinds` are those of the company, by name, with its custom
    fields. Raises BadInput: what is wrong, and where."""
    table = given(content)
    table.allow(
        "kind", "label", "effect", "actions", "fields", "who", "people", "conditions", "recordIds", "from", "until"
    )
    kind = kinds.get(table.text("kind", LONGEST_LABEL)) if table.has("kind") else None
    if table.has("kind") and kind is None:
        table.refuse("There is no such kind.", "kind")
    since, until = days_of(table)
    policy = AccessPolicy(
        id=id_,
        company=company,
        version=version,
        kind=kind.name if kind else None,
        label=table.text("label", LONGEST_LABEL),
        effect="ALLOW" if one_of(table, "effect", EFFECTS) == "ALLOW" else "DENY",
        actions=_actions(table),
        fields=_fields(table, [kind] if kind else list(kinds.values())),
        people=_people(table),
        conditions=_no_conditions(table) if kind is None else conditions_of(table, kind),
        since=since,
        until=until,
        records=_no_records(table) if kind is None else records_of(table, kind),
    )
    _check(table, policy, kinds)
    return policy


def _actions(table: Given) -> tuple[AccessAction, ...]:
    found = table.texts("actions", len(ACTIONS))
    for place, word in enumerate(found):
        if word not in ACTIONS:
            table.refuse(f"One of {', '.join(ACTIONS)} is expected.", "actions", str(place))
    if not found:
        table.refuse("Name at least one action.", "actions")
    return tuple(action for action in ACTIONS if action in found)


def _fields(table: Given, kinds: Sequence[Kind]) -> tuple[str, ...]:
    """What the names mean in any of these kinds; all of side and record where none is given."""
    found: dict[str, None] = {}
    for place, name in enumerate(table.texts("fields", MOST_FIELDS)):
        meant = [name] if name in (ALL_SIDE, ALL_JOINT) else [i for kind in kinds for i in _idents(kind, name)]
        if not meant:
            table.refuse("There is no such field.", "fields", str(place))
        found |= dict.fromkeys(meant)
    return tuple(found) or (ALL_SIDE, ALL_JOINT)


def _idents(kind: Kind, name: str) -> list[str]:
    if not name.startswith(JOINT_PREFIX):
        return [field.ident for field in kind.side if field.name == name]
    joint = name.removeprefix(JOINT_PREFIX)
    return [JOINT_PREFIX + f.name for f in kind.joint if joint in (f.name, f"{f.group}.{f.key}")]


def _people(table: Given) -> str | None:
    if table.has("who") and one_of(table, "who", WHO) == "PARTNERS":
        if table.has("people"):
            table.refuse("What partners' people are like is theirs to know; leave this out.", "people")
        return None
    return read_people(table.keys.get("people") or {}, (*table.path, "people"))


def _no_conditions(table: Given) -> tuple[()]:
    if table.items("conditions", 1):
        table.refuse("Conditions test fields of one kind; name it.", "kind")
    return ()


def _no_records(table: Given) -> tuple[()]:
    if table.keys.get("recordIds") is not None:
        table.refuse("Records are of one kind; name it.", "kind")
    return ()


def _check(table: Given, policy: AccessPolicy, kinds: Mapping[str, Kind]) -> None:
    """Refuses what does not go together."""
    about_fields = [action for action in policy.actions if action in ON_FIELDS]
    joint = [name for name in policy.fields if name.startswith(JOINT_PREFIX)]
    if not about_fields and table.has("fields"):
        table.refuse(f"Fields go with {', '.join(ON_FIELDS)}.", "fields")
    if policy.people is None:
        if policy.effect == "ALLOW":
            table.refuse("What opens fields to partners is a sharing rule; a policy about them denies.", "effect")
        if policy.actions != ("READ",):
            table.refuse("Partners' people read; nothing else can be denied to them.", "actions")
        if joint:
            table.refuse("Joint fields are the partners', too; name fields of your side.", "fields")
    if "SHARE" in policy.actions and len(joint) == len(policy.fields):
        table.refuse("Joint fields are not shared; name fields of your side.", "fields")
    titles = {JOINT_PREFIX + kind.title for kind in kinds.values() if policy.kind in (None, kind.name)}
    if "READ" in policy.actions and titles & set(joint):
        table.refuse(f"The title shows wherever the record does; {ALL_JOINT} hides the record.", "fields")
    of_sides = any(condition.of == "side" for condition in policy.conditions)
    if of_sides and (joint or set(policy.actions) - set(ON_FIELDS)):
        table.refuse("These test your side, so name fields of your side, and actions on them.", "conditions")
