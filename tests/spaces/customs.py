"""Custom fields for the suite: a field of each storage shape, in the kinds of three companies.

A and B share some by their ids, at other places in each; `extra` is the name of two different fields; B's masks may
test fields that A has not. C has just one.
"""

from dataclasses import replace
from typing import Any

from schema.field import Base, Custom, Field, FieldType
from schema.mask import EXISTS
from schema.sharing import PRIVATE, Sharing
from spaces.fetch import PageFetch, Related, SideFetch
from tests.spaces.world import DEAL, LIST, TEXT, WHOLE, A, B, ByCompany, C, Masks, page, program, sides


def custom(id_: str, name: str, type_: FieldType) -> Field:
    """A custom field, without its index."""
    return Field(name, "side", type_, "For tests.", 0, "participants", custom=Custom(id_, "tpl_1", name))


FLAG = FieldType("Flag", Base.BOOLEAN)
MONEY = FieldType("Money", Base.MONEY)

AREA = custom("cf_area", "area", TEXT)
FEE = custom("cf_fee", "fee", MONEY)
DUE = custom("cf_due", "due", FieldType("Date", Base.DATE))
HOT = custom("cf_hot", "hot", FLAG)
SIZE = custom("cf_size", "size", WHOLE)
RATIO = custom("cf_ratio", "ratio", FieldType("Number", Base.NUMBER))
WISHES = custom("cf_wishes", "wishes", LIST)
BOSS = custom("cf_boss", "boss", FieldType("Person", Base.PERSON))
EXTRA_TEXT = custom("cf_extra_1", "extra", TEXT)
EXTRA_WHOLE = custom("cf_extra_2", "extra", WHOLE)
LEVEL = custom("cf_level", "level", FieldType("Level", Base.PICKLIST, options=("low", "high")))
FLAGGED = custom("cf_flagged", "flagged", FLAG)
NOTE = custom("cf_note", "note", FieldType("LongText", Base.TEXT))

KINDS = {
    A: DEAL.extended((AREA, FEE, DUE, HOT, SIZE, RATIO, WISHES, BOSS, EXTRA_TEXT)),
    B: DEAL.extended((EXTRA_WHOLE, FLAGGED, HOT, LEVEL, RATIO, FEE, AREA, NOTE)),
    C: DEAL.extended((HOT,)),
}
SHUT_AREA = Sharing((("cf_area", PRIVATE),))
WHOLE_SIDES = {company: Masks(program(kind.all_side), kind=kind) for company, kind in KINDS.items()}
WHOLE_RELATED = Related(ByCompany(Masks(program(0)), WHOLE_SIDES), program(EXISTS))


def custom_page(company: Any = A, **rest: Any) -> PageFetch:
    """A page of the company's own kind."""
    kind = KINDS[company]
    masks = rest.pop("own_masks", WHOLE_SIDES[company])
    return replace(page(company, own_masks=masks, **rest), kind=kind, own=kind.side)


def custom_sides(company: Any, *records: str, stamps: bool = False) -> SideFetch:
    """The custom fields of a company's sides."""
    return replace(sides(company, *records, stamps=stamps, kind=KINDS[company]), fields=KINDS[company].custom)
