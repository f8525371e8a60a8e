"""The custom fields of a measured network: each company has a template of its own with as many fields as asked for, of
ten types in turn, every other one shared with participants."""

import random
from collections.abc import Callable, Mapping
from itertools import cycle, islice
from typing import Any

from gateway.definitions import definition_of
from schema.effective import extended_kind
from schema.kind import Kind
from schema.money import Money
from schema.names import CompanyId, PersonId
from schema.template import Template
from schema.template_read import define
from spaces.definition import Definition

_OPTIONS = ("LOW", "MEDIUM", "HIGH")
_REGIONS = ("NORTH", "SOUTH", "EAST", "WEST")
_VALUES: Mapping[str, Callable[[random.Random], Any]] = {
    "TEXT": lambda draw: f"A text of the usual length, number {draw.randrange(1_000)}",
    "INTEGER": lambda draw: draw.randrange(10_000),
    "NUMBER": lambda draw: draw.randrange(10_000) / 8,
    "MONEY": lambda draw: Money(draw.randrange(10**8), "EUR"),
    "DATE": lambda draw: f"2026-{draw.randrange(1, 13):02}-{draw.randrange(1, 29):02}",
    "BOOLEAN": lambda draw: draw.random() < 0.5,
    "PICKLIST": lambda draw: draw.choice(_OPTIONS),
    "MULTI_PICKLIST": lambda draw: tuple(draw.sample(_REGIONS, 2)),
    "URL": lambda draw: f"https://example.com/{draw.randrange(1_000)}",
    "PHONE": lambda draw: f"+49 30 {draw.randrange(10**6):06}",
}
_CHOICES = {"PICKLIST": _OPTIONS, "MULTI_PICKLIST": _REGIONS}


def template_of(
    company: CompanyId, number: int, kind: Kind, kinds: Mapping[str, Kind], new_id: Callable[[str], str]
) -> Template:
    """The company's template with so many fields, `custom0`, `custom1` and so on."""
    fields = [
        {
            "key": f"custom{place}",
            "label": f"Custom field {place}",
            "type": word,
            "audience": "PARTICIPANTS" if place % 2 else "PRIVATE",
            **({"options": [{"value": o, "label": o.title()} for o in _CHOICES[word]]} if word in _CHOICES else {}),
        }
        for place, word in enumerate(islice(cycle(_VALUES), number))
    ]
    content = {"kind": kind.name, "key": "bench", "label": "Bench", "fields": fields}
    return define(content, kinds, new_id("tpl"), company, new_id)


def kept(template: Template, person: PersonId) -> Definition:
    """The definition that keeps the template."""
    return definition_of(template, person, "2026-01-01T00:00:00.000000Z", None, stands=True)


def kind_of(company: CompanyId, kind: Kind, template: Template) -> Kind:
    """The kind as the company's sides have it."""
    return extended_kind(kind, company, [template])


def values(draw: random.Random, kind: Kind) -> dict[str, Any]:
    """A value for each custom field of the kind."""
    return {field.name: value(draw) for field, value in zip(kind.custom, cycle(_VALUES.values()), strict=False)}
