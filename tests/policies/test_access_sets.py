"""Access policies name sets of fields: their text is as long as what the company wrote, whatever fields there are."""

from dataclasses import replace

import pytest

from policies import Policies
from policies.access_text import MOST_TEXT, access_of, access_text, check_policies
from policies.epoch import CompanyRules
from schema.access_policy import AccessPolicy
from schema.errors import BadInput
from schema.kind import Kind
from schema.sharing_rule import Condition
from tests.policies.test_access_text import EMEA, KINDS, OWN, WHOLE, person, policy, side, world
from tests.policies.test_custom import custom
from tests.policies.world import ACME, CATALOG, DEAL, HINT

BOSS = {"role": {"eq": "boss"}}
APART = [policy("ALLOW", "score", people=EMEA), policy("ALLOW", "chance", people=BOSS, id="b")]


def crowded(number: int) -> dict[str, Kind]:
    """The kinds of a company to which formulas of this number are added, all of the same two fields."""
    formulas = [custom(f"cf_{n}", f"f{n}") for n in range(number)]
    read = [replace(f, custom=replace(f.custom, formula="score + chance")) for f in formulas]  # type: ignore[type-var] # they have one
    return {"deal": DEAL.extended(tuple(read)), "hint": HINT}


@pytest.mark.parametrize(
    "policies",
    [
        [policy("DENY", "score", people={}), policy("DENY", "*", "joint.*", people={}, id="b")],
        [policy("DENY", "score"), policy("ALLOW", "*", people=EMEA, id="b"), *APART[1:]],
        APART,
    ],
)
def test_fields_make_no_text_longer(policies: list[AccessPolicy]) -> None:
    few, many = access_text(policies, crowded(1)), access_text(policies, crowded(900))
    assert len(many) == len(few)
    check_policies(policies, crowded(900))


def test_beyond_the_room_nobody_is_let_in_to_what_tells_of_others() -> None:
    boss = person("ann", "boss", region=("EMEA",))
    assert side(world(*APART), boss) == WHOLE
    found = Policies(CATALOG)
    text = access_text(APART, KINDS, room=0)
    found.replace_rules(ACME, CompanyRules(text, OWN, access_of(ACME, APART, KINDS)))
    assert side(found, boss) == WHOLE - {"cf_f"}


def test_policies_that_are_too_long_are_refused() -> None:
    tested = tuple(f"{n:0200}" for n in range(50))
    long = [
        policy("ALLOW", "amount", people={}, conditions=(Condition("stage", "in", tested),), id=f"a{n}")
        for n in range(MOST_TEXT // 10_000 + 1)
    ]
    check_policies(long[:-2], KINDS)
    with pytest.raises(BadInput, match="come to more than 65,536 characters"):
        check_policies(long, KINDS)
