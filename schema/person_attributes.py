"""What a company says of its people: attributes, e.g. a region or a clearance, each with one or more values."""

import re

from schema.given import given, refuse
from schema.viewer import Attributes

MOST_ATTRIBUTES = 30
"""Of one person."""
MOST_VALUES = 50
"""Of one attribute."""
LONGEST_VALUE = 100
NAME = re.compile(r"[a-z][A-Za-z0-9_]{0,39}", re.ASCII)
NAME_RULE = "A name begins with a small letter and has at most 40 letters, digits and underscores."


def read_attributes(value: object, path: tuple[str, ...] = ("attributes",)) -> Attributes:
    """The attributes that a list of `{name, values}` gives; one without values is as one left out. Raises BadInput:
    what is wrong, and where."""
    if not isinstance(value, list | tuple):
        refuse(path, "A list is expected.")
    if len(value) > MOST_ATTRIBUTES:
        refuse(path, f"A person has at most {MOST_ATTRIBUTES} attributes.")
    found: dict[str, tuple[str, ...]] = {}
    for place, item in enumerate(value):
        table = given(item, (*path, str(place)))
        table.allow("name", "values")
        name = table.matching("name", NAME, NAME_RULE)
        if name in found:
            table.refuse("This attribute stands here twice.", "name")
        texts = [
            given({str(at): each}, (*table.path, "values")).text(str(at), LONGEST_VALUE)
            for at, each in enumerate(table.items("values", MOST_VALUES))
        ]
        found[name] = tuple(dict.fromkeys(texts))
    return tuple(sorted((name, values) for name, values in found.items() if values))
