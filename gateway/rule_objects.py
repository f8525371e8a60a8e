"""Sharing rules and their previews, access policies, association rules, and the answers of the mutations that define
them, as objects of a level."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from gateway.objects import AudienceObject, told
from schema.access_policy import AccessPolicy, show
from schema.association_rule import AssociationRule
from schema.association_rule import show as show_association
from schema.errors import Refusal
from schema.kind import Kind
from schema.queryable import upper_snake
from schema.sharing_rule import SharingRule
from schema.sharing_rule import show as show_rule


class SharingRuleObject:
    """A rule, as its own company sees it."""

    __slots__ = ("_shown", "in_force", "record_ids", "rule")
    type_name = "SharingRule"

    def __init__(self, rule: SharingRule, kind: Kind | None, day: str, seen: Collection[str]) -> None:
        """`kind` is the company's, `day` today in UTC; `seen` are those of its records that exist for who asks."""
        self.rule = rule
        self.in_force = rule.in_force(day)
        self.record_ids = [record for record in rule.records if record in seen] if rule.records else None
        self._shown = show_rule(rule, kind)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.rule, name)

    @property
    def kind(self) -> str:
        """The kind, as RecordKind writes it."""
        return upper_snake(self.rule.kind)

    @property
    def fields(self) -> list[str]:
        """Names of its fields."""
        found: list[str] = self._shown["fields"]
        return found

    @property
    def audience(self) -> AudienceObject:
        """For whom it is."""
        return AudienceObject(self.rule.audience)

    @property
    def conditions(self) -> list[dict[str, Any]]:
        """What must hold of a side."""
        found: list[dict[str, Any]] = self._shown["conditions"]
        return found


class AccessPolicyObject:
    """A policy, as the admins of its company see it."""

    __slots__ = ("_shown", "in_force", "policy", "record_ids")
    type_name = "AccessPolicy"

    def __init__(self, policy: AccessPolicy, kinds: Mapping[str, Kind], day: str, seen: Collection[str]) -> None:
        """`kinds` are the company's by name, `day` today in UTC; `seen` are those of its records that exist for who
        asks."""
        self.policy = policy
        self.record_ids = [record for record in policy.records if record in seen] if policy.records else None
        self.in_force = policy.in_force(day)
        self._shown = show(policy, kinds)

    def __getattr__(self, name: str) -> Any:
        return self._shown[name] if name in ("actions", "fields", "who", "people") else getattr(self.policy, name)

    @property
    def kind(self) -> str | None:
        """The kind, as RecordKind writes it; None for all."""
        return upper_snake(self.policy.kind) if self.policy.kind else None

    @property
    def conditions(self) -> list[dict[str, Any]]:
        """What must hold of a side."""
        found: list[dict[str, Any]] = self._shown["conditions"]
        return found


class AssociationRuleObject:
    """A rule, as the admins of its company see it."""

    __slots__ = ("conditions", "in_force", "rule")
    type_name = "AssociationRule"

    def __init__(self, rule: AssociationRule, kind: Kind | None, day: str) -> None:
        """`kind` is the company's, `day` today in UTC."""
        self.rule = rule
        self.in_force = rule.in_force(day)
        self.conditions: list[dict[str, Any]] = show_association(rule, kind)["conditions"]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.rule, name)

    @property
    def kind(self) -> str:
        """The kind, as RecordKind writes it."""
        return upper_snake(self.rule.kind)


class MadePayloadObject:
    """The answer of a mutation that defines something: the id of what it was about, or why it was refused."""

    __slots__ = ("client_mutation_id", "made", "type_name", "user_errors")

    def __init__(
        self, type_name: str, client_mutation_id: str | None, made: str | None, refusals: Sequence[Refusal] = ()
    ) -> None:
        self.type_name = type_name
        self.client_mutation_id = client_mutation_id
        self.made = made
        self.user_errors = [told(refusal) for refusal in refusals]


class SharingRulePreviewObject:
    """On how many sides of the viewer's company a partner sees each field, of how many records that they share."""

    __slots__ = ("fields", "records")
    type_name = "SharingRulePreview"

    def __init__(self, records: int, fields: Sequence[Mapping[str, Any]]) -> None:
        self.records = records
        self.fields = fields
