"""What cannot become a GraphQL schema is refused, whoever made the catalog."""

from dataclasses import replace

import pytest
from strawberry import Schema

from schema.catalog import load_catalog
from schema.sdl import build
from schema.shapes_out import output_shapes

CATALOG = load_catalog()
DEAL = CATALOG.by_name["opportunity"]


def test_two_kinds_may_not_define_one_type_differently() -> None:
    other = replace(DEAL, name="bid", plural="bids", type_name="Bid", joint=DEAL.joint[:-6])
    assert [field.group for field in other.joint].count("customer") == 3
    with pytest.raises(ValueError, match="two different GraphQL types would be named Customer"):
        output_shapes(replace(CATALOG, kinds=(*CATALOG.kinds, other)))


def test_a_type_needs_a_name() -> None:
    with pytest.raises(ValueError, match="not a type that can be derived: 'no name"):
        build(replace(CATALOG, kinds=(*CATALOG.kinds, replace(DEAL, name="bid", type_name="no name"))), Schema)
