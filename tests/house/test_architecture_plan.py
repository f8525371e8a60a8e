"""The plan that docs/architecture.md shows is the plan of the page that the benchmark asks for."""

import re

from gateway.document import Documents
from gateway.plan_text import print_plan
from spaces.memory import MemorySpaces
from tests.gateway.world import CATALOG, World
from tests.house.tree import source


def plan_of(text: str) -> str:
    """The plan of a document of one operation, as text."""
    schema = World(MemorySpaces()).gateway.pipeline.models.base.schema
    return print_plan(Documents(schema).read(text).operation(None).plan(CATALOG, schema, {}))


def test_the_plan_that_is_shown_is_the_plan_of_the_page() -> None:
    shown = re.findall(
        r"^`bench/page\.graphql` compiles .*?^```\n(.*?)\n^```$", source("docs/architecture.md"), re.S | re.M
    )
    assert shown == [plan_of(source("bench/page.graphql"))]
