"""Callers' schemas, made from the base one: what Strawberry prints, with the base's types where nothing differs."""

from dataclasses import replace

import pytest
from graphql import GraphQLSchema, print_schema

from gateway.extended_schema import extended_schema, whole_schema
from gateway.strawberry_schema import GatewaySchema
from schema.field import Base, Custom, Field, FieldType
from schema.kind import Catalog, Kind
from schema.sdl import build, derive
from tests.gateway.world import CATALOG


def printed(schema: GraphQLSchema) -> list[str]:
    """The types in print, in a fixed order."""
    return sorted(text.strip() for text in print_schema(schema).split("\n\n") if not text.startswith("directive"))


def built(catalog: Catalog) -> GraphQLSchema:
    return build(catalog, GatewaySchema)._schema


BASE = built(CATALOG)
SHAPES = derive(CATALOG)


def custom(number: int, type_: FieldType) -> Field:
    about = Custom(f"cf_{number}", "tpl_x", f"Label {number}")
    return Field(f"custom{number}", "side", type_, "Help.", 0, "private", custom=about)


def extended(kind: Kind) -> Kind:
    types = (FieldType("Text", Base.TEXT), FieldType("Money", Base.MONEY), FieldType("Boolean", Base.BOOLEAN))
    return kind.extended(tuple(custom(number, type_) for number, type_ in enumerate(types)))


@pytest.mark.parametrize("kinds", [{"opportunity"}, {"opportunity", "lead", "solution"}, set()])
def test_an_extended_schema_prints_as_strawberrys(kinds: set[str]) -> None:
    catalog = replace(CATALOG, kinds=tuple(extended(k) if k.name in kinds else k for k in CATALOG.kinds))
    made, anew = extended_schema(BASE, SHAPES, derive(catalog))
    assert printed(made) == printed(built(catalog))
    assert ("OpportunitySide" in anew) is bool(kinds)
    assert all(made.type_map[name] is BASE.type_map[name] for name in made.type_map if name not in anew)
    assert {"Money", "TextFilter", "SalesStage"} <= BASE.type_map.keys() - anew


def test_a_schema_made_anew_as_a_whole_prints_as_strawberrys() -> None:
    assert printed(whole_schema(BASE, SHAPES)) == printed(BASE)


def test_a_new_picklist_is_an_enumeration_of_its_own() -> None:
    kind = CATALOG.by_name["lead"]
    risk = custom(1, FieldType("Risk_ab12cd", Base.PICKLIST, options=("LOW", "HIGH")))
    kinds = tuple(k.extended((risk,)) if k is kind else k for k in CATALOG.kinds)
    catalog = replace(CATALOG, kinds=kinds, picklists=(*CATALOG.picklists, ("Risk_ab12cd", ("LOW", "HIGH"))))
    made, anew = extended_schema(BASE, SHAPES, derive(catalog))
    assert "Risk_ab12cd" in anew
    assert printed(made) == printed(built(catalog))
