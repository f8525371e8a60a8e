"""The guide to custom fields: its example is a template, and it names every key, type, function and bound."""

import json
import re
from pathlib import Path

from schema.effective import extended_kind
from schema.field import Base
from schema.formula_fields import formulas
from schema.formula_types import FUNCTIONS
from schema.money import Money
from schema.pattern import LONGEST_PATTERN, MOST_POSITIONS
from schema.reserved import FIELD_RULE
from schema.template import LONGEST_HELP, LONGEST_LABEL, MOST_FIELDS, MOST_OPTIONS, MOST_SECTIONS, TYPE_WORDS
from schema.template_fields import FIELD_KEYS, LONGEST_FORMULA, MOST_STEPS
from schema.template_read import define
from tests.schema.templates import KIND, KINDS, OWN, TEMPLATE, ids

TEXT = (Path(__file__).parents[2] / "docs" / "guides" / "custom-fields.md").read_text()


def section(title: str) -> str:
    (body,) = re.findall(rf"^## {title}$(.*?)(?=^## |\Z)", TEXT, re.DOTALL | re.MULTILINE)
    return str(body)


def documented(title: str) -> list[str]:
    """What the first cells of a section's table name."""
    rows = [line.split(" | ")[0] for line in section(title).splitlines() if line.startswith("| `")]
    return [name for row in rows for name in re.findall(r"`([^`]+)`", row)]


def test_the_example_is_a_template() -> None:
    (text,) = re.findall(r"^```json\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
    given = json.loads(text)
    given["kind"] = given["kind"].lower()  # GraphQL's word for it
    read = define(given, KINDS, TEMPLATE, OWN, ids())
    units, price, total, *_ = read.fields
    assert total.type.base is Base.MONEY
    values = formulas(extended_kind(KIND, OWN, [read])).values({units.ident: 3, price.ident: Money(500, "EUR")})
    assert values == {total.ident: Money(1500, "EUR")}


def test_every_key_type_and_function_is_in_the_guide() -> None:
    assert documented("Keys of a field") == sorted(FIELD_KEYS, key=documented("Keys of a field").index)
    assert sorted(documented("Types")) == sorted(TYPE_WORDS)
    named = {name.partition("(")[0] for name in documented("Formulas") if "(" in name}
    assert named == {*FUNCTIONS}


def test_every_bound_is_in_the_guide() -> None:
    keys, formula, pattern = section("Keys of a field"), section("Formulas"), section("Patterns")
    assert "at most 40 letters and digits" in FIELD_RULE
    assert "at most 40 letters and digits" in keys
    for bound in (f"{LONGEST_LABEL} characters", f"{LONGEST_HELP:,} characters", f"at most {MOST_OPTIONS} |"):
        assert bound in keys, bound
    assert f"at most {MOST_FIELDS} fields and {MOST_SECTIONS} sections" in keys
    assert f"at most {LONGEST_FORMULA:,} characters" in formula
    for bound in (f"more than {LONGEST_PATTERN} characters", f"than {MOST_POSITIONS} with", f"{MOST_STEPS:,} by the"):
        assert bound in pattern, bound
