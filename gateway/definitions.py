"""Definitions as the spaces keep them, and what they say: a template or a sharing rule in its canonical JSON, and the
receipt of the request that made this version."""

from collections.abc import Mapping
from typing import Any, TypeAlias

import orjson

from schema.kind import Kind
from schema.names import PersonId
from schema.sharing_rule import SharingRule
from schema.sharing_rule import content_of as content_of_rule
from schema.sharing_rule import read_content as read_rule
from schema.template import Template
from schema.template_read import content_of, read_content
from spaces.definition import Definition

TEMPLATE = "template"
SHARING_RULE = "sharingRule"

Receipt: TypeAlias = tuple[str, str, str]
"""Person, idempotency key, and the hash of the request."""


def definition_of(
    template: Template, person: PersonId, at: str, receipt: Receipt | None, *, in_force: bool
) -> Definition:
    """The definition that keeps this version of a template; one that is not in force keeps no content but receipt."""
    kept: dict[str, Any] = {"template": content_of(template) if in_force else None, "receipt": receipt}
    content = orjson.dumps(kept, option=orjson.OPT_SORT_KEYS).decode()
    return Definition(template.company, TEMPLATE, template.id, template.version, person, at, content)


def template_of(definition: Definition, kinds: Mapping[str, Kind]) -> Template | None:
    """The template that a definition keeps; None where it was taken back. Raises BadInput for a broken one."""
    content = orjson.loads(definition.content)["template"] if definition.content else None
    if content is None:
        return None
    return read_content(content, kinds, definition.id, definition.company, definition.version)


def definition_of_rule(
    rule: SharingRule, person: PersonId, at: str, receipt: Receipt | None, *, in_force: bool
) -> Definition:
    """The definition that keeps this version of a sharing rule; of one that was taken back nothing but the receipt."""
    kept: dict[str, Any] = {"rule": content_of_rule(rule) if in_force else None, "receipt": receipt}
    content = orjson.dumps(kept, option=orjson.OPT_SORT_KEYS).decode()
    return Definition(rule.company, SHARING_RULE, rule.id, rule.version, person, at, content)


def rule_of(definition: Definition) -> SharingRule | None:
    """The sharing rule that a definition keeps; None where it was taken back. Raises BadInput for a broken one."""
    content = orjson.loads(definition.content)["rule"] if definition.content else None
    return None if content is None else read_rule(content, definition.id, definition.company, definition.version)


def receipt_of(definition: Definition) -> Receipt | None:
    """The receipt of the request that made this version."""
    found = orjson.loads(definition.content)["receipt"] if definition.content else None
    return None if found is None else (found[0], found[1], found[2])
