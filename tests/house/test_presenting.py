"""What a viewer sees comes through one door, which narrows it while the viewer presents."""

import re

from tests.house.tree import python_files, source

DOOR = "gateway/fetching.py"
RAW = {
    "gateway/importing/stored.py": "the operator's import, which answers nobody",
    "gateway/mutations/settling.py": "whom association rules hold no more, on all records of the company",
    "gateway/mutations/templates.py": "whether a field has values, of all sides of the company",
    "gateway/steps/rule_preview.py": "refused to who presents",
}
"""Who reads pages beside the door, and why it may."""


def beside(text: str) -> bool:
    """Whether a file asks the spaces for pages or groups itself."""
    return bool(re.search(r"spaces\.(page|groups)\(", text))


def test_pages_and_groups_come_through_the_door() -> None:
    assert beside(source(DOOR))
    assert {path for path in python_files("gateway") if beside(source(path))} == {DOOR, *RAW}
