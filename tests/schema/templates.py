"""Templates for tests: inputs, seeded ids, and the kinds they are read against."""

from itertools import count
from typing import Any

from schema.catalog import load_catalog
from schema.field import Field
from schema.names import CompanyId, IdFactory
from schema.template import Template
from schema.template_read import define

KINDS = load_catalog().by_name
KIND = KINDS["opportunity"]
_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"


def id_at(prefix: str, number: int) -> str:
    """A well-formed id: the number, written with its smallest digit first."""
    digits = "".join(_DIGITS[number >> (5 * place) & 31] for place in range(6))
    return f"{prefix}_{digits}{'0' * 20}"


def ids(start: int = 1) -> IdFactory:
    """Ids by their number, from `start` on."""
    numbers = count(start)
    return lambda prefix: id_at(prefix, next(numbers))


OWN, PARTNER, OTHER = (CompanyId(id_at("co", number)) for number in (1, 2, 3))
TEMPLATE = id_at("tpl", 1)


def field(key: str = "it", type_: str = "TEXT", **more: Any) -> dict[str, Any]:
    """The input of a field, with options where its type needs them and a formula where it is one."""
    given: dict[str, Any] = {"key": key, "type": type_, "label": key.capitalize()}
    if type_ in ("PICKLIST", "MULTI_PICKLIST"):
        given["options"] = [{"value": "RED", "label": "Red"}, {"value": "BLUE", "label": "Blue"}]
    if type_ == "FORMULA":
        given["formula"] = "1"
    return given | more


def refining(refined: str = "stage", key: str = "step", **standard: str) -> dict[str, Any]:
    """The input of a picklist that refines one of the kind's own: its options, each with what it stands for."""
    options = [{"value": v, "label": v.capitalize(), "standard": stands} for v, stands in standard.items()]
    return field(key, "PICKLIST", refines=refined, options=options)


def template(*fields: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The input of a template."""
    return {"kind": "opportunity", "key": "deal", "label": "Deal", "fields": [*fields]} | more


def defined(
    *fields: dict[str, Any], company: CompanyId = OWN, id_: str = TEMPLATE, start: int = 1, **more: Any
) -> Template:
    """A template read from its input."""
    return define(template(*fields, **more), KINDS, id_, company, ids(start))


def custom(key: str = "it", type_: str = "TEXT", **more: Any) -> Field:
    """One custom field, read from its input."""
    return defined(field(key, type_, **more)).fields[0]
