"""The suite's own asserts explain themselves too."""

import pytest

for module in (
    "contract",
    "pages",
    "commits",
    "reads",
    "refusals",
    "related",
    "search",
    "groups",
    "definitions",
    "custom_fields",
    "custom_search",
    "histories",
    "moves",
):
    pytest.register_assert_rewrite(f"tests.spaces.{module}")
